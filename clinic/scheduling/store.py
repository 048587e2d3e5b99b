"""The agenda's rows: visits, holds and what they occupy. The exclusion constraint on claims is the last word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from clinic.scheduling.errors import PersonBusy, SlotTaken
from clinic.scheduling.intervals import Interval
from clinic.scheduling.models import Slot
from clinic.scheduling.visits import Hold, Visit
from db.session import Session
from kit.ids import new_id

Resource = tuple[str, UUID]  # ("professional" | "room" | "equipment" | "person", id)


async def lock(s: Session, ids: Iterable[UUID]) -> None:
    """Makes writers of the same resources take turns. The constraint alone is right but stalls under moves."""
    await s.execute(
        """SELECT pg_advisory_xact_lock(hashtextextended(%(clinic)s || id, 2))
           FROM (SELECT id FROM unnest(%(ids)s::text[]) AS id ORDER BY id) AS ordered""",
        {"clinic": str(s.clinic_id), "ids": [str(i) for i in ids]},
    )


async def busy(
    s: Session,
    resource_ids: Sequence[UUID],
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    but_hold: UUID | None = None,
    but_conversation: UUID | None = None,
    but_appointment: UUID | None = None,
) -> dict[UUID, tuple[Interval, ...]]:
    """What occupies each resource between two instants; expired holds and the excepted ones do not count."""
    rows = await s.all(
        """SELECT c.resource_id, lower(c.during) AS start, upper(c.during) AS "end"
           FROM claims c LEFT JOIN holds h ON h.clinic_id = c.clinic_id AND h.id = c.hold_id
           WHERE c.clinic_id = %(clinic)s AND c.resource_id = ANY(%(ids)s) AND c.during && tstzrange(%(start)s, %(end)s)
             AND (h.id IS NULL OR (h.expires_at > %(now)s AND h.id IS DISTINCT FROM %(hold)s
                                   AND h.conversation_id IS DISTINCT FROM %(conversation)s))
             AND (c.appointment_id IS NULL OR c.appointment_id IS DISTINCT FROM %(appointment)s)
           ORDER BY c.resource_id, lower(c.during)""",
        {
            "clinic": s.clinic_id,
            "ids": list(resource_ids),
            "start": start,
            "end": end,
            "now": now,
            "hold": but_hold,
            "conversation": but_conversation,
            "appointment": but_appointment,
        },
    )
    found: dict[UUID, list[Interval]] = defaultdict(list)
    for row in rows:
        found[row["resource_id"]].append(Interval(row["start"], row["end"]))
    return {key: tuple(value) for key, value in found.items()}


async def drop_expired_holds(s: Session, now: datetime) -> int:
    """Frees what expired holds kept. Their claims go with them."""
    return await s.execute(
        "DELETE FROM holds WHERE clinic_id = %(clinic)s AND expires_at <= %(now)s", {"clinic": s.clinic_id, "now": now}
    )


async def drop_holds_of(s: Session, conversation_id: UUID) -> None:
    """A conversation keeps one slot at a time."""
    await s.execute(
        "DELETE FROM holds WHERE clinic_id = %(clinic)s AND conversation_id = %(id)s",
        {"clinic": s.clinic_id, "id": conversation_id},
    )


async def insert_hold(
    s: Session, conversation_id: UUID, service_id: UUID, slot: Slot, *, now: datetime, expires_at: datetime
) -> Hold:
    hold = Hold(new_id(), service_id, slot, expires_at)
    await s.execute(
        """INSERT INTO holds (clinic_id, id, conversation_id, service_id, professional_id, unit_id, room_id,
                              starts_at, ends_at, expires_at, created_at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(service)s, %(professional)s, %(unit)s, %(room)s,
                   %(starts)s, %(ends)s, %(expires)s, %(now)s)""",
        {
            "clinic": s.clinic_id,
            "id": hold.id,
            "conversation": conversation_id,
            "service": service_id,
            "expires": expires_at,
            "now": now,
            **_where(slot),
        },
    )
    return hold


async def hold(s: Session, hold_id: UUID) -> Hold | None:
    row = await s.one(
        """SELECT id, service_id, professional_id, unit_id, room_id, starts_at, ends_at, expires_at FROM holds
           WHERE clinic_id = %(clinic)s AND id = %(id)s""",
        {"clinic": s.clinic_id, "id": hold_id},
    )
    if row is None:
        return None
    slot = Slot(row["starts_at"], row["ends_at"], row["professional_id"], row["unit_id"], row["room_id"])
    return Hold(row["id"], row["service_id"], slot, row["expires_at"])


async def drop_hold(s: Session, hold_id: UUID) -> None:
    await s.execute("DELETE FROM holds WHERE clinic_id = %(clinic)s AND id = %(id)s", {"clinic": s.clinic_id, "id": hold_id})


async def occupy(
    s: Session,
    resources: Sequence[Resource],
    *,
    start: datetime,
    end: datetime,
    appointment_id: UUID | None = None,
    hold_id: UUID | None = None,
) -> None:
    """Claims the resources for the span, half-open. Raises SlotTaken; PersonBusy when only persons were asked for."""
    try:
        await s.many(
            """INSERT INTO claims (clinic_id, id, resource, resource_id, during, appointment_id, hold_id)
               VALUES (%(clinic)s, %(id)s, %(resource)s, %(resource_id)s, tstzrange(%(start)s, %(end)s, '[)'),
                       %(appointment)s, %(hold)s)""",
            [
                {
                    "clinic": s.clinic_id,
                    "id": new_id(),
                    "resource": kind,
                    "resource_id": resource_id,
                    "start": start,
                    "end": end,
                    "appointment": appointment_id,
                    "hold": hold_id,
                }
                for kind, resource_id in resources
            ],
        )
    except psycopg.errors.ExclusionViolation as error:
        # Under row-level security Postgres hides which key collided: callers claim a person apart from the rest.
        raise (PersonBusy if all(kind == "person" for kind, _ in resources) else SlotTaken) from error


async def vacate(s: Session, appointment_id: UUID) -> None:
    """Frees everything an appointment occupies."""
    await s.execute(
        "DELETE FROM claims WHERE clinic_id = %(clinic)s AND appointment_id = %(id)s",
        {"clinic": s.clinic_id, "id": appointment_id},
    )


def _where(slot: Slot) -> dict[str, Any]:
    return {
        "professional": slot.professional_id,
        "unit": slot.unit_id,
        "room": slot.room_id,
        "starts": slot.starts_at,
        "ends": slot.ends_at,
    }


async def insert_appointment(
    s: Session,
    appointment_id: UUID,
    *,
    person_id: UUID,
    service_id: UUID,
    slot: Slot,
    convenio_id: UUID | None,
    price_cents: int | None,
    conversation_id: UUID,
    contact_id: UUID,
    now: datetime,
) -> None:
    await s.execute(
        """INSERT INTO appointments (clinic_id, id, person_id, service_id, professional_id, unit_id, room_id, convenio_id,
                                     starts_at, ends_at, price_cents, booked_by, conversation_id, contact_id, created_at)
           VALUES (%(clinic)s, %(id)s, %(person)s, %(service)s, %(professional)s, %(unit)s, %(room)s, %(convenio)s,
                   %(starts)s, %(ends)s, %(price)s, 'carol', %(conversation)s, %(contact)s, %(now)s)""",
        {
            "clinic": s.clinic_id,
            "id": appointment_id,
            "person": person_id,
            "service": service_id,
            "convenio": convenio_id,
            "price": price_cents,
            "conversation": conversation_id,
            "contact": contact_id,
            "now": now,
            **_where(slot),
        },
    )


async def move_appointment(s: Session, appointment_id: UUID, slot: Slot, *, version: int) -> bool:
    """Puts an open appointment at another slot, in place. False: it changed meanwhile."""
    return bool(
        await s.execute(
            """UPDATE appointments SET professional_id = %(professional)s, unit_id = %(unit)s, room_id = %(room)s,
                 starts_at = %(starts)s, ends_at = %(ends)s, version = version + 1, status = 'booked'
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND version = %(version)s AND status IN ('booked', 'confirmed')""",
            {"clinic": s.clinic_id, "id": appointment_id, "version": version, **_where(slot)},
        )
    )


async def cancel_appointment(s: Session, appointment_id: UUID, *, version: int, at: datetime) -> bool:
    """Cancels an open appointment. False: it changed meanwhile."""
    return bool(
        await s.execute(
            """UPDATE appointments SET status = 'cancelled', cancelled_at = %(at)s, version = version + 1
               WHERE clinic_id = %(clinic)s AND id = %(id)s AND version = %(version)s AND status IN ('booked', 'confirmed')""",
            {"clinic": s.clinic_id, "id": appointment_id, "version": version, "at": at},
        )
    )


async def booked_by_carol(s: Session, person_id: UUID, *, after: datetime) -> int:
    """How many visits still to come this person has through Carol; those the clinic's staff made do not count."""
    row = await s.one(
        """SELECT count(*) AS n FROM appointments
           WHERE clinic_id = %(clinic)s AND person_id = %(person)s AND booked_by = 'carol'
             AND status IN ('booked', 'confirmed') AND ends_at > %(after)s""",
        {"clinic": s.clinic_id, "person": person_id, "after": after},
    )
    return int(row["n"]) if row else 0


async def open_visits(s: Session, person_ids: Sequence[UUID], *, after: datetime) -> list[Visit]:
    """Visits of these people still to come, whoever booked them, soonest first."""
    rows = await s.all(
        """SELECT a.id, a.person_id, p.name AS person_name, a.service_id, a.professional_id, a.unit_id, a.room_id,
                  a.convenio_id, a.starts_at, a.ends_at, a.price_cents, a.status, a.version, a.contact_id
           FROM appointments a JOIN people p ON p.clinic_id = a.clinic_id AND p.id = a.person_id
           WHERE a.clinic_id = %(clinic)s AND a.person_id = ANY(%(people)s)
             AND a.status IN ('booked', 'confirmed') AND a.ends_at > %(after)s
           ORDER BY a.starts_at, a.id LIMIT 50""",
        {"clinic": s.clinic_id, "people": list(person_ids), "after": after},
    )
    return [Visit(**row) for row in rows]


def span_of(slot: Slot, *, before: int, after: int) -> tuple[datetime, datetime]:
    """What a visit occupies with its buffers (minutes)."""
    return slot.starts_at - timedelta(minutes=before), slot.ends_at + timedelta(minutes=after)
