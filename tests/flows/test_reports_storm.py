"""Everything at once: runs asked for by hand over those of the clock, two workers, leases that end under who holds them, bells
that are lost, Postgres killed twice. Counted at the end: no report lost, none sent twice, no two runs at one time."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import psycopg
import pytest

from clinic.reports import metrics_store
from clinic.reports.runs import RunGoesOn
from db.embedded import EmbeddedPostgres, provision
from db.migrate import upgrade
from db.session import clinic_session
from jobs import reports_asking, reports_clock
from jobs.reports import advance
from jobs.reports_writing import write
from kit import process
from kit.clock import utc_now
from kit.errors import CarolError
from tests.conftest import QUICK
from tests.flows.reports_desk import Desk, open_desk

REPORTS, READERS, REFUSED = 40, 2, 4
PATIENCE = 180.0
AWAY = (CarolError, psycopg.Error)


@pytest.fixture
async def storm(tmp_path: Path) -> AsyncIterator[tuple[Desk, Callable[[], None]]]:
    """A desk over a server of its own, and what kills that server as a power cut does, and starts it again."""
    server = EmbeddedPostgres(tmp_path / "postgres", port=process.free_port(tmp_path), settings=QUICK)
    urls = provision(server.start())
    upgrade(urls.owner)

    def crash() -> None:
        os.kill(int((server.data_dir / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)
        if server._child is not None:
            server._child.wait()
        server.start()

    try:
        async with open_desk(urls) as desk:
            yield desk, crash
    finally:
        server.stop()


async def work(desk: Desk) -> None:
    """A worker: what it has taken from the queue is lost when the database is away."""
    while True:
        try:
            if desk.bells.writes:
                report_id, _ = desk.bells.writes.popitem()
                await write(desk.room.pool, desk.mind, desk.clinic_id, report_id)
            elif desk.bells.runs:
                run_id, _ = desk.bells.runs.popitem()
                await advance(desk.works(), desk.clinic_id, run_id)
        except AWAY:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0)


async def beat(desk: Desk) -> None:
    """The clock: a run is always due."""
    while True:
        try:
            await desk.room.rows("UPDATE report_desks SET next_run_at = clock_timestamp() RETURNING clinic_id")
            await desk.tick(utc_now() + timedelta(seconds=1))
        except AWAY:
            pass
        await asyncio.sleep(0.1)


async def ask(desk: Desk) -> None:
    """Somebody who will not wait."""
    while True:
        try:
            run = await reports_asking.run_now(desk.room.pool, desk.clinic_id, by="Júlia")
            desk.bells.runs[run.id] = None
        except RunGoesOn:
            pass
        except AWAY:
            pass
        await asyncio.sleep(0.07)


async def hurt(desk: Desk, crash: Callable[[], None], rng: Random) -> None:
    """Twice: the server dies in the middle of the writing, with it what the queue held, and leases end early."""
    for share in (0.2, 0.6):
        while len(desk.mind.wrote) < share * REPORTS:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(rng.uniform(0, 0.2))
        await asyncio.to_thread(crash)
        desk.bells.writes.clear()
        desk.bells.runs.clear()
        while True:
            try:
                await desk.bury()
                break
            except AWAY:
                await asyncio.sleep(0.05)


async def over(desk: Desk) -> None:
    """Until every report is where it ends without a person, and no run goes on."""
    while True:
        try:
            states = list((await desk.states()).values())
            queued = await desk.room.rows("SELECT count(*) AS n FROM reports WHERE queued_at IS NOT NULL")
            if len(states) == REPORTS and queued[0]["n"] == REPORTS - REFUSED and states.count("review") == REFUSED:
                return
            await desk.bury()  # who died at the server's death held something, and a minute is long in a test
        except AWAY:
            pass
        await asyncio.sleep(1.0)


async def test_nothing_is_lost_or_sent_twice(storm: tuple[Desk, Callable[[], None]], monkeypatch: pytest.MonkeyPatch) -> None:
    desk, crash = storm

    async def heard(*ids: object) -> bool:
        return True

    monkeypatch.setattr("jobs.queue.ring_run", heard)  # `ask` puts it where our workers hear
    families = [await desk.room.family(readers=READERS) for _ in range(4)]
    desk.source.page = 7
    for number in range(REPORTS):
        await desk.closes(families[number % 4], "recuse" if number % (REPORTS // REFUSED) == 3 else "Passou bem.")
    hands = [work(desk), work(desk), beat(desk), ask(desk), hurt(desk, crash, Random(20261122))]
    tasks = [asyncio.create_task(one) for one in hands]
    try:
        async with asyncio.timeout(PATIENCE):
            await tasks[-1]
            await over(desk)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one for one in ended if isinstance(one, Exception)] == []
    await desk.bury()
    await desk.settled()

    assert len(await desk.states()) == REPORTS  # lost: 0
    sends = await desk.room.rows("SELECT report_id, contact_id, count(*) AS n FROM report_sends GROUP BY 1, 2")
    assert (len(sends), {one["n"] for one in sends}) == ((REPORTS - REFUSED) * READERS, {1})
    queued = await desk.room.rows("SELECT m.text, o.reply_to FROM outbox o JOIN messages m ON m.id = o.message_id")
    assert len(queued) == len({(one["text"], one["reply_to"]) for one in queued}) == len(sends)  # twice: 0
    approved = await desk.room.rows("SELECT report_id FROM report_steps WHERE became = 'approved'")
    assert len(approved) == len({one["report_id"] for one in approved}) == REPORTS - REFUSED
    told = await desk.room.rows("SELECT count(*) AS n, count(notified_at) AS told FROM reports WHERE state = 'review'")
    assert told == [{"n": REFUSED, "told": REFUSED}]
    assert 1 <= len(await desk.notices("report_review")) <= REFUSED
    runs = await desk.runs()
    assert sum(one.sync_count for one in runs) == REPORTS
    assert sum(one.send_success for one in runs) == REPORTS - REFUSED
    assert {"manual", "scheduled"} == {one.trigger for one in runs}
    together = await desk.room.rows(
        """SELECT a.id FROM pipeline_runs a JOIN pipeline_runs b ON a.id < b.id
             AND tstzrange(a.started_at, a.completed_at) && tstzrange(b.started_at, b.completed_at)"""
    )
    assert together == []


async def test_a_clock_that_jumps_over_midnight_and_back_closes_each_day_once(storm: tuple[Desk, Callable[[], None]]) -> None:
    desk, _ = storm
    await desk.closes(await desk.room.family())
    await desk.run()
    day, now = timedelta(days=1), utc_now()
    kept = None
    for jump in (0, 1, 0, 1, -1, 2, 0, 2):
        at = now + jump * day
        await asyncio.gather(*(reports_clock.closed_days(desk.room.pool, now=at) for _ in range(3)))
        await desk.tick(at)
        rows = await desk.room.rows("SELECT day, approved_count, closed FROM daily_metrics ORDER BY day")
        kept = rows[:1] if kept is None and rows else kept
        assert rows[:1] == (kept or [])  # what was closed once stands
    assert [(row["approved_count"], row["closed"]) for row in rows] == [(1, True), (0, True)]
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        days = await metrics_store.history(s, desk.room.clinic, now + 2 * day, days=4)
    assert [one.total for one in days] == [0, 1, 0, 0]
