"""For whichever test says so: `house`, a clinic with a scripted mind (`brain`), and `served`, the API with both wires.

A test that needs another mind, or other settings, has its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.embedded import Urls
from tests.flows.house import NOW, House, brains_of, open_house
from tests.flows.scripted import ScriptedBrain
from tests.flows.served import Served, serve


@pytest.fixture
def brain() -> ScriptedBrain:
    return ScriptedBrain()


@pytest.fixture
async def house(database: Urls, brain: ScriptedBrain) -> AsyncIterator[House]:
    async with open_house(database, brains_of(brain), at=NOW) as house:  # type: ignore[arg-type]
        yield house


@pytest.fixture
async def served(database: Urls) -> AsyncIterator[Served]:
    async with serve(database) as running:
        yield running
