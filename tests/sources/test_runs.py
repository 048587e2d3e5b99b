"""A run over a real database whose connection is cut in the middle of its rows: the next one takes what was left, and once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from db.embedded import Urls
from jobs import reports_stages
from kit.clock import utc_now
from tests.flows.reports_desk import open_desk
from tests.sources.asking import busy
from tests.sources.worlds import Database, Given

ROWS, PAGE = 60, 20


async def test_a_connection_cut_while_a_run_reads_loses_nothing(
    database: Urls, primecare: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports_stages, "_PAGE", PAGE)
    now = utc_now().replace(microsecond=0)
    primecare.put(*(Given(f"{n:03}", now - timedelta(minutes=5 + n), subject="7") for n in range(ROWS)))
    primecare.run("CREATE VIEW lentos AS SELECT * FROM relatorios WHERE SLEEP(0.05) = 0")
    async with open_desk(database) as desk:
        await desk.room.family("Zilda", "Prates", readers=2, subject="7")
        desk.source = primecare.source(tables={"table": "lentos"})  # type: ignore[assignment]
        reading = asyncio.create_task(desk.run())
        while not await desk.room.rows("SELECT 1 FROM reports LIMIT 1"):  # noqa: ASYNC110, until its first page is stored
            await asyncio.sleep(0.02)
        primecare.server.run(f"KILL {await busy(primecare)}")
        cut = await reading
        assert (cut.status, cut.errors) == ("failed", {"sync": "source_down"})
        assert PAGE <= cut.sync_count < ROWS
        assert cut.send_success == cut.sync_count  # what it had goes its way
        whole = await desk.run()
        assert (whole.status, whole.sync_count) == ("completed", ROWS - cut.sync_count)
        sends = await desk.room.rows("SELECT report_id, contact_id, count(*) AS n FROM report_sends GROUP BY 1, 2")
        assert (len(sends), {one["n"] for one in sends}) == (2 * ROWS, {1})
        assert len(await desk.room.rows("SELECT id FROM outbox")) == 2 * ROWS
