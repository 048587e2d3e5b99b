"""Proving the scenarios before they prove Carol: what the oracle does passes, doing nothing fails, each defect is noticed.

`python -m evals.proving.selftest [SUITE…]` proves all of them.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

from clinic.scenarios.schema import Scenario
from evals.grading.grade import Verdict, grade
from evals.patients.users import standing_in
from evals.playing.drive import trial
from evals.playing.ground import Ground, Thinker, open_ground, scratch_database
from evals.playing.reference import Oracle, Silence
from evals.proving.mutants import Mutant, mutants, unread
from evals.suites import of_suites
from kit import fast_yaml
from kit.log import configure
from kit.settings import load_settings

HOUSE = "house"
"""A tag: the house answers by itself, without any model, so that a mind which does nothing is no proof."""

FALSE_ALARM = "alarme falso de perigo"
"""Why a known scenario does not pass: the house takes it for a danger, whoever thinks. That is no fault of its oracle's."""

_MANY = 10  # occasions from which a share means something


@dataclass(frozen=True, slots=True)
class Proof:
    """A scenario that does not prove what it should, and why."""

    scenario: str
    why: str


async def doubted(ground: Ground, scenario: Scenario) -> list[Proof]:
    """Why this scenario cannot be trusted; nothing, when it can. One without an oracle has proved nothing yet.

    Where the house is known to raise a false alarm, the oracle is asked with its readers of danger silent: can it be done?
    """
    if not scenario.oracle:
        return [Proof(scenario.id, "no oracle")]
    found = []
    replayed = await _verdict(ground, scenario, Oracle)
    if not replayed.passed and known().get(scenario.id) == FALSE_ALARM:
        with unread():
            replayed = await _verdict(ground, scenario, Oracle)
    if not replayed.passed:
        found.append(Proof(scenario.id, f"the oracle does not pass: {replayed}"))
    if HOUSE not in scenario.tags:
        idle = await _verdict(ground, scenario, lambda _: Silence())
        if idle.passed:
            found.append(Proof(scenario.id, "doing nothing passes"))
    return found


async def _verdict(ground: Ground, scenario: Scenario, mind: Callable[[Scenario], Thinker]) -> Verdict:
    played = standing_in(scenario)  # a proof needs no model
    return grade(scenario, await trial(ground.stage, played, 1, ground.lane(mind)(played)))


async def unnoticed(ground: Ground, mutant: Mutant, scenarios: Sequence[Scenario]) -> tuple[list[Proof], int]:
    """The scenarios that take a spoilt Carol for a good one, and how many gave her defect an occasion."""
    occasions = [one for one in scenarios if mutant.turns(one) is not None]
    survived = [one for one in occasions if await mutant.survives(ground, one) is not None]
    return [Proof(one.id, f"does not notice: {mutant.told}") for one in survived], len(occasions)


@cache
def known() -> dict[str, str]:
    """Scenarios that the demonstration model does not pass yet, and what it lacks."""
    loaded: dict[str, str] | None = fast_yaml.load(files("evals").joinpath("known.yaml").read_text("utf-8"))
    return loaded or {}


async def _every(names: list[str]) -> bool:
    """Whether all that was asked for is proved. Says what is not, as it goes."""
    settings = load_settings()
    configure(settings, stream=StringIO())  # what the house writes while it is played is not what is asked here
    chosen = [one for one in of_suites() if not names or one.suite in names or one.id in names]
    with scratch_database(settings) as urls:
        async with open_ground(settings, urls) as ground:
            wrong = 0
            for scenario in chosen:
                for proof in await doubted(ground, scenario):
                    _say(f"{proof.scenario}: {proof.why}")
                    wrong += 1
            _say(f"{len(chosen)} scenarios, {wrong} doubted")
            for mutant in mutants():
                survived, occasions = await unnoticed(ground, mutant, chosen)
                few = occasions >= _MANY and occasions - len(survived) < mutant.least * occasions
                wrong += few
                for proof in survived:
                    _say(f"{proof.scenario}: {proof.why}")
                _say(f"{mutant.name}: {occasions - len(survived)} of {occasions} notice{', too few' if few else ''}")
    return not wrong


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command's words


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(_every(sys.argv[1:])) else 1)
