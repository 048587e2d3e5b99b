"""What decides whether a message may leave, and texts that wait for the patient to write, in Postgres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.conversations.outgoing import outbox
from clinic.conversations.outgoing.leaving import REENGAGE, Standing
from clinic.conversations.outgoing.reengage import Call
from db.session import Session
from kit.ids import new_id

_PACED_SECONDS = 600
_AGAIN = 10  # times that a template which never left may be queued


@dataclass(frozen=True, slots=True)
class Queued:
    conversation_id: UUID
    account_id: UUID
    reply_to: str
    content: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime | None
    report: bool


async def standing(s: Session, conversation_id: UUID, account_id: UUID) -> Standing:
    """How things stand between this conversation's contact and that wire of the clinic."""
    row = await s.one(
        """SELECT clock_timestamp() AS now, k.opted_out_at IS NOT NULL AS opted_out, k.display_name AS name,
                  (SELECT max(coalesce(i.last_inbound_at, (
                            SELECT max(coalesce(m.sent_at, m.stored_at)) FROM messages m
                            WHERE m.clinic_id = i.clinic_id AND m.conversation_id = i.id AND m.direction = 'in')))
                   FROM conversations i WHERE i.clinic_id = c.clinic_id AND i.contact_id = c.contact_id
                     AND i.account_id = %(account)s) AS wrote_at
           FROM conversations c JOIN contacts k ON k.clinic_id = c.clinic_id AND k.id = c.contact_id
           WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id, "account": account_id},
    )
    assert row is not None  # an outbox row names its conversation by a foreign key
    return Standing(now=row["now"], wrote_at=row["wrote_at"], opted_out=row["opted_out"], name=row["name"])


async def ages(s: Session, claimed: outbox.Claimed) -> list[float]:
    """Seconds since each message this wire was given for this conversation in the last ten minutes, newest first."""
    rows = await s.all(
        """SELECT extract(epoch FROM clock_timestamp() - asked_at)::float AS age FROM outbox
           WHERE clinic_id = %(clinic)s AND conversation_id = %(conversation)s AND account_id = %(account)s
             AND asked_at > now() - make_interval(secs => %(seconds)s) AND id <> %(id)s
           ORDER BY asked_at DESC LIMIT 200""",
        {
            "clinic": s.clinic_id,
            "conversation": claimed.conversation_id,
            "account": claimed.account_id,
            "seconds": _PACED_SECONDS,
            "id": claimed.id,
        },
    )
    return [max(row["age"], 0.0) for row in rows]


async def number_of(s: Session, conversation_id: UUID) -> str | None:
    """The digits any WhatsApp wire can write to this contact by; None when only one wire's own name for them is known."""
    row = await s.one(
        """SELECT a.value FROM conversations c
           JOIN contact_aliases a ON a.clinic_id = c.clinic_id AND a.contact_id = c.contact_id AND a.kind IN ('wa_id', 'phone')
           WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s ORDER BY a.kind DESC, a.created_at DESC LIMIT 1""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return str(row["value"]).removeprefix("+") if row else None


async def about_visit(s: Session, conversation_id: UUID) -> bool:
    """Whether something of the agenda was being settled in this conversation."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM tool_receipts WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s
                            AND entity = 'appointment')
               OR EXISTS (SELECT FROM proposals WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s) AS found""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return bool(row and row["found"])


async def ask_to_write(
    s: Session, call: Call, *, conversation_id: UUID, account_id: UUID, reply_to: str, wrote_at: datetime | None
) -> bool:
    """Queues a template, once until the patient writes again; a proactive message, since nobody wrote just now.

    False: they were asked before. One that was taken back before it left (a person spoke) asked nobody.
    """
    key = f"{REENGAGE}{conversation_id}:{account_id}:{wrote_at.isoformat() if wrote_at else 'never'}"
    keys = [key, *(f"{key}#{again}" for again in range(1, _AGAIN))]
    asked = await s.all(
        "SELECT status FROM outbox WHERE clinic_id = %(clinic)s AND dedupe_key = ANY(%(keys)s)",
        {"clinic": s.clinic_id, "keys": keys},
    )
    if len(asked) == len(keys) or any(row["status"] != "cancelled" for row in asked):
        return False
    key = keys[len(asked)]
    message_id = new_id()
    await s.execute(
        """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, text, at)
           SELECT clinic_id, %(id)s, id, %(account)s, 'out', 'automatic', %(text)s, coalesce(clock_at, now())
           FROM conversations WHERE clinic_id = %(clinic)s AND id = %(conversation)s""",
        {
            "clinic": s.clinic_id,
            "id": message_id,
            "conversation": conversation_id,
            "account": account_id,
            "text": call.text,
        },
    )
    await outbox.enqueue(
        s,
        conversation_id=conversation_id,
        message_id=message_id,
        account_id=account_id,
        reply_to=reply_to,
        dedupe_key=key,
        content=call.content,
        proactive=True,
    )
    return True


async def reopen(s: Session, conversation_id: UUID) -> int:
    """The patient wrote: texts that waited for it are due, wherever this contact's answers wait for this wire. How many.

    A template that was still to ask them has nothing to ask.
    """
    freed = await s.all(
        """UPDATE outbox o SET held = NULL, due_at = now(), error_code = NULL
           FROM conversations here, conversations there
           WHERE here.clinic_id = %(clinic)s AND here.id = %(id)s
             AND o.clinic_id = here.clinic_id AND o.account_id = here.account_id AND o.held = 'window' AND o.status = 'queued'
             AND there.clinic_id = o.clinic_id AND there.id = o.conversation_id AND there.contact_id = here.contact_id
           RETURNING o.conversation_id""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    for conversation in {row["conversation_id"] for row in freed}:
        await s.execute(
            """UPDATE outbox SET status = 'cancelled', held = NULL, error_code = 'not_needed'
               WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND status = 'queued'
                 AND starts_with(dedupe_key, %(asks)s)""",
            {"clinic": s.clinic_id, "id": conversation, "asks": REENGAGE},
        )
        await s.execute("SELECT pg_notify(%(channel)s, %(id)s)", {"channel": outbox.SENDS, "id": str(conversation)})
    return len(freed)


async def queued(s: Session, outbox_id: UUID) -> Queued | None:
    """A row of the outbox, whatever became of it."""
    row = await s.one(
        """SELECT conversation_id, account_id, reply_to, content, created_at, expires_at,
                  starts_with(dedupe_key, 'report:') AS report FROM outbox
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": outbox_id},
    )
    return Queued(**row) if row else None


async def withhold(s: Session, outbox_id: UUID, *, until: datetime) -> bool:
    """A text the wire refused because its window is closed waits for the patient to write. False: it is settled otherwise."""
    return bool(
        await s.execute(
            """UPDATE outbox SET status = 'queued', held = 'window', due_at = %(until)s, error_code = 'window_closed',
                 provider_id = NULL, sent_at = NULL, lease_until = NULL, lease_token = NULL
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND status IN ('sending', 'sent', 'unknown', 'failed')""",
            {"clinic": s.clinic_id, "id": outbox_id, "until": until},
        )
    )
