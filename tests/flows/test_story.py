"""The story of a turn, as the API gives it: every step with its facts, while it runs in a rehearsal, and when it fails."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from agent.brain import Brain
from agent.endpoint import ModelConfig
from agent.models import DeadEndpoint
from agent.thoughts import Thought
from api.changes import CHANNEL
from api.shapes import StepOut
from clinic.conversations.handover import takeover
from clinic.rehearsals import service as rehearsals
from clinic.tenants.service import clinic_for
from db.embedded import Urls
from db.session import clinic_session
from desk.turn import take_turn
from graphs.story import Step
from kit.ids import new_id
from knowledge.models import Found, Retrieval
from tests.flows.booking import book
from tests.flows.house import ANA, NOW, House, brains_of, offline_brains, open_house
from tests.flows.scripted import ScriptedBrain, calls, last_result


async def rehearsing(house: House) -> House:
    """The same house in a rehearsal of its clinic."""
    sandbox = await rehearsals.begin(house.pool, house.clinic, now=NOW)
    async with clinic_session(house.pool, sandbox) as s:
        account = await s.one("SELECT id FROM channel_accounts")
    assert account is not None
    clinic = await clinic_for(house.pool, sandbox)
    return House(house.pool, clinic, account["id"], house.minds, NOW)


async def told(house: House, which: int = -1) -> tuple[dict[str, Any], list[StepOut]]:
    """A turn's row and its steps as the API reads them; a key it does not know fails here."""
    turn = (await house.rows("SELECT * FROM turns ORDER BY started_at"))[which]
    assert all(step.keys() <= StepOut.model_fields.keys() for step in turn["trace"])
    return turn, [StepOut.model_validate(step) for step in turn["trace"]]


def only(steps: list[StepOut], kind: str) -> StepOut:
    [found] = [step for step in steps if step.step == kind]
    return found


def test_the_steps_are_those_of_the_api() -> None:
    assert Step.__annotations__.keys() == StepOut.model_fields.keys()


async def test_every_step_says_where_when_and_what(house: House, brain: ScriptedBrain) -> None:
    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), "Temos amanhã às 9h.")
    brain.then("Temos horários amanhã. Qual prefere?")
    await house.say(ANA, "tem dermatologista amanhã?")
    turn, steps = await told(house)
    assert [(step.step, step.node) for step in steps][:5] == [
        ("screen", "screen"),
        ("identify", "identify"),
        ("think", "think"),
        ("tool", "act"),
        ("think", "think"),
    ]
    assert (steps[-1].step, steps[-1].node) == ("reply", "reply")
    assert all(step.at_ms is not None and step.ms is not None for step in steps)
    assert [step.at_ms for step in steps] == sorted(step.at_ms or 0.0 for step in steps)
    assert steps[0].decision == "speak"
    [known] = await house.rows("SELECT count(*) AS people FROM relationships r JOIN contacts c ON c.id = r.contact_id")
    assert 0 < (steps[1].people or 0) <= known["people"]
    first, tool = steps[2], steps[3]
    assert (first.model, first.tokens_in, first.tokens_out, first.cost_brl) == ("scripted", 10, 5, Decimal("0.001"))
    assert (first.asked, first.said, first.given) == (["find_slots"], None, [])
    assert (tool.tool, tool.effect, tool.receipt) == ("find_slots", "read", None)
    assert tool.arguments == {"service": "consulta dermatológica", "when": "amanhã"}
    assert tool.result is not None and tool.result["slots"]
    assert steps[4].said == "Temos amanhã às 9h."
    assert turn["tokens_in"] == 10 * len([step for step in steps if step.step == "think"])


async def test_a_write_carries_its_receipt(house: House, brain: ScriptedBrain) -> None:
    await book(house, brain)
    _, steps = await told(house)
    assert only(steps, "identify").person == "Ana Lima"
    tool = only(steps, "tool")
    [receipt] = await house.rows("SELECT id FROM tool_receipts WHERE tool = 'book_visit'")
    assert (tool.effect, tool.receipt) == ("write", receipt["id"])


async def test_a_refused_reply_says_which_words_and_why(house: House, brain: ScriptedBrain) -> None:
    brain.then("Marquei para você amanhã às 15h.", "Já está marcado para amanhã às 15h!")
    await house.say(ANA, "quero uma consulta")
    turn, steps = await told(house)
    checks = [step for step in steps if step.step == "check"]
    assert [step.ok for step in checks] == [False, False]
    assert all(problem.kind and problem.excerpt for step in checks for problem in step.problems)
    [case] = await house.rows("SELECT number FROM cases")
    hold = only(steps, "hold")
    assert (hold.node, hold.case, turn["outcome"]) == ("check", case["number"], "handed_over")


