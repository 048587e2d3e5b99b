"""Storing what arrives, before anything is acknowledged. Duplicates, replays and reordering change nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.cases import case_store
from clinic.conversations.dangers import red_flags
from clinic.conversations.dangers.alarm import raise_alarm
from clinic.conversations.files import media_store
from clinic.conversations.files.media import file_of
from clinic.conversations.lanes.lane_store import LANES as LANES
from clinic.conversations.lanes.lane_store import ring
from clinic.conversations.lanes.quiet import finished, wait
from clinic.conversations.models import Arrival, CaseKind, ContactGone, QuietWindow, Stored
from clinic.conversations.outgoing import leaving_store
from clinic.patients import service as patients
from db.session import Session
from kit.ids import new_id
from kit.text import strip_hidden

# A wire that was down may deliver old messages in a heap. Answering yesterday's "oi" by itself would surprise people.
TOO_LATE = timedelta(hours=24)


async def receive(
    s: Session, arrival: Arrival, *, now: datetime, quiet: QuietWindow, hears: timedelta = media_store.HEARS
) -> Stored:
    """Stores one message and makes its conversation's next turn due; the same message twice is one row.

    A file that comes with it is fetched apart from it; the turn waits for a voice note to be heard, at most `hears`.
    `now` is the machine's instant. The conversation's clock is `arrival.clock_at` when given, else the machine's.
    """
    contact_id = await patients.recognise(s, arrival.aliases, arrival.display_name)
    conversation_id, pinned = await _conversation(s, arrival, contact_id)
    flags = red_flags.read_all(strip_hidden(arrival.text)) if arrival.text else ()
    flag = flags[0] if flags else None
    row = await s.one(
        """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, kind, text, payload,
                                 provider_id, red_flag, request_id, sent_at, at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(account)s, 'in', 'patient', %(kind)s, %(text)s, %(payload)s,
                   %(provider_id)s, %(flag)s, %(request)s, %(sent_at)s, %(at)s)
           ON CONFLICT (clinic_id, account_id, direction, provider_id) WHERE provider_id IS NOT NULL DO NOTHING
           RETURNING id, seq""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "conversation": conversation_id,
            "account": arrival.account_id,
            "kind": arrival.kind,
            "text": arrival.text.replace("\x00", ""),
            "payload": Jsonb(dict(arrival.payload)),
            "provider_id": arrival.provider_id,
            "flag": f"{flag.kind}:{flag.code}" if flag else None,
            "request": arrival.request_id,
            "sent_at": arrival.sent_at,
            "at": pinned or now,
        },
    )
    if row is None:
        return await _already_stored(s, arrival)
    stored = Stored(conversation_id, row["id"], row["seq"], True, f"{flag.kind}:{flag.code}" if flag else None)
    await raise_alarm(s, conversation_id, flags, text=arrival.text, at=pinned or now)
    await _note_inbound(s, conversation_id, arrival.sent_at, at=pinned or now)
    await leaving_store.reopen(s, conversation_id)
    late = arrival.sent_at is not None and now - arrival.sent_at > TOO_LATE and not flag
    if (file := file_of(arrival.payload)) is not None:
        hears = timedelta(0) if late else hears
        await media_store.expect(s, conversation_id, stored.message_id, file, now=now, hears=hears)
    if arrival.kind == "reaction" and not flag:
        return stored  # a thumbs-up on a bubble asks for no answer
    if late:
        await case_store.open_case(s, conversation_id, CaseKind.FAILURE, reason="late_message", brief="", due_at=now, at=now)
        return stored
    seconds = 0.0 if flag else await _patience(s, conversation_id, arrival, quiet)
    await _make_due(s, conversation_id, seconds, max(quiet.cap, quiet.seconds), at_once=flag is not None)
    return stored


