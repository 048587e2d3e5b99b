"""Turns given up after too many tries: kept with their cause, and taken up again when somebody says so.

The patient was told, a person has the case. A replay gives the same messages a new turn; what the failed ones did is known
by its receipts and not done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.conversations.lanes import lane_store
from clinic.conversations.models import Lease, Owner
from db.session import Session
from kit.errors import Conflict, NotFound
from kit.ids import new_id


class NoDeadLetter(NotFound):
    """There is no such dead letter."""

    code = "no_dead_letter"


class PersonOwns(Conflict):
    """A person answers this conversation: it must be given back before Carol tries again."""

    code = "person_owns"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`waiting`: messages that it left, and that nobody has answered since."""

    id: UUID
    conversation_id: UUID
    turn_id: UUID
    error: str
    attempts: int
    died_at: datetime
    replayed_at: datetime | None
    replayed_by: str | None
    waiting: int


async def write(s: Session, lease: Lease, *, attempts: int, error: str) -> UUID:
    """Keeps what a given-up turn was about, in the transaction that gives it up."""
    letter = new_id()
    await s.execute(
        """INSERT INTO dead_letters (clinic_id, id, conversation_id, turn_id, error, attempts)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(turn)s, %(error)s, %(attempts)s)""",
        {
            "clinic": s.clinic_id,
            "id": letter,
            "conversation": lease.conversation_id,
            "turn": lease.turn_id,
            "error": error[:200],
            "attempts": attempts,
        },
    )
    return letter


async def listed(s: Session, *, replayed: bool = False, limit: int = 100) -> Sequence[DeadLetter]:
    """Those nobody has replayed, or all, the newest first."""
    rows = await s.all(
        """SELECT d.id, d.conversation_id, d.turn_id, d.error, d.attempts, d.died_at, d.replayed_at, d.replayed_by,
                  (SELECT count(*) FROM messages m WHERE m.clinic_id = d.clinic_id AND m.conversation_id = d.conversation_id
                     AND m.direction = 'in' AND m.turn_id = d.turn_id AND NOT EXISTS (
                       SELECT FROM messages o WHERE o.clinic_id = m.clinic_id AND o.conversation_id = m.conversation_id
                         AND o.direction = 'out' AND o.author IN ('carol', 'person') AND o.seq > m.seq)) AS waiting
           FROM dead_letters d
           WHERE d.clinic_id = %(clinic)s AND (d.replayed_at IS NULL OR %(replayed)s)
           ORDER BY d.died_at DESC, d.id LIMIT %(limit)s""",
        {"clinic": s.clinic_id, "replayed": replayed, "limit": limit},
    )
    return [DeadLetter(**row) for row in rows]


async def replay(s: Session, letter_id: UUID, *, by: str) -> int:
    """Gives what it left unanswered a new turn, at once; how many messages. 0: replayed before, or answered meanwhile.

    Raises NoDeadLetter, and PersonOwns while a person answers the conversation.
    """
    conversation_id = await _conversation(s, letter_id)
    standing = await s.one(
        "SELECT owner FROM conversations WHERE clinic_id = %(clinic)s AND id = %(id)s FOR UPDATE",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    assert standing is not None  # a dead letter goes with its conversation
    if standing["owner"] != Owner.CAROL:
        raise PersonOwns
    first = await s.execute(
        """UPDATE dead_letters SET replayed_at = now(), replayed_by = %(by)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND replayed_at IS NULL""",
        {"clinic": s.clinic_id, "id": letter_id, "by": by[:60]},
    )
    freed = await _unanswer(s, letter_id) if first else 0
    if freed:
        await lane_store.wake(s, conversation_id)
    return freed


async def _conversation(s: Session, letter_id: UUID) -> UUID:
    row = await s.one(
        "SELECT conversation_id FROM dead_letters WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": letter_id},
    )
    if row is None:
        raise NoDeadLetter
    found: UUID = row["conversation_id"]
    return found


async def _unanswer(s: Session, letter_id: UUID) -> int:
    """What it left waits again, unless Carol or a person has spoken since."""
    return await s.execute(
        """UPDATE messages m SET turn_id = NULL FROM dead_letters d
           WHERE d.clinic_id = %(clinic)s AND d.id = %(id)s AND m.clinic_id = d.clinic_id
             AND m.conversation_id = d.conversation_id AND m.turn_id = d.turn_id AND m.direction = 'in'
             AND NOT EXISTS (SELECT FROM messages o WHERE o.clinic_id = m.clinic_id AND o.conversation_id = m.conversation_id
               AND o.direction = 'out' AND o.author IN ('carol', 'person') AND o.seq > m.seq)""",
        {"clinic": s.clinic_id, "id": letter_id},
    )
