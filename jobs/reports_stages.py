"""The stages of a run of reports. Each may be done twice, or by another process halfway: rows say what is left to do.

A stage that breaks raises; one report that breaks keeps no other waiting, and is told by the code of the first that did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import UUID

from channels.primecare.base import Mark, SourceSlow
from clinic.reports import desks_store, loose_store, queue_store, sending, sends_store, service, telling
from clinic.reports.runs import Lost
from clinic.reports.views import Taken
from clinic.tenants.models import Clinic
from db.pool import Pool
from db.session import Session, clinic_session
from jobs.reports_works import Works
from kit.errors import CarolError, Invalid, Unavailable
from kit.log import bound, get_logger

log = get_logger(__name__)

_PAGE = 200  # reports of the source in one transaction
_PAGE_SECONDS = 30.0
_MANY = 500  # reports of one stage in one pass
_BEAT_SECONDS = 5.0
Beat = Callable[[], Awaitable[None]]  # still alive; raises when somebody else goes on


class NoSource(Invalid):
    """The clinic has not said where its reports come from."""

    code = "no_source"


@dataclass(frozen=True, slots=True)
class Done:
    """How many reports a stage saw to; `code`: of the first that broke. `more`: its time was over before its work."""

    count: int = 0
    code: str | None = None
    more: bool = False


async def no_beat() -> None:
    """For whoever holds nothing."""


# --- sync ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Synced:
    """What the source told. `broken`: rows that could not be read."""

    taken: Taken
    broken: int


async def sync(
    works: Works, clinic: Clinic, *, run_id: UUID | None, now: datetime, seconds: float, beat: Beat = no_beat
) -> Synced:
    """Takes everything closed since the watermark, which moves with the rows it is of; the source's state is noted.

    Raises what the source raises, SourceSlow after `seconds`, NoSource.
    """
    try:
        synced = await _read(works, clinic, run_id=run_id, now=now, seconds=seconds, beat=beat)
    except Lost:  # somebody else reads it now: no fault of the source's
        raise
    except CarolError as error:
        async with clinic_session(works.pool, clinic.id) as s:
            await desks_store.failed(s, error.code)
        raise
    async with clinic_session(works.pool, clinic.id) as s:
        await desks_store.answered(s)
    return synced


async def _read(works: Works, clinic: Clinic, *, run_id: UUID | None, now: datetime, seconds: float, beat: Beat) -> Synced:
    source = works.source_of(clinic)
    if source is None:
        raise NoSource
    async with clinic_session(works.pool, clinic.id) as s:
        desk = await desks_store.desk(s)
    mark = Mark(desk.mark_closed_at, desk.mark_id) if desk.mark_closed_at else None
    ends, total, broken = monotonic() + seconds, Taken(), 0
    while True:
        left = min(_PAGE_SECONDS, ends - monotonic())
        if left <= 0:
            raise SourceSlow
        try:
            async with asyncio.timeout(left):
                page = await source.closed_since(mark, now, _PAGE)
        except TimeoutError as error:
            raise SourceSlow from error
        async with clinic_session(works.pool, clinic.id) as s:
            taken = await service.take(s, clinic, page.reports, run_id=run_id)
            await desks_store.seen(s, page.next.closed_at, page.next.external_id)
        for row in page.broken:
            log.warning("report_unreadable", external_id=row.external_id, code=row.code.value)
        total, broken = _sum(total, taken), broken + len(page.broken)
        works.tell("synced", new=total.new, corrected=total.corrected, broken=broken)
        if not page.more:
            return Synced(total, broken)
        mark = page.next
        await beat()


def _sum(a: Taken, b: Taken) -> Taken:
    return Taken(a.new + b.new, a.corrected + b.corrected, a.same + b.same)


# --- notify -------------------------------------------------------------------------------------------------------------


async def notify(pool: Pool, clinic: Clinic, *, now: datetime, seconds: float, beat: Beat = no_beat) -> Done:
    """Failed reports wait for a person, and the team is told of all that do and that it was not told of, once each.

    Of what is urgent one by one.
    """
    async with clinic_session(pool, clinic.id) as s:
        failed = await queue_store.failed(s, limit=_MANY)

    async def wait(s: Session, report_id: UUID) -> bool:
        return await service.to_review(s, clinic, report_id, now=now) is not None

    moved = await _each(pool, clinic, failed, wait, seconds=seconds, beat=beat)
    async with clinic_session(pool, clinic.id) as s:
        waiting = await queue_store.unnotified(s, limit=_MANY)
        told = [one for one in waiting if await queue_store.note_notified(s, one)]
        await _tell(s, clinic, told, now)
        if told and not telling.anybody(clinic):
            log.error("nobody_to_tell", reason="no_member")
    return Done(len(told), moved.code, moved.more)


async def _tell(s: Session, clinic: Clinic, waiting: Sequence[UUID], now: datetime) -> None:
    urgent = await queue_store.urgent(s, waiting) if clinic.policies.reports.urgent == "person" else ()
    for one in urgent:
        due_at = await loose_store.first_due(s, [one])
        await telling.tell_urgent_review(s, clinic, one, due_at=due_at, now=now)
    if others := [one for one in waiting if one not in urgent]:
        due_at = await loose_store.first_due(s, others)
        await telling.tell_review(s, clinic, count=len(others), due_at=due_at, now=now)


# --- time-outs ----------------------------------------------------------------------------------------------------------


async def time_out(pool: Pool, clinic: Clinic, *, now: datetime, seconds: float) -> Done:
    """The fallback text stands in for reports that nobody decided about in time."""
    async with clinic_session(pool, clinic.id) as s:
        late = await queue_store.timed_out(s, limit=_MANY)

    async def one(s: Session, report_id: UUID) -> bool:
        return await service.time_out(s, clinic, report_id, now=now) is not None

    return await _each(pool, clinic, late, one, seconds=seconds)


# --- send ---------------------------------------------------------------------------------------------------------------


async def send(
    pool: Pool, clinic: Clinic, *, now: datetime, seconds: float, between_runs: bool = False, beat: Beat = no_beat
) -> Done:
    """Puts what may go into the outbox, and learns how what went before has ended. `count`: reports put there.

    The team is told at once of something urgent that the quiet hours keep from the family.
    """
    ends = monotonic() + seconds
    async with clinic_session(pool, clinic.id) as s:
        store = loose_store.to_send if between_runs else queue_store.to_send
        ready = await store(s, limit=_MANY)

    async def put(s: Session, report_id: UUID) -> bool:
        return bool(await sending.queue(s, clinic, report_id, now=now))

    queued = await _each(pool, clinic, ready, put, seconds=seconds, beat=beat)
    if queued.count:
        await _tell_urgent(pool, clinic, now=now)
    settled = await settle(pool, clinic, seconds=ends - monotonic(), beat=beat)
    more = queued.more or len(ready) == _MANY
    return Done(queued.count, queued.code or settled.code, more)


async def _tell_urgent(pool: Pool, clinic: Clinic, *, now: datetime) -> None:
    async with clinic_session(pool, clinic.id) as s:
        if (held := await sending.held(s, clinic, now=now)) is None:
            return
        for report_id in await sends_store.urgent_waiting(s):
            await telling.tell_urgent(s, clinic, report_id, until=held.until, now=now)


async def settle(pool: Pool, clinic: Clinic, *, seconds: float, beat: Beat = no_beat) -> Done:
    """What the outbox knows of reports becomes their state."""
    async with clinic_session(pool, clinic.id) as s:
        waiting = await queue_store.unsettled(s, limit=_MANY)

    async def one(s: Session, report_id: UUID) -> bool:
        return await sending.settle(s, report_id) is not None

    return await _each(pool, clinic, waiting, one, seconds=seconds, beat=beat)


# --- one after the other, each in its own transaction -------------------------------------------------------------------


async def _each(
    pool: Pool,
    clinic: Clinic,
    reports: Sequence[UUID],
    work: Callable[[Session, UUID], Awaitable[bool]],
    *,
    seconds: float,
    beat: Beat = no_beat,
) -> Done:
    ends, beats, count, code = monotonic() + seconds, monotonic(), 0, None
    for report_id in reports:
        if monotonic() > ends:
            return Done(count, code, more=True)
        if monotonic() - beats > _BEAT_SECONDS:
            await beat()
            beats = monotonic()
        with bound(report_id=str(report_id)):
            try:
                async with clinic_session(pool, clinic.id) as s:
                    count += await work(s, report_id)
            except Unavailable:
                raise
            except CarolError as error:  # somebody was quicker, or it is not to be: its row says what is next
                log.warning("report_left", code=error.code)
            except Exception as error:
                log.error("report_broke", error=type(error).__name__, exc_info=True)
                code = code or "broke"
    return Done(count, code)
