"""T0: every suite played by the demonstration model over the desk, judged by the rows that are left. Half of them are here,
half in `test_evals_told.py`, so that two workers take equal shares.

Offline figures prove the machine, not a model. What this model does not understand yet is named in `evals/known.yaml` and is
played by `make eval`; everything else must pass here, and of its noisy variants the share that is this commit's.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from db.embedded import Urls
from evals.proving.selftest import doubted, known
from evals.proving.shares import READS, SETTING, drawn, known_noise, reads, share, variants
from tests.flows import test_evals_told as told
from tests.flows.eval_suites import EVERY, STABLE, due, failed, failed_noisy, ground_in, of_suite

SUITES = ("benign", "boundary", "emergency", "resilience", "scheduling", "tone")


def test_what_is_known_is_about_scenarios_that_are_there() -> None:
    assert not set(known()) - {one.id for one in EVERY}


def test_each_scenario_is_played_once_here_or_there() -> None:
    played = Counter(one.id for suite in (*SUITES, *told.SUITES) for one in of_suite(suite)) + Counter(told.APART)
    assert played == Counter(one.id for one in STABLE)
    whole = [one for one in variants(STABLE) if one.name not in known_noise()]
    noisy = Counter(one.name for documents in (False, True) for one in due(documents=documents))
    assert noisy == Counter(one.name for one in share(whole, drawn()))


@pytest.mark.parametrize("suite", SUITES)
async def test_the_suite(suite: str, database: Urls, tmp_path: Path) -> None:
    async with ground_in(database, tmp_path, documents=suite in READS) as ground:
        assert not await failed(ground, of_suite(suite))


async def test_the_commits_share_of_the_noisy_variants_passes(database: Urls, tmp_path: Path) -> None:
    async with ground_in(database, tmp_path, documents=False) as ground:
        found = await failed_noisy(ground, due(documents=False))
    assert not found, f"{SETTING}={drawn()} plays this share again, whatever the commit"


async def test_a_share_of_the_scenarios_is_passed_by_its_oracle_and_failed_by_doing_nothing(
    database: Urls, tmp_path: Path
) -> None:
    chosen = [one for one in STABLE if not reads(one)][::12]
    async with ground_in(database, tmp_path, documents=False) as ground:
        found = [proof for scenario in chosen for proof in await doubted(ground, scenario)]
    assert not found
