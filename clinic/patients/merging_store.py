"""What becomes of the rows of two contacts that are one human: aliases, ties to people, the people themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.patients import store
from clinic.patients.merging import Left, Side
from clinic.patients.models import Contact, ContactAlias
from db.session import Session
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that was done. `moved`: ids of all that changed hands."""

    id: UUID
    contact_id: UUID
    merged_id: UUID
    merged_by: str
    at: datetime
    moved: Mapping[str, Any]


async def between(s: Session, one: UUID, other: UUID) -> Merge | None:
    """The merge that made these two one, whichever of them is left."""
    row = await s.one(
        """SELECT id, contact_id, merged_id, merged_by, at, moved FROM contact_merges
           WHERE clinic_id = %(clinic)s
             AND ((contact_id, merged_id) = (%(one)s, %(other)s) OR (contact_id, merged_id) = (%(other)s, %(one)s))""",
        {"clinic": s.clinic_id, "one": one, "other": other},
    )
    return Merge(**row) if row else None


async def aliases(s: Session, contact_ids: list[UUID]) -> list[ContactAlias]:
    """All of these contacts' aliases, in an order in which two callers may lock them."""
    rows = await s.all(
        """SELECT kind, value FROM contact_aliases WHERE clinic_id = %(clinic)s AND contact_id = ANY(%(ids)s)
           ORDER BY kind, value""",
        {"clinic": s.clinic_id, "ids": contact_ids},
    )
    return [ContactAlias(row["kind"], row["value"]) for row in rows]


async def locked(s: Session, contact_id: UUID) -> Contact | None:
    """The contact, its row locked so that nothing new can name it; None when it is none, or was merged into another."""
    row = await s.one(
        """SELECT id FROM contacts WHERE clinic_id = %(clinic)s AND id = %(id)s AND merged_into IS NULL FOR UPDATE""",
        {"clinic": s.clinic_id, "id": contact_id},
    )
    return await store.contact(s, contact_id) if row else None


async def move_aliases(s: Session, kept: UUID, other: UUID) -> list[dict[str, Any]]:
    """Whoever writes from an address of the other is the one that is left."""
    rows = await s.all(
        """UPDATE contact_aliases SET contact_id = %(kept)s WHERE clinic_id = %(clinic)s AND contact_id = %(other)s
           RETURNING kind, value""",
        {"clinic": s.clinic_id, "kept": kept, "other": other},
    )
    return [dict(row) for row in rows]


async def ties(s: Session, contact_ids: list[UUID]) -> list[dict[str, Any]]:
    """For whom these contacts speak, as rows to be put down."""
    rows = await s.all(
        """SELECT contact_id::text AS contact, person_id::text AS person, kind, consented_at::text AS consented_at, consent
           FROM relationships WHERE clinic_id = %(clinic)s AND contact_id = ANY(%(ids)s) ORDER BY contact_id, person_id""",
        {"clinic": s.clinic_id, "ids": contact_ids},
    )
    return [dict(row) for row in rows]


async def move_ties(s: Session, kept: UUID, other: UUID) -> None:
    """For whom either spoke, the one that is left speaks. Somebody both spoke for consented only if to both; one self stays."""
    params = {"clinic": s.clinic_id, "kept": kept, "other": other}
    await s.execute(
        """UPDATE relationships mine SET
             consented_at = CASE WHEN theirs.consented_at IS NOT NULL THEN mine.consented_at END,
             consent = CASE WHEN theirs.consented_at IS NOT NULL THEN mine.consent END
           FROM relationships theirs
           WHERE mine.clinic_id = %(clinic)s AND mine.contact_id = %(kept)s AND theirs.clinic_id = mine.clinic_id
             AND theirs.contact_id = %(other)s AND theirs.person_id = mine.person_id""",
        params,
    )
    await s.execute(
        """DELETE FROM relationships theirs WHERE clinic_id = %(clinic)s AND contact_id = %(other)s AND EXISTS (
             SELECT FROM relationships mine WHERE mine.clinic_id = theirs.clinic_id AND mine.contact_id = %(kept)s
               AND mine.person_id = theirs.person_id)""",
        params,
    )
    await s.execute(
        """UPDATE relationships r SET contact_id = %(kept)s, kind = CASE WHEN r.kind = 'self' AND EXISTS (
             SELECT FROM relationships o WHERE o.clinic_id = r.clinic_id AND o.contact_id = %(kept)s AND o.kind = 'self')
             THEN 'other' ELSE r.kind END
           WHERE clinic_id = %(clinic)s AND contact_id = %(other)s""",
        params,
    )