class Documents:
    """A library of two passages, of which one answers."""

    def __init__(self) -> None:
        self.asked: list[UUID] = []

    async def search(self, clinic_id: UUID, question: str, *, k: int = 4) -> Retrieval:
        self.asked.append(clinic_id)
        used = Found(new_id(), new_id(), "guia.md", "Guia", "Chegada", "Há estacionamento ao lado.", 0.81234, 0.7, 0.3)
        passed = replace(used, id=new_id(), heading="Pix", content="A chave Pix é o CNPJ.", score=0.2)
        return Retrieval(question, question, (used,), (used, passed), 0.5, 1.0, "test")


async def test_a_search_shows_what_was_considered_and_the_model_what_answers(database: Urls, brain: ScriptedBrain) -> None:
    async with open_house(database, brains_of(brain), at=NOW, library=Documents()) as house:  # type: ignore[arg-type]
        brain.then(calls("search_knowledge", question="tem estacionamento?"), "Há estacionamento ao lado.")
        await house.say(ANA, "tem estacionamento?")
        _, steps = await told(house)
        tool = only(steps, "tool")
        assert tool.threshold == 0.5
        assert [(one.source, one.heading, one.score, one.used) for one in tool.passages] == [
            ("guia.md", "Chegada", 0.8123, True),
            ("guia.md", "Pix", 0.2, False),
        ]
        assert [one["heading"] for one in last_result(brain.seen[-1])["passages"]] == ["Chegada"]


async def test_a_red_flag_names_itself_and_its_case(house: House) -> None:
    await house.say(ANA, "estou com muita dor no peito e falta de ar")
    _, steps = await told(house)
    [case] = await house.rows("SELECT number FROM cases")
    assert only(steps, "screen").flag
    flag = only(steps, "red_flag")
    assert (flag.node, flag.case) == ("screen", case["number"])
    assert [step.step for step in steps] == ["screen", "red_flag", "reply"]


async def test_when_no_model_answers_every_try_is_told(database: Urls) -> None:
    dead = Brain((DeadEndpoint(ModelConfig(model="um")), DeadEndpoint(ModelConfig(model="dois"))), pause=lambda: 0.0)
    async with open_house(database, brains_of(dead), at=NOW) as house:
        await house.say(ANA, "oi")
        turn, steps = await told(house)
        tries = [(one.model, one.outcome, one.detail) for one in only(steps, "think").attempts]
        assert tries == [("um", "server_error", "503")] * 2 + [("dois", "server_error", "503")] * 2
        [case] = await house.rows("SELECT number FROM cases")
        hold = only(steps, "hold")
        assert (hold.node, hold.case, turn["outcome"]) == ("think", case["number"], "held")


async def test_a_person_who_owns_it_leaves_a_silent_story(house: House, brain: ScriptedBrain) -> None:
    conversation = await house.hear(ANA, "oi")
    await house.rows("UPDATE conversations SET owner = 'person' RETURNING id")
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    _, steps = await told(house)
    assert [(step.step, step.node) for step in steps] == [("screen", "screen"), ("handed_over", "handed_over")]
    assert steps[0].decision == "silence"


async def test_the_offline_model_says_what_it_understood(database: Urls, tmp_path: Path) -> None:
    async with open_house(database, offline_brains(tmp_path), at=NOW) as house:
        await house.say(ANA, "quero marcar limpeza de pele amanhã de tarde")
        _, steps = await told(house)
        think = next(step for step in steps if step.step == "think")
        assert think.understood is not None
        assert "book" in think.understood["intents"]
        assert (think.understood["services"], think.understood["day"]) != ([], "")
        assert [one.outcome for one in think.attempts] == ["ok"]


class SlowBrain(ScriptedBrain):
    """Thinks until it is let go."""

    def __init__(self, *steps: Any) -> None:
        super().__init__(*steps)
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def think(self, messages: Any, tools: Any, *, seconds: float | None = None) -> Thought:
        self.asked.set()
        await self.go.wait()
        return await super().think(messages, tools, seconds=seconds)


async def soon(question: Any) -> Any:
    """The first true answer."""
    for _ in range(250):
        if found := await question():
            return found
        await asyncio.sleep(0.02)
    pytest.fail("never true")


