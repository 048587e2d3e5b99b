"""Runs in Postgres. One a clinic at a time; whoever goes on with it holds it by lease and token, who lost it writes no more.

Counters are counted from the reports' own rows, so that a stage done twice, or half by somebody who died, counts once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.reports.runs import Lost, NoRun, Run, Stage, Trigger, after
from db.session import Session
from kit.ids import new_id, new_token

_READ: LiteralString = """SELECT id, trigger_type AS trigger, asked_by, due_at, status, skip_sync, skip_send, stage,
    sync_count, sync_broken, process_approved, process_failed, notify_count, send_success, send_failed, duration_ms, sync_ms,
    process_ms, notify_ms, send_ms, errors, error_stage, error_code, attempts, started_at, completed_at,
    extract(epoch FROM clock_timestamp() - started_at)::float AS age
  FROM pipeline_runs WHERE clinic_id = %(clinic)s"""


async def begin(
    s: Session,
    *,
    trigger: Trigger,
    asked_by: str = "",
    due_at: datetime | None = None,
    skip_sync: bool = False,
    skip_send: bool = False,
) -> Run | None:
    """A run that waits for somebody to take it. None: one is under way, or this scheduled one was begun before."""
    run_id = new_id()
    new = await s.execute(
        """INSERT INTO pipeline_runs (clinic_id, id, trigger_type, asked_by, due_at, skip_sync, skip_send)
           VALUES (%(clinic)s, %(id)s, %(trigger)s, %(by)s, %(due)s, %(skip_sync)s, %(skip_send)s)
           ON CONFLICT DO NOTHING""",
        {
            "clinic": s.clinic_id,
            "id": run_id,
            "trigger": trigger,
            "by": asked_by,
            "due": due_at,
            "skip_sync": skip_sync,
            "skip_send": skip_send,
        },
    )
    if not new:
        return None
    # It may have waited for the end of the one before, whose last steps are not its own.
    await s.execute(
        "UPDATE pipeline_runs SET started_at = clock_timestamp() WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": run_id},
    )
    return await read(s, run_id)


async def begun(s: Session, due_at: datetime) -> bool:
    """Whether the run scheduled for this moment was ever begun."""
    row = await s.one(
        "SELECT 1 AS there FROM pipeline_runs WHERE clinic_id = %(clinic)s AND due_at = %(due)s",
        {"clinic": s.clinic_id, "due": due_at},
    )
    return row is not None


async def take(s: Session, run_id: UUID, *, lease: timedelta) -> Run | None:
    """Takes a run that goes on and that nobody holds, or whose holder died. None: it is over, or somebody is at it."""
    token = new_token()
    taken = await s.execute(
        """UPDATE pipeline_runs SET lease_until = now() + %(lease)s, lease_token = %(token)s, attempts = attempts + 1
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND status = 'running'
             AND (lease_until IS NULL OR lease_until < now())""",
        {"clinic": s.clinic_id, "id": run_id, "lease": lease, "token": token},
    )
    return replace(await read(s, run_id), token=token) if taken else None


async def keep(s: Session, run: Run, *, lease: timedelta) -> None:
    """Holds it longer. Raises Lost."""
    await _mine(s, run, "UPDATE pipeline_runs p SET lease_until = now() + %(lease)s", lease=lease)


async def release(s: Session, run: Run) -> None:
    """Lets go of it where it is: it waits for others. Raises Lost."""
    await _mine(s, run, "UPDATE pipeline_runs p SET lease_until = NULL, lease_token = NULL, attempts = 0")


async def move(s: Session, run: Run, *, error: str | None = None, broken: int | None = None) -> Run:
    """Ends the stage it is at, with a code when it failed; the run at its next stage, still held. Raises Lost.

    What a stage takes is what has passed since the one before it ended: they add up to the whole, deaths included.
    """
    await _mine(
        s,
        run,
        """UPDATE pipeline_runs p SET stage = %(next)s, attempts = 1, sync_broken = coalesce(%(broken)s, sync_broken),
             errors = errors || %(errors)s, error_stage = coalesce(error_stage, %(failed)s),
             error_code = coalesce(error_code, %(error)s),
             sync_ms = CASE stage WHEN 'sync' THEN %(now)s ELSE sync_ms END,
             process_ms = CASE stage WHEN 'process' THEN %(now)s - coalesce(sync_ms, 0) ELSE process_ms END,
             notify_ms = CASE stage WHEN 'notify' THEN %(now)s - coalesce(sync_ms, 0) - coalesce(process_ms, 0)
                                    ELSE notify_ms END,
             send_ms = CASE stage WHEN 'send' THEN %(now)s - coalesce(sync_ms, 0) - coalesce(process_ms, 0)
                                    - coalesce(notify_ms, 0) ELSE send_ms END""",
        next=after(run.stage).value,
        broken=broken,
        errors=Jsonb({run.stage.value: error} if error else {}),
        failed=run.stage.value if error else None,
        error=error,
        now=round((await read(s, run.id)).age * 1e3),
    )
    await _count(s, run)
    return replace(await read(s, run.id), token=run.token)


async def end(s: Session, run: Run) -> Run:
    """It is over: completed when every stage did what it is for, failed when one did not. Raises Lost."""
    await _count(s, run)
    await _mine(
        s,
        run,
        """UPDATE pipeline_runs p SET status = CASE WHEN errors = '{}' THEN 'completed' ELSE 'failed' END, stage = 'done',
             duration_ms = extract(epoch FROM clock_timestamp() - started_at) * 1000, completed_at = clock_timestamp(),
             lease_until = NULL, lease_token = NULL""",
    )
    return await read(s, run.id)


async def _mine(s: Session, run: Run, update: LiteralString, **values: Any) -> None:
    held = " WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_token = %(token)s AND status = 'running'"
    if not await s.execute(update + held, {"clinic": s.clinic_id, "id": run.id, "token": run.token, **values}):
        raise Lost


async def _count(s: Session, run: Run) -> None:
    await s.execute(
        """UPDATE pipeline_runs p SET
             sync_count = (SELECT count(*) FROM reports r WHERE (r.clinic_id, r.run_id) = (p.clinic_id, p.id)),
             process_approved = (SELECT count(DISTINCT t.report_id) FROM report_steps t
               WHERE t.clinic_id = p.clinic_id AND t.at >= p.started_at AND t.hand = 'worker' AND t.became = 'approved'),
             process_failed = (SELECT count(DISTINCT t.report_id) FROM report_steps t
               WHERE t.clinic_id = p.clinic_id AND t.at >= p.started_at AND t.was = 'processing' AND t.became = 'failed'),
             notify_count = (SELECT count(*) FROM reports r
               WHERE r.clinic_id = p.clinic_id AND r.notified_at >= p.started_at),
             send_success = (SELECT count(*) FROM reports r
               WHERE r.clinic_id = p.clinic_id AND r.queued_at >= p.started_at AND r.state <> 'send_failed'),
             send_failed = (SELECT count(DISTINCT t.report_id) FROM report_steps t
               WHERE t.clinic_id = p.clinic_id AND t.at >= p.started_at AND t.became = 'send_failed')
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": run.id},
    )


async def read(s: Session, run_id: UUID) -> Run:
    """One run. Raises NoRun."""
    row = await s.one(_READ + " AND id = %(id)s", {"clinic": s.clinic_id, "id": run_id})
    if row is None:
        raise NoRun
    return _run(row)


async def running(s: Session) -> Run | None:
    """The run under way."""
    row = await s.one(_READ + " AND status = 'running'", {"clinic": s.clinic_id})
    return _run(row) if row else None


async def listed(s: Session, *, limit: int = 10) -> list[Run]:
    """The newest first."""
    rows = await s.all(_READ + " ORDER BY started_at DESC, id DESC LIMIT %(limit)s", {"clinic": s.clinic_id, "limit": limit})
    return [_run(row) for row in rows]


def _run(row: dict[str, Any]) -> Run:
    return Run(**{**row, "stage": Stage(row["stage"])})