async def _conversation(s: Session, arrival: Arrival, contact_id: UUID) -> tuple[UUID, datetime | None]:
    """Of the contact, or of the one they were merged into since they were recognised."""
    row = await s.one(
        """INSERT INTO conversations (clinic_id, id, contact_id, account_id, reply_to, clock_at)
           SELECT k.clinic_id, %(id)s, coalesce(k.merged_into, k.id), %(account)s, %(reply_to)s, %(clock)s
           FROM contacts k WHERE k.clinic_id = %(clinic)s AND k.id = %(contact)s FOR KEY SHARE
           ON CONFLICT (clinic_id, account_id, contact_id) DO UPDATE
             SET reply_to = excluded.reply_to, clock_at = excluded.clock_at
           RETURNING id, clock_at""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "contact": contact_id,
            "account": arrival.account_id,
            "reply_to": arrival.reply_to,
            "clock": arrival.clock_at,
        },
    )
    if row is None:
        raise ContactGone
    return row["id"], row["clock_at"]


async def _already_stored(s: Session, arrival: Arrival) -> Stored:
    row = await s.one(
        """SELECT id, seq, conversation_id, red_flag FROM messages
           WHERE clinic_id = %(clinic)s AND account_id = %(account)s AND direction = 'in' AND provider_id = %(id)s""",
        {"clinic": s.clinic_id, "account": arrival.account_id, "id": arrival.provider_id},
    )
    assert row is not None  # the conflict that brought us here is this row
    return Stored(row["conversation_id"], row["id"], row["seq"], False, row["red_flag"])


async def _note_inbound(s: Session, conversation_id: UUID, sent_at: datetime | None, *, at: datetime) -> None:
    """The patient was just here: the 24-hour window counts from the wire's instant, never from one in the future.

    When the contact was last seen is written by the turn that answers, which first compares; where a person speaks, here.
    """
    await s.execute(
        """WITH told AS (
             UPDATE conversations SET last_inbound_at = greatest(last_inbound_at, least(%(sent_at)s, now()))
             WHERE clinic_id = %(clinic)s AND id = %(id)s RETURNING clinic_id, contact_id, owner)
           UPDATE contacts k SET last_seen_at = greatest(k.last_seen_at, %(at)s) FROM told
           WHERE k.clinic_id = told.clinic_id AND k.id = told.contact_id AND told.owner = 'person'""",
        {"clinic": s.clinic_id, "id": conversation_id, "sent_at": sent_at, "at": at},
    )


async def _patience(s: Session, conversation_id: UUID, arrival: Arrival, window: QuietWindow) -> float:
    """Seconds to wait for more. Our last words are only looked up for a message that a question of ours would finish."""
    text, kind = arrival.text, arrival.kind
    if window.seconds <= 0:
        return 0.0
    depends = not finished(text, kind) and finished(text, kind, asked=True)
    return wait(text, kind, window, asked=depends and await _asked(s, conversation_id))


async def _asked(s: Session, conversation_id: UUID) -> bool:
    row = await s.one(
        """SELECT text LIKE '%%?%%' AS asked FROM messages
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND direction = 'out' ORDER BY seq DESC LIMIT 1""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return bool(row and row["asked"])


async def _make_due(s: Session, conversation_id: UUID, seconds: float, cap: float, *, at_once: bool) -> None:
    """The turn is due when the patient has been quiet for the window, capped from the first unanswered message.

    A person's conversation stays theirs, except for a red flag, which waits for no voice note either. A lane set aside
    wakes up: something new was said.
    """
    await s.execute(
        """UPDATE conversations SET
             last_message_at = now(),
             waiting_since = coalesce(waiting_since, now()),
             dead_at = NULL,
             attempts = CASE WHEN dead_at IS NULL THEN attempts ELSE 0 END,
             hears_until = CASE WHEN NOT %(at_once)s THEN hears_until END,
             due_at = CASE
               WHEN %(at_once)s THEN now()
               WHEN owner = 'person' THEN due_at
               ELSE least(now() + make_interval(secs => %(seconds)s),
                          coalesce(waiting_since, now()) + make_interval(secs => %(cap)s)) END
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id, "at_once": at_once, "seconds": seconds, "cap": cap},
    )
    await ring(s, conversation_id)
