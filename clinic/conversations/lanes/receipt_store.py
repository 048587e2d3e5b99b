"""Receipts of what tools did. The unique key makes an effect happen once, however often a turn is tried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.models import Lease, Receipt
from db.session import Session
from kit.ids import new_id


async def find(s: Session, conversation_id: UUID, key: str, *, heard_from: int | None = None) -> Receipt | None:
    """The receipt of an effect that already happened in this conversation, since that message if one is named."""
    row = await s.one(
        """SELECT r.id, r.turn_id, r.tool, r.effect, r.arguments, r.result, r.entity, r.entity_id
           FROM tool_receipts r JOIN turns t ON t.clinic_id = r.clinic_id AND t.id = r.turn_id
           WHERE r.clinic_id = %(clinic)s AND r.conversation_id = %(id)s AND r.idempotency_key = %(key)s
             AND (%(heard)s::bigint IS NULL OR t.started_at >= (SELECT m.stored_at FROM messages m
                    JOIN conversations c ON c.clinic_id = m.clinic_id AND c.id = m.conversation_id
                    JOIN conversations here ON here.clinic_id = c.clinic_id AND here.contact_id = c.contact_id
                    WHERE here.clinic_id = %(clinic)s AND here.id = %(id)s AND m.seq = %(heard)s))""",
        {"clinic": s.clinic_id, "id": conversation_id, "key": key, "heard": heard_from},
    )
    return Receipt(**row) if row else None


async def made_here(s: Session, conversation_id: UUID, entity_id: UUID, *, heard_from: int | None = None) -> bool:
    """Whether an effect in this conversation made that row, since that message if one is named."""
    row = await s.one(
        """SELECT r.id FROM tool_receipts r JOIN turns t ON t.clinic_id = r.clinic_id AND t.id = r.turn_id
           WHERE r.clinic_id = %(clinic)s AND r.conversation_id = %(id)s AND r.entity_id = %(entity)s
             AND (%(heard)s::bigint IS NULL OR t.started_at >= (SELECT m.stored_at FROM messages m
                    JOIN conversations c ON c.clinic_id = m.clinic_id AND c.id = m.conversation_id
                    JOIN conversations here ON here.clinic_id = c.clinic_id AND here.contact_id = c.contact_id
                    WHERE here.clinic_id = %(clinic)s AND here.id = %(id)s AND m.seq = %(heard)s)) LIMIT 1""",
        {"clinic": s.clinic_id, "id": conversation_id, "entity": entity_id, "heard": heard_from},
    )
    return row is not None


async def write(
    s: Session,
    lease: Lease,
    *,
    tool: str,
    effect: str,
    key: str,
    arguments: Mapping[str, Any],
    result: Mapping[str, Any],
    entity: str | None,
    entity_id: UUID | None,
    at: datetime,
) -> UUID:
    """Writes a receipt in the transaction of its effect, and returns its id."""
    receipt_id = new_id()
    await s.execute(
        """INSERT INTO tool_receipts (clinic_id, id, conversation_id, turn_id, tool, effect, idempotency_key, arguments, result,
                                      entity, entity_id, at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(turn)s, %(tool)s, %(effect)s, %(key)s, %(arguments)s, %(result)s,
                   %(entity)s, %(entity_id)s, %(at)s)""",
        {
            "clinic": s.clinic_id,
            "id": receipt_id,
            "conversation": lease.conversation_id,
            "turn": lease.turn_id,
            "tool": tool,
            "effect": effect,
            "key": key,
            "arguments": Jsonb(dict(arguments)),
            "result": Jsonb(dict(result)),
            "entity": entity,
            "entity_id": entity_id,
            "at": at,
        },
    )
    return receipt_id


async def unsaid(s: Session, conversation_id: UUID, *, heard_from: int | None = None) -> list[Receipt]:
    """Writes whose turn never got to speak (superseded, failed): what was done and must still be told.

    Since that message if one is named: what was done for whoever wrote before is not told to whoever writes now.
    """
    rows = await s.all(
        """SELECT r.id, r.turn_id, r.tool, r.effect, r.arguments, r.result, r.entity, r.entity_id
           FROM tool_receipts r JOIN turns t ON t.clinic_id = r.clinic_id AND t.id = r.turn_id
           WHERE r.clinic_id = %(clinic)s AND r.conversation_id = %(id)s AND r.effect = 'write'
             AND t.status IN ('superseded', 'failed')
             AND (%(heard)s::bigint IS NULL OR t.started_at >= (SELECT m.stored_at FROM messages m
                    JOIN conversations c ON c.clinic_id = m.clinic_id AND c.id = m.conversation_id
                    JOIN conversations here ON here.clinic_id = c.clinic_id AND here.contact_id = c.contact_id
                    WHERE here.clinic_id = %(clinic)s AND here.id = %(id)s AND m.seq = %(heard)s))
             AND t.started_at > coalesce((SELECT max(a.started_at) FROM turns a WHERE a.clinic_id = r.clinic_id
                                           AND a.conversation_id = r.conversation_id AND a.status = 'adopted'), '-infinity')
           ORDER BY r.at LIMIT 10""",
        {"clinic": s.clinic_id, "id": conversation_id, "heard": heard_from},
    )
    return [Receipt(**row) for row in rows]
