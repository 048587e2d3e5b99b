"""Messages that wait for the second reader of dangers, and what it found: SQL in, rows out. It only adds flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from clinic.conversations.dangers.alarm import raise_alarm
from clinic.conversations.dangers.red_flags import RedFlag
from clinic.conversations.lanes import joined_store
from clinic.conversations.lanes.lane_store import LANES
from db.session import Session
from kit.clock import business_now

OLD = timedelta(minutes=30)  # as long as our own late answers may still leave: later than that "call 192 now" misleads


@dataclass(frozen=True, slots=True)
class Unlooked:
    """One message as it waits to be read a second time. `flagged`: the patterns found something already.

    `old`: it was written longer ago than `OLD`, because no reader could read.
    """

    id: UUID
    conversation_id: UUID
    text: str
    flagged: bool
    old: bool
    clock_at: datetime | None


async def unlooked(s: Session, message_id: UUID) -> Unlooked | None:
    """The message, unless it was read meanwhile."""
    row = await s.one(
        """SELECT m.id, m.conversation_id, m.text, m.red_flag IS NOT NULL AS flagged,
                  least(m.sent_at, m.stored_at) < now() - %(old)s AS old, c.clock_at
           FROM messages m JOIN conversations c ON c.clinic_id = m.clinic_id AND c.id = m.conversation_id
           WHERE m.clinic_id = %(clinic)s AND m.id = %(id)s AND m.direction = 'in' AND m.looked_at IS NULL""",
        {"clinic": s.clinic_id, "id": message_id, "old": OLD},
    )
    return Unlooked(**row) if row else None


async def note_looked(s: Session, message: Unlooked, flags: Sequence[RedFlag]) -> bool:
    """The message was read; what it says is an alarm at once, whoever speaks. True when this reading raised it.

    A transcript that came meanwhile leaves the message unread: it is read again. A message answered before is opened again;
    a turn that is being thought read it as an ordinary one, and is refused. It waits for no voice note.

    An old one is a person's: the case is opened and the team is told, but nothing is said to the patient, who was answered
    long ago or is answered by a person, and whose hour of need is over or known. Only where Carol owes the answer all the
    same is that answer the one to a danger.
    """
    # The lane is locked before its messages, as everywhere.
    lane = await joined_store.locked(s, message.conversation_id)
    assert lane is not None  # its message was just read
    message = replace(message, conversation_id=lane.conversation_id, clock_at=lane.clock_at)
    first = flags[0] if flags and not message.flagged else None
    flag = f"{first.kind}:{first.code}" if first else None
    if flag and message.old:
        return await _note_old(s, message, flags, flag, owes=lane.owes)
    fresh = await s.execute(
        """UPDATE messages SET looked_at = clock_timestamp(), red_flag = coalesce(red_flag, %(flag)s),
             turn_id = CASE WHEN %(flag)s::text IS NULL OR red_flag IS NOT NULL THEN turn_id END,
             payload = CASE WHEN %(flag)s::text IS NULL OR red_flag IS NOT NULL OR turn_id IS NULL THEN payload
                       ELSE payload || jsonb_build_object('again', coalesce((payload ->> 'again')::int, 0) + 1) END
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND looked_at IS NULL AND text = %(text)s""",
        {"clinic": s.clinic_id, "id": message.id, "flag": flag, "text": message.text},
    )
    if not fresh or not flag:
        return False
    await raise_alarm(s, message.conversation_id, flags, text=message.text, at=business_now(message.clock_at))
    await s.execute(
        """UPDATE conversations SET due_at = now(), waiting_since = coalesce(waiting_since, now()), dead_at = NULL,
             hears_until = NULL, fence = fence + 1, lease_until = NULL, lease_token = NULL,
             attempts = CASE WHEN dead_at IS NULL THEN attempts ELSE 0 END
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": message.conversation_id},
    )
    await s.execute("SELECT pg_notify(%(channel)s, %(id)s)", {"channel": LANES, "id": str(message.conversation_id)})
    return True


async def _note_old(s: Session, message: Unlooked, flags: Sequence[RedFlag], flag: str, *, owes: bool) -> bool:
    # A flag on a message that waits makes its turn due, whoever owns the conversation: that must not be.
    fresh = await s.execute(
        """UPDATE messages SET looked_at = clock_timestamp(),
             red_flag = CASE WHEN turn_id IS NOT NULL OR %(owes)s THEN coalesce(red_flag, %(flag)s) ELSE red_flag END
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND looked_at IS NULL AND text = %(text)s""",
        {"clinic": s.clinic_id, "id": message.id, "flag": flag, "owes": owes, "text": message.text},
    )
    if fresh:
        await raise_alarm(s, message.conversation_id, flags, text=message.text, at=business_now(message.clock_at))
    return bool(fresh)
