"""The tasks of reports: thin names over coroutines, each of which does what rows say is due and may run twice."""

from __future__ import annotations

import os
from functools import cache
from uuid import UUID

from celery import Task, shared_task

from channels.primecare.base import Source
from channels.primecare.sources import source_for
from clinic.reports import loose_store
from clinic.reports.runs_store import running
from clinic.tenants.models import Clinic
from db.session import clinic_session
from jobs import queue, reports_clock
from jobs.base import Ground, Work, perform
from jobs.reports import advance
from jobs.reports_mind import mind_of
from jobs.reports_works import Mind, Works
from jobs.reports_writing import write
from kit.clock import utc_now
from kit.settings import load_settings


class Bells:
    """Rings through Redis."""

    async def write(self, clinic_id: UUID, report_id: UUID) -> bool:
        return await queue.ring_report(clinic_id, report_id)

    async def run(self, clinic_id: UUID, run_id: UUID) -> bool:
        return await queue.ring_run(clinic_id, run_id)


@cache
def _mind() -> Mind:
    return mind_of(load_settings())


def source_of(clinic: Clinic) -> Source | None:
    """Where a clinic's reports come from. Raises BadSource."""
    stored = clinic.policies.reports.source
    return None if stored is None else source_for(stored, os.environ)


def works_of(ground: Ground) -> Works:
    """What a worker process works with."""
    return Works(
        pool=ground.pool, mind=_mind(), source_of=source_of, rings=Bells(), seconds=ground.settings.reports_run_seconds
    )


async def written(ground: Ground, clinic_id: UUID, report_id: UUID) -> None:
    """Writes one report; the last one that a run waits for rings for it to go on."""
    await write(ground.pool, _mind(), clinic_id, report_id)
    async with clinic_session(ground.pool, clinic_id) as s:
        run = None if await loose_store.unwritten(s) else await running(s)
    if run is not None:
        await queue.ring_run(clinic_id, run.id)


@shared_task(name="reports.write", bind=True)  # type: ignore[untyped-decorator]
def write_report(task: Task, clinic_id: str, report_id: str) -> None:
    """One report."""
    perform(task, lambda ground: written(ground, UUID(clinic_id), UUID(report_id)))


@shared_task(name="reports.run", bind=True)  # type: ignore[untyped-decorator]
def run_reports(task: Task, clinic_id: str, run_id: str) -> None:
    """A run goes on."""
    perform(task, lambda ground: advance(works_of(ground), UUID(clinic_id), UUID(run_id)))


def _task(name: str, work: Work) -> None:
    def run(task: Task) -> None:
        perform(task, work)

    shared_task(name=name, bind=True)(run)


_task("reports.tick", lambda ground: reports_clock.tick(ground.pool, Bells(), now=utc_now()))
_task("reports.timeouts", lambda ground: reports_clock.time_outs(ground.pool, now=utc_now()))
_task("reports.alerts", lambda ground: reports_clock.alerts(ground.pool, now=utc_now()))
_task("reports.close_day", lambda ground: reports_clock.closed_days(ground.pool, now=utc_now()))
