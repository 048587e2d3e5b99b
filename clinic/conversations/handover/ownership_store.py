"""Whose conversation it is, in Postgres: found by alias, taken by a person, given back to Carol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.models import CAME_BACK, GIVEN_BACK, ContactGone, Outcome, Owner
from db.session import Session
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Standing:
    id: UUID
    contact_id: UUID
    account_id: UUID
    reply_to: str
    owner: Owner
    owner_since: datetime | None
    owner_name: str | None
    clock_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A message of a person of the clinic."""

    id: UUID
    seq: int
    text: str


async def opened(s: Session, account_id: UUID, contact_id: UUID, reply_to: str) -> Standing:
    """The conversation of a contact on an account, made when there is none; its row is locked until the end."""
    row = await s.one(
        """INSERT INTO conversations (clinic_id, id, contact_id, account_id, reply_to)
           SELECT k.clinic_id, %(id)s, coalesce(k.merged_into, k.id), %(account)s, %(reply_to)s
           FROM contacts k WHERE k.clinic_id = %(clinic)s AND k.id = %(contact)s FOR KEY SHARE
           ON CONFLICT (clinic_id, account_id, contact_id) DO UPDATE SET reply_to = conversations.reply_to
           RETURNING id, contact_id, account_id, reply_to, owner, owner_since, owner_name, clock_at""",
        {"clinic": s.clinic_id, "id": new_id(), "contact": contact_id, "account": account_id, "reply_to": reply_to},
    )
    if row is None:
        raise ContactGone
    return _standing(row)


async def locked(s: Session, conversation_id: UUID) -> Standing | None:
    """A conversation of this clinic, or the one it became part of, its row locked until the end."""
    row = await s.one(
        """SELECT id, contact_id, account_id, reply_to, owner, owner_since, owner_name, clock_at, joined_to FROM conversations
           WHERE clinic_id = %(clinic)s AND id = %(id)s FOR NO KEY UPDATE""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    if row and (joined_to := row.pop("joined_to")) is not None:
        return await locked(s, joined_to)
    return _standing(row) if row else None


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(**{**row, "owner": Owner(row["owner"])})


async def say(s: Session, standing: Standing, text: str, *, by: str, request_id: str | None, at: datetime) -> Stored:
    """Stores what a person of the clinic answers on our own pages, signed; its send is the caller's to queue."""
    row = await s.one(
        """INSERT INTO messages
             (clinic_id, id, conversation_id, account_id, direction, author, text, payload, request_id, at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(account)s, 'out', 'person', %(text)s, %(payload)s,
                   %(request)s, %(at)s)
           RETURNING id, seq, text""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "conversation": standing.id,
            "account": standing.account_id,
            "text": text,
            "payload": Jsonb({"by": by}),
            "request": request_id,
            "at": at,
        },
    )
    assert row is not None  # an insert always returns its row
    return Stored(**row)


async def said_under(s: Session, dedupe_key: str) -> Stored | None:
    """The message that was queued under that key."""
    row = await s.one(
        """SELECT m.id, m.seq, m.text FROM outbox o JOIN messages m ON m.clinic_id = o.clinic_id AND m.id = o.message_id
           WHERE o.clinic_id = %(clinic)s AND o.dedupe_key = %(key)s""",
        {"clinic": s.clinic_id, "key": dedupe_key},
    )
    return Stored(**row) if row else None


async def said_by_person(
    s: Session,
    conversation_id: UUID,
    account_id: UUID,
    *,
    provider_id: str,
    kind: str,
    text: str,
    sent_at: datetime | None,
    request_id: str | None,
    at: datetime,
) -> bool:
    """Stores what a person of the clinic said. False: it was stored before."""
    return bool(
        await s.execute(
            """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, kind, text, provider_id,
                                     request_id, sent_at, at)
               VALUES (%(clinic)s, %(id)s, %(conversation)s, %(account)s, 'out', 'person', %(kind)s, %(text)s, %(provider)s,
                       %(request)s, %(sent_at)s, %(at)s)
               ON CONFLICT (clinic_id, account_id, direction, provider_id) WHERE provider_id IS NOT NULL DO NOTHING""",
            {
                "clinic": s.clinic_id,
                "id": new_id(),
                "conversation": conversation_id,
                "account": account_id,
                "kind": kind,
                "text": text,
                "provider": provider_id,
                "request": request_id,
                "sent_at": sent_at,
                "at": at,
            },
        )
    )


async def take(s: Session, conversation_id: UUID, *, name: str | None = None) -> None:
    """A person owns it from now on, by that name if they gave one. The fence moves, so a turn that is being thought is
    refused; only an unanswered red flag stays due, whoever owns the conversation."""
    await s.execute(
        """UPDATE conversations c SET owner = 'person', owner_since = now(), fence = fence + 1,
             owner_name = coalesce(%(name)s, owner_name), lease_until = NULL, lease_token = NULL, attempts = 0,
             waiting_since = NULL, last_message_at = now(),
             due_at = CASE WHEN EXISTS (
               SELECT FROM messages m WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id
                 AND m.direction = 'in' AND m.turn_id IS NULL AND m.red_flag IS NOT NULL) THEN now() END
           WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id, "name": name},
    )


