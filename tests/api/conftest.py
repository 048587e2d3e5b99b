"""What tests begin with: `http`, staff's browser at the API of `house`; `begun`, a rehearsal; each wire and provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from db.embedded import Urls
from tests.api.channel_wires import PROVIDERS, WIRES, Ourselves, Provider, Wire
from tests.flows.conftest import brain, house, served
from tests.flows.front import browser
from tests.flows.house import House
from tests.flows.served import Served

__all__ = ["brain", "house", "served"]


@pytest.fixture
async def http(database: Urls, house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(database) as http:
        yield http


@pytest.fixture
async def begun(served: Served) -> dict[str, Any]:
    """A rehearsal of the clinic, as the API tells it."""
    answer = await served.http.post("/api/rehearsals", json={"clinic": "clinica"})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


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
