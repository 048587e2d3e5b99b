"""A person's word silences Carol at any moment; given back, she goes on from what they settled, and never in circles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from langchain_core.messages import SystemMessage

from clinic.conversations.handover import takeover
from clinic.conversations.handover.takeover import Heard, Said
from clinic.conversations.models import Owner
from clinic.patients.models import ContactAlias
from db.embedded import Urls
from db.session import clinic_session
from desk.turn import take_turn
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.house import ANA, NOW, House
from tests.flows.scripted import ScriptedBrain, calls
from tests.flows.served import Served, serve
from tests.flows.test_delivery import ask

CHEST = "estou com dor forte no peito e falta de ar"


async def by_console(house: House, conversation: UUID) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        await takeover.reply(s, conversation, "Oi, aqui é a Rita.", by="Rita", message_id=new_id().hex)


async def by_phone(house: House, conversation: UUID) -> None:
    said = Said(
        account_id=house.account_id,
        provider_id=new_id().hex,
        aliases=(ContactAlias("phone", ANA),),
        reply_to=ANA,
        kind="text",
        text="Oi, aqui é a Rita.",
        sent_at=utc_now(),
        request_id=None,
    )
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await takeover.hear_echo(s, said, now=utc_now()) is Heard.TAKEN


async def give_back(house: House, brief: str = "", *, resolve: bool = False) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await takeover.give_back(s, house.conversations[ANA], by="Rita", brief=brief, resolve=resolve)


async def take(house: House) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        await takeover.take(s, house.conversations[ANA], by="Rita")


async def go(house: House) -> Any:
    return await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])


async def sends(house: House) -> list[tuple[str, str]]:
    rows = await house.rows(
        """SELECT m.author, o.status FROM outbox o JOIN messages m ON m.clinic_id = o.clinic_id AND m.id = o.message_id
           ORDER BY o.seq"""
    )
    return [(row["author"], row["status"]) for row in rows]


@pytest.mark.parametrize("by", [by_console, by_phone])
@pytest.mark.parametrize("moment", ["before the claim", "while she thinks", "before it is sent", "between two pictures"])
async def test_a_person_silences_carol_at_any_moment(house: House, brain: ScriptedBrain, by: Any, moment: str) -> None:
    conversation = await house.hear(ANA, "" if moment == "between two pictures" else "oi", kind=_kind(moment))
    brain.then("Olá, sou a Carol.")
    if moment == "while she thinks":
        original = brain.think

        async def interrupted(*args: Any, **kwargs: Any) -> Any:
            thought = await original(*args, **kwargs)
            await by(house, conversation)
            return thought

        brain.think = interrupted  # type: ignore[method-assign]
    elif moment == "before it is sent":
        await go(house)
        assert await sends(house) == [("carol", "queued")] * len(await sends(house)) != []
        await by(house, conversation)
    else:
        await by(house, conversation)
    if moment == "between two pictures":
        await house.hear(ANA, "", kind="image")
    await go(house)
    left = [author for author, status in await sends(house) if status != "cancelled"]
    assert left == (["person"] if by is by_console else [])
    [row] = await house.rows("SELECT owner FROM conversations")
    assert row["owner"] == Owner.PERSON


def _kind(moment: str) -> str:
    return "image" if moment == "between two pictures" else "text"


async def test_the_numbers_of_an_emergency_are_sent_whoever_answers_meanwhile(house: House) -> None:
    await house.say(ANA, CHEST)
    before = await sends(house)
    await by_console(house, house.conversations[ANA])
    assert (await sends(house))[: len(before)] == before
    assert {status for _, status in before} == {"queued"}


async def test_what_may_be_on_the_phone_already_is_not_taken_back(house: House, brain: ScriptedBrain) -> None:
    brain.then("Olá!")
    await house.say(ANA, "oi")
    await house.rows("UPDATE outbox SET status = 'unknown', unanswered = 1 RETURNING id")
    await by_console(house, house.conversations[ANA])
    assert {status for author, status in await sends(house) if author == "carol"} == {"unknown"}


async def test_carol_goes_on_from_what_the_person_settled(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, "queria um desconto")
    await by_console(house, house.conversations[ANA])
    await house.hear(ANA, "e que horas abre amanhã?")
    await give_back(house, "Combinamos o desconto na recepção.")
    brain.then("Você prefere qual unidade?")
    await go(house)
    seen = brain.seen[-1]
    marks = [place for place, message in enumerate(seen) if isinstance(message, SystemMessage)][1:]
    assert len(marks) == 1
    assert "Combinamos o desconto na recepção." in str(seen[marks[0]].content)
    assert str(seen[-1].content) == "e que horas abre amanhã?"
    assert marks[0] > next(place for place, m in enumerate(seen) if "aqui é a Rita" in str(m.content))


async def test_what_was_read_and_given_back_is_not_handed_over_again(house: House, brain: ScriptedBrain) -> None:
    brain.then(calls("escalate", kind="person_asked", brief="quer alguém"), "Já chamei a equipe.")
    await house.say(ANA, "quero falar com uma pessoa")
    await take(house)
    await house.hear(ANA, "quero falar com uma pessoa")  # while Rita has it; she gives it back without a word
    await give_back(house, resolve=True)
    brain.then(calls("escalate", kind="person_asked", brief="quer alguém"), "Como posso ajudar?")
    await go(house)
    assert "given_back" in str(brain.seen[-1][-1].content)
    assert [row["status"] for row in await house.rows("SELECT status FROM cases ORDER BY number")] == ["resolved"]
    brain.then(calls("escalate", kind="person_asked", brief="quer alguém"), "Já chamei a equipe de novo.")
    answer = await house.say(ANA, "quero mesmo falar com uma pessoa")
    assert "Já chamei a equipe de novo." in answer  # a new plea is a new case, and never silence
    assert [row["status"] for row in await house.rows("SELECT status FROM cases ORDER BY number")] == ["resolved", "open"]


async def test_who_wants_people_only_is_never_given_to_a_model(house: House, brain: ScriptedBrain) -> None:
    await house.say(ANA, "não quero ser atendida por robô")
    [row] = await house.rows("SELECT human_only FROM contacts k JOIN conversations c ON c.contact_id = k.id")
    assert row["human_only"]
    await by_console(house, house.conversations[ANA])
    await give_back(house)
    thoughts = len(brain.seen)
    answer = await house.say(ANA, "e o preço?")
    assert "uma pessoa da equipe" in answer.lower()
    assert len(brain.seen) == thoughts
    assert [r["status"] for r in await house.rows("SELECT status FROM cases ORDER BY number")] == ["resolved", "open"]


async def later(house: House, minutes: float) -> None:
    house.at = NOW + timedelta(minutes=minutes)


async def test_one_story_of_chest_pain_is_one_text_between_a_persons_words(house: House) -> None:
    await house.hear(ANA, "oi")
    await take(house)
    assert "192" in await house.say(ANA, CHEST)
    for minutes in (3, 9):
        await later(house, minutes)
        assert await house.say(ANA, "a dor no peito está pior") == ""
    waiting = "SELECT id FROM messages WHERE direction = 'in' AND turn_id IS NULL AND red_flag IS NOT NULL"
    assert await house.rows(waiting) == []
    await later(house, 11)
    assert "192" in await house.say(ANA, "continuo com dor no peito e falta de ar")
    assert len(await house.rows("SELECT id FROM cases")) == 1


async def test_carol_alone_answers_each_with_the_number_shorter(house: House) -> None:
    first = await house.say(ANA, CHEST)
    await later(house, 2)
    again = await house.say(ANA, "a dor no peito está pior")
    assert "192" in again
    assert len(again) < len(first)


async def test_another_danger_is_said_at_once(house: House) -> None:
    await house.hear(ANA, "oi")
    await take(house)
    assert "192" in await house.say(ANA, CHEST)
    assert "188" in await house.say(ANA, "quero me matar")


async def test_a_text_that_failed_is_said_again(house: House) -> None:
    await house.hear(ANA, "oi")
    await take(house)
    await house.say(ANA, CHEST)
    await house.rows("UPDATE outbox SET status = 'failed' RETURNING id")
    assert "192" in await house.say(ANA, "a dor no peito está pior")


@pytest.mark.parametrize("rail", ["evolution", "cloud"])
async def test_the_clinics_own_phone_takes_back_what_has_not_left(database: Urls, rail: str) -> None:
    async with serve(database) as served:
        await ask(served, rail)
        await served.reply("Sou a Carol.")
        wire = served.evolution if rail == "evolution" else served.cloud
        body = wire.staff_reply("Deixa comigo!", number="5531988880001", at=int(utc_now().timestamp()))
        await (served.from_evolution(body) if rail == "evolution" else served.from_cloud(body))
        assert await served.statuses() == ["cancelled"]
        [row] = await served.rows("SELECT owner FROM conversations")
        assert row["owner"] == "person"


async def test_a_phones_answer_answers_the_case(database: Urls) -> None:
    async with serve(database) as served:
        await ask(served, "evolution", CHEST)
        await _answer_by_phone(served)
        [case] = await served.rows("SELECT status, owner_name, answered_at, climbs_at, slips_at FROM cases")
        assert case["answered_at"] is not None
        assert (case["status"], case["owner_name"], case["climbs_at"], case["slips_at"]) == ("taken", None, None, None)


async def _answer_by_phone(served: Served) -> None:
    body = served.evolution.staff_reply("Já te ligo!", number="5531988880001", at=int(utc_now().timestamp()))
    await served.from_evolution(body)
