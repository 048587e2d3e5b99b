"""What happens between two of our own steps: no send silences Carol, no danger is swallowed, nobody waits for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clinic.conversations.cases import case_store
from clinic.conversations.dangers import watch_store
from clinic.conversations.dangers.red_flags import read_all
from clinic.conversations.files import media_store
from clinic.conversations.handover import ownership_store, takeover
from clinic.conversations.handover.takeover import Heard, Said
from clinic.conversations.models import CaseKind
from clinic.conversations.outgoing import outbox
from clinic.patients.models import ContactAlias
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.house import ANA, NOW, House
from tests.flows.scripted import ScriptedBrain
from tests.flows.test_handback import CHEST, by_console, go

LEASE = timedelta(seconds=30)
HINTED = "a única coisa que me segura aqui é o meu filho, se não fosse ele eu já tinha ido"


async def test_an_echo_that_overtakes_the_note_of_its_send_is_ours(
    house: House, brain: ScriptedBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await house.hear(ANA, "oi")
    brain.then("Olá!")
    await go(house)
    async with clinic_session(house.pool, house.clinic.id) as s:
        claimed = await outbox.claim(s, conversation, lease=LEASE)
    assert claimed is not None
    opened = ownership_store.opened

    async def meanwhile(*given: Any) -> Any:
        async with clinic_session(house.pool, house.clinic.id) as s:
            await outbox.note_sent(s, claimed, "wire-1")
        return await opened(*given)

    monkeypatch.setattr(ownership_store, "opened", meanwhile)
    said = Said(
        account_id=house.account_id,
        provider_id="wire-1",
        aliases=(ContactAlias("phone", ANA),),
        reply_to=ANA,
        kind="text",
        text=claimed.text,
        sent_at=utc_now(),
        request_id=None,
    )
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await takeover.hear_echo(s, said, now=utc_now()) is Heard.OURS
    assert await house.rows("SELECT owner FROM conversations") == [{"owner": "carol"}]


async def test_a_danger_heard_is_a_persons_before_any_turn(house: House) -> None:
    conversation = await house.hear(ANA, "", kind="audio")
    [message] = await house.rows("SELECT id FROM messages")
    media = new_id()
    await house.rows(
        """INSERT INTO media (clinic_id, id, message_id, media_type, name, status, kind, due_at)
           VALUES (%(clinic)s, %(id)s, %(message)s, 'audio/ogg', 'a.ogg', 'waiting', 'audio', now()) RETURNING id""",
        clinic=house.clinic.id, id=media, message=message["id"],
    )  # fmt: skip
    async with clinic_session(house.pool, house.clinic.id) as s:
        waiting = await media_store.claim(s, media, lease=LEASE)
        assert waiting is not None
        await media_store.note_heard(s, waiting, CHEST)
    assert await house.rows("SELECT kind, brief, conversation_id FROM cases") == [
        {"kind": "emergency", "brief": CHEST, "conversation_id": conversation}
    ]


async def look(house: House, text: str) -> None:
    """The second reader finds a danger in the message that says this."""
    [row] = await house.rows("SELECT id FROM messages WHERE text = %(text)s", text=text)
    async with clinic_session(house.pool, house.clinic.id) as s:
        message = await watch_store.unlooked(s, row["id"])
        assert message is not None
        assert await watch_store.note_looked(s, message, read_all("quero me matar"))


async def test_a_danger_seen_while_she_thinks_is_answered_as_one(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, HINTED)
    brain.then("Olá!", "Olá!")
    original = brain.think

    async def interrupted(*args: Any, **kwargs: Any) -> Any:
        thought = await original(*args, **kwargs)
        await look(house, HINTED)
        return thought

    brain.think = interrupted  # type: ignore[method-assign]
    await go(house)
    await go(house)
    assert any("188" in said for said in await house.said(ANA))


async def test_a_danger_seen_waits_for_no_voice_note(house: House) -> None:
    conversation = await house.hear(ANA, HINTED)
    await house.rows("UPDATE conversations SET hears_until = now() + interval '40 seconds' RETURNING id")
    await look(house, HINTED)
    [row] = await house.rows("SELECT hears_until, due_at <= now() AS due FROM conversations")
    assert row == {"hears_until": None, "due": True}
    await go(house)
    assert any("188" in said for said in await house.said(ANA)), conversation


async def told_anew(house: House) -> bool:
    return bool(await house.rows("SELECT id FROM cases WHERE climbs_at IS NOT NULL AND status = 'open' AND urgent"))


async def test_a_danger_after_the_last_one_was_answered_is_told_anew(house: House, brain: ScriptedBrain) -> None:
    conversation = await house.hear(ANA, CHEST)
    await go(house)
    await by_console(house, conversation)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE cases SET climbs_at = NULL, level = 1")
    await house.hear(ANA, CHEST)  # a minute later: whoever answers reads it
    assert not await told_anew(house)
    house.at = NOW + timedelta(hours=6)
    await house.hear(ANA, CHEST)
    assert await told_anew(house)
    await go(house)
    assert len(await house.rows("SELECT id FROM cases WHERE status <> 'resolved'")) == 1


async def test_what_failed_without_a_promise_silences_no_promise(house: House, brain: ScriptedBrain) -> None:
    conversation = await house.hear(ANA, "oi")
    brain.then("Olá!")
    await go(house)
    [turn] = await house.rows("SELECT id FROM turns")
    due, late = NOW + timedelta(hours=1), NOW + timedelta(hours=1, minutes=1)
    async with clinic_session(house.pool, house.clinic.id) as s:
        told: dict[str, Any] = {"reason": "turn_failed", "brief": "", "due_at": due, "at": NOW}
        await case_store.open_case(s, conversation, CaseKind.FAILURE, turn_id=turn["id"], **told)
    async with clinic_session(house.pool, house.clinic.id) as s:
        again: dict[str, Any] = {"reason": "not_delivered", "brief": "", "due_at": late + timedelta(hours=1), "at": late}
        await case_store.open_case(s, conversation, CaseKind.FAILURE, **again)
    assert await house.rows("SELECT due_at, slips, slips_at FROM cases") == [{"due_at": due, "slips": 0, "slips_at": due}]


async def test_what_is_heard_while_the_last_try_fails_is_not_given_up_with_it(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, "", kind="image")
    await house.hear(ANA, "oi")
    [message] = await house.rows("SELECT id FROM messages WHERE kind = 'image'")

    async def broken(*args: Any, **kwargs: Any) -> Any:
        await house.rows(
            """INSERT INTO media (clinic_id, id, message_id, media_type, name, status, kind, store_key, heard_at)
               VALUES (%(clinic)s, %(id)s, %(message)s, 'audio/ogg', 'a.ogg', 'ready', 'audio', 'x', clock_timestamp())
               RETURNING id""",
            clinic=house.clinic.id, id=new_id(), message=message["id"],
        )  # fmt: skip
        raise RuntimeError

    brain.think = broken  # type: ignore[method-assign]
    await house.rows("UPDATE conversations SET attempts = 4 RETURNING id")
    await go(house)
    assert len(await house.rows("SELECT id FROM dead_letters")) == 1
    [row] = await house.rows("SELECT dead_at, due_at IS NOT NULL AS due FROM conversations")
    assert row == {"dead_at": None, "due": True}
