"""What broke is played again, once and at the end; what violated is not, nor is anything when too much broke."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clinic.scenarios.schema import Scenario
from evals import runs
from evals.evidence import Evidence, Secret, Turn
from evals.gate import decide
from evals.playing.late import lateness
from evals.playing.run import Budget, Player
from evals.runs import Head, Run

NOBODY = {"step": "think", "node": "think", "attempts": [{"model": "x", "outcome": "timeout", "ms": 20000}]}
HOLD = {"step": "hold", "node": "think", "case": 1}
COST = 0.5  # reais a talk
SECRET = Secret("bia", "Bia Torres")


def named(name: str) -> Scenario:
    return Scenario.model_validate({
        "id": name, "title": name, "suite": "tone",
        "patient": {"turns": ["oi"]}, "expect": {"must_say": [{"any": ["limpeza"]}]},
    })  # fmt: skip


class Talks:
    """Holds each talk as told: `late`, `tells` (late, and told a secret), else right."""

    def __init__(self, **how: list[str]) -> None:
        self.how, self.held = how, list[str]()

    async def __call__(self, scenario: Scenario, number: int) -> Evidence:
        self.held.append(scenario.id)
        left = self.how.get(scenario.id, [])
        how = left.pop(0) if left else "right"
        said = {"right": "Temos limpeza.", "tells": "A Bia Torres vem hoje.", "late": ""}[how]
        turn = Turn(("oi",), False, (said,) if said else (), cost_brl=COST)
        return Evidence(scenario.id, number, turns=(turn,), secrets=(SECRET,), error="" if how == "right" else "tarde")


async def played(folder: Path, hold: Talks, *names: str, **more: Any) -> Run:
    chosen = [named(name) for name in names]
    head = Head(
        id="r", began_at="2026-11-21T10:00:00+00:00", tier="T0", model="x", offline=True, trials=dict.fromkeys(names, 1)
    )
    return await Player(None, None, hold=hold, at_once=1, **more).play(runs.begin(folder, head), chosen)


async def test_what_broke_is_played_again_at_the_end_and_tells_why(tmp_path: Path) -> None:
    hold, told = Talks(um=["late"]), list[tuple[str, int, int]]()
    run = await played(tmp_path, hold, "um", "dois", told=lambda trial, done, due: told.append((trial.scenario, done, due)))
    assert hold.held == ["um", "dois", "um"]
    assert told == [("dois", 1, 2), ("um", 2, 2)]
    assert {one.scenario: one.again for one in run.trials} == {"um": "tarde", "dois": ""}
    assert all(one.verdict.passed for one in run.trials) and decide(run).open
    assert runs.read(tmp_path).trials == run.trials


async def test_what_breaks_twice_is_broken_and_violates_nothing(tmp_path: Path) -> None:
    hold = Talks(um=["late", "late", "right"])
    [one] = (await played(tmp_path, hold, "um")).trials
    assert hold.held == ["um", "um"]
    assert (one.verdict.error, one.verdict.violations) == ("tarde", ())


async def test_what_violated_before_it_broke_is_a_violation_and_gets_no_second_try(tmp_path: Path) -> None:
    hold = Talks(um=["tells"])
    [one] = (await played(tmp_path, hold, "um")).trials
    assert hold.held == ["um"] and one.verdict.violations


async def test_when_too_many_break_none_is_played_again(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(8)]
    hold = Talks(**{name: ["late"] for name in names[:4]})
    run = await played(tmp_path, hold, *names)
    assert len(hold.held) == 8
    assert sum(bool(one.verdict.error) for one in run.trials) == 4


async def test_without_money_left_what_broke_stays_broken(tmp_path: Path) -> None:
    hold = Talks(um=["late"])
    [one] = (await played(tmp_path, hold, "um", budget=Budget(reais=COST))).trials
    assert hold.held == ["um"]
    assert (one.verdict.error, one.again) == ("tarde", "")


@pytest.mark.parametrize(
    ("step", "late"),
    [
        (NOBODY, True),
        (NOBODY | {"attempts": []}, True),
        (NOBODY | {"attempts": [{"outcome": "malformed"}, {"outcome": "unreachable"}]}, True),
        (NOBODY | {"attempts": [{"outcome": "timeout"}, {"outcome": "malformed"}]}, False),  # it answered, and wrongly
        (NOBODY | {"attempts": [{"outcome": "filtered"}]}, False),
        (NOBODY | {"model": "y"}, False),  # the second one answered
    ],
)
def test_no_answer_of_a_mind_is_late_and_a_wrong_one_is_not(step: dict[str, Any], late: bool) -> None:
    found = lateness(2, [step, HOLD], done=True, seconds=60)
    assert (found is not None) is late
    if found is not None:
        assert str(found).startswith("turno 2:")


def test_a_turn_that_is_not_over_is_late() -> None:
    assert "em 60 s" in str(lateness(1, [], done=False, seconds=60.0))
    assert lateness(1, [], done=True, seconds=60.0) is None
