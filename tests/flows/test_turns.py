"""What a turn may and may not do, whatever the model says: proved with a model that says what the test wants."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from agent.thoughts import ModelUnavailable
from db.session import clinic_session
from desk.turn import take_turn
from tests.flows.booking import book_it, first_slot, proposed
from tests.flows.house import ANA, BIA, NOW, House, due_now
from tests.flows.scripted import ScriptedBrain, calls, last_result


async def test_a_yes_to_what_was_read_back_books_it(house: House, brain: ScriptedBrain) -> None:
    await proposed(house, brain)
    brain.then(book_it, lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    await house.say(ANA, "sim, pode marcar")
    [visit] = await house.visits(ANA)
    assert (visit["person"], visit["status"]) == ("Ana Lima", "booked")
    [receipt] = await house.rows("SELECT tool, entity, entity_id FROM tool_receipts WHERE tool = 'book_visit'")
    assert (receipt["entity"], receipt["entity_id"]) == ("appointment", visit["id"])
    assert not await house.rows("SELECT id FROM holds")


@pytest.mark.parametrize(
    "answer",
    [
        "não",
        "sim, mas pode ser às 16h?",
        "quanto custa?",
        "quero cancelar",
        "hmm",
        "tá bom, pode pedir pra equipe me chamar",
        "sim, às 23h",
    ],
)
async def test_nothing_is_booked_without_a_plain_yes(house: House, brain: ScriptedBrain, answer: str) -> None:
    await proposed(house, brain)
    brain.then(book_it, "Tudo bem, o que você prefere?")
    await house.say(ANA, answer)
    assert last_result(brain.seen[-1])["error"] == "needs_yes"
    assert not await house.visits(ANA)


@pytest.mark.parametrize("spelled", ["{d}/{m:02d}, às {h}h{n:02d}", "dia {d}, {h}:{n:02d}", "amanhã ({d}/{m}), {h}h{n:02d}"])
async def test_a_read_back_in_other_words_is_answered_and_its_yes_books(
    house: House, brain: ScriptedBrain, spelled: str
) -> None:
    def briefly(messages: Any) -> str:
        at = datetime.fromisoformat(last_result(messages)["summary"]["starts_at"])
        return f"Fica {spelled.format(d=at.day, m=at.month, h=at.hour, n=at.minute)}. Posso marcar?"

    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), first_slot, briefly)
    assert "Posso marcar?" in await house.say(ANA, "queria marcar dermatologista amanhã, sou a Ana Lima")
    brain.then(book_it, lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    assert "Marquei" in await house.say(ANA, "isso, pode marcar")
    assert len(await house.visits(ANA)) == 1


async def test_nothing_is_booked_in_the_turn_that_proposes_it(house: House, brain: ScriptedBrain) -> None:
    def book_at_once(messages: Any) -> Any:
        return calls("book_visit", proposal=last_result(messages)["proposal"])

    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), first_slot, book_at_once, "Um momento.")
    await house.say(ANA, "sim, marca dermatologista amanhã, Ana Lima, sim, confirmo")
    assert last_result(brain.seen[-1])["error"] == "unknown_proposal"
    assert not await house.visits(ANA)


async def test_a_proposal_the_reply_did_not_say_cannot_be_accepted(house: House, brain: ScriptedBrain) -> None:
    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), first_slot, "Posso marcar então?")
    await house.say(ANA, "dermatologista amanhã, Ana Lima")
    brain.then(calls("book_visit", proposal="A1"), "Qual horário você prefere?")
    await house.say(ANA, "sim")
    assert last_result(brain.seen[-1])["error"] == "unknown_proposal"
    assert not await house.visits(ANA)


async def test_a_name_the_patient_never_said_is_refused(house: House, brain: ScriptedBrain) -> None:
    def invented(messages: Any) -> Any:
        return calls("propose_visit", slot=last_result(messages)["slots"][0]["slot"], person_name="João da Silva")

    brain.then(calls("find_slots", service="consulta dermatológica"), invented, "Qual o seu nome completo?")
    await house.say(ANA, "quero dermatologista")
    assert last_result(brain.seen[-1])["error"] == "name_not_said"
    assert not await house.rows("SELECT id FROM holds")


async def test_handles_of_another_conversation_mean_nothing(house: House, brain: ScriptedBrain) -> None:
    await proposed(house, brain)
    brain.then(
        calls("propose_visit", slot="S1", person_name="Bia Reis"), calls("book_visit", proposal="A1"), "Como posso ajudar?"
    )
    await house.say(BIA, "sou a Bia Reis, sim, confirma")
    results = [last_result(seen)["error"] for seen in brain.seen[-2:]]
    assert results == ["unknown_slot", "unknown_proposal"]


async def test_a_false_booking_is_rewritten_once_then_handed_over(house: House, brain: ScriptedBrain) -> None:
    lie = "Prontinho, sua consulta está marcada para amanhã às 15h!"
    brain.then(lie, lie)
    answer = await house.say(ANA, "marca pra mim amanhã 15h")
    assert "marcada" not in answer
    [case] = await house.rows("SELECT kind, number FROM cases")
    assert str(case["number"]) in answer
    assert len(brain.seen) == 2


async def test_an_emergency_is_answered_with_no_model_at_all(house: House, brain: ScriptedBrain) -> None:
    answer = await house.say(ANA, "socorro, meu pai tá com muita dor no peito e suando frio")
    assert "192" in answer
    assert not brain.seen
    [case] = await house.rows("SELECT kind, urgent, due_at FROM cases")
    assert (case["kind"], case["urgent"]) == ("emergency", True)
    assert case["due_at"] - NOW <= timedelta(minutes=10)


async def test_when_every_model_fails_the_patient_is_told_and_a_person_owes_an_answer(
    house: House, brain: ScriptedBrain
) -> None:
    brain.then(ModelUnavailable(()))
    answer = await house.say(ANA, "oi, vocês abrem sábado?")
    [case] = await house.rows("SELECT kind, number FROM cases")
    assert case["kind"] == "failure"
    assert f"nº {case['number']}" in answer


async def test_the_first_reply_tells_that_carol_is_an_ai_and_later_ones_do_not(house: House, brain: ScriptedBrain) -> None:
    brain.then("Claro.", "Claro.")
    assert "assistente virtual" in await house.say(ANA, "oi")
    assert "assistente virtual" not in await house.say(ANA, "oi de novo")


async def test_a_burst_is_one_turn(house: House, brain: ScriptedBrain) -> None:
    brain.then("Claro.")
    await house.say(ANA, "oi", "tudo bem?", "queria saber uma coisa")
    assert str(brain.seen[0][-1].content) == "oi\ntudo bem?\nqueria saber uma coisa"
    assert len(brain.seen) == 1


async def test_what_comes_while_carol_thinks_supersedes_the_draft_and_keeps_its_effects(
    house: House, brain: ScriptedBrain
) -> None:
    await proposed(house, brain)

    brain.then(book_it)
    original = brain.think

    async def think(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        thought = await original(messages, tools, seconds=seconds)
        if len(brain.steps) == 0 and thought.message.tool_calls:
            brain.then(lambda m: f"Marquei {last_result(m)['summary']['label']}.")
            await house.hear(ANA, "ah, e onde fica?")
        return thought

    brain.think = think  # type: ignore[method-assign]
    assert await house.say(ANA, "sim") == ""
    brain.think = original  # type: ignore[method-assign]
    assert len(await house.visits(ANA)) == 1
    await due_now(house)
    brain.then(lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    before = len(await house.said(ANA))
    await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    assert len(await house.said(ANA)) == before + 1
    assert last_result(brain.seen[-1])["booked"] is True  # its receipt was given, the tool did not run again
    assert len(await house.visits(ANA)) == 1
    turns = await house.rows("SELECT status FROM turns ORDER BY started_at")
    assert [turn["status"] for turn in turns] == ["adopted", "superseded", "adopted"]


async def test_a_turn_that_keeps_failing_is_set_aside_with_a_case(house: House, brain: ScriptedBrain) -> None:
    brain.then(*(RuntimeError("poison") for _ in range(5)))
    await house.hear(ANA, "mensagem que quebra")
    for _ in range(6):
        await due_now(house)
        await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    [lane] = await house.rows("SELECT dead_at, attempts, last_error FROM conversations")
    assert lane["dead_at"] is not None
    assert lane["last_error"] == "RuntimeError"
    [case] = await house.rows("SELECT kind FROM cases")
    assert case["kind"] == "failure"
    assert "nº" in (await house.said(ANA))[-1]
    brain.then("Oi! Voltei.")
    assert "Voltei" in await house.say(ANA, "oi?")  # something new wakes the lane


async def test_a_paused_desk_is_fenced(house: House, brain: ScriptedBrain) -> None:
    """One desk sleeps past its lease; another answers; the first one's reply and tools are refused."""
    await proposed(house, brain)
    asleep, awake = asyncio.Event(), asyncio.Event()
    original = brain.think

    async def sleepy(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        asleep.set()
        await awake.wait()
        return await original(messages, tools, seconds=seconds)

    await house.hear(ANA, "sim")
    brain.think = sleepy  # type: ignore[method-assign]
    brain.then(calls("find_slots", service="consulta dermatológica"))
    first = asyncio.create_task(take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA]))
    await asleep.wait()
    async with clinic_session(house.pool, house.clinic.id) as s:  # its lease runs out without a heartbeat
        await s.execute("UPDATE conversations SET lease_until = now() - interval '1 second'")
    brain.think = original  # type: ignore[method-assign]
    brain.steps.clear()
    brain.then(book_it, lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    assert await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA]) is not None
    brain.then(calls("escalate", kind="other", brief="x"), "Tarde demais.")
    awake.set()
    assert await first is None
    assert len(await house.visits(ANA)) == 1
    assert not await house.rows("SELECT id FROM cases")
    assert "Tarde" not in "".join(await house.said(ANA))


