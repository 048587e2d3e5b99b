"""A conversation that the team left comes back to Carol by itself, where the clinic wants it; a person who writes wins."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from langchain_core.messages import SystemMessage
from psycopg.types.json import Jsonb

from clinic.conversations.cases import case_store
from clinic.conversations.handover import takeover
from clinic.conversations.handover.takeover import Heard, Said
from clinic.conversations.models import CaseKind
from clinic.patients.models import ContactAlias
from clinic.tenants.policies import Handoff, Policies, policies_json
from db.session import Session, clinic_session
from desk.turn import take_turn
from jobs.returning import return_left
from jobs.schedule import EVERY
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.house import ANA, BIA, NOW, House
from tests.flows.scripted import ScriptedBrain, calls
from tests.flows.test_handback import by_console


async def after(house: House, minutes: int | None) -> None:
    """The clinic's choice."""
    chosen = policies_json(Policies(handoff=Handoff(return_after_minutes=minutes)))
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE clinics SET policies = %(chosen)s, version = version + 1", {"chosen": Jsonb(chosen)})


async def pass_by(house: House, minutes: int) -> None:
    """What was said and taken so far was so many minutes earlier."""
    ago = timedelta(minutes=minutes)
    await house.rows("UPDATE messages SET stored_at = stored_at - %(ago)s RETURNING id", ago=ago)
    await house.rows("UPDATE conversations SET owner_since = owner_since - %(ago)s RETURNING id", ago=ago)


async def owner(house: House) -> str:
    [row] = await house.rows("SELECT owner FROM conversations")
    return str(row["owner"])


async def answered(house: House) -> UUID:
    """Ana asked, Rita of the front desk answered."""
    conversation = await house.hear(ANA, "vocês atendem sábado?")
    await by_console(house, conversation)
    return conversation


async def test_no_clinic_has_it_unless_it_says_so(house: House) -> None:
    await answered(house)
    await pass_by(house, 100_000)
    assert await return_left(house.pool) == 0
    assert "conversations.left" in {beat["task"] for beat in EVERY.values()}


async def test_what_waits_is_answered_by_carol_after_the_silence(house: House, brain: ScriptedBrain) -> None:
    await after(house, 60)
    conversation = await answered(house)
    await house.hear(ANA, "e quanto custa a consulta?")
    await pass_by(house, 59)
    assert await return_left(house.pool) == 0
    await pass_by(house, 2)
    assert await return_left(house.pool) == 1
    assert await return_left(house.pool) == 0  # hers already
    brain.then("Olá, sou a Carol. Como posso ajudar?")
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    heard = [str(message.content) for message in brain.seen[-1]]
    assert any("voltou sozinha" in said for said in heard if said.startswith("[aviso"))
    assert any(isinstance(message, SystemMessage) for message in brain.seen[-1])
    [mark] = await house.rows("SELECT text, author, payload FROM messages WHERE kind = 'came_back'")
    assert mark["text"] == "A Carol voltou a responder sozinha: 60 min sem resposta da equipe."
    assert (mark["author"], mark["payload"]) == ("automatic", {"minutes": 60})
    assert not await house.rows("SELECT o.id FROM outbox o JOIN messages m ON m.id = o.message_id WHERE m.kind = 'came_back'")
    assert (await house.said(ANA))[-1] == "Olá, sou a Carol. Como posso ajudar?"
    waits = await house.rows("SELECT text FROM messages WHERE direction = 'in' AND turn_id IS NULL")
    assert not waits


async def test_each_message_of_the_patient_gives_the_team_the_whole_time(house: House) -> None:
    await after(house, 60)
    await answered(house)
    await pass_by(house, 55)
    await house.hear(ANA, "e domingo?")
    await pass_by(house, 10)  # 65 since Rita's word, 10 since Ana's
    assert await return_left(house.pool) == 0
    await house.hear(ANA, "alô?")
    await pass_by(house, 51)  # 61 since the first that waits; asking again starts nothing anew
    assert await return_left(house.pool) == 1


async def test_where_nothing_waits_it_comes_back_quietly(house: House) -> None:
    await after(house, 120)
    conversation = await answered(house)
    await house.hear(ANA, "obrigada")
    await by_console(house, conversation)
    await pass_by(house, 121)
    assert await return_left(house.pool) == 1
    [mark] = await house.rows("SELECT text FROM messages WHERE kind = 'came_back'")
    assert mark["text"] == "A Carol voltou a responder sozinha: 2 h sem novas mensagens da equipe."
    assert await take_turn(house.pool, house.minds, house.clinic.id, conversation) is None
    assert await house.said(ANA) == ["Oi, aqui é a Rita."] * 2 + [mark["text"]]
    [lane] = await house.rows("SELECT waiting_since FROM conversations")
    assert lane["waiting_since"] is None  # the next burst is waited for whole: nobody has waited since yesterday


