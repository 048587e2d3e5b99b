"""Notices to the team in Postgres: queued once per key, claimed with a lease, sent by `jobs.notices`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from clinic.conversations.cases.case_store import ring
from db.session import Session
from kit.ids import new_id, new_token

BASE = "{base}"  # stands in a text for the address of our pages, which only who sends knows
_WIRES = ("evolution", "cloud")


@dataclass(frozen=True, slots=True)
class Claimed:
    """One notice to send now. `asked`: when a wire was given it and did not say how that ended, so that it may have arrived.

    `account_id` is that wire.
    """

    id: UUID
    kind: str
    destination: str
    text: str
    attempts: int
    token: UUID
    urgent: bool
    age: float  # seconds since it was queued
    asked: datetime | None
    asked_ago: float  # seconds
    account_id: UUID | None


async def add(
    s: Session, *, kind: str, key: str, member: str, destination: str, text: str, case_id: UUID | None = None
) -> bool:
    """Queues a notice, and rings after commit; once per key. False: it was queued before."""
    new = await s.execute(
        """INSERT INTO notices (clinic_id, id, kind, case_id, member, destination, text, dedupe_key)
           VALUES (%(clinic)s, %(id)s, %(kind)s, %(case)s, %(member)s, %(destination)s, %(text)s, %(key)s)
           ON CONFLICT (clinic_id, dedupe_key) DO NOTHING""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "kind": kind,
            "case": case_id,
            "member": member,
            "destination": destination,
            "text": text,
            "key": key,
        },
    )
    if new:
        await ring(s)
    return bool(new)


async def told(s: Session, case_id: UUID) -> int:
    """How many notices there were of a case."""
    row = await s.one(
        "SELECT count(*) AS told FROM notices WHERE clinic_id = %(clinic)s AND case_id = %(case)s",
        {"clinic": s.clinic_id, "case": case_id},
    )
    assert row is not None  # a count always is
    return int(row["told"])


async def claim(s: Session, notice_id: UUID, *, lease: timedelta, base: str) -> Claimed | None:
    """Takes one that is due and that nobody is sending; its text leads to the pages at `base`."""
    row = await s.one(
        """WITH free AS (
             SELECT clinic_id, id FROM notices
             WHERE clinic_id = %(clinic)s AND id = %(id)s AND status IN ('queued', 'sending') AND due_at <= now()
               AND (lease_until IS NULL OR lease_until < now()) FOR UPDATE SKIP LOCKED)
           UPDATE notices n SET status = 'sending', attempts = n.attempts + 1, lease_until = now() + %(lease)s,
             lease_token = %(token)s, text = replace(n.text, %(mark)s, %(base)s)
           FROM free WHERE n.clinic_id = free.clinic_id AND n.id = free.id
           RETURNING n.id, n.kind, n.destination, n.text, n.attempts, n.lease_token AS token,
                     EXISTS (SELECT FROM cases c WHERE c.clinic_id = n.clinic_id AND c.id = n.case_id AND c.urgent) AS urgent,
                     extract(epoch FROM now() - n.created_at)::float AS age, n.asked_at AS asked,
                     coalesce(extract(epoch FROM now() - n.asked_at), 0)::float AS asked_ago, n.account_id""",
        {"clinic": s.clinic_id, "id": notice_id, "lease": lease, "token": new_token(), "mark": BASE, "base": base},
    )
    return Claimed(**row) if row else None


async def wires(s: Session) -> list[UUID]:
    """Accounts a notice may leave by, the likeliest first: one known to be open, and one whose window is never closed."""
    rows = await s.all(
        """SELECT id FROM channel_accounts
           WHERE clinic_id = %(clinic)s AND active AND kind = ANY(%(kinds)s) AND state IN ('open', 'unknown')
           ORDER BY state = 'open' DESC, array_position(%(kinds)s, kind), id""",
        {"clinic": s.clinic_id, "kinds": list(_WIRES)},
    )
    return [row["id"] for row in rows]


async def leaves_by(s: Session, claimed: Claimed, account_id: UUID) -> None:
    """Written down before the wire is given it: its echo is known as ours, and whoever finds it later knows that it may
    have arrived."""
    await s.execute(
        """UPDATE notices SET account_id = %(account)s, asked_at = clock_timestamp()
           WHERE clinic_id = %(clinic)s AND id = %(id)s
             AND lease_token = %(token)s""",
        {"clinic": s.clinic_id, "id": claimed.id, "account": account_id, "token": claimed.token},
    )


