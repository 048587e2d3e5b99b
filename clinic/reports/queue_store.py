"""Which reports wait for a worker, a person, the sender: ids only, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from db.session import Session

_SETTLED = "3 days"  # for so long a wire may say late what became of a message


async def to_write(s: Session, *, limit: int, run_id: UUID | None = None) -> Sequence[UUID]:
    """Pending ones that may be tried now, and those whose worker died; `run_id`: only those it brought."""
    return await _ids(
        s,
        """SELECT id FROM reports WHERE clinic_id = %(clinic)s
             AND ((state = 'pending' AND (retry_at IS NULL OR retry_at <= now()))
                  OR (state = 'processing' AND lease_until < now()))
             AND (%(run)s::uuid IS NULL OR run_id = %(run)s)
           ORDER BY closed_at, id LIMIT %(limit)s""",
        limit=limit,
        run=run_id,
    )


async def failed(s: Session, *, limit: int) -> Sequence[UUID]:
    """Failed ones that nobody was asked to look at."""
    return await _ids(
        s,
        """SELECT id FROM reports WHERE clinic_id = %(clinic)s AND state = 'failed'
           ORDER BY closed_at, id LIMIT %(limit)s""",
        limit=limit,
    )


async def timed_out(s: Session, *, limit: int) -> Sequence[UUID]:
    """In review, past their due; not those that only a person lets go."""
    return await _ids(
        s,
        """SELECT id FROM reports WHERE clinic_id = %(clinic)s AND state = 'review' AND review_due_at <= now()
             AND NOT ARRAY[coalesce(review_reason, ''), coalesce(error_code, '')] && ARRAY['other_name', 'report_person']
           ORDER BY review_due_at, id LIMIT %(limit)s""",
        limit=limit,
    )


async def to_send(s: Session, *, limit: int) -> Sequence[UUID]:
    """Approved or fallback, not in the outbox yet."""
    return await _ids(
        s,
        """SELECT id FROM reports WHERE clinic_id = %(clinic)s AND state IN ('approved', 'fallback') AND queued_at IS NULL
           ORDER BY closed_at, id LIMIT %(limit)s""",
        limit=limit,
    )


async def unsettled(s: Session, *, limit: int) -> Sequence[UUID]:
    """In the outbox, with an end there that their state does not tell yet; or told otherwise by the wire since."""
    return await _ids(
        s,
        """SELECT r.id FROM reports r
           JOIN LATERAL (
             SELECT bool_or(o.status IN ('queued', 'sending', 'unknown')) AS waits,
                    bool_or(o.status IN ('failed', 'cancelled')) AS lost,
                    bool_or(o.status IN ('sent', 'delivered', 'read')) AS arrived
             FROM report_sends t JOIN outbox o ON o.clinic_id = t.clinic_id AND o.message_id = t.message_id
             WHERE t.clinic_id = r.clinic_id AND t.report_id = r.id) e ON true
           WHERE r.clinic_id = %(clinic)s AND r.queued_at IS NOT NULL AND NOT coalesce(e.waits, false)
             AND (r.state IN ('approved', 'fallback')
                  OR (r.queued_at > now() - %(settled)s::interval
                      AND ((r.state = 'sent' AND e.lost) OR (r.state = 'send_failed' AND e.arrived))))
           ORDER BY r.queued_at, r.id LIMIT %(limit)s""",
        limit=limit,
        settled=_SETTLED,
    )


async def unnotified(s: Session, *, limit: int) -> Sequence[UUID]:
    """In review, and the team was not told that they wait; not those that somebody of it is at ("edited")."""
    return await _ids(
        s,
        """SELECT id FROM reports WHERE clinic_id = %(clinic)s AND state = 'review' AND notified_at IS NULL
             AND review_reason IS DISTINCT FROM 'edited'
           ORDER BY review_due_at, id LIMIT %(limit)s""",
        limit=limit,
    )


async def urgent(s: Session, ids: Sequence[UUID]) -> Sequence[UUID]:
    """Those of them in which something urgent was found, the first due first."""
    rows = await s.all(
        """SELECT id FROM reports r WHERE clinic_id = %(clinic)s AND id = ANY(%(ids)s)
             AND EXISTS (SELECT FROM detected_patterns d
                         WHERE d.clinic_id = r.clinic_id AND d.report_id = r.id AND d.severity = 'urgent')
           ORDER BY review_due_at, id""",
        {"clinic": s.clinic_id, "ids": list(ids)},
    )
    return [row["id"] for row in rows]


async def note_notified(s: Session, report_id: UUID) -> bool:
    """The team is told, now. False: it was told before."""
    return bool(
        await s.execute(
            """UPDATE reports SET notified_at = clock_timestamp()
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND state = 'review' AND notified_at IS NULL""",
            {"clinic": s.clinic_id, "id": report_id},
        )
    )


async def counts(s: Session) -> dict[str, int]:
    """How many reports are in each state."""
    rows = await s.all(
        "SELECT state, count(*)::int AS n FROM reports WHERE clinic_id = %(clinic)s GROUP BY state", {"clinic": s.clinic_id}
    )
    return {row["state"]: row["n"] for row in rows}


async def _ids(s: Session, query: LiteralString, *, limit: int, **params: object) -> list[UUID]:
    return [row["id"] for row in await s.all(query, {"clinic": s.clinic_id, "limit": limit, **params})]
