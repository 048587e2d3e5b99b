"""The crash matrix, its two-minute form: processes, Postgres and providers break, and every zero stays a zero."""

from __future__ import annotations

import pytest

from tests.chaos.plan import short
from tests.chaos.storm import open_storm

SEED = 20261121


@pytest.mark.timeout(1800)  # two minutes on a quiet machine; a busy one only takes longer, and a stuck one says so itself
async def test_nothing_is_lost_or_done_twice_whoever_dies() -> None:
    plan = short(SEED)
    async with open_storm(plan, print) as storm:
        found = await storm.blow()
    assert not found.wrong, f"seed {plan.seed}: {found.told()}"
    assert found.counts["messages"] >= plan.messages
    assert found.counts["kills"] >= plan.kills
    assert found.counts["points"] >= 9
    assert found.counts["visits"] > 0
    assert storm.providers.duplicated > plan.messages / 5
    assert storm.told["postgres_restarts"] == plan.postgres_restarts
    assert storm.told["pauses"] == plan.pauses
