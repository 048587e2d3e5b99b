"""What somebody asks of reports now: a run, what one would do, that what they decided leaves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from clinic.reports import desks_store, runs_store
from clinic.reports.runs import Run, RunGoesOn
from clinic.tenants.models import Clinic
from db.pool import Pool
from db.session import clinic_session
from jobs import queue
from kit.clock import utc_now
from kit.settings import Settings


async def run_now(pool: Pool, clinic_id: UUID, *, by: str, skip_sync: bool = False, skip_send: bool = False) -> Run:
    """A run that a worker takes up at once, and the clock within a minute where the bell is not heard.

    Raises RunGoesOn, NoDesk.
    """
    async with clinic_session(pool, clinic_id) as s:
        await desks_store.desk(s)
        run = await runs_store.begin(s, trigger="manual", asked_by=by, skip_sync=skip_sync, skip_send=skip_send)
    if run is None:
        raise RunGoesOn
    await queue.ring_run(clinic_id, run.id)
    return run


async def would_do(pool: Pool, settings: Settings, clinic: Clinic, *, skip_sync: bool, skip_send: bool) -> dict[str, Any]:
    """What a run would do: the source is read, nothing is written or sent. Raises NoDesk."""
    from jobs.reports_dry import foresee  # the writer's models and the queue cost a second to import
    from jobs.reports_mind import mind_of
    from jobs.reports_tasks import source_of
    from jobs.reports_works import Works

    async with clinic_session(pool, clinic.id) as s:
        await desks_store.desk(s)
    works = Works(pool=pool, mind=mind_of(settings), source_of=source_of)
    return await foresee(works, clinic, now=utc_now(), skip_sync=skip_sync, skip_send=skip_send)


async def written_again(clinic_id: UUID, report_id: UUID) -> None:
    """A report that somebody wants written again is written now, and by the clock where nobody hears."""
    await queue.ring_report(clinic_id, report_id)


async def decided() -> None:
    """What a person decided leaves now, and by the clock where nobody hears."""
    await queue.ring_reports()
