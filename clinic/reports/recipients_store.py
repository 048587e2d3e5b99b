"""Who of a family agreed to receive reports of somebody, in Postgres. Who is barred, and why, is asked of what stands now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from clinic.reports.models import Recipient
from clinic.reports.views import Family
from db.session import Session

# `barred`: the first of these that is so; `report_reader` in the schema says the same.
_FAMILY: LiteralString = """SELECT p.contact_id, p.name, p.kind,
  (SELECT a.value FROM contact_aliases a WHERE a.clinic_id = p.clinic_id AND a.contact_id = p.contact_id
     AND a.kind IN ('phone', 'console') ORDER BY a.kind DESC, a.created_at DESC LIMIT 1) AS phone,
  p.consented_at, p.consent, p.consented_by, p.revoked_at,
  CASE WHEN p.consented_at IS NULL THEN 'not_asked'
    WHEN p.revoked_at IS NOT NULL THEN 'revoked'
    WHEN k.opted_out_at IS NOT NULL THEN 'opted_out'
    WHEN k.doubted_at >= p.consented_at OR (k.doubted_at IS NULL AND k.doubt IS NOT NULL) THEN 'doubted'
    WHEN NOT EXISTS (SELECT FROM contact_aliases a WHERE a.clinic_id = p.clinic_id AND a.contact_id = p.contact_id)
      THEN 'no_phone' END AS barred
  FROM report_recipients p JOIN contacts k ON k.clinic_id = p.clinic_id AND k.id = p.contact_id
  WHERE p.clinic_id = %(clinic)s AND p.person_id = %(person)s"""


async def agreeing(s: Session, person_id: UUID) -> tuple[Recipient, ...]:
    """Whoever would receive a report of this person now; nobody takes that back until the transaction ends."""
    # Locked first: what is read after that is what stands.
    await s.execute(
        "SELECT FROM report_recipients WHERE clinic_id = %(clinic)s AND person_id = %(person)s ORDER BY contact_id FOR SHARE",
        {"clinic": s.clinic_id, "person": person_id},
    )
    return tuple(
        Recipient(one.contact_id, one.name, one.phone or "", one.consented_at)
        for one in await family(s, person_id)
        if one.barred is None and one.consented_at is not None
    )


async def family(s: Session, person_id: UUID) -> Sequence[Family]:
    """Everybody in this person's list, in the order they were added."""
    rows = await s.all(
        _FAMILY + " ORDER BY p.created_at, p.contact_id",
        {"clinic": s.clinic_id, "person": person_id},
    )
    return [Family(**row) for row in rows]


async def put(
    s: Session, person_id: UUID, contact_id: UUID, *, name: str, kind: str, consent: str | None, by: str, at: datetime
) -> None:
    """Adds somebody to this person's list, or writes them anew. `consent`: how they agreed; None leaves that as it is.

    Agreeing anew undoes a revocation, and says that whoever answers that phone is who we mean.
    """
    await s.execute(
        """INSERT INTO report_recipients AS p
             (clinic_id, person_id, contact_id, name, kind, consented_at, consent, consented_by)
           VALUES (%(clinic)s, %(person)s, %(contact)s, %(name)s, %(kind)s,
                   CASE WHEN %(consent)s::text IS NOT NULL THEN %(at)s::timestamptz END, %(consent)s,
                   CASE WHEN %(consent)s::text IS NOT NULL THEN %(by)s END)
           ON CONFLICT (clinic_id, person_id, contact_id) DO UPDATE SET name = excluded.name, kind = excluded.kind,
             consented_at = coalesce(excluded.consented_at, p.consented_at), consent = coalesce(excluded.consent, p.consent),
             consented_by = coalesce(excluded.consented_by, p.consented_by),
             revoked_at = CASE WHEN excluded.consented_at IS NULL THEN p.revoked_at END,
             revoked_by = CASE WHEN excluded.consented_at IS NULL THEN p.revoked_by END""",
        {
            "clinic": s.clinic_id,
            "person": person_id,
            "contact": contact_id,
            "name": name,
            "kind": kind,
            "consent": consent,
            "by": by,
            "at": at,
        },
    )


async def revoke(s: Session, contact_id: UUID, *, person_id: UUID | None, at: datetime, by: str) -> int:
    """They agree no more; how many lists say so now."""
    return await s.execute(
        """UPDATE report_recipients SET revoked_at = %(at)s, revoked_by = %(by)s
           WHERE clinic_id = %(clinic)s AND contact_id = %(contact)s AND revoked_at IS NULL
             AND (%(person)s::uuid IS NULL OR person_id = %(person)s)""",
        {"clinic": s.clinic_id, "contact": contact_id, "person": person_id, "at": at, "by": by},
    )


