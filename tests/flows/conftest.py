"""For whichever test says so: `house`, a clinic with a scripted mind (`brain`), and `served`, the API with both wires.

A test that needs another mind, or other settings, has its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.util import find_spec

import pytest

from db.embedded import Urls
from evals.proving import small
from tests.flows.house import NOW, House, brains_of, open_house
from tests.flows.scripted import ScriptedBrain
from tests.flows.served import Served, serve

# The extras `inspect` and `small` may be absent: the door then stays closed whole, and the end of the run names it
# (tests/conftest.py).
_EXTRAS = {"test_inspect.py": find_spec("inspect_ai") is not None, "test_small_model.py": small.installed()}
collect_ignore = [name for name, here in _EXTRAS.items() if not here]


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
