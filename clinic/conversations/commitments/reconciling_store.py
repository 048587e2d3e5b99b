"""What a reconciliation reads, and its row: one of a clinic and day, whoever runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.commitments.ledger import Entry
from clinic.conversations.commitments.ledger_store import LINES, entry_of
from clinic.conversations.commitments.reconciling import Finding
from db.session import Session
from kit.ids import new_id

PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One that was run."""

    day: date
    started_at: datetime
    finished_at: datetime | None
    checked: int
    broken: int
    report: dict[str, Any]


async def since(s: Session) -> datetime:
    """From when on the clinic has a ledger."""
    row = await s.one("SELECT ledger_since FROM clinics WHERE id = %(clinic)s", {"clinic": s.clinic_id})
    assert row is not None  # the session's own clinic
    at: datetime = row["ledger_since"]
    return at


async def done_days(s: Session, days: Sequence[date]) -> set[date]:
    """Those of these days that are reconciled, or being so by somebody alive."""
    rows = await s.all(
        """SELECT day FROM reconciliations WHERE clinic_id = %(clinic)s AND day = ANY(%(days)s)
             AND (finished_at IS NOT NULL OR started_at > now() - interval '10 minutes')""",
        {"clinic": s.clinic_id, "days": list(days)},
    )
    return {row["day"] for row in rows}


async def begin(s: Session, day: date, *, again: bool = False) -> bool:
    """Takes a day: False when it is done or another process is at it. `again` takes one that is done, too."""
    return bool(
        await s.execute(
            """INSERT INTO reconciliations (clinic_id, id, day) VALUES (%(clinic)s, %(id)s, %(day)s)
               ON CONFLICT (clinic_id, day) DO UPDATE SET started_at = clock_timestamp(), finished_at = NULL
               WHERE (reconciliations.finished_at IS NULL AND reconciliations.started_at < now() - interval '10 minutes')
                  OR (%(again)s AND reconciliations.finished_at IS NOT NULL)""",
            {"clinic": s.clinic_id, "id": new_id(), "day": day, "again": again},
        )
    )


async def finish(s: Session, day: date, *, checked: int, broken: int, report: dict[str, Any]) -> None:
    """Writes down what a day's comparison found."""
    await s.execute(
        """UPDATE reconciliations SET finished_at = clock_timestamp(), checked = %(checked)s, broken = %(broken)s,
             report = %(report)s WHERE clinic_id = %(clinic)s AND day = %(day)s""",
        {"clinic": s.clinic_id, "day": day, "checked": checked, "broken": broken, "report": Jsonb(report)},
    )


async def listed(s: Session, *, limit: int) -> list[Reconciliation]:
    """The newest days."""
    rows = await s.all(
        """SELECT day, started_at, finished_at, checked, broken, report FROM reconciliations
           WHERE clinic_id = %(clinic)s ORDER BY day DESC LIMIT %(limit)s""",
        {"clinic": s.clinic_id, "limit": limit},
    )
    return [Reconciliation(**row) for row in rows]


async def cased(s: Session, marks: Sequence[str]) -> set[str]:
    """Those of these findings a person was asked to look at in some night before."""
    rows = await s.all(
        """SELECT DISTINCT mark FROM reconciliations r, unnest(%(marks)s::text[]) AS mark
           WHERE r.clinic_id = %(clinic)s AND r.report -> 'cased' ? mark""",
        {"clinic": s.clinic_id, "marks": list(marks)},
    )
    return {row["mark"] for row in rows}


async def of_day(s: Session, start: datetime, end: datetime, *, after: UUID | None) -> list[Entry]:
    """What was said then, page by page in the order of its ids."""
    rows = await s.all(
        LINES
        + """WHERE c.clinic_id = %(clinic)s AND c.at >= %(start)s AND c.at < %(end)s
               AND (%(after)s::uuid IS NULL OR c.id > %(after)s) ORDER BY c.id LIMIT %(limit)s""",
        {"clinic": s.clinic_id, "start": start, "end": end, "after": after, "limit": PAGE},
    )
    return [entry_of(row) for row in rows]


async def ahead(s: Session, start: datetime, *, limit: int = 20_000) -> list[Entry]:
    """What was said last, before that day, of each visit that still lay ahead then or was cancelled since."""
    ids = await s.all(
        """SELECT DISTINCT ON (n.entity_id) n.id FROM appointments v
           JOIN commitments n ON n.clinic_id = v.clinic_id AND n.entity_id = v.id AND n.entity = 'appointment'
           WHERE v.clinic_id = %(clinic)s AND (v.starts_at >= %(start)s OR v.cancelled_at >= %(start)s)
             AND n.kind = 'visit' AND n.at < %(start)s AND NOT n.means ? 'former'
           ORDER BY n.entity_id, n.at DESC, n.id DESC LIMIT %(limit)s""",
        {"clinic": s.clinic_id, "start": start, "limit": limit},
    )
    rows = await s.all(
        LINES + "WHERE c.clinic_id = %(clinic)s AND c.id = ANY(%(ids)s)",
        {"clinic": s.clinic_id, "ids": [row["id"] for row in ids]},
    )
    return [entry_of(row) for row in rows]


