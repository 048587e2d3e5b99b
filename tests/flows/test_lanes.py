"""Lanes under trouble: what is given up and taken up again, processes that die or sleep, bells that never ring."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from clinic.conversations.lanes import dead_letters_store
from clinic.conversations.lanes.dead_letters_store import NoDeadLetter, PersonOwns
from db.embedded import Urls
from db.session import clinic_session
from desk import turn
from desk.runner import FrontDesk
from desk.turn import take_turn
from kit.ids import new_id
from tests.flows.booking import proposed
from tests.flows.house import ANA, House, due_now
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result

ROOT = Path(__file__).parents[2]
PATIENCE = 90  # seconds until a test gives up on something that must come


async def take(house: House, phone: str = ANA) -> Any:
    return await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[phone])


async def die(house: House, brain: ScriptedBrain, *steps: Any) -> UUID:
    """Ana's turn fails until it is given up; its dead letter."""
    brain.then(*steps, *(RuntimeError("poison") for _ in range(5)))
    for _ in range(5):
        await due_now(house)
        await take(house)
    brain.steps.clear()
    [letter] = await house.rows("SELECT id FROM dead_letters WHERE replayed_at IS NULL")
    return UUID(str(letter["id"]))


async def replay(house: House, letter: UUID) -> int:
    async with clinic_session(house.pool, house.clinic.id) as s:
        return await dead_letters_store.replay(s, letter, by="Rita")


# --- given up, and taken up again -------------------------------------------------------------------------------------------


async def test_a_turn_given_up_leaves_a_letter_of_codes_alone(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, "mensagem que quebra")
    letter = await die(house, brain)
    async with clinic_session(house.pool, house.clinic.id) as s:
        [kept] = await dead_letters_store.listed(s)
    assert (kept.id, kept.error, kept.attempts, kept.waiting) == (letter, "RuntimeError", 5, 1)
    [row] = await house.rows("SELECT to_jsonb(d) AS all FROM dead_letters d")
    assert "quebra" not in str(row["all"])
    [case] = await house.rows("SELECT kind, reason FROM cases")
    assert (case["kind"], case["reason"]) == ("failure", "turn_failed")


async def test_a_replayed_letter_is_answered_once(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, "quanto custa a consulta?")
    letter = await die(house, brain)
    assert await replay(house, letter) == 1
    brain.then("Recebi, obrigada.")
    assert await take(house) is not None
    assert "Recebi" in (await house.said(ANA))[-1]
    assert str(brain.seen[-1][-1].content) == "quanto custa a consulta?"
    [lane] = await house.rows("SELECT due_at, dead_at, attempts FROM conversations")
    assert lane == {"due_at": None, "dead_at": None, "attempts": 0}
    before = len(await house.said(ANA))
    assert await replay(house, letter) == 0  # twice is once
    assert await take(house) is None
    assert len(await house.said(ANA)) == before
    sends = await house.rows("SELECT dedupe_key FROM outbox")
    assert len({row["dedupe_key"] for row in sends}) == len(sends)


async def test_two_who_replay_at_once_wake_it_once(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, "oi, tudo certo?")
    letter = await die(house, brain)
    assert sorted(await asyncio.gather(*(replay(house, letter) for _ in range(6)))) == [0, 0, 0, 0, 0, 1]


