"""A real worker of the queue: the clock's tick begins a run, its tasks write side by side; killed in the middle, another one
ends what it began; with the queue emptied in the middle, the clock rings again for what was lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis

from db.embedded import Urls
from jobs.embedded import EmbeddedValkey
from tests.flows.reports_desk import Desk, open_desk
from tests.flows.test_reports_crash import row

ROOT = Path(__file__).parents[2]
REPORTS = 24
PATIENCE = 120.0


@contextmanager
def worker(urls: Urls, redis: str, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = {
        **os.environ, "CAROL_HOME": str(home), "CAROL_DATABASE_URL": urls.owner, "CAROL_DATABASE_APP_URL": urls.app,
        "CAROL_REDIS_URL": redis, "CAROL_MODEL": "",
    }  # fmt: skip
    asked = ["-m", "celery", "-A", "jobs.app", "worker", "--concurrency", "2", "--without-mingle", "--without-gossip"]
    with (home / "worker.log").open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, *asked], cwd=ROOT, env=environ, stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


async def until(true: Callable[[], Awaitable[bool]], *, meanwhile: Callable[[], None]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await true():
            meanwhile()
            await asyncio.sleep(0.3)


@pytest.mark.parametrize("hurt", ["killed", "flushed"])
async def test_a_run_whose_worker_is_killed_or_whose_queue_is_emptied_ends_all_the_same(
    database: Urls, tmp_path: Path, hurt: str
) -> None:
    folder, home = tmp_path / "plantoes", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    valkey = EmbeddedValkey(tmp_path / "valkey")
    redis = valkey.start()
    try:
        async with open_desk(database, source={"kind": "files", "folder": str(folder)}) as desk:
            families = [await desk.room.family(name, "Prates") for name in ("Lourdes", "Ivo", "Zenaide", "Otávio")]
            rows = [row(families[n % 4], n, "Passou bem a manhã. Almoçou bem.") for n in range(REPORTS)]
            (folder / "a.jsonl").write_text("\n".join(json.dumps(one) for one in rows), "utf-8")
            await _play(database, desk, redis, home, hurt)
    finally:
        valkey.stop()


async def _play(database: Urls, desk: Desk, redis: str, home: Path, hurt: str) -> None:
    bell = Celery(broker=redis)
    ring = lambda: bell.send_task("reports.tick", queue="carol", expires=5)  # noqa: E731

    async def some_written() -> bool:
        written = await desk.room.rows("SELECT count(*) AS n FROM reports WHERE processed_at IS NOT NULL")
        return bool(written[0]["n"] >= 2)

    async def over() -> bool:
        return bool([one for one in await desk.runs() if one.status != "running"])

    await desk.room.rows("UPDATE report_desks SET next_run_at = now() - interval '1 minute' RETURNING clinic_id")
    with worker(database, redis, home) as process:
        await until(some_written, meanwhile=ring)
        if hurt == "killed":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            with Redis.from_url(redis) as queue:
                queue.flushall()  # every bell that nobody has heard yet, and those being heard
            await until(over, meanwhile=ring)
    if hurt == "killed":
        await desk.bury()
        with worker(database, redis, home):
            await until(over, meanwhile=ring)
    [run] = await desk.runs()
    assert (run.trigger, run.status, run.errors) == ("scheduled", "completed", {})
    assert (run.sync_count, run.process_approved, run.send_success) == (REPORTS, REPORTS, REPORTS)
    queued = await desk.room.rows("SELECT DISTINCT m.payload FROM outbox o JOIN messages m ON m.id = o.message_id")
    assert len(queued) == len(await desk.room.rows("SELECT id FROM outbox")) == REPORTS
    steps = await desk.room.rows("SELECT report_id FROM report_steps WHERE became = 'approved'")
    assert len(steps) == REPORTS  # written to their end once each
