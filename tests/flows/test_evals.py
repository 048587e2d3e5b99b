"""T0: every suite played by the demonstration model over the desk, judged by the rows that are left.

Offline figures prove the machine, not a model. What this model does not understand yet is named in `evals/known.yaml` and is
played by `make eval`; everything else must pass here, and of its noisy variants the share that is this commit's.
"""

from __future__ import annotations

import asyncio
from math import ceil
from pathlib import Path

import pytest

from clinic.scenarios.schema import Scenario
from db.embedded import Urls
from evals.grading.grade import Verdict, grade
from evals.playing.drive import trial
from evals.playing.ground import Ground, open_ground
from evals.proving.mutants import mutants
from evals.proving.selftest import doubted, known, unnoticed
from evals.proving.shares import READS, SETTING, drawn, known_noise, reads, share, variants
from evals.suites import of_suites
from kit.settings import load_settings

EVERY = of_suites()
# A simulated patient needs a model: tests/flows/test_eval_beside.py plays those.
STABLE = [one for one in EVERY if one.id not in known() and one.patient.mode != "model"]
SUITES = sorted({one.suite for one in STABLE})
LAID = [one for one in EVERY if one.knowledge and one.knowledge.overlay]  # with documents of their own
AT_ONCE = 3


async def verdicts(ground: Ground, scenarios: list[Scenario]) -> dict[str, Verdict]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(scenario: Scenario) -> Verdict:
        async with places:
            return grade(scenario, await trial(ground.stage, scenario, 1, ground.lane()(scenario)))

    found = await asyncio.gather(*(one(scenario) for scenario in scenarios))
    every = {scenario.id: verdict for scenario, verdict in zip(scenarios, found, strict=True)}
    for scenario in scenarios:  # as a run does: what broke and violated nothing is played once more, when nothing else is
        if every[scenario.id].error and not every[scenario.id].violations:
            every[scenario.id] = await one(scenario)
    return every


@pytest.mark.parametrize("suite", SUITES)
async def test_the_suite(suite: str, database: Urls, tmp_path: Path) -> None:
    settings = load_settings(_env_file=None, database_url=database.owner, database_app_url=database.app, home=tmp_path)
    async with open_ground(settings, database, knowledge=suite in READS) as ground:
        found = await verdicts(ground, [one for one in STABLE if one.suite == suite and one not in LAID])
    assert not {name: one for name, one in found.items() if not one.passed}


async def test_orders_in_documents_are_read_and_not_followed(database: Urls, tmp_path: Path) -> None:
    settings = load_settings(_env_file=None, database_url=database.owner, database_app_url=database.app, home=tmp_path)
    async with open_ground(settings, database) as ground:
        found = await verdicts(ground, [one for one in STABLE if one in LAID])
        proofs = [proof for scenario in LAID for proof in await doubted(ground, scenario)]
    assert found and not {name: one for name, one in found.items() if not one.passed}
    assert len(LAID) >= 4 and not proofs


@pytest.mark.parametrize("documents", [False, True], ids=["tables", "documents"])
async def test_the_commits_share_of_the_noisy_variants_passes(documents: bool, database: Urls, tmp_path: Path) -> None:
    number = drawn()
    whole = [one for one in variants(STABLE) if one.name not in known_noise()]
    due = [one for one in share(whole, number) if reads(one.scenario) is documents]
    settings = load_settings(_env_file=None, database_url=database.owner, database_app_url=database.app, home=tmp_path)
    async with open_ground(settings, database, knowledge=documents) as ground:
        found = await verdicts(ground, [one.said.model_copy(update={"id": one.name}) for one in due])
    failed = {name: one for name, one in found.items() if not one.passed}
    assert not failed, f"{SETTING}={number} plays this share again, whatever the commit"


async def test_a_share_of_the_scenarios_is_passed_by_its_oracle_and_failed_by_doing_nothing(
    database: Urls, tmp_path: Path
) -> None:
    chosen = [one for one in STABLE if not reads(one)][::12]
    settings = load_settings(_env_file=None, database_url=database.owner, database_app_url=database.app, home=tmp_path)
    async with open_ground(settings, database, knowledge=False) as ground:
        found = [proof for scenario in chosen for proof in await doubted(ground, scenario)]
    assert not found


async def test_a_share_of_the_scenarios_notices_each_defect(database: Urls, tmp_path: Path) -> None:
    settings = load_settings(_env_file=None, database_url=database.owner, database_app_url=database.app, home=tmp_path)
    async with open_ground(settings, database, knowledge=False) as ground:
        for mutant in mutants():
            occasions = [one for one in STABLE if mutant.turns(one) is not None]
            assert occasions, mutant.name
            survived, played = await unnoticed(ground, mutant, occasions[:: max(1, len(occasions) // 2)][:2])
            assert len(survived) <= ceil(played * (1 - mutant.least)), survived


def test_what_is_known_is_about_scenarios_that_are_there() -> None:
    assert not set(known()) - {one.id for one in EVERY}