async def test_what_a_failed_turn_did_is_told_and_not_done_again(house: House, brain: ScriptedBrain) -> None:
    await proposed(house, brain)
    await house.hear(ANA, "sim")
    letter = await die(house, brain, lambda m: calls("book_visit", proposal=briefing(m)["proposal"]["proposal"]))
    assert len(await house.visits(ANA)) == 1
    assert await replay(house, letter) == 1
    brain.then(lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    await take(house)
    assert last_result(brain.seen[-1])["booked"] is True
    assert (await house.said(ANA))[-1].startswith("Marquei")
    assert len(await house.visits(ANA)) == 1
    assert len(await house.rows("SELECT FROM tool_receipts WHERE tool = 'book_visit'")) == 1


async def test_what_was_answered_meanwhile_is_not_asked_again(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, "mensagem que quebra")
    letter = await die(house, brain)
    brain.then("Oi! Voltei.")
    await house.say(ANA, "oi?")
    assert await replay(house, letter) == 0
    assert await take(house) is None
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await dead_letters_store.listed(s) == []
        assert [one.replayed_by for one in await dead_letters_store.listed(s, replayed=True)] == ["Rita"]


async def test_a_replay_waits_for_nobody_who_thinks_meanwhile(house: House, brain: ScriptedBrain) -> None:
    """A turn of a newer message is under way: it is fenced, and the next one answers both."""
    await house.hear(ANA, "mensagem que quebra")
    letter = await die(house, brain)
    await house.hear(ANA, "oi?")
    original = brain.think

    async def replayed(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        assert await replay(house, letter) == 1
        return await original(messages, tools, seconds=seconds)

    brain.think = replayed  # type: ignore[method-assign]
    brain.then("Oi.")
    assert await take(house) is None
    brain.think = original  # type: ignore[method-assign]
    brain.then("Oi, recebi as duas.")
    assert await take(house) is not None
    assert str(brain.seen[-1][-1].content) == "mensagem que quebra\noi?"
    assert not await house.rows("SELECT FROM messages WHERE direction = 'in' AND turn_id IS NULL")


async def test_a_persons_conversation_is_not_replayed(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, "mensagem que quebra")
    letter = await die(house, brain)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE conversations SET owner = 'person'")
    with pytest.raises(PersonOwns):
        await replay(house, letter)
    assert await house.rows("SELECT FROM dead_letters WHERE replayed_at IS NULL")
    with pytest.raises(NoDeadLetter):
        await replay(house, new_id())


async def test_what_comes_while_a_turn_dies_is_answered(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, "mensagem que quebra")
    brain.then(*(RuntimeError("poison") for _ in range(4)))
    for _ in range(4):
        await due_now(house)
        await take(house)

    async def last(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        await house.hear(ANA, "vocês abrem sábado?")
        raise RuntimeError("poison")

    original, brain.think = brain.think, last  # type: ignore[method-assign]
    await due_now(house)
    await take(house)
    brain.think = original  # type: ignore[method-assign]
    brain.then("Vou ver para você.")
    assert await take(house) is not None
    assert str(brain.seen[-1][-1].content) == "vocês abrem sábado?"


async def test_danger_is_answered_even_when_every_try_failed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> Any:
        raise RuntimeError("poison")

    monkeypatch.setattr(turn, "_think", broken)
    await house.hear(ANA, "meu pai está com muita dor no peito e suando frio")
    for _ in range(5):
        await due_now(house)
        await take(house)
    assert "192" in (await house.said(ANA))[-1]
    assert [row["kind"] for row in await house.rows("SELECT kind FROM cases")] == ["emergency"]


async def test_a_turn_that_cannot_even_begin_comes_to_an_end(
    house: House, brain: ScriptedBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise ValueError("unreadable")

    monkeypatch.setattr(turn, "open_draft", broken)
    await house.hear(ANA, "oi")
    for _ in range(7):
        await due_now(house)
        await take(house)
    [letter] = await house.rows("SELECT error, attempts FROM dead_letters")
    assert letter == {"error": "ValueError", "attempts": 5}
    [lane] = await house.rows("SELECT dead_at FROM conversations")
    assert lane["dead_at"] is not None
    assert [row["kind"] for row in await house.rows("SELECT kind FROM cases")] == ["failure"]
    assert not brain.seen


async def test_a_turn_that_kills_its_process_stops_killing(database: Urls, house: House, brain: ScriptedBrain) -> None:
    """kill -9 while thinking, really, twice; then the lane is given up at the claim and no mind is asked."""
    await house.hear(ANA, "mensagem que derruba o processo")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE conversations SET attempts = 3")  # as after three deaths
    for _ in range(2):
        died = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.flows.dying_desk",
            database.app, str(house.clinic.id), str(house.conversations[ANA]), "think-1", cwd=ROOT,
        )  # fmt: skip
        assert await died.wait() == -signal.SIGKILL
        async with clinic_session(house.pool, house.clinic.id) as s:
            await s.execute("UPDATE conversations SET lease_until = now() - interval '1 second'")
    assert await take(house) is None
    assert not brain.seen
    [letter] = await house.rows("SELECT error, attempts FROM dead_letters")
    assert letter == {"error": "abandoned", "attempts": 6}
    assert "nº" in (await house.said(ANA))[-1]
    assert [row["status"] for row in await house.rows("SELECT status FROM turns")] == ["failed"] * 3


async def test_one_poisoned_conversation_keeps_nobody_waiting(database: Urls, house: House, brain: ScriptedBrain) -> None:
    """The poison holds its turn until everybody else is answered: were anyone behind it, both would wait for ever."""
    others = [f"+55319000010{n:02}" for n in range(30)]
    everyone_else = asyncio.Event()

    async def think(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        if "quebra" in str(messages[-1].content):
            await everyone_else.wait()
            raise RuntimeError("poison")
        return await ScriptedBrain("Recebi, obrigada.").think(messages, tools)

    brain.think = think  # type: ignore[method-assign]
    desk = FrontDesk(house.pool, house.minds, listen_url=database.app, at_once=4)
    await desk.start()
    try:
        await house.hear(ANA, "mensagem que quebra")
        await until(house, "SELECT FROM turns WHERE status = 'running'", 1)
        for phone in others:
            await house.hear(phone, "tudo certo para amanhã?")
        await until(house, "SELECT FROM turns WHERE status = 'adopted'", 30)
        everyone_else.set()
        await until(house, "SELECT FROM turns WHERE status = 'failed'", 1)
        async with clinic_session(house.pool, house.clinic.id) as s:  # its backoff need not be waited for
            await s.execute("UPDATE conversations SET attempts = 4 WHERE id = %(id)s", {"id": house.conversations[ANA]})
        await until(house, "SELECT FROM dead_letters", 1)
    finally:
        await desk.stop()
    assert len(await house.rows("SELECT FROM dead_letters")) == 1
    answered = await house.rows(
        "SELECT count(*) AS n FROM messages WHERE direction = 'out' AND text LIKE 'Recebi, obrigada%%' GROUP BY conversation_id"
    )
    assert [row["n"] for row in answered] == [1] * 30


async def until(house: House, query: str, rows: int) -> None:
    """Waits until a query has that many rows."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if len(await house.rows(query)) >= rows:
                return
            await asyncio.sleep(0.05)


DANGER = "não consigo respirar, acho que vou desmaiar"


async def test_an_emergency_in_a_persons_conversation_leaves_their_questions_to_them(
    house: House, brain: ScriptedBrain
) -> None:
    await house.hear(ANA, "qual o preço da limpeza?")
    await house.rows("UPDATE conversations SET owner = 'person', due_at = NULL RETURNING id")
    await house.hear(ANA, DANGER)
    await house.hear(ANA, "tem alguém aí?")
    await take(house)
    assert "192" in (await house.said(ANA))[0]
    waiting = await house.rows("SELECT text FROM messages WHERE direction = 'in' AND turn_id IS NULL ORDER BY seq")
    assert [row["text"] for row in waiting] == ["qual o preço da limpeza?", "tem alguém aí?"]
    [lane] = await house.rows("SELECT due_at FROM conversations")
    assert lane["due_at"] is None
    await house.rows("UPDATE messages SET at = at - interval '1 hour' WHERE direction = 'out' RETURNING id")
    await house.hear(ANA, DANGER)  # an hour later: said again, under a key of its own
    await take(house)
    assert sum("192" in said for said in await house.said(ANA)) == 2
    await house.rows("UPDATE cases SET status = 'resolved', resolved_at = now() RETURNING id")  # they saw to it
    await house.rows("UPDATE conversations SET owner = 'carol', due_at = now() RETURNING id")
    brain.then("A limpeza custa…")
    await take(house)
    assert str(brain.seen[-1][-1].content) == "qual o preço da limpeza?\ntem alguém aí?"


async def test_an_emergency_in_carols_conversation_answers_what_was_said_with_it(house: House) -> None:
    assert "192" in await house.say(ANA, "qual o preço da limpeza?", DANGER)
    assert not await house.rows("SELECT FROM messages WHERE direction = 'in' AND turn_id IS NULL")
