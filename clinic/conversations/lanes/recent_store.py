"""The newest messages of a conversation as a turn reads them: those said, and those that wait for an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.conversations.models import Attachment, Author, Message
from db.session import Session


async def recent(s: Session, conversation_id: UUID, *, limit: int) -> list[Message]:
    """The newest `limit` messages and all that wait, oldest first; each with the file that came with it."""
    rows = await s.all(
        """SELECT m.*, f.kind AS file_kind, f.status AS file_status, f.problem AS file_problem FROM (
             (SELECT id, seq, author, kind, text, at, red_flag, request_id,
                     direction = 'out' OR turn_id IS NOT NULL AS answered, payload->>'mind' AS mind,
                     coalesce((payload->>'heard')::boolean, false) AS heard, coalesce((payload->>'again')::int, 0) AS again,
                     payload->>'choice_id' AS choice
              FROM messages WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s
              ORDER BY seq DESC LIMIT %(limit)s)
             UNION
             (SELECT id, seq, author, kind, text, at, red_flag, request_id, false, payload->>'mind',
                     coalesce((payload->>'heard')::boolean, false), coalesce((payload->>'again')::int, 0),
                     payload->>'choice_id'
              FROM messages WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND direction = 'in' AND turn_id IS NULL
              ORDER BY seq DESC LIMIT 50)) m
           LEFT JOIN LATERAL (
             SELECT e.kind, e.status, e.problem FROM media e WHERE e.clinic_id = %(clinic)s AND e.message_id = m.id
             ORDER BY e.id LIMIT 1) f ON true
           ORDER BY m.seq""",
        {"clinic": s.clinic_id, "id": conversation_id, "limit": limit},
    )
    return [_message(row) for row in rows]


async def was_said(s: Session, conversation_id: UUID, text: str, *, since: datetime) -> bool:
    """Whether we said exactly this here at or after that instant of the conversation's clock."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM messages WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND direction = 'out'
             AND at >= %(since)s AND text = %(text)s) AS said""",
        {"clinic": s.clinic_id, "id": conversation_id, "since": since, "text": text},
    )
    return bool(row and row["said"])


def _message(row: dict[str, Any]) -> Message:
    kind, status, problem = (row.pop(f"file_{name}") for name in ("kind", "status", "problem"))
    file = Attachment(kind or row["kind"], status, problem) if status else None
    return Message(**{**row, "author": Author(row["author"])}, file=file)
