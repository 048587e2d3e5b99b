"""Which message a patient may see as read, because its turn has begun, in Postgres."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db.session import Session


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest message a turn is about, and the wire it came by."""

    account_id: UUID
    reply_to: str
    provider_id: str


async def begin(s: Session, conversation_id: UUID, turn_id: UUID) -> Seen | None:
    """What to show as read for this turn. None: it is over, was shown before, by any process, or a person has the
    conversation, who would no longer see it as unread on their phone."""
    row = await s.one(
        """WITH shown AS (
             UPDATE conversations c SET shown_turn = %(turn)s
             WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s AND c.shown_turn IS DISTINCT FROM %(turn)s
               AND c.owner = 'carol' AND EXISTS (SELECT FROM turns t WHERE t.clinic_id = c.clinic_id AND t.id = %(turn)s
                                                 AND t.conversation_id = c.id AND t.status = 'running')
             RETURNING c.clinic_id, c.id, c.account_id, c.reply_to)
           SELECT shown.account_id, shown.reply_to, m.provider_id FROM shown
           JOIN messages m ON m.clinic_id = shown.clinic_id AND m.conversation_id = shown.id AND m.direction = 'in'
             AND m.turn_id IS NULL AND m.provider_id IS NOT NULL AND m.account_id = shown.account_id
           ORDER BY m.seq DESC LIMIT 1""",
        {"clinic": s.clinic_id, "id": conversation_id, "turn": turn_id},
    )
    return Seen(**row) if row else None
