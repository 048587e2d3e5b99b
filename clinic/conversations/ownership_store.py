"""Whose conversation it is, in Postgres: found by alias, taken by a person, given back to Carol."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.conversations.models import Outcome, Owner
from db.session import Session
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Standing:
    id: UUID
    owner: Owner
    owner_since: datetime | None
    clock_at: datetime | None


async def opened(s: Session, account_id: UUID, contact_id: UUID, reply_to: str) -> Standing:
    """The conversation of a contact on an account, made when there is none; its row is locked until the end."""
    row = await s.one(
        """INSERT INTO conversations (clinic_id, id, contact_id, account_id, reply_to)
           VALUES (%(clinic)s, %(id)s, %(contact)s, %(account)s, %(reply_to)s)
           ON CONFLICT (clinic_id, account_id, contact_id) DO UPDATE SET reply_to = conversations.reply_to
           RETURNING id, owner, owner_since, clock_at""",
        {"clinic": s.clinic_id, "id": new_id(), "contact": contact_id, "account": account_id, "reply_to": reply_to},
    )
    assert row is not None  # an upsert always returns its row
    return Standing(row["id"], Owner(row["owner"]), row["owner_since"], row["clock_at"])


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


async def take(s: Session, conversation_id: UUID) -> None:
    """A person owns it from now on. The fence moves, so a turn that is being thought is refused; only an unanswered
    red flag stays due, whoever owns the conversation."""
    await s.execute(
        """UPDATE conversations c SET owner = 'person', owner_since = now(), fence = fence + 1,
             lease_until = NULL, lease_token = NULL, attempts = 0, waiting_since = NULL, last_message_at = now(),
             due_at = CASE WHEN EXISTS (
               SELECT FROM messages m WHERE m.clinic_id = c.clinic_id AND m.conversation_id = c.id
                 AND m.direction = 'in' AND m.turn_id IS NULL AND m.red_flag IS NOT NULL) THEN now() END
           WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )


async def give_back(s: Session, conversation_id: UUID) -> bool:
    """Carol owns it again. False: she did already."""
    return bool(
        await s.execute(
            """UPDATE conversations SET owner = 'carol', owner_since = now(), fence = fence + 1,
                 lease_until = NULL, lease_token = NULL, attempts = 0, dead_at = NULL
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND owner = 'person'""",
            {"clinic": s.clinic_id, "id": conversation_id},
        )
    )


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