async def test_a_rehearsal_is_told_while_it_runs(database: Urls) -> None:
    slow = SlowBrain("Olá! Como posso ajudar?")
    async with open_house(database, brains_of(slow), at=NOW) as real:  # type: ignore[arg-type]
        house = await rehearsing(real)
        conversation = await house.hear(ANA, "oi")
        async with await psycopg.AsyncConnection.connect(database.app, autocommit=True) as ear:
            await ear.execute(f"LISTEN {CHANNEL}")  # type: ignore[arg-type]
            turning = asyncio.create_task(take_turn(house.pool, house.minds, house.clinic.id, conversation))
            await slow.asked.wait()
            two = "SELECT * FROM turns WHERE status = 'running' AND jsonb_array_length(trace) = 2"
            [row] = await soon(lambda: house.rows(two))
            assert [step["step"] for step in row["trace"]] == ["screen", "identify"]
            bells = [json.loads(one.payload) async for one in ear.notifies(timeout=0.2)]
            assert {
                "clinic": str(house.clinic.id),
                "what": "turn",
                "conversation": str(conversation),
                "turn": str(row["id"]),
            } in bells
            slow.go.set()
            await turning
        row, steps = await told(house)
        assert (row["status"], steps[-1].step) == ("adopted", "reply")
        given = next(step for step in steps if step.step == "think").given
        assert [one.role for one in given] == ["system", "patient"]
        assert given[1].text == "oi"


async def test_a_real_conversation_is_told_once_and_keeps_no_copy_of_what_was_given(database: Urls) -> None:
    slow = SlowBrain("Olá! Como posso ajudar?")
    async with open_house(database, brains_of(slow), at=NOW) as house:  # type: ignore[arg-type]
        conversation = await house.hear(ANA, "oi")
        turning = asyncio.create_task(take_turn(house.pool, house.minds, house.clinic.id, conversation))
        await slow.asked.wait()
        await asyncio.sleep(0.2)
        [running] = await house.rows("SELECT trace FROM turns")
        assert running["trace"] == []
        slow.go.set()
        await turning
        _, steps = await told(house)
        assert not any(step.given for step in steps)


async def test_a_tool_in_which_the_turn_ended_is_told_too(house: House, brain: ScriptedBrain) -> None:
    async def taken() -> None:
        async with clinic_session(house.pool, house.clinic.id) as s:
            await takeover.ownership_store.take(s, house.conversations[ANA])

    def ask(messages: Any) -> Any:
        return calls("propose_visit", slot=last_result(messages)["slots"][0]["slot"], person_name="Ana Lima")

    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), ask)
    house.minds = replace(house.minds, brains=brains_of(TakenOver(brain, taken)))  # type: ignore[arg-type]
    await house.say(ANA, "dermatologista amanhã, sou a Ana Lima")
    turn, steps = await told(house)
    assert (turn["status"], steps[-1].tool, steps[-1].result) == ("superseded", "propose_visit", {"error": "fenced"})


class TakenOver:
    """Thinks as told; a person takes the conversation before its second thought is acted on."""

    def __init__(self, brain: ScriptedBrain, taken: Any) -> None:
        self.brain, self.taken = brain, taken

    async def think(self, messages: Any, tools: Any, *, seconds: float | None = None) -> Thought:
        thought = await self.brain.think(messages, tools)
        if len(self.brain.seen) == 2:
            await self.taken()
        return thought


@pytest.mark.parametrize("in_rehearsal", [False, True])
async def test_a_turn_that_breaks_keeps_how_far_it_came(database: Urls, in_rehearsal: bool) -> None:
    broken = ScriptedBrain(calls("my_visits"), RuntimeError("a defect"))
    async with open_house(database, brains_of(broken), at=NOW) as real:  # type: ignore[arg-type]
        house = await rehearsing(real) if in_rehearsal else real
        await house.say(ANA, "oi")
        turn, steps = await told(house)
        assert (turn["status"], turn["model"], turn["tokens_in"]) == ("failed", "scripted", 10)
        assert [step.step for step in steps] == ["screen", "identify", "think", "tool"]


async def test_a_turn_that_lost_its_lane_to_a_person_ends_with_its_story(database: Urls) -> None:
    slow = SlowBrain("Olá! Como posso ajudar?")
    async with open_house(database, brains_of(slow), at=NOW) as house:  # type: ignore[arg-type]
        conversation = await house.hear(ANA, "oi")
        turning = asyncio.create_task(take_turn(house.pool, house.minds, house.clinic.id, conversation))
        await slow.asked.wait()
        async with clinic_session(house.pool, house.clinic.id) as s:
            await takeover.ownership_store.take(s, conversation)
        slow.go.set()
        assert await turning is None
        turn, steps = await told(house)
        assert (turn["status"], turn["finished_at"] is not None) == ("superseded", True)
        assert [step.step for step in steps][-1] == "reply"
        assert await house.said(ANA) == []