async def fold_person(s: Session, kept: UUID, other: UUID) -> dict[str, Any] | None:
    """Two rows of one patient become one: visits, proposals and ties of the other are the kept one's. The other row stays,
    named by what was said of it. None, and nothing is done, where both have a visit at the same time."""
    params = {"clinic": s.clinic_id, "kept": kept, "other": other}
    overlap = await s.one(
        """SELECT EXISTS (SELECT FROM claims a JOIN claims b ON b.clinic_id = a.clinic_id AND b.resource = 'person'
             AND b.resource_id = %(other)s AND b.during && a.during
           WHERE a.clinic_id = %(clinic)s AND a.resource = 'person' AND a.resource_id = %(kept)s) AS both""",
        params,
    )
    if overlap is None or overlap["both"]:
        return None
    moved: dict[str, Any] = {"from": str(other), "to": str(kept)}
    rows = await s.all(
        "UPDATE appointments SET person_id = %(kept)s WHERE clinic_id = %(clinic)s AND person_id = %(other)s RETURNING id",
        params,
    )
    moved["appointments"] = [str(row["id"]) for row in rows]
    for statement in (
        """UPDATE claims SET resource_id = %(kept)s
           WHERE clinic_id = %(clinic)s AND resource = 'person' AND resource_id = %(other)s""",
        "UPDATE proposals SET person_id = %(kept)s WHERE clinic_id = %(clinic)s AND person_id = %(other)s",
        "UPDATE step_ups SET person_id = %(kept)s WHERE clinic_id = %(clinic)s AND person_id = %(other)s",
        """DELETE FROM relationships theirs WHERE clinic_id = %(clinic)s AND person_id = %(other)s AND EXISTS (
             SELECT FROM relationships mine WHERE mine.clinic_id = theirs.clinic_id AND mine.contact_id = theirs.contact_id
               AND mine.person_id = %(kept)s)""",
        "UPDATE relationships SET person_id = %(kept)s WHERE clinic_id = %(clinic)s AND person_id = %(other)s",
        """UPDATE people p SET birth_date = coalesce(p.birth_date, o.birth_date),
             name = CASE WHEN length(o.name) > length(p.name) THEN o.name ELSE p.name END,
             notes = concat_ws(E'\\n', nullif(p.notes, ''), nullif(o.notes, ''))
           FROM people o
           WHERE p.clinic_id = %(clinic)s AND p.id = %(kept)s AND o.clinic_id = p.clinic_id AND o.id = %(other)s""",
    ):
        await s.execute(statement, params)
    return moved


async def settle(s: Session, kept: UUID, other: UUID, result: Left, *, at: datetime) -> None:
    """The one that is left is what both amount to; the other says into whom it went, and so do those it had taken in."""
    await s.execute(
        """UPDATE contacts SET display_name = %(display_name)s, opted_out_at = %(opted_out_at)s,
             opt_out_asked_at = %(opt_out_asked_at)s, human_only = %(human_only)s, told_ai_at = %(told_ai_at)s,
             last_seen_at = %(last_seen_at)s, doubt = %(doubt)s, heard_from = %(heard_from)s,
             assured_until = %(assured_until)s,
             doubted_at = CASE WHEN %(doubt)s::text IS NOT NULL THEN coalesce(doubted_at, %(at)s) ELSE doubted_at END
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": kept, "at": at, **asdict(result)},
    )
    params = {"clinic": s.clinic_id, "kept": kept, "other": other}
    await s.execute(
        """UPDATE contacts SET merged_into = %(kept)s
           WHERE clinic_id = %(clinic)s AND (id = %(other)s OR merged_into = %(other)s)""",
        params,
    )
    await s.execute("UPDATE step_ups SET contact_id = %(kept)s WHERE clinic_id = %(clinic)s AND contact_id = %(other)s", params)


async def put_down(s: Session, kept: UUID, other: UUID, *, by: str, confirmed: bool, moved: Mapping[str, Any]) -> Merge:
    """The row that tells who said so, and what became of which row."""
    row = await s.one(
        """INSERT INTO contact_merges (clinic_id, id, contact_id, merged_id, merged_by, confirmed, moved)
           VALUES (%(clinic)s, %(id)s, %(kept)s, %(other)s, %(by)s, %(confirmed)s, %(moved)s)
           RETURNING id, contact_id, merged_id, merged_by, at, moved""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "kept": kept,
            "other": other,
            "by": by,
            "confirmed": confirmed,
            "moved": Jsonb(dict(moved)),
        },
    )
    assert row is not None  # an insert always returns its row
    return Merge(**row)


def as_it_was(side: Side) -> dict[str, Any]:
    """A contact before the merge, without what it is called."""
    contact = side.contact
    instants = ("opted_out_at", "opt_out_asked_at", "told_ai_at", "last_seen_at", "assured_until")
    told = {name: value.isoformat() for name in instants if (value := getattr(contact, name)) is not None}
    return {"human_only": contact.human_only, "doubt": contact.doubt, "heard_from": contact.heard_from, **told}
