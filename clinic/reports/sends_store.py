"""A report's messages in Postgres: written with their outbox rows, and what became of those."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.reports.models import State
from clinic.reports.views import Send
from db.session import Session
from kit.ids import new_id

KEY = "report:"  # begins the outbox key of every report's message


def report_of(key: str) -> UUID | None:
    """The report whose message has this outbox key; None: it is no report's."""
    return UUID(key.removeprefix(KEY).partition(":")[0]) if key.startswith(KEY) else None


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody of the family is written to: their conversation on a wire of the clinic."""

    conversation_id: UUID
    account_id: UUID
    reply_to: str


async def sends(s: Session, report_id: UUID) -> tuple[Send, ...]:
    """What was given to the outbox for this report, and how each stands."""
    rows = await s.all(
        """SELECT t.contact_id, coalesce(p.name, '') AS name, t.message_id, m.conversation_id, o.status, o.held, o.error_code,
                  t.attempt, t.at, o.sent_at, o.unanswered = 0 OR o.provider_id IS NOT NULL AS sure,
                  CASE WHEN o.held IS NOT NULL THEN o.due_at END AS until
           FROM report_sends t
           JOIN reports r ON r.clinic_id = t.clinic_id AND r.id = t.report_id
           JOIN messages m ON m.clinic_id = t.clinic_id AND m.id = t.message_id
           JOIN outbox o ON o.clinic_id = t.clinic_id AND o.message_id = t.message_id
           LEFT JOIN report_recipients p ON p.clinic_id = t.clinic_id AND p.person_id = r.person_id
             AND p.contact_id = t.contact_id
           WHERE t.clinic_id = %(clinic)s AND t.report_id = %(report)s ORDER BY t.at, t.contact_id""",
        {"clinic": s.clinic_id, "report": report_id},
    )
    return tuple(Send(**row) for row in rows)


async def address(s: Session, contact_id: UUID) -> Address | None:
    """Where a report goes to this contact: where they last wrote, else a conversation that is opened on a wire of the clinic
    that reaches a phone, else in our own pages. None: nothing reaches them."""
    row = await s.one(
        """SELECT v.id AS conversation_id, v.account_id, v.reply_to FROM conversations v
           JOIN channel_accounts a ON a.clinic_id = v.clinic_id AND a.id = v.account_id AND a.active
           WHERE v.clinic_id = %(clinic)s AND v.contact_id = %(contact)s AND v.joined_to IS NULL
             AND reaches(v.clinic_id, v.contact_id, v.reply_to)
             AND (a.kind <> 'console' OR NOT EXISTS (
               SELECT FROM channel_accounts b WHERE b.clinic_id = a.clinic_id AND b.active AND b.kind <> 'console'))
           ORDER BY a.state IN ('connecting', 'closed'), v.last_inbound_at DESC NULLS LAST,
             v.last_message_at DESC NULLS LAST, v.id LIMIT 1""",
        {"clinic": s.clinic_id, "contact": contact_id},
    ) or await _open(s, contact_id)
    return Address(**row) if row else None


async def _open(s: Session, contact_id: UUID) -> dict[str, UUID | str] | None:
    """A conversation with somebody who never wrote."""
    return await s.one(
        """INSERT INTO conversations (clinic_id, id, contact_id, account_id, reply_to)
           SELECT k.clinic_id, %(id)s, k.id, w.id, w.address
           FROM contacts k, LATERAL (
             SELECT a.id, CASE WHEN a.kind = 'console' THEN n.value ELSE ltrim(n.value, '+') END AS address
             FROM channel_accounts a
             JOIN contact_aliases n ON n.clinic_id = a.clinic_id AND n.contact_id = k.id
               AND n.kind = ANY (CASE WHEN a.kind = 'console' THEN ARRAY['phone', 'console'] ELSE ARRAY['phone', 'wa_id'] END)
             WHERE a.clinic_id = k.clinic_id AND a.active
             ORDER BY a.kind = 'console', a.state IN ('connecting', 'closed'), a.state <> 'open',
               array_position(ARRAY['evolution', 'cloud', 'console'], a.kind), a.id,
               CASE WHEN a.kind = 'console' THEN n.kind = 'console' ELSE n.kind = 'phone' END, n.created_at DESC
             LIMIT 1) w
           WHERE k.clinic_id = %(clinic)s AND k.id = %(contact)s AND k.merged_into IS NULL
           ON CONFLICT (clinic_id, account_id, contact_id) DO UPDATE SET reply_to = excluded.reply_to
           RETURNING id AS conversation_id, account_id, reply_to""",
        {"clinic": s.clinic_id, "contact": contact_id, "id": new_id()},
    )


async def say(s: Session, report_id: UUID, to: Address, text: str, *, at: datetime) -> UUID:
    """The message as the conversation keeps it; the outbox takes it from there."""
    message_id = new_id()
    await s.execute(
        """WITH said AS (
             INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, text, payload, at)
             VALUES (%(clinic)s, %(id)s, %(conversation)s, %(account)s, 'out', 'automatic', %(text)s, %(payload)s, %(at)s))
           UPDATE conversations SET last_message_at = greatest(last_message_at, now())
           WHERE clinic_id = %(clinic)s AND id = %(conversation)s""",
        {
            "clinic": s.clinic_id,
            "id": message_id,
            "conversation": to.conversation_id,
            "account": to.account_id,
            "text": text,
            "payload": Jsonb({"report": str(report_id)}),
            "at": at,
        },
    )
    return message_id


async def prove(s: Session, report_id: UUID, contact_id: UUID, message_id: UUID, *, digest: str, attempt: int) -> None:
    """Writes down that this message is this report's to this contact; the schema refuses what was not approved so."""
    await s.execute(
        """INSERT INTO report_sends (clinic_id, report_id, contact_id, message_id, digest, attempt)
           VALUES (%(clinic)s, %(report)s, %(contact)s, %(message)s, %(digest)s, 1)"""
        if attempt == 1
        else """UPDATE report_sends SET message_id = %(message)s, digest = %(digest)s, attempt = %(attempt)s,
                  at = clock_timestamp()
                WHERE clinic_id = %(clinic)s AND report_id = %(report)s AND contact_id = %(contact)s""",
        {
            "clinic": s.clinic_id,
            "report": report_id,
            "contact": contact_id,
            "message": message_id,
            "digest": digest,
            "attempt": attempt,
        },
    )


