"""Somebody asks for a run of reports now."""

from __future__ import annotations

from uuid import UUID

from clinic.reports import desks_store, runs_store
from clinic.reports.runs import Run, RunGoesOn
from db.pool import Pool
from db.session import clinic_session
from jobs import queue


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
