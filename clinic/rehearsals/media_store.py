"""Files that came with messages of a rehearsal."""

from __future__ import annotations

from uuid import UUID

from db.session import Session


async def keep(s: Session, media_id: UUID, message_id: UUID, *, media_type: str, name: str, data: bytes) -> None:
    await s.execute(
        """INSERT INTO media (clinic_id, id, message_id, media_type, name, data)
           VALUES (%(clinic)s, %(id)s, %(message)s, %(type)s, %(name)s, %(data)s)""",
        {"clinic": s.clinic_id, "id": media_id, "message": message_id, "type": media_type, "name": name, "data": data},
    )


async def came_with(s: Session, message_id: UUID, data: bytes) -> bool:
    """Whether this very file came with the message."""
    row = await s.one(
        "SELECT EXISTS (SELECT FROM media WHERE clinic_id = %(clinic)s AND message_id = %(id)s AND data = %(data)s) AS same",
        {"clinic": s.clinic_id, "id": message_id, "data": data},
    )
    return bool(row and row["same"])