async def withdraw(s: Session, report_id: UUID, *, error_code: str) -> bool:
    """Takes back what waits to leave. False: something of this report left, or may have."""
    await s.execute(
        """UPDATE outbox o SET status = 'cancelled', held = NULL, error_code = %(error)s FROM report_sends t
           WHERE t.clinic_id = %(clinic)s AND t.report_id = %(report)s AND o.clinic_id = t.clinic_id
             AND o.message_id = t.message_id AND o.status = 'queued' AND o.unanswered = 0""",
        {"clinic": s.clinic_id, "report": report_id, "error": error_code},
    )
    return not any(one.may_have_arrived for one in await sends(s, report_id))


async def waiting(s: Session) -> int:
    """How many messages of reports wait to leave; not those that wait for the family to write."""
    row = await s.one(
        """SELECT count(*) AS n FROM outbox WHERE clinic_id = %(clinic)s AND status = 'queued'
             AND held IS DISTINCT FROM 'window' AND starts_with(dedupe_key, %(key)s)""",
        {"clinic": s.clinic_id, "key": KEY},
    )
    assert row is not None  # a count always is
    return int(row["n"])


async def urgent_waiting(s: Session) -> list[UUID]:
    """Reports that tell of something urgent, of which a message waits to leave, oldest first."""
    rows = await s.all(
        """SELECT r.id FROM reports r WHERE r.clinic_id = %(clinic)s AND r.state IN ('approved', 'fallback')
             AND EXISTS (SELECT FROM detected_patterns d
                         WHERE d.clinic_id = r.clinic_id AND d.report_id = r.id AND d.severity = 'urgent')
             AND EXISTS (SELECT FROM report_sends t
                         JOIN outbox o ON o.clinic_id = t.clinic_id AND o.message_id = t.message_id AND o.status = 'queued'
                         WHERE t.clinic_id = r.clinic_id AND t.report_id = r.id)
           ORDER BY r.queued_at, r.id LIMIT 100""",
        {"clinic": s.clinic_id},
    )
    return [row["id"] for row in rows]


async def note_queued(s: Session, report_id: UUID) -> None:
    """All of its messages stand in the outbox."""
    await s.execute(
        """UPDATE reports SET queued_at = clock_timestamp(), version = version + 1, updated_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id},
    )


async def note_end(s: Session, report_id: UUID, state: State, *, error_code: str | None) -> None:
    """Sent, or not."""
    await s.execute(
        """UPDATE reports SET state = %(state)s, version = version + 1, error_code = %(error)s,
             queued_at = coalesce(queued_at, clock_timestamp()),
             sent_at = CASE WHEN %(state)s = 'sent' THEN coalesce(sent_at, clock_timestamp()) END,
             updated_at = clock_timestamp() WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id, "state": state.value, "error": error_code[:100] if error_code else None},
    )


async def again(s: Session, report_id: UUID, state: State) -> None:
    """It is to be sent once more, as it was approved."""
    await s.execute(
        """UPDATE reports SET state = %(state)s, version = version + 1, error_code = NULL, queued_at = NULL,
             updated_at = clock_timestamp() WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": report_id, "state": state.value},
    )


async def unwelcome(s: Session, outbox_id: UUID) -> str | None:
    """Why a report's message may not leave, asked at the instant it would. None: it may."""
    row = await s.one(
        """SELECT CASE
             WHEN t.message_id IS NULL THEN 'not_approved'
             WHEN encode(sha256(convert_to(m.text, 'UTF8')), 'hex') <> t.digest THEN 'not_approved'
             WHEN v.contact_id <> t.contact_id OR NOT reaches(o.clinic_id, t.contact_id, o.reply_to) THEN 'moved_away'
             WHEN NOT report_reader(o.clinic_id, r.person_id, t.contact_id) THEN 'consent_revoked' END AS why
           FROM outbox o JOIN messages m ON m.clinic_id = o.clinic_id AND m.id = o.message_id
           JOIN conversations v ON v.clinic_id = o.clinic_id AND v.id = o.conversation_id
           LEFT JOIN report_sends t ON t.clinic_id = o.clinic_id AND t.message_id = o.message_id
           LEFT JOIN reports r ON r.clinic_id = t.clinic_id AND r.id = t.report_id
           WHERE o.clinic_id = %(clinic)s AND o.id = %(id)s""",
        {"clinic": s.clinic_id, "id": outbox_id},
    )
    return row["why"] if row else "not_approved"
