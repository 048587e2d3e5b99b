"""What must be sent, once, in order. Delivery claims from here; nothing else speaks to a patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from db.session import Session
from kit.ids import new_id, new_token

SENDS = "carol_outbox"  # NOTIFY channel: a bell only


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message to send now. `resend` tells that an earlier attempt ended without an answer."""

    id: UUID
    conversation_id: UUID
    account_id: UUID
    reply_to: str
    text: str
    attempts: int
    token: UUID
    unanswered: int  # earlier attempts whose answer never came
    age: float  # seconds since it was queued
    was: str  # queued | sending (its sender died) | unknown (its grace is over)
    request_id: str | None
    dedupe_key: str
    content: Mapping[str, Any]
    proactive: bool
    created_at: datetime
    expires_at: datetime | None
    asked_at: datetime | None  # when the wire was last given it
    asked_ago: float | None  # seconds
    moved_from: UUID | None


@dataclass(frozen=True, slots=True)
class Noted:
    """The message of ours a status speaks of, and whether it said anything new."""

    id: UUID
    conversation_id: UUID
    changed: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """A message of ours that is being sent or may have been sent without our knowing."""

    id: UUID
    text: str


async def enqueue(
    s: Session,
    *,
    conversation_id: UUID,
    message_id: UUID,
    account_id: UUID,
    reply_to: str,
    dedupe_key: str,
    request_id: str | None = None,
    content: Mapping[str, Any] | None = None,
    proactive: bool = False,
    expires_at: datetime | None = None,
) -> None:
    """Queues one send, and rings after commit. The same key twice is an error: the caller's transaction must fail.

    `content` is what goes with the text, as `channels.contents.content_of` reads it. `proactive` says that nobody asked just
    now: the quiet hours hold it and an opt-out cancels it. After `expires_at` it would mislead, and is not sent.
    """
    await s.execute(
        """INSERT INTO outbox (clinic_id, id, conversation_id, message_id, account_id, reply_to, dedupe_key, request_id,
                               content, proactive, expires_at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(message)s, %(account)s, %(reply_to)s, %(key)s, %(request)s,
                   %(content)s, %(proactive)s, %(expires)s)""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "conversation": conversation_id,
            "message": message_id,
            "account": account_id,
            "reply_to": reply_to,
            "key": dedupe_key,
            "request": request_id,
            "content": Jsonb(dict(content or {})),
            "proactive": proactive,
            "expires": expires_at,
        },
    )
    await s.execute("SELECT pg_notify(%(channel)s, %(id)s)", {"channel": SENDS, "id": str(conversation_id)})


async def claim(s: Session, conversation_id: UUID, *, lease: timedelta) -> Claimed | None:
    """The oldest unsent message of a conversation, if it is due and nobody is sending it.

    Later ones wait behind it: a conversation's messages leave in order. One that is held waits apart.
    """
    row = await s.one(
        """WITH head AS (
             SELECT clinic_id, id, status, due_at, lease_until FROM outbox
             WHERE clinic_id = %(clinic)s AND conversation_id = %(conversation)s
               AND status IN ('queued', 'sending', 'unknown') AND (held IS NULL OR due_at <= now())
             ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED)
           UPDATE outbox o SET status = 'sending', attempts = o.attempts + 1, held = NULL,
                  lease_until = now() + %(lease)s, lease_token = %(token)s
           FROM head, messages m
           WHERE o.clinic_id = head.clinic_id AND o.id = head.id AND m.clinic_id = o.clinic_id AND m.id = o.message_id
             AND head.due_at <= now() AND (head.lease_until IS NULL OR head.lease_until < now())
             AND NOT EXISTS (SELECT FROM outbox e WHERE e.clinic_id = o.clinic_id AND e.conversation_id = o.conversation_id
                             AND e.seq < o.seq AND e.status IN ('queued', 'sending', 'unknown')
                             AND (e.held IS NULL OR e.due_at <= now()))
           RETURNING o.id, o.conversation_id, o.account_id, o.reply_to, m.text, o.attempts, o.lease_token AS token,
                     o.unanswered, extract(epoch FROM now() - o.created_at)::float AS age, head.status AS was, o.request_id,
                     o.dedupe_key, o.content, o.proactive, o.created_at, o.expires_at, o.asked_at,
                     extract(epoch FROM now() - o.asked_at)::float AS asked_ago, o.moved_from""",
        {
            "clinic": s.clinic_id,
            "conversation": conversation_id,
            "lease": lease,
            "token": new_token(),
        },
    )
    return Claimed(**row) if row else None


async def give(s: Session, claimed: Claimed, *, wait: float = 0.0) -> bool:
    """The wire is given it in `wait` seconds. False: the claim is no longer ours, and it must not be sent."""
    return bool(
        await s.execute(
            """UPDATE outbox SET asked_at = clock_timestamp() + make_interval(secs => %(wait)s)
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_token = %(token)s AND status = 'sending'""",
            {"clinic": s.clinic_id, "id": claimed.id, "token": claimed.token, "wait": wait},
        )
    )


async def note_sent(s: Session, claimed: Claimed, provider_id: str | None) -> str | None:
    """The provider accepted it. Its status now (one that overtook us is applied); None: it was settled before."""
    return await settle(s, claimed.id, claimed.account_id, provider_id)


async def settle(s: Session, outbox_id: UUID, account_id: UUID, provider_id: str | None) -> str | None:
    """A message being sent, or perhaps sent, surely was. Its status now; None: it was settled before."""
    if provider_id:
        await _take_turns(s, account_id, provider_id)
    done = await s.execute(
        """UPDATE outbox SET status = 'sent', provider_id = %(provider)s, sent_at = clock_timestamp(),
             lease_until = NULL, lease_token = NULL, error_code = NULL
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND status IN ('sending', 'unknown')""",
        {"clinic": s.clinic_id, "id": outbox_id, "provider": provider_id},
    )
    if not done:
        return None
    row = await s.one(
        """WITH early AS (DELETE FROM early_statuses
             WHERE clinic_id = %(clinic)s AND account_id = %(account)s AND provider_id = %(provider)s
             RETURNING status, error_code),
           last AS (SELECT * FROM early
             ORDER BY array_position(ARRAY['sent', 'failed', 'delivered', 'read'], status) DESC LIMIT 1)
           UPDATE outbox o SET status = last.status, error_code = last.error_code FROM last
           WHERE o.clinic_id = %(clinic)s AND o.id = %(id)s RETURNING o.status""",
        {"clinic": s.clinic_id, "account": account_id, "provider": provider_id, "id": outbox_id},
    )
    return row["status"] if row else "sent"


async def _take_turns(s: Session, account_id: UUID, provider_id: str) -> None:
    """Our note of a send and the wire's status of it wait for each other: either finds what the other left."""
    await s.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 2))",
        {"key": f"{s.clinic_id}:{account_id}:{provider_id}"},
    )