async def test_two_desks_take_one_turn_each_conversation_once(house: House, brain: ScriptedBrain) -> None:
    brain.then("Resposta.", "Resposta.")
    await house.hear(ANA, "oi")
    outcomes = await asyncio.gather(
        *(take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA]) for _ in range(8))
    )
    assert sum(outcome is not None for outcome in outcomes) == 1
    assert sum("Resposta." in said for said in await house.said(ANA)) == 1


async def test_a_person_who_takes_over_silences_the_draft(house: House, brain: ScriptedBrain) -> None:
    original = brain.think

    async def taken_over(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        async with clinic_session(house.pool, house.clinic.id) as s:
            await s.execute("UPDATE conversations SET owner = 'person'")
        return await original(messages, tools, seconds=seconds)

    brain.think = taken_over  # type: ignore[method-assign]
    brain.then("Oi!")
    assert await house.say(ANA, "oi") == ""
    brain.think = original  # type: ignore[method-assign]
    assert await house.say(ANA, "tem alguém aí?") == ""
    assert "192" in await house.say(ANA, "não consigo respirar, acho que vou desmaiar")  # said whoever owns it


async def test_limits_stop_a_model_that_never_stops(house: House, brain: ScriptedBrain) -> None:
    brain.then(*(calls("my_visits") for _ in range(40)))
    answer = await house.say(ANA, "oi")
    assert "nº" in answer  # a person owes an answer
    assert len(brain.seen) <= house.minds.limits.thoughts
