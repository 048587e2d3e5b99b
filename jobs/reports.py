"""A run of reports goes on: whoever is asked takes it up at its stage, does what the rows say is left, and lets go of it.

Nothing of a run lives in a process: one that is killed anywhere is followed by whoever takes its lease next. Stages are
apart: one that fails is written down with its code, and the next ones go on with what is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum
from time import monotonic
from uuid import UUID

from clinic.reports import desks_store, loose_store, queue_store, runs_store, sending
from clinic.reports.runs import Lost, Run, Stage, follow_up
from clinic.reports.shifts import next_run
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db.session import Session, clinic_session
from jobs import reports_stages as stages
from jobs.reports_looking import look
from jobs.reports_works import Works
from jobs.reports_writing import write
from kit.clock import utc_now
from kit.errors import CarolError, Unavailable
from kit.log import bound, get_logger

log = get_logger(__name__)

LEASE = timedelta(seconds=60)
_VISIT = 40.0  # seconds one hand stays with a run, before it lets others at the queue
_SYNC_SECONDS = 40.0
_ROWS_SECONDS = 20.0  # of notify or send in one visit: they are rows only, and are done also when the run's time is over
_WRITING = 0.8  # of a run's time may go by before the rest of it is for telling and sending
_MANY = 500
_HEARTBEAT = 10.0


class Went(Enum):
    """How a visit ended: the run is over, it waits for whoever writes or comes next, or it was not ours."""

    OVER = "over"
    WAITS = "waits"
    ELSEWHERE = "elsewhere"


async def advance(works: Works, clinic_id: UUID, run_id: UUID, *, now: datetime | None = None) -> Went:
    """Goes on with a run as far as it goes now. Raises Unavailable; the run is then taken up by whoever comes next."""
    clinic = await clinic_for(works.pool, clinic_id)
    async with clinic_session(works.pool, clinic_id) as s:
        run = await runs_store.take(s, run_id, lease=LEASE)
    if run is None:
        return Went.ELSEWHERE
    with bound(clinic_id=str(clinic_id), run_id=str(run_id)):
        try:
            return await _visit(works, clinic, run, now or utc_now())
        except Lost:
            log.warning("run_lost", stage=run.stage.value)
            return Went.ELSEWHERE


async def _visit(works: Works, clinic: Clinic, run: Run, now: datetime) -> Went:
    ends = monotonic() + _VISIT
    while run.stage is not Stage.DONE:
        works.tell("stage", stage=run.stage.value)
        following = await _stage(works, clinic, run, now)
        if following is None or (works.rings is not None and monotonic() > ends):
            async with clinic_session(works.pool, clinic.id) as s:
                await runs_store.release(s, following or run)
            if following is not None and works.rings is not None:
                await works.rings.run(clinic.id, run.id)
            return Went.WAITS
        run = following
    await _end(works, clinic, run, now)
    return Went.OVER


async def _stage(works: Works, clinic: Clinic, run: Run, now: datetime) -> Run | None:
    """The run at its next stage; None: this one is not over, and others go on with it."""
    error: str | None = None
    broken: int | None = None
    done = True
    if run.kills:
        log.error("stage_given_up", stage=run.stage.value, attempts=run.attempts)
        error = "died"
    elif run.stage is Stage.SYNC and not run.skips(run.stage) and _left(works, run) <= 0:
        error = "unfinished"
    elif not run.skips(run.stage):
        try:
            match run.stage:
                case Stage.SYNC:
                    broken = await _sync(works, clinic, run, now)
                case Stage.PROCESS:
                    done, error = await _process(works, clinic, run)
                case Stage.NOTIFY | Stage.SEND:
                    done, error = await _rows(works, clinic, run, now)
        except Lost:
            raise
        except CarolError as caught:
            error = caught.code
            log.error("stage_failed", stage=run.stage.value, code=error)
            works.tell("failed", code=error, why=str(caught))
        except Exception as caught:  # a defect of one stage must not end the others
            error = "broke"
            log.error("stage_broke", stage=run.stage.value, error=type(caught).__name__, exc_info=True)
    if not done:
        return None
    async with clinic_session(works.pool, clinic.id) as s:
        return await runs_store.move(s, run, error=error, broken=broken)


def _left(works: Works, run: Run, share: float = 1.0) -> float:
    return works.seconds * share - run.age


async def _keep(works: Works, clinic: Clinic, run: Run) -> None:
    async with clinic_session(works.pool, clinic.id) as s:
        await runs_store.keep(s, run, lease=LEASE)


async def _sync(works: Works, clinic: Clinic, run: Run, now: datetime) -> int:
    seconds = min(_SYNC_SECONDS, max(0.0, _left(works, run)))
    synced = await stages.sync(works, clinic, run_id=run.id, now=now, seconds=seconds, beat=lambda: _keep(works, clinic, run))
    return synced.broken


async def _rows(works: Works, clinic: Clinic, run: Run, now: datetime) -> tuple[bool, str | None]:
    work = stages.notify if run.stage is Stage.NOTIFY else stages.send
    done = await work(works.pool, clinic, now=now, seconds=_ROWS_SECONDS, beat=lambda: _keep(works, clinic, run))
    works.tell("told" if run.stage is Stage.NOTIFY else "queued", reports=done.count)
    if done.more and _left(works, run) > 0:
        if works.rings is not None:
            await works.rings.run(clinic.id, run.id)
        return False, None
    return True, "unfinished" if done.more else done.code


# --- process ------------------------------------------------------------------------------------------------------------


async def _process(works: Works, clinic: Clinic, run: Run) -> tuple[bool, str | None]:
    """(over, why not wholly). Written by whoever hears the bells; here, where there are none."""
    if works.rings is None:
        return await _write_here(works, clinic, run)
    async with clinic_session(works.pool, clinic.id) as s:
        unwritten = await loose_store.unwritten(s)
        waiting = await queue_store.to_write(s, limit=_MANY)
    if not unwritten:
        return True, None
    if _left(works, run, _WRITING) <= 0:
        return True, "unfinished"
    for report_id in waiting:
        if not await works.rings.write(clinic.id, report_id):
            break  # nobody hears bells now: who comes next rings again
    return False, None


async def _write_here(works: Works, clinic: Clinic, run: Run) -> tuple[bool, str | None]:
    beats = asyncio.create_task(_beat(works, clinic, run))
    try:
        ended = await write_all(works, clinic, seconds=_left(works, run, _WRITING))
    finally:
        beats.cancel()
        await asyncio.gather(beats, return_exceptions=True)
    return True, None if ended else "unfinished"


async def _beat(works: Works, clinic: Clinic, run: Run) -> None:
    while True:
        await asyncio.sleep(_HEARTBEAT)
        await _keep(works, clinic, run)


async def write_all(works: Works, clinic: Clinic, *, seconds: float) -> bool:
    """Writes here what waits for it, `at_once` at a time; whether nothing is left. No report is begun once the time is over."""
    ends, tried = monotonic() + seconds, set[UUID]()
    while True:
        async with clinic_session(works.pool, clinic.id) as s:
            waiting = [one for one in await queue_store.to_write(s, limit=_MANY) if one not in tried]
        if not waiting or monotonic() >= ends:
            break
        tried |= set(waiting)
        queue = iter(waiting)

        async def worker(queue: Iterator[UUID] = queue) -> None:
            for report_id in queue:
                if monotonic() >= ends:
                    return
                try:
                    if await write(works.pool, works.mind, clinic.id, report_id):
                        works.tell("written")
                except Unavailable:
                    raise
                except Exception as error:  # its lease ends, and it is tried again; it keeps no other waiting
                    log.error("report_broke", report_id=str(report_id), error=type(error).__name__, exc_info=True)

        await asyncio.gather(*(worker() for _ in range(works.at_once)))
    async with clinic_session(works.pool, clinic.id) as s:
        return not await loose_store.unwritten(s)


# --- its end ------------------------------------------------------------------------------------------------------------


async def _end(works: Works, clinic: Clinic, run: Run, now: datetime) -> None:
    async with clinic_session(works.pool, clinic.id) as s:
        ended = await runs_store.end(s, run)
        left = await loose_store.unwritten(s)
        held = await sending.held(s, clinic, now=now)
        if left or (Stage.SYNC.value in ended.errors):
            await _follow(s, clinic, now)
    say = log.error if ended.errors else log.info
    say(
        "reports_run_over",
        status=ended.status,
        errors=dict(ended.errors),
        new=ended.sync_count,
        approved=ended.process_approved,
        failed=ended.process_failed,
        queued=ended.send_success,
        left=left,
        held=held.messages if held else 0,
        until=held.until.isoformat() if held else None,
        ms=ended.duration_ms,
    )
    try:
        await look(works.pool, clinic, now=now)
    except Unavailable as error:  # the clock looks again
        log.warning("alerts_not_looked_for", reason=str(error))


async def _follow(s: Session, clinic: Clinic, now: datetime) -> None:
    """What was left undone is tried again soon, where runs are made by the clock."""
    desk = await desks_store.desk(s, lock=True)
    reports = clinic.policies.reports
    scheduled = next_run(now, reports.hours, clinic.zone)
    if scheduled is None:
        return
    ahead = follow_up(now, scheduled, errors=desk.errors)
    await desks_store.plan(s, min(ahead, desk.next_run_at) if desk.next_run_at and desk.next_run_at > now else ahead)