async def settle(
    s: Session,
    claimed: Claimed,
    status: str,
    *,
    provider_id: str | None = None,
    error: str | None = None,
    again_in: float | None = None,
    tried: bool = True,
) -> None:
    """How a send ended. `queued`, or `sending` to be looked for, again in so many seconds.

    `queued`: it surely did not leave. `tried=False` takes the attempt back.
    """
    await s.execute(
        """UPDATE notices SET status = CASE WHEN %(failed)s THEN 'failed' ELSE %(status)s END, lease_until = NULL,
             lease_token = NULL, provider_id = coalesce(%(provider)s, provider_id), attempts = attempts - %(untried)s,
             error_code = coalesce(%(early)s, %(error)s), due_at = now() + make_interval(secs => %(again)s::float),
             sent_at = CASE WHEN %(status)s = 'sent' THEN clock_timestamp() ELSE sent_at END,
             asked_at = CASE WHEN %(status)s = 'queued' THEN NULL ELSE asked_at END
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND lease_token = %(token)s AND status = 'sending'""",
        {
            "clinic": s.clinic_id,
            "id": claimed.id,
            "token": claimed.token,
            "status": status,
            "provider": provider_id,
            "error": error[:100] if error else None,
            "again": again_in or 0.0,
            "untried": int(not tried),
            **await _early(s, provider_id),
        },
    )


async def other_ids(s: Session, claimed: Claimed) -> set[str]:
    """Provider ids of what else this wire told the same person lately: it may have the same words."""
    rows = await s.all(
        """SELECT n.provider_id FROM notices n
           WHERE n.clinic_id = %(clinic)s AND n.account_id = %(account)s AND n.destination = %(destination)s
             AND n.provider_id IS NOT NULL AND n.id <> %(id)s AND n.created_at > now() - interval '2 days'""",
        {"clinic": s.clinic_id, "account": claimed.account_id, "destination": claimed.destination, "id": claimed.id},
    )
    return {row["provider_id"] for row in rows}


async def _early(s: Session, provider_id: str | None) -> dict[str, object]:
    """What the wire said of it before its answer to us came."""
    if provider_id is None:
        return {"failed": False, "early": None}
    rows = await s.all(
        """DELETE FROM early_statuses WHERE clinic_id = %(clinic)s AND provider_id = %(provider)s
           RETURNING status, error_code""",
        {"clinic": s.clinic_id, "provider": provider_id},
    )
    refused = next((row for row in rows if row["status"] == "failed"), None)
    return {"failed": refused is not None, "early": refused["error_code"] if refused else None}


async def note_status(
    s: Session, account_id: UUID, *, provider_id: str, status: str, reference: UUID | None, error: str | None
) -> bool:
    """What the wire says later of a notice. False: no notice has that id (yet).

    Only that it failed changes anything, and that the wire names one by our `reference` whose answer never came: it has it.
    """
    return bool(
        await s.execute(
            """UPDATE notices SET status = CASE WHEN %(status)s = 'failed' THEN 'failed' ELSE 'sent' END,
                 error_code = CASE WHEN %(status)s = 'failed' THEN %(error)s WHEN provider_id IS NULL THEN NULL
                                   ELSE error_code END,
                 sent_at = coalesce(sent_at, asked_at), provider_id = %(provider)s
               WHERE clinic_id = %(clinic)s AND account_id = %(account)s
                 AND (provider_id = %(provider)s
                      OR (id = %(reference)s AND provider_id IS NULL AND status IN ('sending', 'unknown')))""",
            {
                "clinic": s.clinic_id,
                "account": account_id,
                "provider": provider_id,
                "reference": reference,
                "status": status,
                "error": error[:100] if error else None,
            },
        )
    )


async def is_ours(s: Session, account_id: UUID, provider_id: str, text: str, *, phones: Sequence[str]) -> bool:
    """Whether a message the wire tells of is a notice of ours: by its id, or by the words of one whose answer has not come,
    which is settled by it. `phones`: whom it was said to; the same words may have been said to several members, and without
    a phone one is settled only where no other can be meant."""
    params = {"clinic": s.clinic_id, "account": account_id, "provider": provider_id}
    known = await s.one(
        """SELECT id FROM notices
           WHERE clinic_id = %(clinic)s AND account_id = %(account)s AND provider_id = %(provider)s""",
        params,
    )
    if known is not None:
        return True
    meant = await s.all(
        """SELECT id FROM notices WHERE clinic_id = %(clinic)s AND account_id = %(account)s AND provider_id IS NULL
             AND status IN ('sending', 'unknown') AND created_at > now() - interval '1 day'
             AND (cardinality(%(phones)s::text[]) = 0 OR destination = ANY(%(phones)s::text[]))
             AND regexp_replace(text, '\\s+', ' ', 'g') = %(text)s ORDER BY seq LIMIT 2""",
        {**params, "phones": list(phones), "text": " ".join(text.split())},
    )
    if len(meant) == 1 or (meant and phones):
        await s.execute(
            """UPDATE notices SET provider_id = %(provider)s, status = 'sent', error_code = NULL,
                 sent_at = coalesce(sent_at, clock_timestamp()), lease_until = NULL, lease_token = NULL
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND provider_id IS NULL""",
            {**params, "id": meant[0]["id"]},
        )
    return bool(meant)
