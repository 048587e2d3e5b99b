"""A clinic document becomes a clinic: whole, the same ids each time, nobody's visits lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic.tenants import service, store
from clinic.tenants.assembling import Ids, Keys, assemble
from clinic.tenants.reading import read
from clinic.tenants.routing import route
from db.embedded import Urls
from db.pool import Pool, create_pool
from db.session import clinic_session

SEEDS = Path(__file__).parents[2] / "seeds"
DEMO = (SEEDS / "demo" / "clinic.yaml").read_text()
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
async def pool(database: Urls) -> AsyncIterator[Pool]:
    pool = create_pool(database.app, max_size=4)
    await pool.open()
    yield pool
    await pool.close()


async def test_a_loaded_clinic_reads_back_as_the_document_describes_it(pool: Pool) -> None:
    document = read(DEMO)
    report = await service.seed(pool, document, now=NOW)
    described = assemble(document, Keys.of(document, Ids(report.clinic_id)), version=report.version)
    async with clinic_session(pool, report.clinic_id) as session:
        assert await store.load(session) == described


async def test_its_wires_lead_to_it(pool: Pool) -> None:
    report = await service.seed(pool, read(DEMO), now=NOW)
    for kind, name in (("evolution", "jacaranda"), ("console", "jacaranda")):
        found = await route(pool, kind, name)
        assert found is not None
        assert found.clinic_id == report.clinic_id
    assert await route(pool, "evolution", "somebody-else") is None
