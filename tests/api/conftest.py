"""A clinic with a scripted mind, and staff's browser at its API, for whichever test says `house`, `brain` or `http`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from db.embedded import Urls
from tests.flows.conftest import brain, house
from tests.flows.front import browser
from tests.flows.house import House

__all__ = ["brain", "house"]


@pytest.fixture
async def http(database: Urls, house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(database) as http:
        yield http
