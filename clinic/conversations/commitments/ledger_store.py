"""The ledger's rows: written with the message that says them, read with the rows behind them as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.commitments.ledger import Entry, Now
from clinic.conversations.models import Commitment
from db.session import Session
from kit.ids import new_id

# Each line with the row behind it as it is now; whoever reads says which lines.
LINES: LiteralString = """
SELECT c.*, a.starts_at, a.status, a.price_cents, h.expires_at, p.status = 'accepted' AS accepted,
       v.price_cents AS cents, coalesce(r.name, u.name, e.name) AS name,
       coalesce(k.first_due_at, k.due_at) AS due_at, coalesce(k.answered_at, k.resolved_at) AS answered_at,
       coalesce(a.id, h.id, v.id, r.id, u.id, e.id, k.id) IS NOT NULL AS found
FROM commitments c
LEFT JOIN appointments a ON c.entity = 'appointment' AND a.clinic_id = c.clinic_id AND a.id = c.entity_id
LEFT JOIN holds h ON c.entity = 'hold' AND h.clinic_id = c.clinic_id AND h.id = c.entity_id
LEFT JOIN LATERAL (
  SELECT q.status FROM proposals q WHERE c.entity = 'hold' AND q.clinic_id = c.clinic_id
    AND q.conversation_id = c.conversation_id AND q.hold_id = c.entity_id LIMIT 1) p ON true
LEFT JOIN services v ON c.entity = 'service' AND v.clinic_id = c.clinic_id AND v.id = c.entity_id
LEFT JOIN professionals r ON c.entity = 'professional' AND r.clinic_id = c.clinic_id AND r.id = c.entity_id
LEFT JOIN units u ON c.entity = 'unit' AND u.clinic_id = c.clinic_id AND u.id = c.entity_id
LEFT JOIN people e ON c.entity = 'person' AND e.clinic_id = c.clinic_id AND e.id = c.entity_id
LEFT JOIN cases k ON c.entity = 'case' AND k.clinic_id = c.clinic_id AND k.id = c.entity_id
"""


_KEPT = ("id", "conversation_id", "message_id", "turn_id", "kind", "said", "means", "entity", "entity_id", "receipt_id", "at")


async def write(
    s: Session,
    *,
    conversation_id: UUID,
    message_id: UUID,
    turn_id: UUID | None,
    commitments: Sequence[Commitment],
    at: datetime,
) -> None:
    """Writes what one message says, in the transaction that stores the message.

    A receipt names the row it made, when whoever says it does not.
    """
    await s.many(
        """INSERT INTO commitments (clinic_id, id, conversation_id, message_id, turn_id, kind, said, means, entity, entity_id,
                                    receipt_id, at)
           SELECT %(clinic)s, %(id)s, %(conversation)s, %(message)s, %(turn)s, %(kind)s, %(said)s, %(means)s, %(entity)s,
                  coalesce(%(entity_id)s::uuid, (SELECT r.entity_id FROM tool_receipts r
                    WHERE r.clinic_id = %(clinic)s AND r.id = %(receipt)s AND r.entity = %(entity)s)), %(receipt)s, %(at)s""",
        [
            {
                "clinic": s.clinic_id,
                "id": new_id(),
                "conversation": conversation_id,
                "message": message_id,
                "turn": turn_id,
                "kind": one.kind,
                "said": one.said[:500],
                "means": Jsonb(dict(one.means)),
                "entity": one.entity,
                "entity_id": one.entity_id,
                "receipt": one.receipt_id,
                "at": at,
            }
            for one in commitments
        ],
    )


async def told_in(s: Session, turn_id: UUID) -> list[tuple[str, list[str]]]:
    """Each message of a turn with the words the ledger has of it."""
    rows = await s.all(
        """SELECT m.text, coalesce(array_agg(c.said) FILTER (WHERE c.said IS NOT NULL), '{}') AS said
           FROM messages m LEFT JOIN commitments c ON c.clinic_id = m.clinic_id AND c.message_id = m.id
           WHERE m.clinic_id = %(clinic)s AND m.turn_id = %(turn)s AND m.direction = 'out'
           GROUP BY m.id, m.text, m.seq ORDER BY m.seq""",
        {"clinic": s.clinic_id, "turn": turn_id},
    )
    return [(row["text"], row["said"]) for row in rows]


async def of_messages(s: Session, message_ids: Sequence[UUID]) -> list[Entry]:
    """What these messages say, in the order it was written."""
    rows = await s.all(
        LINES + "WHERE c.clinic_id = %(clinic)s AND c.message_id = ANY(%(ids)s) ORDER BY c.id",
        {"clinic": s.clinic_id, "ids": list(message_ids)},
    )
    return [entry_of(row) for row in rows]


def entry_of(row: Mapping[str, Any]) -> Entry:
    """A line of the ledger from its row and those joined to it."""
    known = (
        "id",
        "conversation_id",
        "message_id",
        "turn_id",
        "kind",
        "said",
        "means",
        "entity",
        "entity_id",
        "receipt_id",
        "at",
    )
    return Entry(
        **{name: row[name] for name in known},
        now=Now(
            exists=row["found"],
            starts_at=row["starts_at"],
            status=row["status"],
            expires_at=row["expires_at"],
            accepted=bool(row["accepted"]),
            cents=row["price_cents"] if row["entity"] == "appointment" else row["cents"],
            name=row["name"],
            due_at=row["due_at"],
            answered_at=row["answered_at"],
        ),
    )
