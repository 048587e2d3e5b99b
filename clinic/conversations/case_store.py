"""Cases: what a person owes a patient, by when. One open case of a kind per conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from clinic.conversations.models import CaseKind, OpenCase
from db.session import Session
from kit.ids import new_id

URGENT = frozenset({CaseKind.EMERGENCY, CaseKind.SELF_HARM})


async def open_case(
    s: Session,
    conversation_id: UUID,
    kind: CaseKind,
    *,
    reason: str,
    brief: str,
    due_at: datetime,
    at: datetime,
    turn_id: UUID | None = None,
) -> OpenCase:
    """Opens a case, or finds the one of this kind that is still open (a retried turn repeats itself)."""
    row = await s.one(
        """INSERT INTO cases (clinic_id, id, conversation_id, kind, urgent, reason, brief, due_at, opened_at, turn_id)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(kind)s, %(urgent)s, %(reason)s, %(brief)s, %(due)s, %(at)s, %(turn)s)
           ON CONFLICT (clinic_id, conversation_id, kind) WHERE status <> 'resolved'
             DO UPDATE SET reason = cases.reason
           RETURNING id, number, kind, urgent, due_at""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "conversation": conversation_id,
            "kind": kind,
            "urgent": kind in URGENT,
            "reason": reason[:200],
            "brief": brief[:2000],
            "due": due_at,
            "at": at,
            "turn": turn_id,
        },
    )
    assert row is not None  # an upsert always returns its row
    return OpenCase(row["id"], row["number"], CaseKind(row["kind"]), row["urgent"], row["due_at"])


async def open_cases(s: Session, conversation_id: UUID) -> Sequence[OpenCase]:
    """What is still owed in this conversation, oldest first."""
    rows = await s.all(
        """SELECT id, number, kind, urgent, due_at FROM cases
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND status <> 'resolved' ORDER BY number""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return [OpenCase(r["id"], r["number"], CaseKind(r["kind"]), r["urgent"], r["due_at"]) for r in rows]


async def resolve(s: Session, conversation_id: UUID, *, at: datetime) -> None:
    """What was owed in this conversation is done."""
    await s.execute(
        """UPDATE cases SET status = 'resolved', resolved_at = %(at)s
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND status <> 'resolved'""",
        {"clinic": s.clinic_id, "id": conversation_id, "at": at},
    )
