"""Whom the source speaks of, and taking what it closed, in Postgres."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.reports import store
from clinic.reports.findings import Findings
from clinic.reports.models import Shift, SourceReport, State
from clinic.reports.ranges import Ranges, Wishes, ranges_for
from clinic.tenants.models import Clinic
from db.session import Session
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Subject:
    """A person of ours, as the source calls them."""

    person_id: UUID
    name: str  # ours
    there: str  # the source's, as somebody of the clinic last took it for theirs
    born: date | None = None  # as we know it, else as the source says
    told: date | None = None  # as the source last said
    ranges: Wishes = field(default_factory=dict)  # limits of their own


@dataclass(frozen=True, slots=True)
class Kept:
    """The last revision of a report of the source, its row locked."""

    id: UUID
    revision: int
    state: State
    digest: str


async def subject(s: Session, external_id: str) -> Subject | None:
    """Who that is; None: nobody we heard of."""
    row = await s.one(
        """SELECT u.person_id, p.name, u.name AS there, coalesce(p.birth_date, u.born_on) AS born, u.born_on AS told, u.ranges
           FROM report_subjects u JOIN people p ON p.clinic_id = u.clinic_id AND p.id = u.person_id
           WHERE u.clinic_id = %(clinic)s AND u.external_id = %(external)s""",
        {"clinic": s.clinic_id, "external": external_id},
    )
    return Subject(**row) if row else None


async def meet(s: Session, external_id: str, name: str) -> Subject:
    """Somebody new of the source becomes a person of the clinic; of two sessions that meet them the same one."""
    await s.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 3))", {"key": f"{s.clinic_id}:subject:{external_id}"}
    )
    if (known := await subject(s, external_id)) is not None:
        return known
    person_id = new_id()
    await s.execute(
        "INSERT INTO people (clinic_id, id, name) VALUES (%(clinic)s, %(id)s, %(name)s)",
        {"clinic": s.clinic_id, "id": person_id, "name": name},
    )
    await bind(s, external_id, person_id, name=name)
    return Subject(person_id, name, name)


async def bind(s: Session, external_id: str, person_id: UUID, *, name: str) -> None:
    """The source's id is this person's."""
    await s.execute(
        """INSERT INTO report_subjects (clinic_id, external_id, person_id, name)
           VALUES (%(clinic)s, %(external)s, %(person)s, %(name)s)
           ON CONFLICT (clinic_id, external_id) DO UPDATE SET person_id = excluded.person_id, name = excluded.name""",
        {"clinic": s.clinic_id, "external": external_id, "person": person_id, "name": name},
    )


async def rename(s: Session, external_id: str, name: str) -> None:
    """The source calls them so, and somebody of the clinic knows that it is them."""
    await s.execute(
        "UPDATE report_subjects SET name = %(name)s WHERE clinic_id = %(clinic)s AND external_id = %(external)s",
        {"clinic": s.clinic_id, "external": external_id, "name": name},
    )


async def born(s: Session, external_id: str, day: date) -> None:
    """The source says so."""
    await s.execute(
        "UPDATE report_subjects SET born_on = %(day)s WHERE clinic_id = %(clinic)s AND external_id = %(external)s",
        {"clinic": s.clinic_id, "external": external_id, "day": day},
    )


async def limits(s: Session, clinic: Clinic, person_id: UUID, day: date) -> Ranges:
    """What is in range for somebody on a day, by all that is known of them."""
    row = await s.one(
        """SELECT coalesce(p.birth_date, (
               SELECT max(u.born_on) FROM report_subjects u WHERE u.clinic_id = p.clinic_id AND u.person_id = p.id)) AS born,
             (SELECT u.ranges FROM report_subjects u WHERE u.clinic_id = p.clinic_id AND u.person_id = p.id
              AND u.ranges <> '{}' ORDER BY u.since DESC LIMIT 1) AS own
           FROM people p WHERE p.clinic_id = %(clinic)s AND p.id = %(person)s""",
        {"clinic": s.clinic_id, "person": person_id},
    )
    return ranges_for(row["born"] if row else None, day, clinic=clinic.policies.reports.ranges, own=row["own"] if row else None)


async def last(s: Session, external_id: str) -> Kept | None:
    """What we have of this report of the source."""
    row = await s.one(
        """SELECT id, revision, state, source_digest AS digest FROM reports
           WHERE clinic_id = %(clinic)s AND external_id = %(external)s ORDER BY revision DESC LIMIT 1 FOR UPDATE""",
        {"clinic": s.clinic_id, "external": external_id},
    )
    return Kept(row["id"], row["revision"], State(row["state"]), row["digest"]) if row else None


async def add(
    s: Session,
    source: SourceReport,
    person_id: UUID,
    *,
    revision: int,
    place: tuple[Shift, date],
    text: str,
    digest: str,
    found: Findings,
    run_id: UUID | None,
) -> UUID | None:
    """A new report. None: somebody else added it just now."""
    row = await s.one(
        """INSERT INTO reports (clinic_id, id, external_id, revision, person_id, caregiver, shift, day, began_at, closed_at,
                                source, source_text, source_digest, rules, measures, run_id)
           VALUES (%(clinic)s, %(id)s, %(external)s, %(revision)s, %(person)s, %(caregiver)s, %(shift)s, %(day)s, %(began)s,
                   %(closed)s, %(source)s, %(text)s, %(digest)s, %(rules)s, %(measures)s, %(run)s)
           ON CONFLICT (clinic_id, external_id, revision) DO NOTHING RETURNING id""",
        _told(s, source, place, text, digest, found)
        | {"id": new_id(), "revision": revision, "person": person_id, "run": run_id, "external": source.external_id},
    )
    return row["id"] if row else None


async def correct(
    s: Session,
    report_id: UUID,
    source: SourceReport,
    person_id: UUID,
    *,
    place: tuple[Shift, date],
    text: str,
    digest: str,
    found: Findings,
) -> None:
    """The report says something else now."""
    await s.execute(
        """UPDATE reports SET person_id = %(person)s, caregiver = %(caregiver)s, shift = %(shift)s, day = %(day)s,
             began_at = %(began)s, closed_at = %(closed)s, source = %(source)s, source_text = %(text)s,
             source_digest = %(digest)s, rules = %(rules)s, measures = %(measures)s
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        _told(s, source, place, text, digest, found) | {"id": report_id, "person": person_id},
    )


def _told(
    s: Session, source: SourceReport, place: tuple[Shift, date], text: str, digest: str, found: Findings
) -> dict[str, object]:
    return {
        "clinic": s.clinic_id,
        "caregiver": source.caregiver,
        "shift": place[0].value,
        "day": place[1],
        "began": source.began_at,
        "closed": source.closed_at,
        "source": Jsonb(store.written(source)),
        "text": text,
        "digest": digest,
        "rules": found.rules or None,
        "measures": Jsonb(dict(found.measures)),
    }