async def hold_back(s: Session, conversation_id: UUID) -> int:
    """Takes back what Carol queued here and nobody has begun to send; how many. Not the texts of an emergency, nor reports
    to families, which are no part of what is spoken of here."""
    return await s.execute(
        """UPDATE outbox o SET status = 'cancelled', error_code = 'person_spoke' FROM messages m
           WHERE o.clinic_id = %(clinic)s AND o.conversation_id = %(id)s AND o.status = 'queued' AND o.unanswered = 0
             AND m.clinic_id = o.clinic_id AND m.id = o.message_id AND m.author IN ('carol', 'automatic')
             AND NOT starts_with(o.dedupe_key, 'report:')
             AND NOT EXISTS (SELECT FROM turns t WHERE t.clinic_id = m.clinic_id AND t.id = m.turn_id
                             AND t.outcome = %(emergency)s)""",
        {"clinic": s.clinic_id, "id": conversation_id, "emergency": Outcome.EMERGENCY},
    )


async def mark_given_back(s: Session, standing: Standing, *, by: str | None, brief: str, at: datetime) -> None:
    """A line in the transcript that is nobody's message and is never sent: until here a person spoke, and this they settled."""
    await _mark(s, standing, GIVEN_BACK, brief, {"by": by}, at)


async def mark_came_back(s: Session, standing: Standing, *, text: str, minutes: int, at: datetime) -> None:
    """The same where the team was silent for so many minutes; the text is for staff."""
    await _mark(s, standing, CAME_BACK, text, {"minutes": minutes}, at)


async def _mark(s: Session, standing: Standing, kind: str, text: str, payload: Mapping[str, Any], at: datetime) -> None:
    await s.execute(
        """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, kind, text, payload, at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(account)s, 'out', 'automatic', %(kind)s, %(text)s, %(payload)s,
                   %(at)s)""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "conversation": standing.id,
            "account": standing.account_id,
            "kind": kind,
            "text": text,
            "payload": Jsonb(dict(payload)),
            "at": at,
        },
    )


async def rename(s: Session, conversation_id: UUID, name: str) -> None:
    """The person who has it signs with this name."""
    await s.execute(
        """UPDATE conversations SET owner_name = %(name)s, last_message_at = now()
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id, "name": name},
    )


async def give_back(s: Session, conversation_id: UUID) -> bool:
    """Carol owns it again. False: she did already."""
    return bool(
        await s.execute(
            """UPDATE conversations SET owner = 'carol', owner_name = NULL, owner_since = now(), fence = fence + 1,
                 lease_until = NULL, lease_token = NULL, attempts = 0, dead_at = NULL, waiting_since = NULL
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND owner = 'person'""",
            {"clinic": s.clinic_id, "id": conversation_id},
        )
    )


