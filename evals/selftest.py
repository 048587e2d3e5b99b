"""Proving the scenarios before they prove Carol: what the oracle does passes, doing nothing fails.

`python -m evals.selftest [SUITE…]` proves all of them.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from clinic.scenarios.schema import Scenario
from evals.drive import trial
from evals.grade import Verdict, grade
from evals.ground import Ground, Thinker, open_ground, scratch_database
from evals.reference import Oracle, Silence
from evals.suites import of_suites
from evals.users import standing_in
from kit.settings import load_settings

HOUSE = "house"
"""A tag: the house answers by itself, without any model, so that a mind which does nothing is no proof."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A scenario that does not prove what it should, and why."""

    scenario: str
    why: str


async def doubted(ground: Ground, scenario: Scenario) -> list[Proof]:
    """Why this scenario cannot be trusted; nothing, when it can. One without an oracle has proved nothing yet."""
    if not scenario.oracle:
        return [Proof(scenario.id, "no oracle")]
    found = []
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


@cache
def known() -> dict[str, str]:
    """Scenarios that the demonstration model does not pass yet, and what it lacks."""
    loaded: dict[str, str] | None = yaml.safe_load(files("evals").joinpath("known.yaml").read_text("utf-8"))
    return loaded or {}


async def _every(names: list[str]) -> list[Proof]:
    settings = load_settings()
    chosen = [one for one in of_suites() if not names or one.suite in names or one.id in names]
    with scratch_database(settings) as urls:
        async with open_ground(settings, urls) as ground:
            found = []
            for scenario in chosen:
                for proof in await doubted(ground, scenario):
                    print(f"{proof.scenario}: {proof.why}", flush=True)  # noqa: T201 - a command's words
                    found.append(proof)
    print(f"{len(chosen)} scenarios, {len(found)} doubted")  # noqa: T201
    return found


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(_every(sys.argv[1:])) else 0)
