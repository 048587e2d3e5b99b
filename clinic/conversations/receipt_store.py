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


async def find(s: Session, conversation_id: UUID, key: str) -> Receipt | None:
    """The receipt of an effect that already happened in this conversation."""
    row = await s.one(
        """SELECT id, turn_id, tool, effect, arguments, result, entity, entity_id FROM tool_receipts
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND idempotency_key = %(key)s""",
        {"clinic": s.clinic_id, "id": conversation_id, "key": key},
    )
    return Receipt(**row) if row else None


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


async def unsaid(s: Session, conversation_id: UUID) -> list[Receipt]:
    """Writes whose turn never got to speak (superseded, failed): what was done and must still be told."""
    rows = await s.all(
        """SELECT r.id, r.turn_id, r.tool, r.effect, r.arguments, r.result, r.entity, r.entity_id
           FROM tool_receipts r JOIN turns t ON t.clinic_id = r.clinic_id AND t.id = r.turn_id
           WHERE r.clinic_id = %(clinic)s AND r.conversation_id = %(id)s AND r.effect = 'write'
             AND t.status IN ('superseded', 'failed')
             AND t.started_at > coalesce((SELECT max(a.started_at) FROM turns a WHERE a.clinic_id = r.clinic_id
                                           AND a.conversation_id = r.conversation_id AND a.status = 'adopted'), '-infinity')
           ORDER BY r.at LIMIT 10""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return [Receipt(**row) for row in rows]
