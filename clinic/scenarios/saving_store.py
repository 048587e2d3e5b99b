"""What a conversation left behind, and everybody the clinic knows: what a scenario made of it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from clinic.scenarios.redacting import Known
from db.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """For whom the contact speaks. `fresh`: registered since the conversation's first message."""

    id: UUID
    name: str
    kind: str
    birth_date: date | None
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who writes, as they are now. `opted_out`, `human_only`: since the conversation's first message."""

    name: str | None
    phones: tuple[str, ...]
    opted_out: bool
    human_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """A visit of these people as it is now. `later`: made since the conversation began."""

    id: UUID
    person_id: UUID
    service_id: UUID
    professional_id: UUID
    unit_id: UUID
    convenio_id: UUID | None
    starts_at: datetime
    status: str
    price_cents: int | None
    booked_by: str
    later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case of the conversation, and what a person did about it."""

    kind: str
    urgent: bool
    status: str
    resolved_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A write of a tool: what it said it did."""

    turn_id: UUID
    tool: str
    entity_id: UUID | None
    result: Mapping[str, Any]


async def writer(s: Session, conversation_id: UUID, *, since: datetime) -> Writer:
    """Who writes in it."""
    row = await s.one(
        """SELECT k.display_name AS name, coalesce(k.opted_out_at >= %(since)s, false) AS opted_out, k.human_only,
                  (SELECT coalesce(array_agg(a.value ORDER BY a.created_at), '{}') FROM contact_aliases a
                   WHERE (a.clinic_id, a.contact_id, a.kind) = (k.clinic_id, k.id, 'phone')) AS phones
           FROM conversations c JOIN contacts k ON (k.clinic_id, k.id) = (c.clinic_id, c.contact_id)
           WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s""",
        {"clinic": s.clinic_id, "id": conversation_id, "since": since},
    )
    assert row is not None  # the conversation was read a moment ago, and its contact lives as long
    return Writer(**{**row, "phones": tuple(row["phones"])})


async def people(s: Session, conversation_id: UUID, *, stored_since: datetime) -> list[Somebody]:
    """For whom its contact speaks, themselves first."""
    rows = await s.all(
        """SELECT p.id, p.name, r.kind, p.birth_date, p.created_at >= %(since)s AS fresh
           FROM conversations c JOIN relationships r ON (r.clinic_id, r.contact_id) = (c.clinic_id, c.contact_id)
           JOIN people p ON (p.clinic_id, p.id) = (r.clinic_id, r.person_id)
           WHERE c.clinic_id = %(clinic)s AND c.id = %(id)s ORDER BY r.kind <> 'self', r.created_at, p.id""",
        {"clinic": s.clinic_id, "id": conversation_id, "since": stored_since},
    )
    return [Somebody(**row) for row in rows]


async def visits(s: Session, conversation_id: UUID, people_ids: Sequence[UUID], *, since: datetime) -> list[VisitRow]:
    """Visits booked in it, and those of these people that lay ahead when it began or were made since, by start."""
    rows = await s.all(
        """SELECT id, person_id, service_id, professional_id, unit_id, convenio_id, starts_at, status, price_cents, booked_by,
                  CASE WHEN conversation_id = %(id)s THEN created_at >= %(since)s
                    ELSE created_at > %(since)s AND booked_by <> 'import' END AS later
           FROM appointments WHERE clinic_id = %(clinic)s AND (conversation_id = %(id)s OR person_id = ANY(%(people)s))
             AND (starts_at >= %(since)s OR created_at >= %(since)s) ORDER BY starts_at, id""",
        {"clinic": s.clinic_id, "id": conversation_id, "people": list(people_ids), "since": since},
    )
    return [VisitRow(**row) for row in rows]


async def cases(s: Session, conversation_id: UUID, *, since: datetime) -> list[CaseRow]:
    """Cases opened in it since then."""
    rows = await s.all(
        """SELECT kind, urgent, status, resolved_by FROM cases
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND opened_at >= %(since)s ORDER BY number""",
        {"clinic": s.clinic_id, "id": conversation_id, "since": since},
    )
    return [CaseRow(**row) for row in rows]


async def writes(s: Session, conversation_id: UUID) -> list[Done]:
    """What tools did in it, in order."""
    rows = await s.all(
        """SELECT turn_id, tool, entity_id, result FROM tool_receipts
           WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s AND effect = 'write' ORDER BY at, id""",
        {"clinic": s.clinic_id, "id": conversation_id},
    )
    return [Done(**row) for row in rows]


async def known(s: Session, *, near: Sequence[str] = ()) -> Known:
    """Everybody the clinic knows."""
    row = await s.one(
        """SELECT (SELECT coalesce(array_agg(DISTINCT name), '{}') FROM people WHERE clinic_id = %(clinic)s) AS names,
                  (SELECT coalesce(array_agg(DISTINCT birth_date) FILTER (WHERE birth_date IS NOT NULL), '{}') FROM people
                   WHERE clinic_id = %(clinic)s) AS births,
                  (SELECT coalesce(array_agg(DISTINCT value), '{}') FROM contact_aliases
                   WHERE clinic_id = %(clinic)s AND kind = 'phone') AS phones""",
        {"clinic": s.clinic_id},
    )
    assert row is not None  # a query without FROM always has a row
    return Known(tuple(row["names"]), tuple(near), frozenset(row["phones"]), frozenset(row["births"]))
