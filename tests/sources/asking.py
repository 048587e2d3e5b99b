"""What tests of a database ask more than once."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from channels.primecare.base import (
    Page,
    Source,
)
from kit.errors import CarolError
from tests.sources.mariadb import ROOT
from tests.sources.worlds import NOON, PASSWORD, READER, Database, mark, pages

HOUR = timedelta(hours=1)


async def failure(source: Source) -> CarolError:
    """How a page ends that cannot be read. It tells no user, password, host or value."""
    with pytest.raises(CarolError) as told:
        await source.closed_since(mark(NOON), NOON + HOUR)
    said = f"{told.value} {told.value!r} {told.value.__cause__!r}"
    assert not [word for word in (READER, PASSWORD, ROOT["password"], "127.0.0.1", "localhost", "Genoveva") if word in said]
    return told.value


async def one_page(source: Source) -> Page:
    [page] = await pages(source, mark(NOON), NOON + HOUR)
    return page


async def busy(database: Database) -> int:
    """Waits until a reader's statement over the slow view is being worked on; its connection."""
    deadline = time.monotonic() + 30
    while not (
        found := database.server.run(
            "SELECT id FROM information_schema.processlist"
            " WHERE info LIKE '%lentos%' AND info LIKE '%`fim`%' AND id <> CONNECTION_ID()"
        )
    ):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return int(found[0][0])


async def idle(database: Database) -> bool:
    """Whether the readers' connections are gone, soon."""
    deadline = time.monotonic() + 30
    while database.server.run(f"SELECT 1 FROM information_schema.processlist WHERE user = '{READER}'"):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True