async def put_back(
    s: Session,
    claimed: Claimed,
    *,
    status: str,
    due_in: timedelta,
    error_code: str,
    tried: bool = True,
    unanswered: bool = False,
    held: str | None = None,
    looked: bool = False,
) -> bool:
    """Not sent (`queued`), perhaps sent (`unknown`), or never to be (`failed`, `cancelled`). Only while the claim is ours.

    `tried=False` takes the attempt back: nothing was asked of the provider. `unanswered` counts one that may have arrived.
    `held` (window, quiet): later ones may pass it until then. `looked`: the wire was asked whether it arrived.
    """
    return bool(
        await s.execute(
            """UPDATE outbox SET status = %(status)s, due_at = now() + %(due_in)s, error_code = %(error)s,
                 attempts = attempts - %(untried)s, unanswered = unanswered + %(unanswered)s, held = %(held)s,
                 looked_at = CASE WHEN %(looked)s THEN clock_timestamp() ELSE looked_at END,
                 lease_until = NULL, lease_token = NULL
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_token = %(token)s AND status = 'sending'""",
            {
                "clinic": s.clinic_id,
                "id": claimed.id,
                "token": claimed.token,
                "status": status,
                "due_in": due_in,
                "error": error_code[:100],
                "untried": int(not tried),
                "unanswered": int(unanswered),
                "held": held,
                "looked": looked,
            },
        )
    )


async def overtaken(s: Session, claimed: Claimed) -> bool:
    """Whether a person has spoken since Carol said this: it is not said a second time. An emergency's text is, and a report."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM outbox o
             JOIN conversations c ON c.clinic_id = o.clinic_id AND c.id = o.conversation_id
             JOIN messages m ON m.clinic_id = o.clinic_id AND m.id = o.message_id
             LEFT JOIN turns t ON t.clinic_id = m.clinic_id AND t.id = m.turn_id
             WHERE o.clinic_id = %(clinic)s AND o.id = %(id)s AND c.owner = 'person' AND o.created_at < c.owner_since
               AND NOT starts_with(o.dedupe_key, 'report:')
               AND m.author IN ('carol', 'automatic') AND t.outcome IS DISTINCT FROM 'emergency') AS overtaken""",
        {"clinic": s.clinic_id, "id": claimed.id},
    )
    return bool(row and row["overtaken"])


async def move(s: Session, claimed: Claimed, *, account_id: UUID, reply_to: str) -> int:
    """What waits in this conversation for the claimed message's wire leaves by another one, in the same order; how many.

    Never what may have been sent already, never what is meant for that wire alone, never twice.
    """
    return await s.execute(
        """UPDATE outbox SET account_id = %(account)s, reply_to = %(reply_to)s, moved_from = account_id, status = 'queued',
             held = NULL, due_at = now(), attempts = 0, error_code = 'moved', lease_until = NULL, lease_token = NULL
           WHERE clinic_id = %(clinic)s AND conversation_id = %(conversation)s AND account_id = %(from)s
             AND unanswered = 0 AND moved_from IS NULL AND NOT jsonb_exists(content, 'template')
             AND (status = 'queued' OR (status = 'sending' AND id = %(id)s AND lease_token = %(token)s))""",
        {
            "clinic": s.clinic_id,
            "conversation": claimed.conversation_id,
            "account": account_id,
            "reply_to": reply_to,
            "from": claimed.account_id,
            "id": claimed.id,
            "token": claimed.token,
        },
    )


