"""The lane that has what was said in a conversation: its own, or the one's it became part of while somebody was at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.session import Session


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane whose row is locked until the end. `owes`: Carol has it and a turn of it is due or will be."""

    conversation_id: UUID
    clock_at: datetime | None
    owes: bool


async def locked(s: Session, conversation_id: UUID) -> Lane | None:
    """Locked before its messages, as everywhere: a turn that is adopted meanwhile sees all of a change or nothing of it."""
    row = await s.one(
        """SELECT id AS conversation_id, clock_at, owner = 'carol' AND due_at IS NOT NULL AND dead_at IS NULL AS owes, joined_to
           FROM conversations WHERE clinic_id = %(clinic)s AND id = %(id)s FOR NO KEY UPDATE""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    if row is None:
        return None
    joined_to = row.pop("joined_to")
    return Lane(**row) if joined_to is None else await locked(s, joined_to)
