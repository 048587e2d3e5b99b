"""With beat or its worker down no report runs: whoever serves tells of it, and one run makes up for what was missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from clinic.reports import alerts_store
from db import beats
from db.embedded import Urls
from db.session import clinic_session
from jobs import reports_clock
from jobs.clockwork import StandIn
from kit.clock import utc_now
from tests.flows.front import browser
from tests.flows.reports_desk import ADMIN, Desk, open_desk

SLUG = "em-casa"


@pytest.fixture
async def desk(database: Urls) -> AsyncIterator[Desk]:
    async with open_desk(database, slug=SLUG) as desk:
        yield desk


async def stop_the_clock(desk: Desk, *, ago: timedelta) -> None:
    """It beat last so long ago, when a run was about to be due."""
    await desk.tick()
    await desk.ago("beats", "at", ago)
    await desk.room.rows(
        "UPDATE report_desks SET next_run_at = now() - %(span)s RETURNING clinic_id", span=ago - timedelta(minutes=1)
    )


async def standing(desk: Desk) -> list[str]:
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        return [one.key for one in await alerts_store.active(s)]


async def test_whoever_serves_tells_the_admin_once_that_the_clock_stands_still(desk: Desk) -> None:
    await stop_the_clock(desk, ago=timedelta(hours=9))
    one, other = StandIn(desk.room.pool, patience=0.0), StandIn(desk.room.pool, patience=0.0)
    assert all(await asyncio.gather(one.look(), other.look(), one.look()))
    [notice] = await desk.notices("report_alert")
    assert notice["destination"] == ADMIN
    assert "o relógio da Carol está parado há 9 horas" in notice["text"]
    assert await standing(desk) == ["clock_stopped"]
    assert await desk.runs() == []  # it tells, and does not do the clock's work


async def test_where_all_of_carol_was_off_nobody_is_told_before_the_clock_had_its_time(desk: Desk) -> None:
    await stop_the_clock(desk, ago=timedelta(hours=9))
    clock = StandIn(desk.room.pool, patience=60.0)
    assert await clock.look()
    assert await desk.notices("report_alert") == []
    await beats.note(desk.room.pool)
    assert not await clock.look()
    assert await desk.notices("report_alert") == []


async def test_when_the_clock_is_back_one_run_makes_up_for_all_and_the_alert_is_over(desk: Desk) -> None:
    await desk.closes(await desk.room.family())
    await stop_the_clock(desk, ago=timedelta(hours=30))
    await StandIn(desk.room.pool, patience=0.0).look()
    await beats.note(desk.room.pool)
    begun = await asyncio.gather(*(desk.tick() for _ in range(3)))  # what had piled up in the queue
    assert sum(begun) == 1
    await desk.settled()
    await reports_clock.alerts(desk.room.pool, now=utc_now())
    [run] = await desk.runs()
    assert (run.trigger, run.status, run.send_success) == ("scheduled", "completed", 1)
    assert await standing(desk) == []


async def test_a_run_that_nobody_takes_up_while_the_clock_goes_is_told(desk: Desk) -> None:
    await desk.begin()
    await reports_clock.alerts(desk.room.pool, now=utc_now())
    assert await standing(desk) == []
    await desk.ago("pipeline_runs", "started_at", timedelta(minutes=16))
    await reports_clock.alerts(desk.room.pool, now=utc_now())
    assert await standing(desk) == ["run_overdue"]
    [notice] = await desk.notices("report_alert")
    assert "atrasada há 16 minutos" in notice["text"]
    await desk.settled()
    assert await standing(desk) == ["pipeline_failed:sync:unfinished"]  # its time was over: another one follows


async def test_the_console_says_since_when(database: Urls, desk: Desk) -> None:
    async with browser(database) as http:
        asked = lambda: http.get("/api/reports/desk", params={"clinic": SLUG})  # noqa: E731
        assert (await asked()).json()["clock_stopped_at"] is None
        [beat] = await desk.room.rows("UPDATE beats SET at = now() - interval '4 minutes' RETURNING at")
        local = beat["at"].astimezone(desk.room.clinic.zone)
        assert (await asked()).json()["clock_stopped_at"] == local.isoformat()
        told = (await http.get("/ready")).json()
        assert (told["clockwork"], told["clockwork_at"][:19]) == ("late", beat["at"].isoformat()[:19])
