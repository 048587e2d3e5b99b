"""Files that came with messages: expected with their message, fetched apart from it, heard, kept or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.dangers import red_flags
from clinic.conversations.dangers.alarm import raise_alarm
from clinic.conversations.files.media import Checked, File, Problem, Waiting, weight
from clinic.conversations.lanes import joined_store, lane_store
from db.session import Session
from kit.clock import business_now
from kit.ids import new_id
from kit.text import strip_hidden

MEDIA = "carol_media"  # NOTIFY channel: a bell only, the row is the truth
HEARS = timedelta(seconds=45)
PATIENCE = timedelta(seconds=30)  # and once HEARS: whoever goes on sending notes is answered after both, from the first on
_LOOKS = timedelta(seconds=10)  # what an answer waits to know whether a picture could be opened


async def expect(
    s: Session, conversation_id: UUID, message_id: UUID, file: File, *, now: datetime, hears: timedelta = HEARS
) -> UUID:
    """Writes down a file to be fetched, with its message and in its transaction; the turn waits for it, not for ever."""
    media_id = new_id()
    await s.execute(
        """INSERT INTO media (clinic_id, id, message_id, media_type, name, status, kind, source, due_at)
           VALUES (%(clinic)s, %(id)s, %(message)s, %(type)s, %(name)s, 'waiting', %(kind)s, %(source)s, now())""",
        {
            "clinic": s.clinic_id,
            "id": media_id,
            "message": message_id,
            "type": file.media_type,
            "name": file.name,
            "kind": file.kind,
            "source": Jsonb(dict(file.source)),
        },
    )
    until = now + (hears if file.kind == "audio" else min(hears, _LOOKS))
    await lane_store.hears(s, conversation_id, until, most=PATIENCE + hears)
    await ring(s, media_id)
    return media_id


async def ring(s: Session, media_id: UUID) -> None:
    """After commit: a file waits."""
    await s.execute("SELECT pg_notify(%(channel)s, %(id)s)", {"channel": MEDIA, "id": str(media_id)})


async def claim(s: Session, media_id: UUID, *, lease: timedelta) -> Waiting | None:
    """Takes a file that is due, for this long. None: not due, or somebody is at it."""
    row = await s.one(
        """WITH free AS (
             SELECT clinic_id, id, lease_until IS NOT NULL AS died FROM media
             WHERE clinic_id = %(clinic)s AND id = %(id)s AND status = 'waiting' AND due_at <= now()
               AND (lease_until IS NULL OR lease_until < now())
             FOR UPDATE SKIP LOCKED)
           UPDATE media e SET lease_until = now() + %(lease)s,
                  attempts = e.attempts + CASE WHEN free.died THEN %(death)s ELSE 1 END
           FROM free, messages m
           WHERE e.clinic_id = free.clinic_id AND e.id = free.id AND m.clinic_id = e.clinic_id AND m.id = e.message_id
           RETURNING e.id, e.message_id, m.conversation_id, m.account_id, e.kind, e.source, e.attempts, e.data, e.store_key,
                     e.media_type, e.heard_at IS NOT NULL OR e.problem IS NOT NULL AS settled,
                     coalesce(m.sent_at < m.stored_at - interval '24 hours', false) AS late""",
        {"clinic": s.clinic_id, "id": media_id, "lease": lease, "death": weight(died=True)},
    )
    if row is None:
        return None
    data = row.pop("data")
    return Waiting(**row, data=bytes(data) if data is not None else None)


async def hold(s: Session, waiting: Waiting, lease: timedelta) -> None:
    """Somebody is still at it."""
    await s.execute(
        """UPDATE media SET lease_until = now() + %(lease)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_until IS NOT NULL""",
        {"clinic": s.clinic_id, "id": waiting.id, "lease": lease},
    )


async def note_stored(s: Session, waiting: Waiting, key: str, kept: Checked) -> None:
    """The bytes are in the store. Whether the file is ready, `settle` says."""
    await s.execute(
        """UPDATE media SET store_key = %(key)s, media_type = %(type)s, bytes = %(bytes)s, sha256 = %(sha)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND status = 'waiting'""",
        {
            "clinic": s.clinic_id,
            "id": waiting.id,
            "key": key,
            "type": kept.media_type,
            "bytes": len(kept.data),
            "sha": kept.sha256,
        },
    )


async def note_heard(s: Session, waiting: Waiting, transcript: str) -> str | None:
    """The message says what was heard, its red flag if it holds one; it is answered, also when an answer went out before.

    Said once, however often it was heard. Returns the red flag.
    """
    waiting, clock_at = await _lock(s, waiting)
    fresh = await s.execute(
        """UPDATE media SET transcript = %(text)s, heard_at = clock_timestamp(), problem = NULL
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND heard_at IS NULL""",
        {"clinic": s.clinic_id, "id": waiting.id, "text": transcript},
    )
    if not fresh:
        return None
    flags = red_flags.read_all(strip_hidden(transcript))
    flag = f"{flags[0].kind}:{flags[0].code}" if flags else None
    await raise_alarm(s, waiting.conversation_id, flags, text=transcript, at=business_now(clock_at))
    # A message answered without having been heard is opened again; not where a person speaks, unless it cannot wait. One that
    # a running turn has read unheard may be so answered in a moment: what is said to it then is another thing (`Message.name`).
    await s.execute(
        """UPDATE messages m SET text = %(text)s, red_flag = coalesce(m.red_flag, %(flag)s), looked_at = NULL,
             payload = m.payload || jsonb_build_object('heard', true) || CASE WHEN reopens.yes OR reopens.read THEN
               jsonb_build_object('again', coalesce((m.payload ->> 'again')::int, 0) + 1) ELSE '{}' END,
             turn_id = CASE WHEN reopens.yes THEN NULL ELSE m.turn_id END
           FROM (SELECT m.turn_id IS NOT NULL AND (c.owner = 'carol' OR %(flag)s::text IS NOT NULL) AS yes,
                        m.turn_id IS NULL AND c.lease_token IS NOT NULL AS read
                 FROM messages m JOIN conversations c ON c.clinic_id = m.clinic_id AND c.id = m.conversation_id
                 WHERE m.clinic_id = %(clinic)s AND m.id = %(id)s) reopens
           WHERE m.clinic_id = %(clinic)s AND m.id = %(id)s""",
        {"clinic": s.clinic_id, "id": waiting.message_id, "text": transcript, "flag": flag},
    )
    await s.execute(
        """UPDATE conversations SET waiting_since = coalesce(waiting_since, now()), dead_at = NULL,
             attempts = CASE WHEN dead_at IS NULL THEN attempts ELSE 0 END
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": waiting.conversation_id},
    )
    await _no_longer_waits(s, waiting, at_once=flag is not None)
    return flag


