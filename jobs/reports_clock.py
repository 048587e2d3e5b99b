"""What the clock does for reports, clinic by clinic: begins runs that are due, goes on with those nobody is at, and between
runs sees to what waits for none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from clinic.reports import desks_store, runs_store
from clinic.reports.runs import NoDesk, Run
from clinic.reports.shifts import next_run
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db import system
from db.pool import Pool
from db.session import Session, clinic_session
from jobs import reports_stages as stages
from jobs.reports_looking import close_days, look
from jobs.reports_works import Rings
from kit.errors import CarolError, Unavailable
from kit.log import bound, get_logger

log = get_logger(__name__)

_AT_ONCE = 200
_SECONDS = 20.0  # for one clinic, between runs


async def tick(pool: Pool, rings: Rings, *, now: datetime) -> int:
    """Begins what is due and rings for all that waits; how many runs were begun."""
    begun: list[UUID] = []

    async def begin(clinic: Clinic) -> None:
        async with clinic_session(pool, clinic.id) as s:
            run = await begin_due(s, clinic, now)
        if run is not None:
            begun.append(run.id)
            log.info("reports_run_begun", run_id=str(run.id), trigger=run.trigger)

    await _by_clinic(pool, await system.report_desks(pool), begin)
    for clinic_id, run_id in await system.idle_report_runs(pool):
        await rings.run(clinic_id, run_id)
    for clinic_id, report_id in await system.reports_owed(pool, limit=_AT_ONCE):
        await rings.write(clinic_id, report_id)
    await between_runs(pool, now=now)
    return len(begun)


async def begin_due(s: Session, clinic: Clinic, now: datetime) -> Run | None:
    """Begins the scheduled run that is due, and plans the next one. One run makes up for all that a still clock missed."""
    desk = await desks_store.desk(s, lock=True)
    reports = clinic.policies.reports
    ahead = next_run(now, reports.hours, clinic.zone) if reports.source is not None else None
    due = desk.next_run_at
    if due is None or ahead is None or due > now:
        # What is planned stands, unless the clinic has chosen an earlier hour since, or none.
        await desks_store.plan(s, ahead if due is None or ahead is None else min(due, ahead))
        return None
    run = await runs_store.begin(s, trigger="scheduled", due_at=due)
    if run is None and not await runs_store.begun(s, due):
        return None  # one is under way: this one begins after it
    await desks_store.plan(s, ahead)
    return run


async def between_runs(pool: Pool, *, now: datetime) -> None:
    """Tells of reports that failed, sends what was decided, and learns how sends ended, where no run does."""

    async def see_to(clinic: Clinic) -> None:
        async with clinic_session(pool, clinic.id) as s:
            under_way = await runs_store.running(s)
        if under_way is None:
            await stages.notify(pool, clinic, now=now, seconds=_SECONDS)
            await stages.send(pool, clinic, now=now, seconds=_SECONDS, between_runs=True)
        else:
            await stages.settle(pool, clinic, seconds=_SECONDS)

    await _by_clinic(pool, await system.clinics_with_reports_on_their_way(pool), see_to)


async def time_outs(pool: Pool, *, now: datetime) -> int:
    """The fallback text stands in for what nobody decided about in time, and leaves; how many reports."""
    done = 0

    async def one(clinic: Clinic) -> None:
        nonlocal done
        done += (await stages.time_out(pool, clinic, now=now, seconds=_SECONDS)).count
        await stages.send(pool, clinic, now=now, seconds=_SECONDS, between_runs=True)

    await _by_clinic(pool, await system.clinics_with_reviews_due(pool, now=now), one)
    if done:
        log.warning("reviews_timed_out", reports=done)
    return done


async def alerts(pool: Pool, *, now: datetime) -> int:
    """Looks for what is wrong, in every clinic that sends reports; how many alerts stand."""
    found = 0

    async def one(clinic: Clinic) -> None:
        nonlocal found
        found += len(await look(pool, clinic, now=now))

    await _by_clinic(pool, await system.report_desks(pool), one)
    return found


async def closed_days(pool: Pool, *, now: datetime) -> int:
    """Closes, of every clinic, the days that its midnight ended; how many."""
    closed = 0

    async def one(clinic: Clinic) -> None:
        nonlocal closed
        closed += len(await close_days(pool, clinic, now=now))

    await _by_clinic(pool, await system.report_desks(pool), one)
    return closed


async def _by_clinic(pool: Pool, clinics: list[UUID], work: Callable[[Clinic], Awaitable[None]]) -> None:
    """One clinic's trouble keeps no other waiting."""
    for clinic_id in clinics:
        with bound(clinic_id=str(clinic_id)):
            try:
                await work(await clinic_for(pool, clinic_id))
            except (NoDesk, Unavailable) as error:
                log.warning("reports_wait", code=error.code)
            except CarolError as error:
                log.error("reports_wait", code=error.code)
            except Exception as error:
                log.error("reports_broke", error=type(error).__name__, exc_info=True)
