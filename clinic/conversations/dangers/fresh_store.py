"""The urgent cases of a conversation that nobody closed, with the words that opened them."""

from __future__ import annotations

from uuid import UUID

from clinic.conversations.dangers.fresh import Alarm
from clinic.conversations.models import CaseKind, OpenCase
from db.session import Session


async def alarms(s: Session, conversation_id: UUID) -> tuple[Alarm, ...]:
    """Open or taken, oldest first."""
    rows = await s.all(
        """SELECT id, number, kind, urgent, due_at, status, owner_name, opened_at, reason, brief FROM cases
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND urgent AND status <> 'resolved' ORDER BY number""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return tuple(
        Alarm(
            OpenCase(r["id"], r["number"], CaseKind(r["kind"]), r["urgent"], r["due_at"], r["status"], r["owner_name"]),
            r["opened_at"],
            r["reason"],
            r["brief"],
        )
        for r in rows
    )
