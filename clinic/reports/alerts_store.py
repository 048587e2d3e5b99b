"""Alerts in Postgres: one open for each key, closed by itself when it is so no more, kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.reports import metrics_store, runs_store
from clinic.reports.alerts import WINDOW, Alert, AlertOver, Figures, NoAlert, NoReason, Opened
from clinic.tenants.models import Clinic
from db.session import Session
from kit.ids import new_id

_READ: LiteralString = """SELECT id, kind, severity, key, details, opened_at, seen_at, resolved_at, dismissed_at,
    dismissed_by, dismissed_why, notified_at
  FROM alerts a WHERE clinic_id = %(clinic)s"""
QUIET = timedelta(hours=1)  # what goes away and comes back within it is not told again


async def figures(s: Session, clinic: Clinic, now: datetime, *, stuck_after: timedelta, silent: float = 0.0) -> Figures:
    """All that alerts are told from. `silent`: seconds since the clock gave a sign of life."""
    row = await s.one(
        """SELECT (SELECT synced_at FROM report_desks WHERE clinic_id = %(clinic)s) AS synced_at,
             (SELECT min(started_at) FROM pipeline_runs WHERE clinic_id = %(clinic)s) AS since,
             (SELECT max(taken_at) FROM reports WHERE clinic_id = %(clinic)s) AS taken_at,
             least((SELECT next_run_at FROM report_desks WHERE clinic_id = %(clinic)s),
                   (SELECT min(started_at) FROM pipeline_runs WHERE clinic_id = %(clinic)s AND status = 'running')) AS due,
             (SELECT id FROM pipeline_runs WHERE clinic_id = %(clinic)s AND status <> 'running'
                AND (status = 'failed' OR NOT (skip_sync OR skip_send))
              ORDER BY completed_at DESC, id DESC LIMIT 1) AS last,
             count(*) AS stuck, min(review_since) AS oldest
           FROM reports WHERE clinic_id = %(clinic)s AND state = 'review' AND review_since <= %(late)s""",
        {"clinic": s.clinic_id, "late": now - stuck_after},
    )
    assert row is not None  # a count always is
    recent = await metrics_store.between(s, now - WINDOW, now, day=now.astimezone(clinic.zone).date())
    last = await runs_store.read(s, row["last"]) if row["last"] else None
    return Figures(
        recent=recent,
        last=last,
        stuck=row["stuck"],
        oldest=row["oldest"],
        synced_at=row["synced_at"],
        taken_at=row["taken_at"],
        since=row["since"],
        due=row["due"],
        silent=silent,
    )


async def keep(s: Session, found: Sequence[Alert]) -> list[Opened]:
    """What is wrong now is open, and what was open and is not wrong any more is resolved; the alerts that opened now."""
    await s.execute(
        """UPDATE alerts SET resolved_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND resolved_at IS NULL AND NOT (key = ANY(%(keys)s))""",
        {"clinic": s.clinic_id, "keys": [one.key for one in found]},
    )
    opened: list[UUID] = []
    for one in found:
        row = await s.one(
            """INSERT INTO alerts (clinic_id, id, kind, severity, key, details)
                VALUES (%(clinic)s, %(id)s, %(kind)s, %(severity)s, %(key)s, %(details)s)
                ON CONFLICT (clinic_id, key) WHERE resolved_at IS NULL
                DO UPDATE SET seen_at = clock_timestamp(), details = excluded.details, severity = excluded.severity
                RETURNING id, xmax = 0 AS new""",
            {
                "clinic": s.clinic_id,
                "id": new_id(),
                "kind": one.kind,
                "severity": one.severity,
                "key": one.key,
                "details": Jsonb(dict(one.details)),
            },
        )
        assert row is not None  # inserted or updated
        if row["new"]:
            opened.append(row["id"])
    return [Opened(**row) for row in await s.all(_READ + " AND id = ANY(%(ids)s)", {"clinic": s.clinic_id, "ids": opened})]


async def untold(s: Session) -> list[Opened]:
    """Critical alerts that stand, of which nobody was told, nor of the same within the last QUIET."""
    rows = await s.all(
        _READ
        + """ AND severity = 'critical' AND resolved_at IS NULL AND dismissed_at IS NULL AND notified_at IS NULL
              AND NOT EXISTS (SELECT FROM alerts b WHERE b.clinic_id = a.clinic_id AND b.key = a.key
                              AND b.notified_at > now() - %(quiet)s)
            ORDER BY opened_at, id FOR UPDATE""",
        {"clinic": s.clinic_id, "quiet": QUIET},
    )
    return [Opened(**row) for row in rows]


async def told(s: Session, alert_id: UUID) -> None:
    """The admin's notice of it is queued: in the same transaction."""
    await s.execute(
        "UPDATE alerts SET notified_at = clock_timestamp() WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": alert_id},
    )


async def dismiss(s: Session, alert_id: UUID, *, by: str, why: str) -> Opened:
    """Somebody knows of it: it asks for nobody until it went away and came back. Dismissed twice, the first reason stands.

    Raises NoAlert, AlertOver, NoReason.
    """
    if not why.strip() or not by.strip():
        raise NoReason
    await s.execute(
        """UPDATE alerts SET dismissed_at = clock_timestamp(), dismissed_by = %(by)s, dismissed_why = %(why)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND resolved_at IS NULL AND dismissed_at IS NULL""",
        {"clinic": s.clinic_id, "id": alert_id, "by": by.strip(), "why": why.strip()[:500]},
    )
    row = await s.one(_READ + " AND id = %(id)s", {"clinic": s.clinic_id, "id": alert_id})
    if row is None:
        raise NoAlert
    found = Opened(**row)
    if found.dismissed_at is None:
        raise AlertOver
    return found


async def active(s: Session) -> list[Opened]:
    """Those that ask for somebody, the worst and newest first."""
    return await _rows(s, " AND resolved_at IS NULL AND dismissed_at IS NULL", limit=100)


async def listed(s: Session, *, limit: int = 50) -> list[Opened]:
    """All of them, what stands first, then the newest."""
    return await _rows(s, "", limit=limit)


async def _rows(s: Session, which: LiteralString, *, limit: int) -> list[Opened]:
    worst_first: LiteralString = """ ORDER BY resolved_at IS NOT NULL, dismissed_at IS NOT NULL,
      array_position(ARRAY['critical', 'warning', 'info'], severity), opened_at DESC, id DESC LIMIT %(limit)s"""
    rows = await s.all(_READ + which + worst_first, {"clinic": s.clinic_id, "limit": limit})
    return [Opened(**row) for row in rows]
