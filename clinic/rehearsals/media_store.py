"""Files that came with messages of a rehearsal."""

from __future__ import annotations

from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.files import media_store
from clinic.rehearsals.media import Kind
from db.session import Session


async def keep(
    s: Session, media_id: UUID, message_id: UUID, found: Kind, *, name: str, data: bytes, came: str, hear: bool
) -> None:
    """Keeps a file in its row: a rehearsal ends soon, and all of it with it. `came`: the digest of the file as it came.
    `hear`: it waits to be heard."""
    await s.execute(
        """INSERT INTO media (clinic_id, id, message_id, kind, media_type, name, data, bytes, source, status, due_at)
           VALUES (%(clinic)s, %(id)s, %(message)s, %(kind)s, %(type)s, %(name)s, %(data)s, %(bytes)s, %(source)s,
                   CASE WHEN %(hear)s THEN 'waiting' ELSE 'ready' END, CASE WHEN %(hear)s THEN now() END)""",
        {
            "clinic": s.clinic_id,
            "id": media_id,
            "message": message_id,
            "kind": found.message,
            "type": found.media_type,
            "name": name,
            "data": data,
            "bytes": len(data),
            "source": Jsonb({"came": came}),
            "hear": hear,
        },
    )
    if hear:
        await media_store.ring(s, media_id)


async def came_with(s: Session, message_id: UUID, came: str) -> bool:
    """Whether this very file came with the message."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM media WHERE clinic_id = %(clinic)s AND message_id = %(id)s
             AND (source ->> 'came' = %(came)s OR (source = '{}' AND encode(sha256(data), 'hex') = %(came)s))) AS same""",
        {"clinic": s.clinic_id, "id": message_id, "came": came},
    )
    return bool(row and row["same"])
