"""Contacts, their aliases and the people they speak for: SQL in, dataclasses out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from clinic.patients.models import Contact, ContactAlias, Dependant, RelationshipKind
from db.session import Session


async def lock_alias(s: Session, alias: ContactAlias) -> None:
    """Makes two first messages of one stranger take turns, so that they find one contact and not two."""
    await s.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 1))",
        {"key": f"{s.clinic_id}:{alias.kind}:{alias.value}"},
    )


async def contacts_with(s: Session, aliases: Sequence[ContactAlias]) -> dict[ContactAlias, UUID]:
    """Which contact owns each alias; unknown ones are absent."""
    rows = await s.all(
        """SELECT kind, value, contact_id FROM contact_aliases
           WHERE clinic_id = %(clinic)s
             AND (kind, value) IN (SELECT * FROM unnest(%(kinds)s::text[], %(values)s::text[]))""",
        {"clinic": s.clinic_id, "kinds": [a.kind for a in aliases], "values": [a.value for a in aliases]},
    )
    return {ContactAlias(row["kind"], row["value"]): row["contact_id"] for row in rows}


async def has_other(s: Session, contact_id: UUID, aliases: Sequence[ContactAlias]) -> bool:
    """Whether this contact is known by an alias of the kind of one of these, and none of these."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM contact_aliases WHERE clinic_id = %(clinic)s AND contact_id = %(contact)s
             AND kind = ANY(%(kinds)s) AND value <> ALL(%(values)s)) AS other""",
        {
            "clinic": s.clinic_id,
            "contact": contact_id,
            "kinds": [a.kind for a in aliases],
            "values": [a.value for a in aliases],
        },
    )
    return bool(row and row["other"])


async def reached_by(s: Session, contact_id: UUID, phones: Sequence[str]) -> bool:
    """Whether one of these numbers (E.164) is this contact's."""
    row = await s.one(
        """SELECT EXISTS (SELECT FROM contact_aliases WHERE clinic_id = %(clinic)s AND contact_id = %(contact)s
             AND kind = 'phone' AND value = ANY(%(phones)s)) AS theirs""",
        {"clinic": s.clinic_id, "contact": contact_id, "phones": list(phones)},
    )
    return bool(row and row["theirs"])


async def insert_contact(s: Session, contact_id: UUID, display_name: str | None) -> None:
    await s.execute(
        "INSERT INTO contacts (clinic_id, id, display_name) VALUES (%(clinic)s, %(id)s, %(name)s)",
        {"clinic": s.clinic_id, "id": contact_id, "name": display_name},
    )


async def add_aliases(s: Session, contact_id: UUID, aliases: Sequence[ContactAlias]) -> None:
    """Adds what is new. An alias that belongs to another contact stays there: identities are never merged by guess.

    It is the other's into whom a person merged this contact meanwhile.
    """
    await s.many(
        """INSERT INTO contact_aliases (clinic_id, kind, value, contact_id)
           SELECT k.clinic_id, %(kind)s, %(value)s, coalesce(k.merged_into, k.id) FROM contacts k
           WHERE k.clinic_id = %(clinic)s AND k.id = %(contact)s FOR KEY SHARE ON CONFLICT DO NOTHING""",
        [{"clinic": s.clinic_id, "kind": a.kind, "value": a.value, "contact": contact_id} for a in aliases],
    )


async def drop_aliases(s: Session, contact_id: UUID, aliases: Sequence[ContactAlias]) -> None:
    """These address this contact no more."""
    await s.many(
        """DELETE FROM contact_aliases
           WHERE clinic_id = %(clinic)s AND contact_id = %(contact)s AND kind = %(kind)s AND value = %(value)s""",
        [{"clinic": s.clinic_id, "contact": contact_id, "kind": a.kind, "value": a.value} for a in aliases],
    )


async def rename_contact(s: Session, contact_id: UUID, display_name: str) -> None:
    await s.execute(
        """UPDATE contacts SET display_name = %(name)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND display_name IS DISTINCT FROM %(name)s""",
        {"clinic": s.clinic_id, "id": contact_id, "name": display_name},
    )


async def contact(s: Session, contact_id: UUID) -> Contact | None:
    row = await s.one(
        """SELECT id, display_name, opted_out_at, human_only, told_ai_at, last_seen_at, doubt, heard_from, assured_until,
                  opt_out_asked_at
           FROM contacts WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": contact_id},
    )
    return Contact(**row) if row else None


async def dependants(s: Session, contact_id: UUID) -> list[Dependant]:
    """The people this contact may speak for: themselves first, then by when they were added."""
    rows = await s.all(
        """SELECT p.id AS person_id, p.name, r.kind, p.birth_date, r.consented_at IS NOT NULL AS consented FROM relationships r
           JOIN people p ON p.clinic_id = r.clinic_id AND p.id = r.person_id
           WHERE r.clinic_id = %(clinic)s AND r.contact_id = %(contact)s
           ORDER BY r.kind <> 'self', r.created_at, p.id""",
        {"clinic": s.clinic_id, "contact": contact_id},
    )
    return [
        Dependant(row["person_id"], row["name"], RelationshipKind(row["kind"]), row["birth_date"], row["consented"])
        for row in rows
    ]


async def insert_person(s: Session, person_id: UUID, name: str) -> None:
    await s.execute(
        "INSERT INTO people (clinic_id, id, name) VALUES (%(clinic)s, %(id)s, %(name)s)",
        {"clinic": s.clinic_id, "id": person_id, "name": name},
    )


async def rename_unbooked(s: Session, person_id: UUID, name: str) -> bool:
    row = await s.one(
        """UPDATE people p SET name = %(name)s WHERE p.clinic_id = %(clinic)s AND p.id = %(id)s AND NOT EXISTS
             (SELECT FROM appointments a WHERE a.clinic_id = p.clinic_id AND a.person_id = p.id)
           RETURNING p.id""",
        {"clinic": s.clinic_id, "id": person_id, "name": name},
    )
    return row is not None


async def relate(s: Session, contact_id: UUID, person_id: UUID, kind: RelationshipKind) -> None:
    await s.execute(
        """INSERT INTO relationships (clinic_id, contact_id, person_id, kind)
           VALUES (%(clinic)s, %(contact)s, %(person)s, %(kind)s) ON CONFLICT DO NOTHING""",
        {"clinic": s.clinic_id, "contact": contact_id, "person": person_id, "kind": kind},
    )


async def note_told_ai(s: Session, contact_id: UUID, at: datetime) -> None:
    await s.execute(
        """UPDATE contacts SET told_ai_at = coalesce(told_ai_at, %(at)s)
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": contact_id, "at": at},
    )


async def note_seen(s: Session, contact_id: UUID, at: datetime) -> None:
    """They wrote, and were answered, at `at` of their conversation's clock."""
    await s.execute(
        """UPDATE contacts SET last_seen_at = greatest(last_seen_at, %(at)s)
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": contact_id, "at": at},
    )


async def note_leaving(s: Session, contact_id: UUID, *, asked_at: datetime | None, opted_out_at: datetime | None) -> None:
    """Since when no automatic message goes to them, and when they were asked whether they mean it."""
    await s.execute(
        """UPDATE contacts SET opted_out_at = %(out)s, opt_out_asked_at = %(asked)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": contact_id, "out": opted_out_at, "asked": asked_at},
    )


async def note_human_only(s: Session, contact_id: UUID) -> None:
    await s.execute(
        "UPDATE contacts SET human_only = true WHERE clinic_id = %(clinic)s AND id = %(id)s",
        {"clinic": s.clinic_id, "id": contact_id},
    )
