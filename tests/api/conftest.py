"""A clinic with a scripted mind, and staff's browser at its API, for whichever test says `house`, `brain` or `http`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from db.embedded import Urls
from tests.flows.front import browser
from tests.flows.house import House, brains_of, open_house
from tests.flows.scripted import ScriptedBrain
from tests.flows.test_turns import NOW


@pytest.fixture
def brain() -> ScriptedBrain:
    return ScriptedBrain()


@pytest.fixture
async def house(database: Urls, brain: ScriptedBrain) -> AsyncIterator[House]:
    async with open_house(database, brains_of(brain), at=NOW) as house:  # type: ignore[arg-type]
        yield house


@pytest.fixture
async def http(database: Urls, house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(database) as http:
        yield http
