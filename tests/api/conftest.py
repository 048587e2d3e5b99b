"""A clinic with a scripted mind and staff's browser at its API (`house`, `brain`, `http`), and each wire with its provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from db.embedded import Urls
from tests.api.channel_wires import PROVIDERS, WIRES, Ourselves, Provider, Wire
from tests.flows.conftest import brain, house
from tests.flows.front import browser
from tests.flows.house import House

__all__ = ["brain", "house"]


@pytest.fixture
async def http(database: Urls, house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(database) as http:
        yield http


@pytest.fixture(params=WIRES, ids=lambda wire: wire.kind)
def any_wire(request: pytest.FixtureRequest) -> Wire:
    found: Wire = request.param
    return found


@pytest.fixture(params=PROVIDERS, ids=lambda wire: wire.kind)
def wire(request: pytest.FixtureRequest) -> Wire:
    found: Wire = request.param
    return found


@pytest.fixture
def provider(wire: Wire) -> Iterator[Provider]:
    with wire.provider() as running:
        assert not isinstance(running, Ourselves)
        yield running