async def record_status(
    s: Session,
    account_id: UUID,
    *,
    provider_id: str,
    status: str,
    reference: UUID | None,
    error_code: str | None,
) -> Noted | None:
    """What the provider says of a message of ours: the same end whatever the order. None: not a message we know (yet).

    A failure gives way to a delivery, never the reverse. A status that overtook our own note is kept for it. What is held
    was taken back after such a failure, and neither hearing of it again nor of its send ends it.
    `reference` is our outbox id where the wire echoes it: it settles a send whose answer we never got.
    """
    await _take_turns(s, account_id, provider_id)
    params = {
        "clinic": s.clinic_id,
        "account": account_id,
        "provider": provider_id,
        "status": status,
        "reference": reference,
        "error": error_code[:100] if error_code else None,
    }
    found = await s.one(
        """SELECT id, conversation_id FROM outbox WHERE clinic_id = %(clinic)s AND account_id = %(account)s
             AND (provider_id = %(provider)s OR id = %(reference)s)
           ORDER BY provider_id = %(provider)s DESC NULLS LAST LIMIT 1""",
        params,
    )
    if found is None:
        await s.execute(
            """INSERT INTO early_statuses (clinic_id, account_id, provider_id, status, error_code)
               VALUES (%(clinic)s, %(account)s, %(provider)s, %(status)s, %(error)s) ON CONFLICT DO NOTHING""",
            params,
        )
        return None
    changed = await s.execute(
        """UPDATE outbox SET status = %(status)s, provider_id = coalesce(provider_id, %(provider)s),
             error_code = %(error)s, lease_until = NULL, sent_at = coalesce(sent_at, clock_timestamp())
           WHERE clinic_id = %(clinic)s AND id = %(id)s
             AND array_position(ARRAY['queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read'], status)
               < array_position(ARRAY['queued', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read'], %(status)s)
             AND NOT (status = 'queued' AND held IS NOT NULL AND %(status)s IN ('sent', 'failed'))""",
        {**params, "id": found["id"]},
    )
    return Noted(found["id"], found["conversation_id"], bool(changed))


async def ids_of(s: Session, claimed: Claimed) -> list[str]:
    """The wire's ids of the other messages of ours in this conversation, which may say the same."""
    rows = await s.all(
        """SELECT provider_id FROM outbox WHERE clinic_id = %(clinic)s AND conversation_id = %(conversation)s
             AND account_id = %(account)s AND provider_id IS NOT NULL AND id <> %(id)s
             AND asked_at > %(since)s - interval '1 hour'""",
        {
            "clinic": s.clinic_id,
            "conversation": claimed.conversation_id,
            "account": claimed.account_id,
            "id": claimed.id,
            "since": claimed.created_at,
        },
    )
    return [row["provider_id"] for row in rows]


async def sent_by_us(s: Session, account_id: UUID, provider_id: str) -> bool:
    """Whether a message with this wire id left through our outbox (so that its echo is not a person's)."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM outbox WHERE clinic_id = %(clinic)s AND account_id = %(account)s
             AND provider_id = %(provider)s) AS ours""",
        {"clinic": s.clinic_id, "account": account_id, "provider": provider_id},
    )
    return bool(row and row["ours"])


async def perhaps_sent(s: Session, conversation_id: UUID) -> list[Pending]:
    """What an echo of our own could be about, oldest first: sends without an answer in this last day.

    Those of another conversation with this contact too, when they moved to this one's wire.
    """
    rows = await s.all(
        """WITH could AS (
             SELECT o.id, o.message_id, o.status, o.seq FROM outbox o
             WHERE o.clinic_id = %(clinic)s AND o.conversation_id = %(id)s AND o.created_at > now() - interval '1 day'
               AND (o.status IN ('sending', 'unknown') OR o.unanswered > 0)
             UNION
             SELECT o.id, o.message_id, o.status, o.seq FROM conversations here
             JOIN outbox o ON o.clinic_id = here.clinic_id AND o.account_id = here.account_id AND o.moved_from IS NOT NULL
             JOIN conversations there ON there.clinic_id = o.clinic_id AND there.id = o.conversation_id
             WHERE here.clinic_id = %(clinic)s AND here.id = %(id)s AND there.contact_id = here.contact_id
               AND o.created_at > now() - interval '1 day' AND (o.status IN ('sending', 'unknown') OR o.unanswered > 0))
           SELECT could.id, m.text FROM could JOIN messages m ON m.clinic_id = %(clinic)s AND m.id = could.message_id
           ORDER BY could.status IN ('sending', 'unknown') DESC, could.seq LIMIT 50""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return [Pending(row["id"], row["text"]) for row in rows]
