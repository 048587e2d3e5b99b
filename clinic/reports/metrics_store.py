"""Days of reports in Postgres: counted from the steps while a day lasts, kept once it is over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

from clinic.reports.metrics import Day, bounds
from clinic.tenants.models import Clinic
from db.session import Session

_COUNTED: LiteralString = """WITH moved AS (
    SELECT count(DISTINCT report_id) FILTER (WHERE became = 'approved' AND hand = 'worker') AS approved,
      count(DISTINCT report_id) FILTER (WHERE became = 'approved' AND hand = 'person' AND was = 'review') AS person,
      count(DISTINCT report_id) FILTER (WHERE became = 'failed') AS failed,
      count(DISTINCT report_id) FILTER (WHERE became = 'fallback' AND was = 'review') AS fallback,
      count(DISTINCT report_id) FILTER (WHERE became = 'sent') AS sent,
      count(DISTINCT report_id) FILTER (WHERE became = 'send_failed' AND why <> 'no_recipient') AS send_failed
    FROM report_steps WHERE clinic_id = %(clinic)s AND at >= %(start)s AND at < %(end)s)
  SELECT moved.*,
    (SELECT count(*) FROM reports WHERE clinic_id = %(clinic)s AND taken_at >= %(start)s AND taken_at < %(end)s) AS total,
    (SELECT round(avg(processed_ms))::int FROM reports
     WHERE clinic_id = %(clinic)s AND processed_at >= %(start)s AND processed_at < %(end)s) AS avg_process_ms
  FROM moved"""
_KEPT: LiteralString = """SELECT day, total_reports AS total, approved_count AS approved, person_count AS person,
    failed_count AS failed, fallback_count AS fallback, sent_count AS sent, send_failed_count AS send_failed, avg_process_ms,
    closed FROM daily_metrics"""


async def between(s: Session, start: datetime, end: datetime, *, day: date) -> Day:
    """What happened in [start, end), counted now; called `day`."""
    row = await s.one(_COUNTED, {"clinic": s.clinic_id, "start": start, "end": end})
    assert row is not None  # counts always are
    return Day(day=day, **row)


async def today(s: Session, clinic: Clinic, now: datetime) -> Day:
    """The day so far, by the clinic's calendar."""
    return await _live(s, now.astimezone(clinic.zone).date(), clinic.zone)


async def _live(s: Session, day: date, zone: ZoneInfo) -> Day:
    start, end = bounds(day, zone)
    return await between(s, start, end, day=day)


async def history(s: Session, clinic: Clinic, now: datetime, *, days: int) -> list[Day]:
    """The last `days` days, today the last, oldest first; a day nothing is known of is a day of zeros."""
    last = now.astimezone(clinic.zone).date()
    wanted = [last - timedelta(days=back) for back in reversed(range(days))]
    rows = await s.all(
        _KEPT + " WHERE clinic_id = %(clinic)s AND day = ANY(%(days)s) AND closed", {"clinic": s.clinic_id, "days": wanted}
    )
    kept = {row["day"]: Day(**row) for row in rows}
    return [kept[day] if day in kept else await _live(s, day, clinic.zone) for day in wanted]


async def close(s: Session, clinic: Clinic, day: date) -> Day:
    """Counts a day that is over and keeps it; one that was kept before stays as it is."""
    counted = await _live(s, day, clinic.zone)
    await s.execute(
        """INSERT INTO daily_metrics (clinic_id, day, total_reports, approved_count, person_count, failed_count, fallback_count,
             sent_count, send_failed_count, avg_process_ms, approval_rate, closed)
           VALUES (%(clinic)s, %(day)s, %(total)s, %(approved)s, %(person)s, %(failed)s, %(fallback)s, %(sent)s,
             %(send_failed)s, %(avg)s, %(rate)s, true)
           ON CONFLICT (clinic_id, day) DO UPDATE SET total_reports = excluded.total_reports,
             approved_count = excluded.approved_count, person_count = excluded.person_count,
             failed_count = excluded.failed_count, fallback_count = excluded.fallback_count, sent_count = excluded.sent_count,
             send_failed_count = excluded.send_failed_count, avg_process_ms = excluded.avg_process_ms,
             approval_rate = excluded.approval_rate, closed = true, updated_at = clock_timestamp()
           WHERE NOT daily_metrics.closed""",
        _params(s, counted),
    )
    row = await s.one(_KEPT + " WHERE clinic_id = %(clinic)s AND day = %(day)s", {"clinic": s.clinic_id, "day": day})
    assert row is not None  # it was just written, or before
    return Day(**row)


def _params(s: Session, day: Day) -> dict[str, Any]:
    return {
        "clinic": s.clinic_id,
        "day": day.day,
        "total": day.total,
        "approved": day.approved,
        "person": day.person,
        "failed": day.failed,
        "fallback": day.fallback,
        "sent": day.sent,
        "send_failed": day.send_failed,
        "avg": day.avg_process_ms,
        "rate": day.approval_rate,
    }


async def first_day(s: Session, zone: ZoneInfo) -> date | None:
    """The day of the clinic's first report; None before there is one."""
    row = await s.one("SELECT min(taken_at) AS at FROM reports WHERE clinic_id = %(clinic)s", {"clinic": s.clinic_id})
    return row["at"].astimezone(zone).date() if row and row["at"] else None
