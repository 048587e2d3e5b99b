"""A clinic with a scripted mind, for whichever test says `house` or `brain`; a test with another mind has its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.embedded import Urls
from tests.flows.house import NOW, House, brains_of, open_house
from tests.flows.scripted import ScriptedBrain


@pytest.fixture
def brain() -> ScriptedBrain:
    return ScriptedBrain()


@pytest.fixture
async def house(database: Urls, brain: ScriptedBrain) -> AsyncIterator[House]:
    async with open_house(database, brains_of(brain), at=NOW) as house:  # type: ignore[arg-type]
        yield house