async def test_one_that_breaks_keeps_no_other_from_coming_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await after(house, 60)
    broken = await answered(house)
    other = await house.hear(BIA, "oi")
    await by_console(house, other)
    await pass_by(house, 61)
    real = takeover.return_silent

    async def breaks(s: Session, conversation_id: UUID, *, after: timedelta) -> bool:
        if conversation_id == broken:
            raise RuntimeError
        return await real(s, conversation_id, after=after)

    monkeypatch.setattr(takeover, "return_silent", breaks)
    assert await return_left(house.pool) == 1
    [row] = await house.rows("SELECT id FROM conversations WHERE owner = 'carol'")
    assert row["id"] == other


async def test_who_wants_people_only_stays_with_them(house: House) -> None:
    await after(house, 60)
    await answered(house)
    await pass_by(house, 61)
    await house.rows("UPDATE contacts SET human_only = true RETURNING id")
    assert await return_left(house.pool) == 0
    await house.rows("UPDATE contacts SET human_only = false RETURNING id")
    assert await return_left(house.pool) == 1


@pytest.mark.parametrize(
    ("kind", "told", "comes"),
    [
        (CaseKind.PERSON_ASKED, False, 0),  # a person's promise is not Carol's to keep
        (CaseKind.PERSON_ASKED, True, 1),
        (CaseKind.EMERGENCY, True, 0),
        (CaseKind.SELF_HARM, True, 0),
    ],
)
async def test_what_a_person_owes_is_not_hers(house: House, kind: CaseKind, told: bool, comes: int) -> None:
    await after(house, 60)
    conversation = await house.hear(ANA, "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await case_store.open_case(s, conversation, kind, reason="asked", brief="", due_at=NOW, at=NOW)
        await takeover.take(s, conversation, by="Rita")
    if told:
        await by_console(house, conversation)
    await pass_by(house, 61)
    assert await return_left(house.pool) == comes
    [case] = await house.rows("SELECT status FROM cases")
    assert case["status"] == ("resolved" if comes else "taken")


async def test_she_may_pass_on_again_what_only_the_team_settles(house: House, brain: ScriptedBrain) -> None:
    await after(house, 60)
    conversation = await answered(house)
    await house.hear(ANA, "quero falar com a Rita sobre o meu laudo")
    await pass_by(house, 61)
    assert await return_left(house.pool) == 1
    brain.then(calls("escalate", kind="person_asked", brief="laudo"), "Passei para a equipe.")
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    assert [row["kind"] for row in await house.rows("SELECT kind FROM cases WHERE status = 'open'")] == ["person_asked"]


async def test_a_person_who_writes_at_that_instant_keeps_it(house: House) -> None:
    await after(house, 60)
    conversation = await answered(house)
    await house.hear(ANA, "e domingo?")
    await pass_by(house, 61)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await takeover.reply(s, conversation, "Domingo não.", by="Rita", message_id=new_id().hex)
        came = asyncio.create_task(return_left(house.pool))  # sees it silent, and waits for the row
        await until_waiting(house)
    assert await came == 0
    assert await owner(house) == "person"


async def until_waiting(house: House) -> None:
    """Until another transaction waits for a lock that one holds."""
    for _ in range(500):
        if await house.rows("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waited for the row")


@pytest.mark.parametrize(("minutes_ago", "becomes"), [(30, Heard.TAKEN), (90, Heard.KEPT)])
async def test_what_a_person_typed_before_it_came_back_takes_it_again(house: House, minutes_ago: int, becomes: Heard) -> None:
    await after(house, 60)
    await answered(house)
    await pass_by(house, 61)
    assert await return_left(house.pool) == 1
    said = Said(
        account_id=house.account_id,
        provider_id=new_id().hex,
        aliases=(ContactAlias("phone", ANA),),
        reply_to=ANA,
        kind="text",
        text="Desculpe a demora!",
        sent_at=utc_now() - timedelta(minutes=minutes_ago),
        request_id=None,
    )
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await takeover.hear_echo(s, said, now=utc_now()) is becomes
    assert await owner(house) == ("person" if becomes is Heard.TAKEN else "carol")
