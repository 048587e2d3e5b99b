"""A machine or a model too slow breaks a trial. Nothing that the house does for a patient who waits is held against Carol."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from langchain_core.messages import BaseMessage, HumanMessage

from agent.brain import Brain
from agent.endpoint import Answer, ModelConfig
from agent.pricing import Price
from agent.thoughts import Thought, ToolSpec
from clinic.scenarios.schema import Scenario
from db.embedded import Urls
from evals import runs
from evals.gate import decide
from evals.grading.grade import Verdict, grade
from evals.playing import drive
from evals.playing.ground import Ground, open_ground
from evals.playing.reference import Oracle
from evals.playing.run import Player
from evals.runs import Head
from evals.suites import of_suites
from kit.settings import load_settings

CLEAN = next(one for one in of_suites() if one.id == "mineira-limpeza-a")


class Asleep:
    """A model that does not answer within its time."""

    config = ModelConfig(model="asleep", timeout_seconds=0.2, price=Price(Decimal(0), Decimal(0)))

    async def ask(self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, cap: int, seconds: float) -> Answer:
        await asyncio.sleep(3600)
        raise AssertionError

    async def warm(self) -> None:
        return None

    async def aclose(self) -> None:
        return None


class Slow:
    """Does as the scenario's oracle does, and from this turn on (from 1) nothing in time."""

    def __init__(self, scenario: Scenario, turn: int) -> None:
        self._oracle, self._asleep = Oracle(scenario), Brain((Asleep(),), deadline_seconds=0.5)
        self._turn, self._slow_from = 0, turn

    async def think(
        self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, seconds: float | None = None
    ) -> Thought:
        self._turn += isinstance(messages[-1], HumanMessage)
        mind = self._asleep if self._turn >= self._slow_from else self._oracle
        return await mind.think(messages, tools, seconds=seconds)


@pytest.fixture
async def ground(database: Urls, tmp_path: Path):  # type: ignore[no-untyped-def]
    settings = load_settings(_env_file=None, database_url=database.owner, database_app_url=database.app, home=tmp_path)
    async with open_ground(settings, database, knowledge=False) as found:
        yield found


async def test_a_mind_that_is_too_slow_breaks_the_trial_and_violates_nothing(ground: Ground) -> None:
    lane = ground.lane(lambda scenario: Slow(scenario, 2))  # type: ignore[arg-type, return-value]
    evidence = await drive.trial(ground.stage, CLEAN, 1, lane(CLEAN))
    verdict = grade(CLEAN, evidence)
    assert verdict.error == "turno 2: nenhum modelo respondeu a tempo, e isto não prova nada"
    assert verdict.violations == ()
    assert len(evidence.turns) == 2  # nobody goes on talking to whom does not answer
    assert (evidence.turns[-1].outcome, evidence.turns[-1].replies) == ("held", ())


async def test_a_turn_that_is_never_over_breaks_the_trial_and_the_next_is_not_answered_in_its_place(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drive, "_PATIENCE", 0.2)
    really, taken = ground.lane(Oracle)(CLEAN), 0

    async def busy(clinic_id: UUID, conversation_id: UUID) -> None:
        nonlocal taken
        taken += 1
        if taken == 1:
            await really(clinic_id, conversation_id)

    evidence = await drive.trial(ground.stage, CLEAN, 1, busy)
    assert grade(CLEAN, evidence).error.startswith("turno 2: sem resposta em 0 s")
    assert len(evidence.turns) == 2 and not grade(CLEAN, evidence).violations


async def test_it_is_played_again_and_the_run_is_whole(ground: Ground, tmp_path: Path) -> None:
    minds = iter([Slow(CLEAN, 1), Slow(CLEAN, 99)])
    head = Head(
        id="r", began_at="2026-11-23T10:00:00+00:00", tier="T0", model="oracle", offline=True,
        scenarios={CLEAN.id: CLEAN.digest}, trials={CLEAN.id: 1},
    )  # fmt: skip
    lane = ground.lane(lambda _: next(minds))  # type: ignore[arg-type, return-value]
    run = await Player(ground.stage, lane).play(runs.begin(tmp_path / "run", head), [CLEAN])
    [one] = run.trials
    assert one.verdict == Verdict()
    assert one.again.startswith("turno 1: nenhum modelo")
    assert decide(run).open