async def silent(s: Session, *, after: timedelta, only: UUID | None = None, limit: int = 200) -> list[UUID]:
    """Conversations a person has where nobody of the team wrote for that long, since they took it, since their last word and
    since the first message that waits for them; none with a case unanswered, an emergency open, or who wants people only."""
    rows = await s.all(
        """SELECT c.id FROM conversations c JOIN contacts k ON k.clinic_id = c.clinic_id AND k.id = c.contact_id
           LEFT JOIN LATERAL (SELECT m.seq, m.stored_at FROM messages m
             WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id AND m.direction = 'out' AND m.author = 'person'
             ORDER BY m.seq DESC LIMIT 1) spoke ON true
           LEFT JOIN LATERAL (SELECT min(m.stored_at) AS since FROM messages m
             WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id AND m.direction = 'in' AND m.turn_id IS NULL
               AND m.kind <> 'reaction' AND m.seq > coalesce(spoke.seq, 0)) waits ON true
           WHERE c.clinic_id = %(clinic)s AND c.owner = 'person' AND NOT k.human_only
             AND (%(only)s::uuid IS NULL OR c.id = %(only)s)
             AND greatest(c.owner_since, spoke.stored_at, waits.since) < now() - %(after)s
             AND NOT EXISTS (SELECT FROM cases o WHERE o.clinic_id = c.clinic_id AND o.conversation_id = c.id
                             AND o.status <> 'resolved' AND (o.answered_at IS NULL OR o.kind IN ('emergency', 'self_harm')))
           ORDER BY c.id LIMIT %(limit)s""",
        {"clinic": s.clinic_id, "after": after, "only": only, "limit": limit},
    )
    return [row["id"] for row in rows]


async def said_into_silence(s: Session, conversation_id: UUID, sent_at: datetime) -> bool:
    """Whether the conversation came back by itself last, after a silence in which, as we hear now, a person wrote."""
    row = await s.one(
        """SELECT kind = %(kind)s
             AND coalesce(%(sent)s > stored_at - make_interval(mins => (payload ->> 'minutes')::int), false) AS spoke
           FROM messages WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND kind = ANY(%(marks)s)
           ORDER BY seq DESC LIMIT 1""",
        {"clinic": s.clinic_id, "id": conversation_id, "sent": sent_at, "kind": CAME_BACK, "marks": [CAME_BACK, GIVEN_BACK]},
    )
    return bool(row and row["spoke"])


async def close_answered(s: Session, conversation_id: UUID) -> None:
    """What came before a person's last words was answered by them: a silent turn says so, and Carol lets it rest."""
    await s.execute(
        """WITH waiting AS (
             SELECT m.id FROM messages m
             WHERE m.clinic_id = %(clinic)s AND m.conversation_id = %(id)s AND m.direction = 'in' AND m.turn_id IS NULL
               AND m.red_flag IS NULL AND m.seq < (
                 SELECT max(o.seq) FROM messages o WHERE o.clinic_id = m.clinic_id
                   AND o.conversation_id = m.conversation_id AND o.direction = 'out' AND o.author = 'person')),
           silent AS (
             INSERT INTO turns (clinic_id, id, conversation_id, fence, status, outcome, finished_at)
             SELECT clinic_id, %(turn)s, id, fence, 'adopted', %(outcome)s, clock_timestamp() FROM conversations
             WHERE clinic_id = %(clinic)s AND id = %(id)s AND EXISTS (SELECT FROM waiting) RETURNING id)
           UPDATE messages m SET turn_id = silent.id FROM waiting, silent
           WHERE m.clinic_id = %(clinic)s AND m.id = waiting.id""",
        {"clinic": s.clinic_id, "id": conversation_id, "turn": new_id(), "outcome": Outcome.SILENT},
    )


async def make_due_if_waiting(s: Session, conversation_id: UUID) -> bool:
    """A turn is due at once when something is still unanswered. Whether it is."""
    return bool(
        await s.execute(
            """UPDATE conversations c SET due_at = now(), waiting_since = coalesce(waiting_since, now())
               WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s AND EXISTS (
                 SELECT FROM messages m WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id
                   AND m.direction = 'in' AND m.turn_id IS NULL AND m.kind <> 'reaction')""",
            {"clinic": s.clinic_id, "id": conversation_id},
        )
    )
