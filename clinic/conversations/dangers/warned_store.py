"""Which words of an emergency a conversation was told lately."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from clinic.conversations.models import Outcome
from db.session import Session


async def warned(s: Session, conversation_id: UUID, *, since: datetime) -> set[str]:
    """The texts (by key) that were said since then, on the conversation's clock, and have not failed to leave."""
    rows = await s.all(
        """SELECT DISTINCT step ->> 'said' AS words FROM turns t, jsonb_array_elements(t.trace) step
           WHERE t.clinic_id = %(clinic)s AND t.conversation_id = %(id)s AND t.status = 'adopted'
             AND t.outcome = %(emergency)s AND step ->> 'step' = 'red_flag' AND step ->> 'said' IS NOT NULL
             AND EXISTS (SELECT FROM messages m JOIN outbox o ON o.clinic_id = m.clinic_id AND o.message_id = m.id
                         WHERE m.clinic_id = t.clinic_id AND m.conversation_id = t.conversation_id AND m.turn_id = t.id
                           AND m.at > %(since)s AND o.status NOT IN ('failed', 'cancelled'))""",
        {"clinic": s.clinic_id, "id": conversation_id, "since": since, "emergency": Outcome.EMERGENCY},
    )
    return {row["words"] for row in rows}
