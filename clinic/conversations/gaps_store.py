"""Messages that a wire's history has and our inbox had not, in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.session import Session
from kit.ids import new_id


async def known(s: Session, account_id: UUID, provider_ids: Sequence[str]) -> set[str]:
    """Which of these the inbox or the outbox has."""
    rows = await s.all(
        """SELECT provider_id FROM messages
           WHERE clinic_id = %(clinic)s AND account_id = %(account)s AND direction IN ('in', 'out')
             AND provider_id = ANY(%(ids)s)
           UNION SELECT provider_id FROM outbox
           WHERE clinic_id = %(clinic)s AND account_id = %(account)s AND provider_id = ANY(%(ids)s)""",
        {"clinic": s.clinic_id, "account": account_id, "ids": list(provider_ids)},
    )
    return {row["provider_id"] for row in rows}


async def note(s: Session, account_id: UUID, provider_id: str, *, sent_at: datetime | None, recovered: bool) -> None:
    """A webhook never came. `recovered`: the message is stored now."""
    await s.execute(
        """INSERT INTO gaps (clinic_id, id, account_id, provider_id, sent_at, recovered)
           VALUES (%(clinic)s, %(id)s, %(account)s, %(provider)s, %(sent_at)s, %(recovered)s)
           ON CONFLICT (clinic_id, account_id, provider_id) DO UPDATE SET recovered = gaps.recovered OR excluded.recovered""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "account": account_id,
            "provider": provider_id[:200],
            "sent_at": sent_at,
            "recovered": recovered,
        },
    )
