"""Where a branch begins: the first message that a turn answered, and when it was written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.reading import NoTurn
from db.session import Session


@dataclass(frozen=True, slots=True)
class Heard:
    """What a turn answered. `seq`: the journal's entry of the first of these messages, stored at `stored_at`."""

    seq: int
    stored_at: datetime
    at: datetime  # the conversation's clock
    person: str
    said: tuple[str, ...]


async def heard(s: Session, conversation_id: UUID, turn_id: UUID) -> Heard:
    """What a turn of this conversation answered; one that came to nothing had what the next answered. Raises NoTurn."""
    rows = await s.all(
        """WITH chosen AS (
             SELECT started_at FROM turns WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND id = %(turn)s),
           answering AS (
             SELECT t.id FROM turns t, chosen WHERE t.clinic_id = %(clinic)s AND t.conversation_id = %(id)s
               AND t.started_at >= chosen.started_at
               AND EXISTS (SELECT FROM messages m WHERE m.clinic_id = t.clinic_id AND m.turn_id = t.id AND m.direction = 'in')
             ORDER BY t.started_at LIMIT 1)
           SELECT m.text, m.at, m.stored_at, c.reply_to, j.seq FROM messages m
           JOIN conversations c ON c.clinic_id = m.clinic_id AND c.id = m.conversation_id
           JOIN sandbox_journal j ON j.clinic_id = m.clinic_id AND j.table_name = 'messages' AND j.op = 'INSERT'
             AND j.row ->> 'id' = m.id::text
           WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(id)s AND m.direction = 'in'
             AND m.turn_id IS NOT DISTINCT FROM (SELECT id FROM answering) AND EXISTS (SELECT FROM chosen)
           ORDER BY m.seq""",
        {"clinic": s.clinic_id, "id": conversation_id, "turn": turn_id},
    )
    if not rows:
        raise NoTurn
    first = rows[0]
    said = tuple(row["text"] for row in rows if row["text"].strip())
    return Heard(first["seq"], first["stored_at"], first["at"], first["reply_to"], said)


async def files_named(s: Session) -> list[UUID]:
    """The files that the session's messages name."""
    rows = await s.all(
        """SELECT (jsonb_array_elements_text(payload -> 'media'))::uuid AS id FROM messages
           WHERE clinic_id = %(clinic)s AND jsonb_typeof(payload -> 'media') = 'array'""",
        {"clinic": s.clinic_id},
    )
    return [row["id"] for row in rows]


async def carry_file(source: Session, target: Session, media_id: UUID) -> None:
    """Copies one file from one rehearsal into another."""
    row = await source.one(
        """SELECT id, message_id, media_type, name, data, created_at, kind, bytes, transcript, heard_at, source,
                  CASE WHEN heard_at IS NULL AND status = 'waiting' THEN 'not_heard' ELSE problem END AS problem
           FROM media WHERE clinic_id = %(clinic)s AND id = %(id)s AND data IS NOT NULL""",
        {"clinic": source.clinic_id, "id": media_id},
    )
    if row is not None:
        await target.execute(
            """INSERT INTO media (clinic_id, id, message_id, media_type, name, data, created_at, kind, bytes, transcript,
                                  heard_at, source, problem)
               VALUES (%(clinic)s, %(id)s, %(message_id)s, %(media_type)s, %(name)s, %(data)s, %(created_at)s, %(kind)s,
                       %(bytes)s, %(transcript)s, %(heard_at)s, %(source)s, %(problem)s)""",
            {**row, "clinic": target.clinic_id, "source": Jsonb(row["source"])},
        )