async def told_since(s: Session, line_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these lines about visits after which the patient was told how it is now, or heard from a person."""
    rows = await s.all(
        """SELECT c.id FROM commitments c
           JOIN messages said ON said.clinic_id = c.clinic_id AND said.id = c.message_id
           LEFT JOIN appointments a ON a.clinic_id = c.clinic_id AND a.id = c.entity_id
           WHERE c.clinic_id = %(clinic)s AND c.id = ANY(%(ids)s) AND (
             EXISTS (SELECT FROM messages m WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.conversation_id
                       AND m.author = 'person' AND m.seq > said.seq)
             OR EXISTS (SELECT FROM commitments l WHERE l.clinic_id = c.clinic_id AND l.entity_id = c.entity_id
                       AND l.entity = 'appointment' AND l.kind = 'visit' AND l.id <> c.id AND l.at >= c.at
                       AND ((a.status = 'cancelled' AND l.means ->> 'did' = 'cancelled')
                         OR (a.status <> 'cancelled' AND NOT l.means ? 'former'
                             AND (l.means ->> 'starts_at')::timestamptz = a.starts_at))))""",
        {"clinic": s.clinic_id, "ids": list(line_ids)},
    )
    return frozenset(row["id"] for row in rows)


async def without_lines(s: Session, start: datetime, end: datetime) -> list[tuple[UUID, UUID, str]]:
    """(message, conversation, words) of what Carol worded then of which the ledger has nothing."""
    rows = await s.all(
        """SELECT m.id, m.conversation_id, m.text FROM messages m
           WHERE m.clinic_id = %(clinic)s AND m.direction = 'out' AND m.author = 'carol'
             AND m.at >= %(start)s AND m.at < %(end)s
             AND m.stored_at >= (SELECT ledger_since FROM clinics WHERE id = %(clinic)s)
             AND NOT EXISTS (SELECT FROM commitments c WHERE c.clinic_id = m.clinic_id AND c.message_id = m.id)
             AND NOT EXISTS (SELECT FROM outbox o WHERE o.clinic_id = m.clinic_id AND o.message_id = m.id
                             AND o.status = 'cancelled')
           ORDER BY m.seq LIMIT 50000""",
        {"clinic": s.clinic_id, "start": start, "end": end},
    )
    return [(row["id"], row["conversation_id"], row["text"]) for row in rows]


async def booked_not_told(s: Session, start: datetime, end: datetime) -> list[Finding]:
    """Visits Carol booked then of which no message that left says so, and no person wrote since."""
    rows = await s.all(
        """SELECT a.id, a.conversation_id FROM appointments a
           WHERE a.clinic_id = %(clinic)s AND a.booked_by = 'carol' AND a.conversation_id IS NOT NULL
             AND a.created_at >= %(start)s AND a.created_at < %(end)s
             AND a.created_at >= (SELECT ledger_since FROM clinics WHERE id = %(clinic)s)
             AND NOT EXISTS (SELECT FROM commitments c
                             JOIN outbox o ON o.clinic_id = c.clinic_id AND o.message_id = c.message_id
                               AND o.status IN ('sent', 'delivered', 'read')
                             WHERE c.clinic_id = a.clinic_id AND c.entity_id = a.id AND c.entity = 'appointment')
             AND NOT EXISTS (SELECT FROM messages m WHERE m.clinic_id = a.clinic_id AND m.conversation_id = a.conversation_id
                             AND m.author = 'person' AND m.at >= a.created_at)
           ORDER BY a.id LIMIT 5000""",
        {"clinic": s.clinic_id, "start": start, "end": end},
    )
    return [
        Finding(code="booked_not_told", conversation_id=row["conversation_id"], entity="appointment", entity_id=row["id"])
        for row in rows
    ]


async def done_not_told(s: Session, start: datetime, end: datetime) -> list[Finding]:
    """Moves, cancellations and hand-overs done then of which the ledger has no line."""
    rows = await s.all(
        """SELECT r.id, r.conversation_id, r.entity, r.entity_id FROM tool_receipts r
           WHERE r.clinic_id = %(clinic)s AND r.effect = 'write' AND r.tool IN ('move_visit', 'cancel_visit', 'escalate')
             AND r.at >= %(start)s AND r.at < %(end)s
             AND r.at >= (SELECT ledger_since FROM clinics WHERE id = %(clinic)s)
             AND NOT EXISTS (SELECT FROM commitments c WHERE c.clinic_id = r.clinic_id AND c.conversation_id = r.conversation_id
                             AND (c.receipt_id = r.id OR (c.entity_id = r.entity_id AND c.entity = r.entity AND c.at >= r.at)))
             AND NOT EXISTS (SELECT FROM messages m WHERE m.clinic_id = r.clinic_id AND m.conversation_id = r.conversation_id
                             AND m.author = 'person' AND m.at >= r.at)
           ORDER BY r.at LIMIT 5000""",
        {"clinic": s.clinic_id, "start": start, "end": end},
    )
    return [
        Finding(
            code="done_not_told",
            conversation_id=row["conversation_id"],
            entity=row["entity"],
            entity_id=row["entity_id"],
            receipt_id=row["id"],
        )
        for row in rows
    ]
