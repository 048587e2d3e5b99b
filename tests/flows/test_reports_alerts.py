"""Days are closed and alerts told: once, resolved by themselves, dismissed for as long as they last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from channels.primecare.base import SourceDown, SourceRefused
from clinic.reports import alerts_store, metrics_store
from clinic.reports.alerts import AlertOver, NoAlert, NoReason, Opened
from db.embedded import Urls
from db.session import clinic_session
from jobs import reports_clock
from jobs.reports_looking import close_days, look
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.reports_desk import ADMIN, TEAM, Desk, decide, open_desk

DAY = timedelta(days=1)


@pytest.fixture
async def desk(database: Urls) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def looked(desk: Desk) -> list[str]:
    return [one.key for one in await look(desk.room.pool, await desk.clinic(), now=utc_now())]


async def every(desk: Desk) -> list[Opened]:
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        return await alerts_store.listed(s)


async def dismiss(desk: Desk, one: Opened, why: str = "o fornecedor já sabe") -> Opened:
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        return await alerts_store.dismiss(s, one.id, by="Júlia", why=why)


async def test_the_admin_is_told_of_what_is_critical_at_once_and_once(desk: Desk) -> None:
    desk.source.fails = SourceDown()
    await desk.run()
    for _ in range(3):
        await asyncio.gather(looked(desk), looked(desk))
    await desk.run()
    [notice] = await desk.notices("report_alert")
    assert notice["destination"] == ADMIN
    [alert] = await every(desk)
    assert (alert.key, alert.severity, alert.active) == ("pipeline_failed:sync:source_down", "critical", True)
    assert alert.notified_at is not None


async def test_without_an_admin_the_team_is_told(desk: Desk) -> None:
    await decide(desk.room, admin_phone=None)
    desk.source.fails = SourceDown()
    await desk.run()
    assert [one["destination"] for one in await desk.notices("report_alert")] == [TEAM]


async def test_it_is_resolved_when_it_is_so_no_more_and_back_within_the_hour_it_is_not_told_again(desk: Desk) -> None:
    desk.source.fails = SourceDown()
    await desk.run()
    desk.source.fails = None
    await desk.run()
    [first] = await every(desk)
    assert first.resolved_at is not None
    desk.source.fails = SourceDown()
    await desk.run()
    again, _ = await every(desk)
    assert (again.key, again.resolved_at, again.notified_at) == (first.key, None, None)
    assert len(await desk.notices("report_alert")) == 1
    await desk.ago("alerts", "notified_at", timedelta(hours=2))
    await looked(desk)
    assert len(await desk.notices("report_alert")) == 2


async def test_a_dismissed_alert_stays_so_until_it_went_away_and_another_cause_is_another(desk: Desk) -> None:
    desk.source.fails = SourceDown()
    await desk.run()
    [alert] = await every(desk)
    kept = await dismiss(desk, alert)
    assert (kept.dismissed_by, kept.dismissed_why, kept.active) == ("Júlia", "o fornecedor já sabe", False)
    assert (await dismiss(desk, alert, "outra coisa")).dismissed_why == "o fornecedor já sabe"
    await desk.run()
    assert await looked(desk) == []
    assert len(await every(desk)) == 1
    desk.source.fails = SourceRefused()
    await desk.run()
    assert await looked(desk) == ["pipeline_failed:sync:source_refused"]
    desk.source.fails = SourceDown()
    await desk.run()  # it had gone away
    assert await looked(desk) == ["pipeline_failed:sync:source_down"]


async def test_dismissing_asks_for_a_reason_and_for_something_to_dismiss(desk: Desk) -> None:
    desk.source.fails = SourceDown()
    await desk.run()
    [alert] = await every(desk)
    with pytest.raises(NoReason):
        await dismiss(desk, alert, "  ")
    desk.source.fails = None
    await desk.run()
    with pytest.raises(AlertOver):
        await dismiss(desk, alert)
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        with pytest.raises(NoAlert):
            await alerts_store.dismiss(s, new_id(), by="Júlia", why="não existe")


async def test_a_run_that_left_the_source_out_does_not_say_that_it_is_well(desk: Desk) -> None:
    desk.source.fails = SourceDown()
    await desk.run()
    await desk.run(skip_sync=True)
    assert await looked(desk) == ["pipeline_failed:sync:source_down"]


async def test_a_review_that_is_stuck_is_noticed_by_the_clock(desk: Desk) -> None:
    await desk.closes(await desk.room.family(), "recuse")
    await desk.run()
    assert await reports_clock.alerts(desk.room.pool, now=utc_now()) == 0
    await desk.ago("reports", "review_since", timedelta(minutes=61))
    assert await reports_clock.alerts(desk.room.pool, now=utc_now()) == 1
    assert [one.kind for one in await every(desk)] == ["review_stuck"]
    assert await desk.notices("report_alert") == []  # no case for waking anybody


async def test_a_day_counts_what_was_decided_and_sent_on_it(desk: Desk) -> None:
    family = await desk.room.family()
    for body in ("a", "b", "c", "recuse", "recuse"):
        await desk.closes(family, body)
    await desk.run()
    await desk.leave()
    await desk.tick()
    await desk.ago("reports", "review_due_at", timedelta(hours=3))
    await reports_clock.time_outs(desk.room.pool, now=utc_now())
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        today = await metrics_store.today(s, desk.room.clinic, utc_now())
    assert (today.total, today.approved, today.failed, today.fallback, today.person, today.sent) == (5, 3, 2, 2, 0, 3)
    assert (today.approval_rate, today.avg_process_ms, today.closed) == (60.0, 11, False)


async def test_what_nobody_agreed_to_receive_is_no_send_that_failed(desk: Desk) -> None:
    family = await desk.room.family(agreed=False)
    for _ in range(6):
        await desk.closes(family)
    run = await desk.run()
    assert (run.status, run.send_success, run.send_failed) == ("completed", 0, 6)
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        today = await metrics_store.today(s, desk.room.clinic, utc_now())
    assert (today.approved, today.send_failed) == (6, 0)
    assert await every(desk) == []


async def test_days_that_were_missed_are_closed_and_a_closed_day_changes_no_more(desk: Desk) -> None:
    await desk.closes(await desk.room.family())
    await desk.run()
    now, clinic = utc_now(), await desk.clinic()
    assert await close_days(desk.room.pool, clinic, now=now) == []  # it is not over
    closed = await close_days(desk.room.pool, clinic, now=now + 3 * DAY)
    assert [one.total for one in closed] == [1, 0, 0]
    assert [one.closed for one in closed] == [True] * 3
    assert await close_days(desk.room.pool, clinic, now=now + 3 * DAY) == []
    await desk.room.rows("UPDATE reports SET taken_at = taken_at - interval '9 days' RETURNING id")
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        again = await metrics_store.close(s, clinic, closed[0].day)
        days = await metrics_store.history(s, clinic, now + 3 * DAY, days=7)
    assert again == closed[0]
    assert [one.total for one in days] == [0, 0, 0, 1, 0, 0, 0]
    assert [one.closed for one in days] == [False, False, False, True, True, True, False]


async def test_days_are_closed_side_by_side_once(desk: Desk) -> None:
    await desk.closes(await desk.room.family())
    await desk.run()
    later = utc_now() + 2 * DAY
    await asyncio.gather(*(reports_clock.closed_days(desk.room.pool, now=later) for _ in range(4)))
    rows = await desk.room.rows("SELECT day, approved_count FROM daily_metrics ORDER BY day")
    assert [row["approved_count"] for row in rows] == [1, 0]
