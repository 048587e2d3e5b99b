"""The application's pool at a fresh database, for whichever test says `pool`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.embedded import Urls
from db.pool import Pool, create_pool


@pytest.fixture
async def pool(database: Urls) -> AsyncIterator[Pool]:
    pool = create_pool(database.app, max_size=4)
    await pool.open()
    yield pool
    await pool.close()
