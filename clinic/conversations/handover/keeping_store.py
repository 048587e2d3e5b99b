"""What a slipping promise needs of its conversation, and the message that says so."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from clinic.conversations.handover.ownership_store import Standing
from db.session import Session
from kit.ids import new_id


async def opted_out(s: Session, conversation_id: UUID) -> bool:
    """Whether the contact wants no automatic messages."""
    row = await s.one(
        """SELECT k.opted_out_at IS NOT NULL AS out FROM conversations c
           JOIN contacts k ON k.clinic_id = c.clinic_id AND k.id = c.contact_id
           WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return bool(row and row["out"])


async def say(s: Session, standing: Standing, text: str, *, at: datetime) -> UUID:
    """Stores an automatic message of no turn; its send is the caller's to queue."""
    message_id = new_id()
    await s.execute(
        """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, text, at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(account)s, 'out', 'automatic', %(text)s, %(at)s)""",
        {
            "clinic": s.clinic_id,
            "id": message_id,
            "conversation": standing.id,
            "account": standing.account_id,
            "text": text,
            "at": at,
        },
    )
    await s.execute(
        "UPDATE conversations SET last_message_at = now() WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": standing.id},
    )
    return message_id


async def wait_until(s: Session, case_id: UUID, at: datetime | None) -> None:
    """Whether its patient must be told is looked at again then, or never."""
    await s.execute(
        "UPDATE cases SET slips_at = %(at)s WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": case_id, "at": at},
    )
