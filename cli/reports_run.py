"""What `carol reports` does for one clinic: a summary for machines, and whether all went well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from clinic.reports import desks_store, loose_store, metrics_store, queue_store, runs_store, sending, telling
from clinic.reports.metrics import Day
from clinic.reports.runs import Run, RunGoesOn, summary
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db import system
from db.pool import Pool
from db.session import clinic_session
from jobs import reports_stages as stages
from jobs.reports import Went, advance, write_all
from jobs.reports_dry import foresee
from jobs.reports_looking import close_days, look
from jobs.reports_mind import mind_of
from jobs.reports_tasks import source_of
from jobs.reports_works import Works
from kit import ptbr
from kit.clock import utc_now
from kit.errors import CarolError
from kit.settings import Settings

Told = tuple[dict[str, Any], bool]
_POLL = 0.5  # seconds


def works_of(pool: Pool, settings: Settings, *, tell: Callable[..., None]) -> Works:
    """Everything is done here: no bell is rung."""
    return Works(
        pool=pool,
        mind=mind_of(settings),
        source_of=source_of,
        seconds=settings.reports_run_seconds,
        at_once=settings.worker_concurrency,
        tell=tell,
    )


async def chosen(pool: Pool, slug: str | None) -> list[Clinic]:
    """The clinic of this name; without one, all that send reports."""
    if slug is None:
        return [await clinic_for(pool, clinic_id) for clinic_id in await system.report_desks(pool)]
    clinic_id = await system.clinic_of_slug(pool, slug)
    return [await clinic_for(pool, clinic_id)] if clinic_id else []


async def foreseen(works: Works, clinic: Clinic, *, skip_sync: bool, skip_send: bool) -> Told:
    """What a run would do."""
    told = await foresee(works, clinic, now=utc_now(), skip_sync=skip_sync, skip_send=skip_send)
    return told, not told["errors"]


async def whole(works: Works, clinic: Clinic, *, by: str, skip_sync: bool, skip_send: bool) -> Told:
    """A run, to its end. Raises RunGoesOn, NoDesk."""
    async with clinic_session(works.pool, clinic.id) as s:
        await desks_store.desk(s)
        run = await runs_store.begin(s, trigger="manual", asked_by=by, skip_sync=skip_sync, skip_send=skip_send)
    if run is None:
        raise RunGoesOn
    ended, left = await _follow(works, clinic, run)
    async with clinic_session(works.pool, clinic.id) as s:
        held = await sending.held(s, clinic, now=utc_now())
    if held is not None:
        works.tell("held", messages=held.messages, until=ptbr.moment(held.until))
    told = summary(ended, pending=left, held=held.messages if held else 0, until=held.until if held else None)
    return told, ended.status == "completed"


async def _follow(works: Works, clinic: Clinic, run: Run) -> tuple[Run, int]:
    said = False
    while True:
        went = await advance(works, clinic.id, run.id)
        async with clinic_session(works.pool, clinic.id) as s:
            now, left = await runs_store.read(s, run.id), await loose_store.unwritten(s)
        if now.status != "running":
            return now, left
        if went is Went.ELSEWHERE and not said:  # a worker was quicker than us
            works.tell("elsewhere")
            said = True
        await asyncio.sleep(_POLL)


async def sync(works: Works, clinic: Clinic) -> Told:
    """The source alone."""
    try:
        done = await stages.sync(works, clinic, run_id=None, now=utc_now(), seconds=works.seconds)
    except CarolError as error:
        works.tell("failed", code=error.code, why=str(error))
        return {"sync": {}, "errors": {"sync": error.code}}, False
    counts = {**asdict(done.taken), "broken": done.broken}
    return {"sync": counts, "errors": {}}, True


async def process(works: Works, clinic: Clinic) -> Told:
    """Writing alone, for as long as a whole run may take."""
    whole = await write_all(works, clinic, seconds=works.seconds)
    async with clinic_session(works.pool, clinic.id) as s:
        states, left = await queue_store.counts(s), await loose_store.unwritten(s)
    return {"process": {"pending": left}, "states": states, "errors": {} if whole else {"process": "unfinished"}}, whole


async def notify(works: Works, clinic: Clinic) -> Told:
    """Telling the team alone."""
    return _rows("notify", "notified", await stages.notify(works.pool, clinic, now=utc_now(), seconds=works.seconds))


async def timeouts(works: Works, clinic: Clinic) -> Told:
    """The fallback text for reviews that are over."""
    return _rows("timeouts", "fallback", await stages.time_out(works.pool, clinic, now=utc_now(), seconds=works.seconds))


async def send(works: Works, clinic: Clinic) -> Told:
    """Sending alone."""
    return _rows("send", "queued", await stages.send(works.pool, clinic, now=utc_now(), seconds=works.seconds))


def _rows(stage: str, label: str, done: stages.Done) -> Told:
    code = "unfinished" if done.more else done.code
    return {stage: {label: done.count}, "errors": {stage: code} if code else {}}, code is None


async def metrics(works: Works, clinic: Clinic, *, days: int) -> Told:
    """Closes the days that are over; the last ones, oldest first, today as it is."""
    now = utc_now()
    closed = await close_days(works.pool, clinic, now=now)
    async with clinic_session(works.pool, clinic.id) as s:
        known = await metrics_store.history(s, clinic, now, days=days)
    return {"closed": [one.day for one in closed], "days": [_day(one) for one in known]}, True


def _day(day: Day) -> dict[str, Any]:
    return {**asdict(day), "approval_rate": day.approval_rate}


async def alerts(works: Works, clinic: Clinic) -> Told:
    """What is wrong now, told to whoever looks after it."""
    standing = await look(works.pool, clinic, now=utc_now())
    told = [
        {
            "id": one.id,
            "kind": one.kind,
            "severity": one.severity,
            "details": dict(one.details),
            "says": telling.said(one).title,
        }
        for one in standing
    ]
    return {"alerts": told}, not any(one.severity == "critical" for one in standing)
