"""What must be sent, once, in order. Delivery claims from here; nothing else speaks to a patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from db.session import Session
from kit.ids import new_id, new_token

SENDS = "carol_outbox"  # NOTIFY channel: a bell only
RANK = {"queued": 0, "sending": 1, "unknown": 1, "sent": 2, "delivered": 3, "read": 4}


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
    was: str  # queued | sending (its sender died) | unknown (its grace is over)
    request_id: str | None


async def enqueue(
    s: Session,
    *,
    conversation_id: UUID,
    message_id: UUID,
    account_id: UUID,
    reply_to: str,
    dedupe_key: str,
    request_id: str | None = None,
) -> None:
    """Queues one send, and rings after commit. The same key twice is an error: the caller's transaction must fail."""
    await s.execute(
        """INSERT INTO outbox (clinic_id, id, conversation_id, message_id, account_id, reply_to, dedupe_key, request_id)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(message)s, %(account)s, %(reply_to)s, %(key)s, %(request)s)""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "conversation": conversation_id,
            "message": message_id,
            "account": account_id,
            "reply_to": reply_to,
            "key": dedupe_key,
            "request": request_id,
        },
    )
    await s.execute("SELECT pg_notify(%(channel)s, %(id)s)", {"channel": SENDS, "id": str(conversation_id)})


async def claim(s: Session, conversation_id: UUID, *, lease: timedelta) -> Claimed | None:
    """The oldest unsent message of a conversation, if it is due and nobody is sending it.

    Later ones wait behind it: a conversation's messages leave in order.
    """
    row = await s.one(
        """WITH head AS (
             SELECT clinic_id, id, status, due_at, lease_until FROM outbox
             WHERE clinic_id = %(clinic)s AND conversation_id = %(conversation)s
               AND status IN ('queued', 'sending', 'unknown')
             ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED)
           UPDATE outbox o SET status = 'sending', attempts = o.attempts + 1,
                  lease_until = now() + %(lease)s, lease_token = %(token)s
           FROM head, messages m
           WHERE o.clinic_id = head.clinic_id AND o.id = head.id AND m.clinic_id = o.clinic_id AND m.id = o.message_id
             AND head.due_at <= now() AND (head.lease_until IS NULL OR head.lease_until < now())
             AND NOT EXISTS (SELECT FROM outbox e WHERE e.clinic_id = o.clinic_id AND e.conversation_id = o.conversation_id
                             AND e.seq < o.seq AND e.status IN ('queued', 'sending', 'unknown'))
           RETURNING o.id, o.conversation_id, o.account_id, o.reply_to, m.text, o.attempts, o.lease_token AS token,
                     head.status AS was, o.request_id""",
        {
            "clinic": s.clinic_id,
            "conversation": conversation_id,
            "lease": lease,
            "token": new_token(),
        },
    )
    return Claimed(**row) if row else None


async def note_sent(s: Session, claimed: Claimed, provider_id: str | None) -> bool:
    """The provider accepted it. Any status that overtook us is applied too. False: a status had said so already."""
    done = await s.execute(
        """UPDATE outbox SET status = 'sent', provider_id = %(provider)s, sent_at = clock_timestamp(),
             lease_until = NULL, lease_token = NULL, error_code = NULL
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND status IN ('sending', 'unknown')""",
        {"clinic": s.clinic_id, "id": claimed.id, "provider": provider_id},
    )
    if provider_id:
        await s.execute(
            """WITH early AS (DELETE FROM early_statuses
                 WHERE clinic_id = %(clinic)s AND account_id = %(account)s AND provider_id = %(provider)s RETURNING status)
               UPDATE outbox SET status = coalesce((
                   SELECT status FROM early ORDER BY array_position(ARRAY['sent', 'delivered', 'read', 'failed'], status) DESC
                   LIMIT 1), status)
               WHERE clinic_id = %(clinic)s AND id = %(id)s""",
            {"clinic": s.clinic_id, "account": claimed.account_id, "provider": provider_id, "id": claimed.id},
        )
    return bool(done)


async def put_back(s: Session, claimed: Claimed, *, status: str, due_in: timedelta, error_code: str) -> None:
    """Not sent (`queued`), perhaps sent (`unknown`), or never to be (`failed`). Only while the claim is still ours."""
    await s.execute(
        """UPDATE outbox SET status = %(status)s, due_at = now() + %(due_in)s, error_code = %(error)s,
             lease_until = NULL, lease_token = NULL
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_token = %(token)s AND status = 'sending'""",
        {
            "clinic": s.clinic_id,
            "id": claimed.id,
            "token": claimed.token,
            "status": status,
            "due_in": due_in,
            "error": error_code[:100],
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
) -> bool:
    """What the provider says of a message of ours; only ever forwards. A status that overtook our own note is kept.

    `reference` is our outbox id where the wire echoes it: it settles a send whose answer we never got.
    Returns whether a row of ours was found.
    """
    params = {
        "clinic": s.clinic_id,
        "account": account_id,
        "provider": provider_id,
        "status": status,
        "reference": reference,
        "error": error_code,
    }
    found = await s.one(
        """SELECT id FROM outbox WHERE clinic_id = %(clinic)s AND account_id = %(account)s
             AND (provider_id = %(provider)s OR id = %(reference)s) LIMIT 1""",
        params,
    )
    if found is None:
        await s.execute(
            """INSERT INTO early_statuses (clinic_id, account_id, provider_id, status, error_code)
               VALUES (%(clinic)s, %(account)s, %(provider)s, %(status)s, %(error)s) ON CONFLICT DO NOTHING""",
            params,
        )
        return False
    await s.execute(
        """UPDATE outbox SET status = %(status)s, provider_id = coalesce(provider_id, %(provider)s),
             error_code = %(error)s, lease_until = NULL, sent_at = coalesce(sent_at, clock_timestamp())
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND (
             (%(status)s = 'failed' AND status NOT IN ('delivered', 'read'))
             OR array_position(ARRAY['queued', 'sending', 'unknown', 'sent', 'delivered', 'read'], status)
                < array_position(ARRAY['queued', 'sending', 'unknown', 'sent', 'delivered', 'read'], %(status)s))""",
        {**params, "id": found["id"]},
    )
    return True


async def sent_by_us(s: Session, account_id: UUID, provider_id: str) -> bool:
    """Whether a message with this wire id left through our outbox (so that its echo is not a person's)."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM outbox WHERE clinic_id = %(clinic)s AND account_id = %(account)s
             AND provider_id = %(provider)s) AS ours""",
        {"clinic": s.clinic_id, "account": account_id, "provider": provider_id},
    )
    return bool(row and row["ours"])
