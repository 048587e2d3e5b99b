"""Lanes that need looking after: late ones, and those whose bell or due time was lost. Seen one clinic at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from clinic.conversations.lanes.lane_store import ring
from db.session import Session


@dataclass(frozen=True, slots=True)
class LateLane:
    """A conversation whose turn is due and that nobody takes. `seconds`: for how long."""

    conversation_id: UUID
    seconds: float
    attempts: int
    error: str | None


async def late(s: Session, *, seconds: float, limit: int = 100) -> Sequence[LateLane]:
    """Lanes due for longer than `seconds` that nobody holds, the oldest first."""
    rows = await s.all(
        """SELECT id AS conversation_id, extract(epoch FROM now() - due_at)::float AS seconds, attempts, last_error AS error
           FROM conversations
           WHERE clinic_id = %(clinic)s AND due_at < now() - make_interval(secs => %(seconds)s) AND dead_at IS NULL
             AND (lease_until IS NULL OR lease_until < now()) AND (hears_until IS NULL OR hears_until <= now())
           ORDER BY due_at LIMIT %(limit)s""",
        {"clinic": s.clinic_id, "seconds": seconds, "limit": limit},
    )
    return [LateLane(**row) for row in rows]


async def ring_lost(s: Session, *, after: float, limit: int = 100) -> int:
    """Makes due what waits for an answer and is due at no time; how many lanes. `after`: seconds since it was stored.

    A reaction asks for none, a message that came a day late is a person's; so is a conversation they have, but for a red flag.
    """
    rows = await s.all(
        """WITH lost AS (
             SELECT c.id FROM conversations c
             WHERE c.clinic_id = %(clinic)s AND c.due_at IS NULL AND c.dead_at IS NULL
               AND (c.lease_until IS NULL OR c.lease_until < now()) AND EXISTS (
                 SELECT FROM messages m WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id
                   AND m.direction = 'in' AND m.turn_id IS NULL AND m.stored_at < now() - make_interval(secs => %(after)s)
                   AND (m.red_flag IS NOT NULL OR (c.owner = 'carol' AND m.kind <> 'reaction'
                     AND coalesce(m.stored_at - m.sent_at <= interval '24 hours', true))))
             LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED)
           UPDATE conversations c SET due_at = now(), waiting_since = coalesce(c.waiting_since, now()),
             lease_until = NULL, lease_token = NULL, fence = c.fence + 1
           FROM lost WHERE c.clinic_id = %(clinic)s AND c.id = lost.id RETURNING c.id""",
        {"clinic": s.clinic_id, "after": after, "limit": limit},
    )
    for row in rows:
        await ring(s, row["id"])
    return len(rows)
