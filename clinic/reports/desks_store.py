"""A clinic's desk of reports in Postgres: how far the source was read, when the next run is due, what the clock did last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from clinic.reports.runs import NoDesk
from db.session import Session

_READ: LiteralString = """SELECT mark_closed_at, mark_id, next_run_at, closed_day, synced_at, error_code, errors, checked_at
  FROM report_desks WHERE clinic_id = %(clinic)s"""


@dataclass(frozen=True, slots=True)
class Desk:
    """`mark_closed_at` and `mark_id`: every report closed until there has been seen. `errors`: of the source, in a row."""

    mark_closed_at: datetime | None
    mark_id: str
    next_run_at: datetime | None
    closed_day: date | None
    synced_at: datetime | None
    error_code: str | None
    errors: int
    checked_at: datetime | None


async def desk(s: Session, *, lock: bool = False) -> Desk:
    """The desk; `lock`: nobody else changes it until the end of the transaction. Raises NoDesk."""
    row = await s.one(
        _READ + (" FOR UPDATE" if lock else ""),
        {"clinic": s.clinic_id},
    )
    if row is None:
        raise NoDesk
    return Desk(**row)


async def seen(s: Session, closed_at: datetime, external_id: str) -> None:
    """Everything closed until there is stored: in the transaction that stores it. The mark never goes back."""
    await s.execute(
        """UPDATE report_desks SET mark_closed_at = %(at)s, mark_id = %(id)s WHERE clinic_id = %(clinic)s
             AND (mark_closed_at IS NULL OR (mark_closed_at, mark_id) < (%(at)s, %(id)s))""",
        {"clinic": s.clinic_id, "at": closed_at, "id": external_id},
    )


async def answered(s: Session) -> None:
    """The source told all that it has."""
    await s.execute(
        """UPDATE report_desks SET synced_at = clock_timestamp(), error_code = NULL, errors = 0
           WHERE clinic_id = %(clinic)s""",
        {"clinic": s.clinic_id},
    )


async def failed(s: Session, code: str) -> None:
    """The source did not, and why."""
    await s.execute(
        "UPDATE report_desks SET error_code = %(code)s, errors = errors + 1 WHERE clinic_id = %(clinic)s",
        {"clinic": s.clinic_id, "code": code},
    )


async def plan(s: Session, at: datetime | None) -> None:
    """When the next run is due; None: nothing runs by the clock."""
    await s.execute(
        """UPDATE report_desks SET next_run_at = %(at)s
           WHERE clinic_id = %(clinic)s AND next_run_at IS DISTINCT FROM %(at)s""",
        {"clinic": s.clinic_id, "at": at},
    )


async def day_closed(s: Session, day: date) -> None:
    """The metrics of this day, and of every one before it, stand."""
    await s.execute(
        """UPDATE report_desks SET closed_day = greatest(closed_day, %(day)s) WHERE clinic_id = %(clinic)s""",
        {"clinic": s.clinic_id, "day": day},
    )


async def checked(s: Session, at: datetime) -> None:
    """Alerts were looked for."""
    await s.execute(
        "UPDATE report_desks SET checked_at = %(at)s WHERE clinic_id = %(clinic)s", {"clinic": s.clinic_id, "at": at}
    )
