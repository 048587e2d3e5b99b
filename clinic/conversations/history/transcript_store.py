"""A conversation as it can be read: who said what, how it was delivered, what each turn did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from clinic.conversations.models import Author, Owner
from db.session import Session

LIMIT = 200  # messages a reading


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a conversation stands. `busy`: a turn is due or being thought."""

    owner: Owner
    busy: bool
    stuck: bool  # set aside after too many failures: a person has the case


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `status` is the delivery's for ours, None for the patient's; `turn_id` the turn that said or answered it."""

    id: UUID
    seq: int
    author: Author
    kind: str
    text: str
    at: datetime
    status: str | None
    turn_id: UUID | None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    id: UUID
    status: str
    outcome: str | None
    model: str | None
    trace: Sequence[Any]
    tokens_in: int
    tokens_out: int
    cost_brl: Decimal
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Write:
    """Something a tool did: the row is the proof."""

    id: UUID
    turn_id: UUID
    tool: str
    result: Mapping[str, Any]
    entity: str | None
    entity_id: UUID | None


async def lane(s: Session, conversation_id: UUID) -> Lane | None:
    """None: there is no such conversation in this clinic."""
    row = await s.one(
        """SELECT owner, dead_at IS NOT NULL AS stuck,
                  dead_at IS NULL AND (due_at IS NOT NULL OR coalesce(lease_until > now(), false)) AS busy
           FROM conversations WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return Lane(Owner(row["owner"]), row["busy"], row["stuck"]) if row else None


async def lines(s: Session, conversation_id: UUID, *, after: int) -> list[Line]:
    """What was said after message `after` (a seq), oldest first, at most 200."""
    rows = await s.all(
        """SELECT m.id, m.seq, m.author, m.kind, m.text, m.at, m.turn_id,
                  coalesce(o.status, CASE WHEN m.direction = 'out' THEN 'sent' END) AS status
           FROM messages m LEFT JOIN outbox o ON o.clinic_id = m.clinic_id AND o.message_id = m.id
           WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(id)s AND m.seq > %(after)s
             AND m.kind NOT IN ('given_back', 'came_back')
           ORDER BY m.seq LIMIT %(limit)s""",
        {"clinic": s.clinic_id, "id": conversation_id, "after": after, "limit": LIMIT},
    )
    return [Line(**{**row, "author": Author(row["author"])}) for row in rows]


async def replies_to(s: Session, conversation_id: UUID, message_id: UUID) -> list[Line]:
    """What the turn that answered this message said, in order; empty while none has."""
    rows = await s.all(
        """SELECT m.id, m.seq, m.author, m.kind, m.text, m.at, m.turn_id, coalesce(o.status, 'sent') AS status
           FROM messages asked
           JOIN messages m ON m.clinic_id = asked.clinic_id AND m.conversation_id = asked.conversation_id
             AND m.turn_id = asked.turn_id AND m.direction = 'out'
           LEFT JOIN outbox o ON o.clinic_id = m.clinic_id AND o.message_id = m.id
           WHERE asked.clinic_id = %(clinic)s AND asked.conversation_id = %(conversation)s AND asked.id = %(id)s
           ORDER BY m.seq""",
        {"clinic": s.clinic_id, "conversation": conversation_id, "id": message_id},
    )
    return [Line(**{**row, "author": Author(row["author"])}) for row in rows]


async def turns_since(s: Session, conversation_id: UUID, message_id: UUID) -> list[UUID]:
    """The turns that thought about this message, up to the one that answered it: dropped ones have effects too."""
    rows = await s.all(
        """SELECT t.id FROM messages asked
           JOIN turns t ON t.clinic_id = asked.clinic_id AND t.conversation_id = asked.conversation_id
           LEFT JOIN turns answer ON answer.clinic_id = asked.clinic_id AND answer.id = asked.turn_id
           WHERE asked.clinic_id = %(clinic)s AND asked.conversation_id = %(conversation)s AND asked.id = %(id)s
             AND (t.id = asked.turn_id OR (t.started_at >= asked.stored_at
                                           AND t.started_at <= coalesce(answer.started_at, 'infinity')))
           ORDER BY t.started_at""",
        {"clinic": s.clinic_id, "conversation": conversation_id, "id": message_id},
    )
    return [row["id"] for row in rows]


async def turn_records(s: Session, turn_ids: Sequence[UUID]) -> list[TurnRecord]:
    """How these turns went, oldest first."""
    rows = await s.all(
        """SELECT id, status, outcome, model, trace, tokens_in, tokens_out, cost_brl,
                  extract(epoch FROM finished_at - started_at)::float AS seconds
           FROM turns WHERE clinic_id = %(clinic)s AND id = ANY(%(ids)s) ORDER BY started_at""",
        {"clinic": s.clinic_id, "ids": list(turn_ids)},
    )
    return [TurnRecord(**row) for row in rows]


async def writes(s: Session, turn_ids: Sequence[UUID]) -> list[Write]:
    """What these turns changed, in order."""
    rows = await s.all(
        """SELECT id, turn_id, tool, result, entity, entity_id FROM tool_receipts
           WHERE clinic_id = %(clinic)s AND effect = 'write' AND turn_id = ANY(%(ids)s) ORDER BY at, id""",
        {"clinic": s.clinic_id, "ids": list(turn_ids)},
    )
    return [Write(**row) for row in rows]


async def words_of(s: Session, message_id: UUID) -> str:
    """The text of a stored message."""
    row = await s.one(
        "SELECT text FROM messages WHERE clinic_id = %(clinic)s AND id = %(id)s", {"clinic": s.clinic_id, "id": message_id}
    )
    return str(row["text"]) if row else ""
