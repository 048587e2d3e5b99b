"""What is said is in the ledger with its row: through a booking, a hand-over, a dropped turn, a retry; never without one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from clinic.conversations.commitments import ledger_store
from clinic.conversations.commitments.ledger import State, state
from clinic.conversations.models import TurnResult
from db.session import clinic_session
from desk import turn as turns
from desk.turn import take_turn
from tests.flows.booking import book, book_it, booked, proposed
from tests.flows.house import ANA, NOW, ZONE, House, due_now
from tests.flows.scripted import ScriptedBrain


async def ledger(house: House) -> list[dict[str, Any]]:
    return await house.rows("SELECT c.*, m.text FROM commitments c JOIN messages m ON m.id = c.message_id ORDER BY m.seq, c.id")


async def states(house: House, at: datetime = NOW) -> dict[str, State]:
    """What became of each kind of what the conversation said last."""
    async with clinic_session(house.pool, house.clinic.id) as s:
        messages = await s.all("SELECT id FROM messages WHERE direction = 'out' ORDER BY seq")
        lines = await ledger_store.of_messages(s, [row["id"] for row in messages])
    return {f"{line.kind}:{line.entity}": state(line, at=at) for line in lines}


async def test_a_booking_told_stands_on_its_visit_and_its_receipt(house: House, brain: ScriptedBrain) -> None:
    visit = await book(house, brain)
    [line] = [one for one in await ledger(house) if one["kind"] == "visit"]
    [receipt] = await house.rows("SELECT id FROM tool_receipts WHERE tool = 'book_visit'")
    assert (line["entity"], line["entity_id"], line["receipt_id"]) == ("appointment", visit["id"], receipt["id"])
    assert datetime.fromisoformat(line["means"]["starts_at"]) == visit["starts_at"]
    assert line["said"] in line["text"]


async def test_what_was_read_back_stands_on_the_kept_time_and_its_price_on_a_row(house: House, brain: ScriptedBrain) -> None:
    await proposed(house, brain)
    lines = {(one["kind"], one["entity"]): one for one in await ledger(house)}
    [hold] = await house.rows("SELECT id FROM holds")
    assert lines["moment", "hold"]["entity_id"] == hold["id"]
    assert {"price", "name"} <= {kind for kind, _ in lines}
    assert all(one["said"] in one["text"] for one in lines.values())


async def test_a_case_told_by_a_fixed_text_is_a_promise(house: House, brain: ScriptedBrain) -> None:
    lie = "Prontinho, sua consulta está marcada para amanhã às 15h!"
    brain.then(lie, lie)
    await house.say(ANA, "marca pra mim amanhã 15h")
    [case] = await house.rows("SELECT id, number FROM cases")
    promises = [one for one in await ledger(house) if one["kind"] == "promise"]
    assert [(one["entity"], one["entity_id"], one["means"]["case"]) for one in promises] == [
        ("case", case["id"], case["number"])
    ]
    assert (await states(house))["promise:case"] is State.STANDS
    assert (await states(house, NOW + timedelta(days=30)))["promise:case"] is State.LATE


async def test_an_emergency_promises_its_case(house: House, brain: ScriptedBrain) -> None:
    await house.say(ANA, "socorro, meu pai tá com muita dor no peito e suando frio")
    assert [one["entity"] for one in await ledger(house) if one["kind"] == "promise"] == ["case"]


async def test_a_turn_that_is_given_up_leaves_its_promise(house: House, brain: ScriptedBrain) -> None:
    brain.then(*(RuntimeError("poison") for _ in range(5)))
    await house.hear(ANA, "mensagem que quebra")
    for _ in range(6):
        await due_now(house)
        await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    assert [one["kind"] for one in await ledger(house)] == ["promise"]


async def test_a_reply_without_its_lines_is_not_adopted(
    house: House, brain: ScriptedBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    await proposed(house, brain)
    real = turns.compose

    def forgetful(*given: Any, **named: Any) -> tuple[TurnResult, Any]:
        result, shown = real(*given, **named)
        return TurnResult(outcome=result.outcome, replies=result.replies, author=result.author), shown

    monkeypatch.setattr(turns, "compose", forgetful)
    brain.then(book_it, booked)
    before = await house.said(ANA)
    assert await house.say(ANA, "sim") == ""
    assert await house.said(ANA) == before
    [lane] = await house.rows("SELECT last_error, due_at FROM conversations")
    assert lane["last_error"] == "Unledgered"
    monkeypatch.undo()
    brain.then(booked)
    await due_now(house)
    await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    assert [one["kind"] for one in await ledger(house)].count("visit") == 1


async def test_a_dropped_turn_leaves_one_set_of_lines(house: House, brain: ScriptedBrain) -> None:
    """Superseded after it booked, then failed once, then told: one visit, one line, on the first turn's receipt."""
    await proposed(house, brain)
    original = brain.think

    async def think(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        thought = await original(messages, tools, seconds=seconds)
        if not brain.steps and thought.message.tool_calls:
            brain.then(booked)
            await house.hear(ANA, "ah, e onde fica?")
        return thought

    brain.then(book_it)
    brain.think = think  # type: ignore[method-assign]
    assert await house.say(ANA, "sim") == ""
    brain.think = original  # type: ignore[method-assign]
    brain.then(RuntimeError("away"))
    for step in (None, booked):
        if step:
            brain.then(step)
        await due_now(house)
        await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    lines = [one for one in await ledger(house) if one["kind"] == "visit"]
    [receipt] = await house.rows("SELECT id, turn_id FROM tool_receipts WHERE tool = 'book_visit'")
    assert [one["receipt_id"] for one in lines] == [receipt["id"]]
    assert lines[0]["turn_id"] != receipt["turn_id"]
    adopted = await house.rows("SELECT id FROM turns WHERE status = 'adopted'")
    assert {one["turn_id"] for one in await ledger(house)} <= {turn["id"] for turn in adopted}


async def test_the_state_of_what_was_said_follows_its_row(house: House, brain: ScriptedBrain) -> None:
    visit = await book(house, brain)
    assert (await states(house))["visit:appointment"] is State.STANDS
    assert (await states(house))["moment:hold"] is State.KEPT
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute(
            "UPDATE appointments SET starts_at = starts_at - interval '1 hour' WHERE id = %(id)s", {"id": visit["id"]}
        )
    assert (await states(house))["visit:appointment"] is State.CHANGED
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE appointments SET status = 'cancelled' WHERE id = %(id)s", {"id": visit["id"]})
    assert (await states(house))["visit:appointment"] is State.GONE


async def test_somebody_elses_visit_and_the_patients_own_wish_back_nothing(house: House, brain: ScriptedBrain) -> None:
    """There is a visit at that hour, of another patient; and the patient named the hour: neither makes it true."""
    visit = await book(house, brain)
    local = visit["starts_at"].astimezone(ZONE)
    lie = f"Sua consulta está marcada para dia {local.day}/{local.month} às {local.hour}h{local.minute:02d}."
    brain.then(lie, lie)
    bia = "+5531900000202"
    answer = await house.say(bia, f"minha consulta é dia {local.day}/{local.month} às {local.hour}h{local.minute:02d}, né?")
    assert "marcada" not in answer
    lie = f"Tenho vaga amanhã às {local.hour}h{local.minute:02d}!"
    brain.then(lie, lie)
    assert "Tenho vaga" not in await house.say(bia, f"quero amanhã às {local.hour}h{local.minute:02d}")


async def test_a_hold_that_ran_out_is_not_said_to_be_kept(house: House, brain: ScriptedBrain) -> None:
    await proposed(house, brain)
    house.at = NOW + timedelta(hours=1)
    lie = "Reservei o horário para você, está garantido."
    brain.then(lie, lie)
    assert "Reservei" not in await house.say(ANA, "ainda está guardado?")
