"""T0's other half (`test_evals.py`): what Carol tells, out of documents, of others, to whom; and which defects are noticed."""

from __future__ import annotations

from math import ceil
from pathlib import Path

import pytest

from db.embedded import Urls
from evals.proving.mutants import mutants
from evals.proving.selftest import doubted, unnoticed
from evals.proving.shares import READS, SETTING, drawn
from tests.flows.eval_suites import LAID, STABLE, due, failed, failed_noisy, ground_in, of_suite

SUITES = ("handoff", "noise", "policy", "privacy", "retrieval")
APART = [one.id for one in STABLE if one in LAID]


@pytest.mark.parametrize("suite", SUITES)
async def test_the_suite(suite: str, database: Urls, tmp_path: Path) -> None:
    async with ground_in(database, tmp_path, documents=suite in READS) as ground:
        assert not await failed(ground, of_suite(suite))


async def test_orders_in_documents_are_read_and_not_followed(database: Urls, tmp_path: Path) -> None:
    async with ground_in(database, tmp_path, documents=True) as ground:
        found = await failed(ground, [one for one in STABLE if one.id in APART])
        proofs = [proof for scenario in LAID for proof in await doubted(ground, scenario)]
    assert APART and not found
    assert len(LAID) >= 4 and not proofs


async def test_the_commits_share_of_the_noisy_variants_that_read_documents_passes(database: Urls, tmp_path: Path) -> None:
    async with ground_in(database, tmp_path, documents=True) as ground:
        found = await failed_noisy(ground, due(documents=True))
    assert not found, f"{SETTING}={drawn()} plays this share again, whatever the commit"


async def test_a_share_of_the_scenarios_notices_each_defect(database: Urls, tmp_path: Path) -> None:
    async with ground_in(database, tmp_path, documents=False) as ground:
        for mutant in mutants():
            occasions = [one for one in STABLE if mutant.turns(one) is not None]
            assert occasions, mutant.name
            survived, played = await unnoticed(ground, mutant, occasions[:: max(1, len(occasions) // 2)][:2])
            assert len(survived) <= ceil(played * (1 - mutant.least)), survived
