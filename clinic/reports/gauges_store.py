"""How a clinic's reports stand at this moment, as numbers for whoever watches machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clinic.reports import metrics_store
from clinic.reports.alerts import WINDOW
from clinic.reports.metrics import Day
from db.session import Session


@dataclass(frozen=True, slots=True)
class Gauges:
    """Ages in seconds, None where there is nothing of that age. `stages`: seconds of the run that ended last, by stage."""

    states: Mapping[str, int]
    runs: Mapping[str, int]  # ever, by how they ended
    alerts: Mapping[str, int]  # that ask for somebody, by severity
    stages: Mapping[str, float]
    last_run: float | None
    overdue: float | None  # since a run was due or begun that is not over
    oldest_unwritten: float | None
    oldest_review: float | None
    oldest_queued: float | None  # whose wire has not said yet how it went
    source: float | None  # since it last answered
    source_errors: int  # in a row
    recent: Day  # what was decided and sent in the last WINDOW


async def gauges(s: Session, now: datetime) -> Gauges:
    """All of them, of one moment."""
    clinic = {"clinic": s.clinic_id}
    states = await s.all("SELECT state, count(*)::int AS n FROM reports WHERE clinic_id = %(clinic)s GROUP BY state", clinic)
    runs = await s.all(
        "SELECT status, count(*)::int AS n FROM pipeline_runs WHERE clinic_id = %(clinic)s GROUP BY status", clinic
    )
    alerts = await s.all(
        """SELECT severity, count(*)::int AS n FROM alerts
           WHERE clinic_id = %(clinic)s AND resolved_at IS NULL AND dismissed_at IS NULL GROUP BY severity""",
        clinic,
    )
    last = await s.one(
        """SELECT extract(epoch FROM now() - completed_at)::float AS age, sync_ms, process_ms, notify_ms, send_ms
           FROM pipeline_runs WHERE clinic_id = %(clinic)s AND status <> 'running' ORDER BY completed_at DESC LIMIT 1""",
        clinic,
    )
    ages = await s.one(
        """SELECT extract(epoch FROM now() - min(taken_at) FILTER (WHERE state IN ('pending', 'processing')))::float
               AS unwritten,
             extract(epoch FROM now() - min(review_since) FILTER (WHERE state = 'review'))::float AS review,
             extract(epoch FROM now() - min(queued_at) FILTER (WHERE state IN ('approved', 'fallback')))::float AS queued
           FROM reports WHERE clinic_id = %(clinic)s AND state <> 'sent'""",
        clinic,
    )
    desk = await s.one(
        """SELECT extract(epoch FROM now() - synced_at)::float AS age, errors,
             greatest(0, extract(epoch FROM now() - least(next_run_at, (SELECT min(started_at) FROM pipeline_runs
               WHERE clinic_id = %(clinic)s AND status = 'running'))))::float AS overdue
           FROM report_desks WHERE clinic_id = %(clinic)s""",
        clinic,
    )
    assert ages is not None  # an aggregate always is
    stages = {stage: last[f"{stage}_ms"] for stage in ("sync", "process", "notify", "send")} if last else {}
    return Gauges(
        states={row["state"]: row["n"] for row in states},
        runs={row["status"]: row["n"] for row in runs},
        alerts={row["severity"]: row["n"] for row in alerts},
        stages={stage: ms / 1e3 for stage, ms in stages.items() if ms is not None},
        last_run=last["age"] if last else None,
        overdue=desk["overdue"] if desk else None,
        oldest_unwritten=ages["unwritten"],
        oldest_review=ages["review"],
        oldest_queued=ages["queued"],
        source=desk["age"] if desk else None,
        source_errors=desk["errors"] if desk else 0,
        recent=await metrics_store.between(s, now - WINDOW, now, day=now.date()),
    )
