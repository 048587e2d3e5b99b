"""Somebody changed their number, and the wire says so: their conversation goes with them, the old number is nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from clinic.patients import service as patients
from clinic.patients.models import ContactAlias
from db.session import Session


async def hear_moved(
    s: Session, account_id: UUID, before: Sequence[ContactAlias], after: Sequence[ContactAlias], reply_to: str
) -> bool:
    """Whether a contact of ours moved. Told twice, it changes nothing more."""
    contact_id = await patients.move(s, before, after)
    if contact_id is None:
        return False
    await s.execute(
        """UPDATE conversations SET reply_to = %(reply_to)s
           WHERE clinic_id = %(clinic)s AND account_id = %(account)s AND contact_id = %(contact)s""",
        {"clinic": s.clinic_id, "account": account_id, "contact": contact_id, "reply_to": reply_to},
    )
    return True