async def note_problem(s: Session, waiting: Waiting, problem: Problem) -> None:
    """It cannot be heard: the turn waits no longer for it. Who was told that it is still being heard is told."""
    waiting, _ = await _lock(s, waiting)
    await s.execute(
        "UPDATE media SET problem = %(problem)s WHERE clinic_id = %(clinic)s AND id = %(id)s AND heard_at IS NULL",
        {"clinic": s.clinic_id, "id": waiting.id, "problem": problem},
    )
    await s.execute(
        """WITH told AS (
             UPDATE messages m SET turn_id = NULL,
               payload = m.payload || jsonb_build_object('again', coalesce((m.payload ->> 'again')::int, 0) + 1)
             FROM conversations c, media e
             WHERE m.clinic_id = %(clinic)s AND m.id = %(message)s AND m.turn_id IS NOT NULL
               AND c.clinic_id = m.clinic_id AND c.id = m.conversation_id AND c.owner = 'carol'
               AND e.clinic_id = m.clinic_id AND e.id = %(id)s AND e.problem IS NOT NULL
               AND NOT EXISTS (SELECT FROM cases k WHERE k.clinic_id = m.clinic_id AND k.conversation_id = m.conversation_id
                 AND k.kind = 'other' AND k.reason = 'audio' AND k.status <> 'resolved')
             RETURNING m.clinic_id, m.conversation_id)
           UPDATE conversations c SET waiting_since = coalesce(waiting_since, now()) FROM told
           WHERE c.clinic_id = told.clinic_id AND c.id = told.conversation_id""",
        {"clinic": s.clinic_id, "id": waiting.id, "message": waiting.message_id},
    )
    await _no_longer_waits(s, waiting)


async def settle(s: Session, waiting: Waiting) -> bool:
    """Ready, when it is kept somewhere and nothing more is to be heard of it. False: not yet."""
    done = await s.execute(
        """UPDATE media SET status = 'ready', lease_until = NULL, due_at = NULL, attempts = 0
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND status = 'waiting' AND (store_key IS NOT NULL OR data IS NOT NULL)
             AND (kind <> 'audio' OR heard_at IS NOT NULL OR problem IS NOT NULL)""",
        {"clinic": s.clinic_id, "id": waiting.id},
    )
    if done and waiting.kind != "audio":
        waiting, _ = await _lock(s, waiting)
        await _no_longer_waits(s, waiting)
    return bool(done)


async def set_back(s: Session, waiting: Waiting, due_in: timedelta) -> None:
    """Tried again later."""
    await s.execute(
        """UPDATE media SET lease_until = NULL, due_at = now() + %(due_in)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND status = 'waiting'""",
        {"clinic": s.clinic_id, "id": waiting.id, "due_in": due_in},
    )


async def give_up(s: Session, waiting: Waiting, problem: Problem, *, refused: bool) -> bool:
    """It will never be kept. Whether the patient was already answered without knowing."""
    waiting, _ = await _lock(s, waiting)
    row = await s.one(
        """UPDATE media e SET status = CASE WHEN %(refused)s THEN 'refused' ELSE 'failed' END, problem = %(problem)s,
             lease_until = NULL, due_at = NULL, data = NULL
           FROM messages m WHERE e.clinic_id = %(clinic)s AND e.id = %(id)s AND e.status = 'waiting'
             AND m.clinic_id = e.clinic_id AND m.id = e.message_id
           RETURNING m.turn_id IS NOT NULL AS answered""",
        {"clinic": s.clinic_id, "id": waiting.id, "problem": problem, "refused": refused},
    )
    if row is None:
        return False
    await _no_longer_waits(s, waiting)
    return bool(row["answered"])


async def named(s: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these files have a row."""
    rows = await s.all(
        "SELECT id FROM media WHERE clinic_id = %(clinic)s AND id = ANY(%(ids)s)", {"clinic": s.clinic_id, "ids": list(ids)}
    )
    return {row["id"] for row in rows}


async def _no_longer_waits(s: Session, waiting: Waiting, *, at_once: bool = False) -> None:
    if at_once or not waiting.late:
        await lane_store.heard(s, waiting.conversation_id, at_once=at_once)


async def _lock(s: Session, waiting: Waiting) -> tuple[Waiting, datetime | None]:
    """The lane, before its messages change: the one its message is in now, and the clock it lives at."""
    lane = await joined_store.locked(s, waiting.conversation_id)
    return (replace(waiting, conversation_id=lane.conversation_id), lane.clock_at) if lane else (waiting, None)
