"""T0's tools, for the two files that play it side by side: the scenarios, and how some of them are played and judged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from clinic.scenarios.schema import Scenario
from db.embedded import Urls
from evals.grading.grade import Verdict, grade
from evals.playing.drive import trial
from evals.playing.ground import Ground, open_ground
from evals.proving.selftest import known
from evals.proving.shares import Variant, drawn, known_noise, reads, share, variants
from evals.suites import of_suites
from kit.settings import load_settings

EVERY = of_suites()
# A simulated patient needs a model: tests/flows/test_eval_beside.py plays those.
STABLE = [one for one in EVERY if one.id not in known() and one.patient.mode != "model"]
LAID = [one for one in EVERY if one.knowledge and one.knowledge.overlay]  # with documents of their own
AT_ONCE = 3


def of_suite(suite: str) -> list[Scenario]:
    """What is played of a suite; who brings documents of their own is played apart."""
    return [one for one in STABLE if one.suite == suite and one not in LAID]


def due(*, documents: bool) -> list[Variant]:
    """The noisy variants of this commit's share that are played where somebody reads documents, or where nobody does."""
    whole = [one for one in variants(STABLE) if one.name not in known_noise()]
    return [one for one in share(whole, drawn()) if reads(one.scenario) is documents]


@asynccontextmanager
async def ground_in(database: Urls, home: Path, *, documents: bool) -> AsyncIterator[Ground]:
    settings = load_settings(_env_file=None, database_url=database.owner, database_app_url=database.app, home=home)
    async with open_ground(settings, database, knowledge=documents) as ground:
        yield ground


async def failed(ground: Ground, scenarios: Sequence[Scenario]) -> dict[str, Verdict]:
    """Those that do not pass, by their ids. Raises ValueError for two of one id, which would be one here."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(scenario: Scenario) -> Verdict:
        async with places:
            return grade(scenario, await trial(ground.stage, scenario, 1, ground.lane()(scenario)))

    found = await asyncio.gather(*(one(scenario) for scenario in scenarios))
    every = {scenario.id: verdict for scenario, verdict in zip(scenarios, found, strict=True)}
    if len(every) < len(scenarios):
        raise ValueError("two of one id")
    for scenario in scenarios:  # as a run does: what broke and violated nothing is played once more, when nothing else is
        if every[scenario.id].error and not every[scenario.id].violations:
            every[scenario.id] = await one(scenario)
    return {name: verdict for name, verdict in every.items() if not verdict.passed}


async def failed_noisy(ground: Ground, variants: Sequence[Variant]) -> dict[str, Verdict]:
    """The same of noisy variants, by their names."""
    return await failed(ground, [one.said.model_copy(update={"id": one.name}) for one in variants])
