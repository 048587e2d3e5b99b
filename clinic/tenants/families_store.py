"""What a clinic document says of shift reports: the desk they are read at, whose they are, who reads them. Adds; never takes
back, and never what somebody took back themselves."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.tenants.assembling import stable_id
from clinic.tenants.document_reports import ReportsPart, limits
from db.session import Session
from kit.ids import is_sandbox


async def put(session: Session, part: ReportsPart, people: Mapping[str, UUID]) -> None:
    """Opens the desk where there is a source, and adds families. A rehearsal has neither."""
    if is_sandbox(session.clinic_id):
        return
    if part.source is not None:
        await session.execute("INSERT INTO report_desks (clinic_id) VALUES (current_clinic()) ON CONFLICT DO NOTHING")
    await session.many(
        """INSERT INTO report_subjects (clinic_id, external_id, person_id, name, ranges)
           SELECT p.clinic_id, %(subject)s, p.id, p.name, %(ranges)s FROM people p
           WHERE p.clinic_id = current_clinic() AND p.id = %(person)s
           ON CONFLICT (clinic_id, external_id) DO UPDATE SET person_id = excluded.person_id, ranges = excluded.ranges""",
        [
            {"subject": family.subject, "person": people[family.person], "ranges": Jsonb(limits(family.ranges))}
            for family in part.families
        ],
    )
    readers = [(people[family.person], one) for family in part.families for one in family.recipients]
    contacts = await _contacts(session, sorted({one.phone for _, one in readers}))
    await session.many(
        """INSERT INTO report_recipients AS r
             (clinic_id, person_id, contact_id, name, kind, consented_at, consent, consented_by)
           VALUES (current_clinic(), %(person)s, %(contact)s, %(name)s, %(kind)s, CASE WHEN %(agreed)s THEN now() END,
                   CASE WHEN %(agreed)s THEN 'document' END, NULL)
           ON CONFLICT (clinic_id, person_id, contact_id) DO UPDATE SET name = excluded.name, kind = excluded.kind,
             consented_at = coalesce(r.consented_at, excluded.consented_at), consent = coalesce(r.consent, excluded.consent)""",
        [
            {
                "person": person,
                "contact": contacts[one.phone],
                "name": one.name,
                "kind": one.kind,
                "agreed": one.agreed,
            }
            for person, one in readers
        ],
    )


async def _contacts(session: Session, phones: list[str]) -> dict[str, UUID]:
    """Who has each phone; a phone that nobody has is a new contact's, the same at every loading."""
    new = {phone: stable_id(session.clinic_id, "contact", "phone", phone) for phone in phones}
    await session.many(
        """INSERT INTO contacts (clinic_id, id) SELECT current_clinic(), %(id)s WHERE NOT EXISTS (
             SELECT FROM contact_aliases WHERE clinic_id = current_clinic() AND kind = 'phone' AND value = %(phone)s)
           ON CONFLICT DO NOTHING""",
        [{"id": contact, "phone": phone} for phone, contact in new.items()],
    )
    await session.many(
        """INSERT INTO contact_aliases (clinic_id, kind, value, contact_id)
           VALUES (current_clinic(), 'phone', %(phone)s, %(id)s) ON CONFLICT DO NOTHING""",
        [{"id": contact, "phone": phone} for phone, contact in new.items()],
    )
    rows = await session.all(
        "SELECT value, contact_id FROM contact_aliases WHERE kind = 'phone' AND value = ANY(%(phones)s)", {"phones": phones}
    )
    return {row["value"]: row["contact_id"] for row in rows}
