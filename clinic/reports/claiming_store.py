"""Whose a report is to write, in Postgres: a lease, and the token of whoever holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from clinic.reports.models import State
from db.session import Session
from kit.ids import new_token


@dataclass(frozen=True, slots=True)
class Free:
    """A report that a worker may take, its row locked. `attempts`: how many took it since it last moved."""

    state: State
    attempts: int


async def free(s: Session, report_id: UUID) -> Free | None:
    """Pending and to be tried, or processing with its lease over. Somebody who moves it just now has it."""
    row = await s.one(
        """SELECT state, attempts FROM reports WHERE clinic_id = %(clinic)s AND id = %(id)s
             AND ((state = 'pending' AND (retry_at IS NULL OR retry_at <= now()))
                  OR (state = 'processing' AND lease_until < now())) FOR UPDATE SKIP LOCKED""",
        {"clinic": s.clinic_id, "id": report_id},
    )
    return Free(State(row["state"]), row["attempts"]) if row else None


async def take(s: Session, report_id: UUID, *, lease: timedelta) -> UUID:
    """The token of whoever writes it for `lease`."""
    token = new_token()
    await s.execute(
        """UPDATE reports SET state = 'processing', version = version + 1, attempts = attempts + 1, retry_at = NULL,
             lease_until = now() + %(lease)s, lease_token = %(token)s, updated_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id, "lease": lease, "token": token},
    )
    return token


async def holds(s: Session, report_id: UUID, token: UUID) -> bool:
    """Whether it still is theirs; locked until the end if so. A lease that is over counts until somebody else takes it."""
    row = await s.one(
        """SELECT id FROM reports WHERE clinic_id = %(clinic)s AND id = %(id)s AND state = 'processing'
             AND lease_token = %(token)s FOR UPDATE""",
        {"clinic": s.clinic_id, "id": report_id, "token": token},
    )
    return row is not None


async def give_back(s: Session, report_id: UUID, *, after: timedelta, error_code: str) -> None:
    """Pending again, not before `after`; that was no attempt."""
    await s.execute(
        """UPDATE reports SET state = 'pending', version = version + 1, attempts = greatest(attempts - 1, 0),
             lease_until = NULL, lease_token = NULL, retry_at = now() + %(after)s, error_code = %(error)s,
             updated_at = clock_timestamp() WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id, "after": after, "error": error_code[:100]},
    )


async def asked(s: Session, report_id: UUID) -> str:
    """What the person who wants it written again said, if that is why it is pending."""
    row = await s.one(
        """SELECT hand, why FROM report_steps WHERE clinic_id = %(clinic)s AND report_id = %(id)s AND became = 'pending'
             AND hand IN ('person', 'source') ORDER BY at DESC, id DESC LIMIT 1""",
        {"clinic": s.clinic_id, "id": report_id},
    )
    return str(row["why"]) if row and row["hand"] == "person" else ""