async def restore(s: Session, contact_id: UUID, *, by: str, at: datetime) -> int:
    """What was taken back by `by` is given again; how many lists say so now."""
    return await s.execute(
        """UPDATE report_recipients SET revoked_at = NULL, revoked_by = NULL, consented_at = %(at)s, consent = 'said'
           WHERE clinic_id = %(clinic)s AND contact_id = %(contact)s AND revoked_at IS NOT NULL AND revoked_by = %(by)s""",
        {"clinic": s.clinic_id, "contact": contact_id, "by": by, "at": at},
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """A contact who reads reports. `reads`: of whom, now; `stopped`: they took it back themselves, of somebody at least;
    `told`: a report is the last thing that was said to them here, but for fixed texts; `names`: whom it spoke of."""

    reads: bool
    stopped: bool
    told: bool
    names: tuple[str, ...]


async def reader(s: Session, contact_id: UUID, *, since: datetime) -> Reader | None:
    """What this contact has to do with reports, on whichever wire; None: nothing."""
    row = await s.one(
        """WITH sent AS (
             SELECT m.seq, e.name, r.caregiver FROM report_sends t
             JOIN messages m ON m.clinic_id = t.clinic_id AND m.id = t.message_id
             JOIN reports r ON r.clinic_id = t.clinic_id AND r.id = t.report_id
             JOIN people e ON e.clinic_id = r.clinic_id AND e.id = r.person_id
             WHERE t.clinic_id = %(clinic)s AND t.contact_id = %(contact)s AND m.at > %(since)s)
           SELECT bool_or(report_reader(p.clinic_id, p.person_id, p.contact_id)) AS reads,
                  bool_or(p.revoked_at IS NOT NULL AND p.revoked_by = 'said') AS stopped,
                  (SELECT max(seq) FROM sent) > coalesce((
                     SELECT max(m.seq) FROM conversations v
                     JOIN messages m ON m.clinic_id = v.clinic_id AND m.conversation_id = v.id AND m.direction = 'out'
                       AND m.author IN ('carol', 'person')
                     WHERE v.clinic_id = %(clinic)s AND v.contact_id = %(contact)s), 0) AS told,
                  (SELECT array_agg(DISTINCT n.name) FROM sent, LATERAL (VALUES (sent.name), (sent.caregiver)) n(name)) AS names
           FROM report_recipients p WHERE p.clinic_id = %(clinic)s AND p.contact_id = %(contact)s""",
        {"clinic": s.clinic_id, "contact": contact_id, "since": since},
    )
    if row is None or row["reads"] is None:
        return None
    return Reader(row["reads"], row["stopped"], bool(row["told"]), tuple(row["names"] or ()))


async def is_cared_for(s: Session, person_id: UUID) -> bool:
    """Whether the source speaks of this person."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM report_subjects WHERE clinic_id = %(clinic)s AND person_id = %(person)s) AS known""",
        {"clinic": s.clinic_id, "person": person_id},
    )
    return bool(row and row["known"])


async def drop(s: Session, person_id: UUID, contact_id: UUID) -> bool:
    """Takes somebody off this person's list. False: they were not in it."""
    return bool(
        await s.execute(
            """DELETE FROM report_recipients
               WHERE clinic_id = %(clinic)s AND person_id = %(person)s AND contact_id = %(contact)s""",
            {"clinic": s.clinic_id, "person": person_id, "contact": contact_id},
        )
    )


async def hold_back(s: Session, contact_id: UUID, *, person_id: UUID | None, error_code: str) -> int:
    """Takes back the reports that wait to leave to this contact and that no wire was given; how many."""
    return await s.execute(
        """UPDATE outbox o SET status = 'cancelled', held = NULL, error_code = %(error)s
           FROM report_sends t JOIN reports r ON r.clinic_id = t.clinic_id AND r.id = t.report_id
           WHERE o.clinic_id = %(clinic)s AND o.status = 'queued' AND o.unanswered = 0
             AND t.clinic_id = o.clinic_id AND t.message_id = o.message_id AND t.contact_id = %(contact)s
             AND (%(person)s::uuid IS NULL OR r.person_id = %(person)s)""",
        {"clinic": s.clinic_id, "contact": contact_id, "person": person_id, "error": error_code},
    )


async def names_of_others(s: Session, person_id: UUID) -> list[str]:
    """What everybody else whose reports we send is called, here and at the source."""
    rows = await s.all(
        """SELECT p.name, u.name AS there FROM report_subjects u
           JOIN people p ON p.clinic_id = u.clinic_id AND p.id = u.person_id
           WHERE u.clinic_id = %(clinic)s AND u.person_id <> %(person)s""",
        {"clinic": s.clinic_id, "person": person_id},
    )
    return sorted({name for row in rows for name in (row["name"], row["there"])})


async def read_by(s: Session, contact_id: UUID) -> Collection[UUID]:
    """Of whom this contact receives reports now."""
    rows = await s.all(
        """SELECT person_id FROM report_recipients WHERE clinic_id = %(clinic)s AND contact_id = %(contact)s
             AND report_reader(clinic_id, person_id, contact_id)""",
        {"clinic": s.clinic_id, "contact": contact_id},
    )
    return {row["person_id"] for row in rows}
