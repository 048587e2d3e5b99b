"""A clinic's configuration written whole: what a document names is put in its place, what it no longer names is let go."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.tenants.assembling import stable_id
from clinic.tenants.models import Clinic
from clinic.tenants.policies import policies_json
from clinic.tenants.store import rules_json
from db.session import Session

# A name is unique in its clinic; names that pass from one row to another would collide halfway.
_MAKE_ROOM: tuple[LiteralString, ...] = (
    "UPDATE units SET name = id::text WHERE id = ANY(%(unit)s)",
    "UPDATE rooms SET name = id::text WHERE id = ANY(%(room)s)",
    "UPDATE equipment SET name = id::text WHERE id = ANY(%(equipment)s)",
    "UPDATE professionals SET name = id::text WHERE id = ANY(%(professional)s)",
    "UPDATE services SET name = id::text WHERE id = ANY(%(service)s)",
    "UPDATE convenios SET name = id::text WHERE id = ANY(%(convenio)s)",
)
# Rewritten whole. Holidays that staff typed have another kind of id than those a document gives, and stay.
_REWRITTEN: tuple[LiteralString, ...] = (
    "DELETE FROM unit_hours",
    "DELETE FROM weekly_hours",
    "DELETE FROM service_professionals",
    "DELETE FROM service_rooms",
    "DELETE FROM service_equipment",
    "DELETE FROM convenio_services",
    "DELETE FROM holidays WHERE substr(id::text, 15, 1) = '5'",
)
# What visits or holds still name stays for them, inactive, without hours or without services; the rest goes.
_LET_GO: tuple[LiteralString, ...] = (
    "UPDATE services SET active = false WHERE NOT id = ANY(%(service)s)",
    """DELETE FROM services s WHERE NOT s.id = ANY(%(service)s)
       AND NOT EXISTS (SELECT FROM appointments a WHERE a.service_id = s.id)
       AND NOT EXISTS (SELECT FROM holds h WHERE h.service_id = s.id)""",
    "UPDATE professionals SET active = false WHERE NOT id = ANY(%(professional)s)",
    """DELETE FROM professionals p WHERE NOT p.id = ANY(%(professional)s)
       AND NOT EXISTS (SELECT FROM appointments a WHERE a.professional_id = p.id)
       AND NOT EXISTS (SELECT FROM holds h WHERE h.professional_id = p.id)
       AND NOT EXISTS (SELECT FROM claims c WHERE c.resource = 'professional' AND c.resource_id = p.id)""",
    """DELETE FROM convenios c WHERE NOT c.id = ANY(%(convenio)s)
       AND NOT EXISTS (SELECT FROM appointments a WHERE a.convenio_id = c.id)
       AND NOT EXISTS (SELECT FROM proposals p WHERE p.convenio_id = c.id)""",
    """DELETE FROM equipment e WHERE NOT e.id = ANY(%(equipment)s)
       AND NOT EXISTS (SELECT FROM claims c WHERE c.resource = 'equipment' AND c.resource_id = e.id)""",
    """DELETE FROM rooms r WHERE NOT r.id = ANY(%(room)s)
       AND NOT EXISTS (SELECT FROM appointments a WHERE a.room_id = r.id)
       AND NOT EXISTS (SELECT FROM holds h WHERE h.room_id = r.id)
       AND NOT EXISTS (SELECT FROM claims c WHERE c.resource = 'room' AND c.resource_id = r.id)""",
    """DELETE FROM units u WHERE NOT u.id = ANY(%(unit)s)
       AND NOT EXISTS (SELECT FROM appointments a WHERE a.unit_id = u.id)
       AND NOT EXISTS (SELECT FROM holds h WHERE h.unit_id = u.id)
       AND NOT EXISTS (SELECT FROM rooms r WHERE r.unit_id = u.id)
       AND NOT EXISTS (SELECT FROM equipment e WHERE e.unit_id = u.id)""",
)


async def stored_names(session: Session) -> dict[str, dict[UUID, str]]:
    """What the clinic has, id to name by kind; rooms and equipment as `unit id/name`."""
    rows = await session.all(
        """SELECT 'unit' AS kind, id, name FROM units
           UNION ALL SELECT 'room', id, unit_id || '/' || name FROM rooms
           UNION ALL SELECT 'equipment', id, unit_id || '/' || name FROM equipment
           UNION ALL SELECT 'professional', id, name FROM professionals
           UNION ALL SELECT 'service', id, name FROM services
           UNION ALL SELECT 'convenio', id, name FROM convenios"""
    )
    found: dict[str, dict[UUID, str]] = {}
    for row in rows:
        found.setdefault(row["kind"], {})[row["id"]] = row["name"]
    return found


async def take(session: Session, slug: str, name: str, timezone: str) -> int:
    """Makes the clinic or locks it until the transaction ends; returns its new version."""
    row = await session.one(
        """INSERT INTO clinics (id, slug, name, timezone) VALUES (%(id)s, %(slug)s, %(name)s, %(timezone)s)
           ON CONFLICT (id) DO UPDATE SET version = clinics.version + 1 RETURNING version""",
        {"id": session.clinic_id, "slug": slug, "name": name, "timezone": timezone},
    )
    assert row is not None
    version: int = row["version"]
    return version


async def write(session: Session, clinic: Clinic) -> None:
    """Puts the configuration of `clinic` in the place of what was there."""
    ids: dict[str, Any] = {
        "unit": [u.id for u in clinic.units],
        "room": [r.id for r in clinic.rooms],
        "equipment": [e.id for e in clinic.equipment],
        "professional": [p.id for p in clinic.professionals],
        "service": [s.id for s in clinic.services],
        "convenio": [c.id for c in clinic.convenios],
    }
    for statement in _REWRITTEN:
        await session.execute(statement)
    for statement in _MAKE_ROOM:
        await session.execute(statement, ids)
    await session.execute(
        """UPDATE clinics SET slug = %(slug)s, name = %(name)s, timezone = %(timezone)s, about = %(about)s, facts = %(facts)s,
             persona = %(persona)s, rules = %(rules)s, policies = %(policies)s,
             is_demo = %(is_demo)s""",
        {name: getattr(clinic, name) for name in ("slug", "name", "timezone", "about", "is_demo")}
        | {"facts": Jsonb(clinic.facts), "persona": Jsonb(asdict(clinic.persona)), "rules": Jsonb(rules_json(clinic.rules))}
        | {"policies": Jsonb(policies_json(clinic.policies))},
    )
    await _places(session, clinic)
    await _professionals(session, clinic)
    await _services(session, clinic)
    await _convenios(session, clinic)
    await _holidays(session, clinic)
    for statement in _LET_GO:
        await session.execute(statement, ids)


async def _places(session: Session, clinic: Clinic) -> None:
    names = ("id", "name", "address", "phone", "directions")
    await session.many(
        """INSERT INTO units (clinic_id, id, name, address, phone, directions, position)
           VALUES (current_clinic(), %(id)s, %(name)s, %(address)s, %(phone)s, %(directions)s, %(position)s)
           ON CONFLICT (clinic_id, id) DO UPDATE SET name = excluded.name, address = excluded.address, phone = excluded.phone,
             directions = excluded.directions, position = excluded.position""",
        [{name: getattr(unit, name) for name in names} | {"position": n} for n, unit in enumerate(clinic.units)],
    )
    await session.many(
        """INSERT INTO unit_hours (clinic_id, id, unit_id, weekday, opens, closes)
           VALUES (current_clinic(), %(id)s, %(unit_id)s, %(weekday)s, %(opens)s, %(closes)s)""",
        [
            asdict(hours) | {"unit_id": unit.id, "id": stable_id(clinic.id, "unit_hours", unit.id, hours.weekday, hours.opens)}
            for unit in clinic.units
            for hours in unit.hours
        ],
    )
    await session.many(
        """INSERT INTO rooms (clinic_id, id, unit_id, name) VALUES (current_clinic(), %(id)s, %(unit_id)s, %(name)s)
           ON CONFLICT (clinic_id, id) DO UPDATE SET name = excluded.name, unit_id = excluded.unit_id""",
        [asdict(room) for room in clinic.rooms],
    )
    await session.many(
        """INSERT INTO equipment (clinic_id, id, unit_id, name) VALUES (current_clinic(), %(id)s, %(unit_id)s, %(name)s)
           ON CONFLICT (clinic_id, id) DO UPDATE SET name = excluded.name, unit_id = excluded.unit_id""",
        [asdict(piece) for piece in clinic.equipment],
    )


async def _professionals(session: Session, clinic: Clinic) -> None:
    names = ("id", "name", "specialty", "council", "bio")
    await session.many(
        """INSERT INTO professionals (clinic_id, id, name, specialty, council, bio, position)
           VALUES (current_clinic(), %(id)s, %(name)s, %(specialty)s, %(council)s, %(bio)s, %(position)s)
           ON CONFLICT (clinic_id, id) DO UPDATE SET name = excluded.name, specialty = excluded.specialty,
             council = excluded.council, bio = excluded.bio, position = excluded.position, active = true""",
        [{name: getattr(p, name) for name in names} | {"position": n} for n, p in enumerate(clinic.professionals)],
    )
    await session.many(
        """INSERT INTO weekly_hours
             (clinic_id, id, professional_id, unit_id, room_id, weekday, opens, closes, valid_from, valid_until)
           VALUES (current_clinic(), %(id)s, %(professional_id)s, %(unit_id)s, %(room_id)s, %(weekday)s, %(opens)s, %(closes)s,
             %(valid_from)s, %(valid_until)s)""",
        [
            asdict(hours) | {"professional_id": p.id, "id": stable_id(clinic.id, "weekly_hours", p.id, n)}
            for p in clinic.professionals
            for n, hours in enumerate(p.hours)
        ],
    )


async def _services(session: Session, clinic: Clinic) -> None:
    await session.many(
        """INSERT INTO services
             (clinic_id, id, name, aliases, category, duration_minutes, buffer_before_minutes, buffer_after_minutes,
              price_cents, price_note, description, preparation, notes_for_carol, booked_by_carol, position)
           VALUES (current_clinic(), %(id)s, %(name)s, %(aliases)s, %(category)s, %(duration_minutes)s,
             %(buffer_before_minutes)s, %(buffer_after_minutes)s, %(price_cents)s, %(price_note)s, %(description)s,
             %(preparation)s, %(notes_for_carol)s, %(booked_by_carol)s, %(position)s)
           ON CONFLICT (clinic_id, id) DO UPDATE SET name = excluded.name, aliases = excluded.aliases,
             category = excluded.category, duration_minutes = excluded.duration_minutes,
             buffer_before_minutes = excluded.buffer_before_minutes, buffer_after_minutes = excluded.buffer_after_minutes,
             price_cents = excluded.price_cents, price_note = excluded.price_note, description = excluded.description,
             preparation = excluded.preparation, notes_for_carol = excluded.notes_for_carol,
             booked_by_carol = excluded.booked_by_carol, position = excluded.position, active = true""",
        [asdict(service) | {"aliases": list(service.aliases), "position": n} for n, service in enumerate(clinic.services)],
    )
    await session.many(
        """INSERT INTO service_professionals (clinic_id, service_id, professional_id)
           VALUES (current_clinic(), %(one)s, %(other)s)""",
        [{"one": s.id, "other": other} for s in clinic.services for other in s.professional_ids],
    )
    await session.many(
        "INSERT INTO service_rooms (clinic_id, service_id, room_id) VALUES (current_clinic(), %(one)s, %(other)s)",
        [{"one": s.id, "other": other} for s in clinic.services for other in s.room_ids],
    )
    await session.many(
        "INSERT INTO service_equipment (clinic_id, service_id, equipment_id) VALUES (current_clinic(), %(one)s, %(other)s)",
        [{"one": s.id, "other": other} for s in clinic.services for other in s.equipment_ids],
    )


async def _convenios(session: Session, clinic: Clinic) -> None:
    await session.many(
        """INSERT INTO convenios (clinic_id, id, name, aliases, note)
           VALUES (current_clinic(), %(id)s, %(name)s, %(aliases)s, %(note)s)
           ON CONFLICT (clinic_id, id) DO UPDATE SET name = excluded.name, aliases = excluded.aliases, note = excluded.note""",
        [{"id": c.id, "name": c.name, "aliases": list(c.aliases), "note": c.note} for c in clinic.convenios],
    )
    await session.many(
        "INSERT INTO convenio_services (clinic_id, convenio_id, service_id) VALUES (current_clinic(), %(one)s, %(other)s)",
        [{"one": c.id, "other": other} for c in clinic.convenios for other in c.service_ids],
    )


async def _holidays(session: Session, clinic: Clinic) -> None:
    await session.many(
        """INSERT INTO holidays (clinic_id, id, day, name, unit_id, opens, closes)
           VALUES (current_clinic(), %(id)s, %(day)s, %(name)s, %(unit_id)s, %(opens)s, %(closes)s)""",
        [asdict(h) | {"id": stable_id(clinic.id, "holiday", h.day, h.unit_id or "", h.name)} for h in clinic.holidays],
    )
