"""What a clinic document brings beside the configuration: channels, patients, time off and visits. Adds; never takes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from clinic.tenants.assembling import stable_id
from clinic.tenants.document import ChannelPart
from clinic.tenants.document_agenda import PersonPart
from clinic.tenants.placing import Block, Claim, Visit
from clinic.tenants.problems import say
from db.session import Session
from kit.errors import Conflict

_BY_DOCUMENT = "5"  # the version digit of the ids a document gives; staff's own rows have another


class ChannelTaken(Conflict):
    """A wire that belongs to another clinic."""

    code = "channel_taken"


class AgendaMoved(Conflict):
    """Somebody booked while the document was being loaded; loading it again will do."""

    code = "agenda_moved"


@dataclass(frozen=True, slots=True)
class StoredVisit:
    """A visit of an earlier loading; `untouched` while nobody moved, cancelled or closed it."""

    id: UUID
    ends_at: datetime
    untouched: bool


async def put_channels(session: Session, channels: Sequence[ChannelPart]) -> None:
    """Opens these channels and closes those an earlier document opened. Raises ChannelTaken."""
    for channel in channels:
        try:
            async with session.savepoint():
                await session.execute(
                    """INSERT INTO channel_accounts (clinic_id, id, kind, external_id, credentials)
                       VALUES (current_clinic(), %(id)s, %(kind)s, %(external)s, %(credentials)s)
                       ON CONFLICT (kind, external_id) DO UPDATE SET credentials = excluded.credentials, active = true""",
                    {
                        "id": stable_id(session.clinic_id, "channel", channel.kind, channel.external_id),
                        "kind": channel.kind,
                        "external": channel.external_id,
                        "credentials": Jsonb(channel.credentials),
                    },
                )
        except (psycopg.errors.UniqueViolation, psycopg.errors.InsufficientPrivilege) as error:
            raise ChannelTaken(say("channel_taken", kind=channel.kind, name=channel.external_id)) from error
    await session.execute(
        """UPDATE channel_accounts SET active = false
           WHERE substr(id::text, 15, 1) = %(digit)s AND NOT (kind || '/' || external_id) = ANY(%(open)s)""",
        {"digit": _BY_DOCUMENT, "open": [f"{c.kind}/{c.external_id}" for c in channels]},
    )


async def put_people(session: Session, people: Sequence[PersonPart]) -> dict[str, UUID]:
    """Adds the patients, their contacts and who speaks for whom; returns the person behind each key.

    A phone that already wrote keeps its contact, and the person it said to be becomes the document's one.
    """
    names = [alias for person in people for alias in (*_own(person), *(("phone", r.contact) for r in person.relationships))]
    contact_of = await _contacts(session, [value for _, value in names])
    for person in people:
        own = _own(person)
        known = next((contact_of[name] for name in own if name in contact_of), None)
        for name in own:
            contact_of.setdefault(name, known or stable_id(session.clinic_id, "contact", *own[0]))
    for name in names:
        contact_of.setdefault(name, stable_id(session.clinic_id, "contact", *name))
    selves = await _selves(session, contact_of.values())
    ids = {
        person.key: selves.get(contact_of[_own(person)[0]], stable_id(session.clinic_id, "person", person.key))
        if _own(person)
        else stable_id(session.clinic_id, "person", person.key)
        for person in people
    }
    ties = [(contact_of[_own(person)[0]], ids[person.key], "self") for person in people if _own(person)]
    ties += [(contact_of["phone", r.contact], ids[person.key], r.kind) for person in people for r in person.relationships]
    await _add_people(session, people, ids, contact_of, ties)
    return ids


def _own(person: PersonPart) -> list[tuple[str, str]]:
    return [*(("phone", phone) for phone in person.phones), *((alias.kind, alias.value) for alias in person.aliases)]


async def _contacts(session: Session, values: list[str]) -> dict[tuple[str, str], UUID]:
    rows = await session.all(
        "SELECT kind, value, contact_id FROM contact_aliases WHERE value = ANY(%(values)s)", {"values": values}
    )
    return {(row["kind"], row["value"]): row["contact_id"] for row in rows}


async def _selves(session: Session, contacts: Iterable[UUID]) -> dict[UUID, UUID]:
    rows = await session.all(
        "SELECT contact_id, person_id FROM relationships WHERE kind = 'self' AND contact_id = ANY(%(contacts)s)",
        {"contacts": list(contacts)},
    )
    return {row["contact_id"]: row["person_id"] for row in rows}


async def _add_people(
    session: Session,
    people: Sequence[PersonPart],
    ids: dict[str, UUID],
    contact_of: dict[tuple[str, str], UUID],
    ties: list[tuple[UUID, UUID, str]],
) -> None:
    await session.many(
        """INSERT INTO people (clinic_id, id, name, birth_date) VALUES (current_clinic(), %(id)s, %(name)s, %(birth_date)s)
           ON CONFLICT DO NOTHING""",
        [{"id": ids[person.key], "name": person.name, "birth_date": person.birth_date} for person in people],
    )
    await session.many(
        "INSERT INTO contacts (clinic_id, id) VALUES (current_clinic(), %(id)s) ON CONFLICT DO NOTHING",
        [{"id": contact_id} for contact_id in sorted(set(contact_of.values()))],
    )
    await session.many(
        """INSERT INTO contact_aliases (clinic_id, kind, value, contact_id)
           VALUES (current_clinic(), %(kind)s, %(value)s, %(contact)s) ON CONFLICT DO NOTHING""",
        [{"kind": kind, "value": value, "contact": contact} for (kind, value), contact in contact_of.items()],
    )
    await session.many(
        # The clinic itself says who speaks for whom: that is the consent.
        """INSERT INTO relationships (clinic_id, contact_id, person_id, kind, consented_at, consent)
           VALUES (current_clinic(), %(contact)s, %(person)s, %(kind)s, now(), 'document')
           ON CONFLICT (clinic_id, contact_id, person_id) DO UPDATE
             SET consented_at = coalesce(relationships.consented_at, now()),
                 consent = coalesce(relationships.consent, 'document')""",
        [{"contact": contact, "person": person, "kind": kind} for contact, person, kind in ties],
    )


async def taken(session: Session, since: datetime) -> list[Claim]:
    """Everything the agenda has occupied that ends after `since`."""
    rows = await session.all(
        """SELECT resource, resource_id, lower(during) AS starts_at, upper(during) AS ends_at FROM claims
           WHERE upper(during) > %(since)s""",
        {"since": since},
    )
    return [Claim(**row) for row in rows]


async def drop_blocks(session: Session, *, keep: Sequence[UUID], now: datetime) -> set[UUID]:
    """Takes back the blocks earlier documents gave, but for those of `keep` that are not over; returns the ones kept."""
    rows = await session.all(
        "SELECT id FROM blocks WHERE id = ANY(%(keep)s) AND ends_at > %(now)s", {"keep": list(keep), "now": now}
    )
    kept = {row["id"] for row in rows}
    await session.execute(
        "DELETE FROM blocks WHERE substr(id::text, 15, 1) = %(digit)s AND NOT id = ANY(%(kept)s)",
        {"digit": _BY_DOCUMENT, "kept": list(kept)},
    )
    return kept


async def add_blocks(session: Session, blocks: Sequence[Block]) -> None:
    """Adds the blocks and what they occupy. Raises AgendaMoved."""
    await session.many(
        """INSERT INTO blocks (clinic_id, id, starts_at, ends_at, reason)
           VALUES (current_clinic(), %(id)s, %(starts_at)s, %(ends_at)s, %(reason)s)""",
        [{"id": b.id, "starts_at": b.starts_at, "ends_at": b.ends_at, "reason": b.reason} for b in blocks],
    )
    await _claim(session, [(claim, None, block.id) for block in blocks for claim in block.claims])


async def stored_visits(session: Session, ids: Sequence[UUID]) -> dict[UUID, StoredVisit]:
    """Those of these visits that are in the agenda already, whatever became of them."""
    rows = await session.all(
        """SELECT id, ends_at, booked_by = 'import' AND version = 1 AND status IN ('booked', 'confirmed') AS untouched
           FROM appointments WHERE id = ANY(%(ids)s)""",
        {"ids": list(ids)},
    )
    return {row["id"]: StoredVisit(**row) for row in rows}


async def drop_visits(session: Session, ids: Sequence[UUID]) -> None:
    """Takes these visits out of the agenda."""
    await session.execute("DELETE FROM appointments WHERE id = ANY(%(ids)s)", {"ids": list(ids)})


async def add_visits(session: Session, visits: Sequence[Visit], now: datetime) -> None:
    """Adds the visits and what they occupy. Raises AgendaMoved."""
    await session.many(
        """INSERT INTO appointments (clinic_id, id, person_id, service_id, professional_id, unit_id, room_id, convenio_id,
             starts_at, ends_at, price_cents, status, booked_by, created_at, cancelled_at)
           VALUES (current_clinic(), %(id)s, %(person_id)s, %(service_id)s, %(professional_id)s, %(unit_id)s, %(room_id)s,
             %(convenio_id)s, %(starts_at)s, %(ends_at)s, %(price_cents)s, %(status)s, 'import', %(created_at)s,
             %(cancelled_at)s)""",
        [
            {name: getattr(v, name) for name in _VISIT}
            | {
                "service_id": v.service.id,
                "price_cents": None if v.convenio_id else v.service.price_cents,
                "created_at": min(now, v.starts_at - timedelta(days=1)),
                "cancelled_at": min(now, v.starts_at) if v.status == "cancelled" else None,
            }
            for v in visits
        ],
    )
    await _claim(session, [(claim, visit.id, None) for visit in visits for claim in visit.claims])


_VISIT = ("id", "person_id", "professional_id", "unit_id", "room_id", "convenio_id", "starts_at", "ends_at", "status")


async def _claim(session: Session, claims: list[tuple[Claim, UUID | None, UUID | None]]) -> None:
    try:
        await session.many(
            """INSERT INTO claims (clinic_id, id, resource, resource_id, during, appointment_id, block_id)
               VALUES (current_clinic(), %(id)s, %(resource)s, %(resource_id)s,
                 tstzrange(%(starts_at)s, %(ends_at)s, '[)'), %(appointment_id)s, %(block_id)s)""",
            [
                asdict(claim)
                | {
                    "appointment_id": visit_id,
                    "block_id": block_id,
                    "id": stable_id(session.clinic_id, "claim", visit_id or block_id, claim.resource, claim.resource_id),
                }
                for claim, visit_id, block_id in claims
            ],
        )
    except psycopg.errors.ExclusionViolation as error:
        raise AgendaMoved(say("agenda_moved")) from error
