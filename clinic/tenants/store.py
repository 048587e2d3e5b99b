"""A clinic's configuration in Postgres: read whole, written whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, time
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from clinic.tenants.models import (
    Clinic,
    Convenio,
    Equipment,
    Holiday,
    NeverBook,
    OpenHours,
    Persona,
    Professional,
    Room,
    Rules,
    Service,
    Unit,
    WorkHours,
)
from clinic.tenants.policies import policies_of
from db.session import Session
from kit.errors import NotFound


class ClinicNotFound(NotFound):
    """There is no such clinic."""

    code = "clinic_not_found"


async def load_version(session: Session) -> int:
    """The version of the session's clinic. Raises ClinicNotFound."""
    row = await session.one("SELECT version FROM clinics")
    if row is None:
        raise ClinicNotFound
    version: int = row["version"]
    return version


_SAID = ("id", "slug", "name", "timezone", "about", "facts", "is_demo", "sandbox_of", "version")


async def load(session: Session) -> Clinic:
    """The session's clinic, whole. Raises ClinicNotFound."""
    said = await session.one(
        "SELECT id, slug, name, timezone, about, facts, persona, rules, policies, is_demo, sandbox_of, version FROM clinics"
    )
    if said is None:
        raise ClinicNotFound
    units = await _units(session)
    rooms = [Room(**row) for row in await session.all('SELECT id, unit_id, name FROM rooms ORDER BY name COLLATE "C", unit_id')]
    equipment = [
        Equipment(**row)
        for row in await session.all('SELECT id, unit_id, name FROM equipment ORDER BY name COLLATE "C", unit_id')
    ]
    professionals = await _professionals(session)
    services = await _services(session, [p.id for p, _ in professionals], [r.id for r in rooms], [e.id for e in equipment])
    convenios = await _convenios(session, [service.id for service, _ in services])
    holidays = await session.all(
        """SELECT day, name, unit_id, opens, closes FROM holidays
           ORDER BY day, unit_id IS NOT NULL, name COLLATE "C", unit_id"""
    )
    return Clinic(
        **{name: said[name] for name in _SAID},
        persona=_persona_of(said["persona"]),
        rules=rules_of(said["rules"]),
        policies=policies_of(said["policies"]),
        units=tuple(unit for unit in units if unit.hours),
        rooms=tuple(rooms),
        equipment=tuple(equipment),
        professionals=tuple(professional for professional, active in professionals if active),
        services=tuple(service for service, active in services if active),
        convenios=tuple(convenio for convenio in convenios if convenio.service_ids),
        holidays=tuple(Holiday(**row) for row in holidays),
        former_units=tuple(unit for unit in units if not unit.hours),
        former_professionals=tuple(professional for professional, active in professionals if not active),
        former_services=tuple(service for service, active in services if not active),
        former_convenios=tuple(convenio for convenio in convenios if not convenio.service_ids),
    )


async def _units(session: Session) -> list[Unit]:
    hours: dict[UUID, list[OpenHours]] = {}
    for row in await session.all("SELECT unit_id, weekday, opens, closes FROM unit_hours ORDER BY weekday, opens"):
        hours.setdefault(row.pop("unit_id"), []).append(OpenHours(**row))
    rows = await session.all("SELECT id, name, address, phone, directions FROM units ORDER BY position, name")
    return [Unit(**row, hours=tuple(hours.get(row["id"], ()))) for row in rows]


async def _professionals(session: Session) -> list[tuple[Professional, bool]]:
    hours: dict[UUID, list[WorkHours]] = {}
    for row in await session.all(
        """SELECT professional_id, unit_id, weekday, opens, closes, room_id, valid_from, valid_until
           FROM weekly_hours ORDER BY weekday, opens, coalesce(valid_from, '-infinity'), unit_id"""
    ):
        hours.setdefault(row.pop("professional_id"), []).append(WorkHours(**row))
    rows = await session.all("SELECT id, name, specialty, council, bio, active FROM professionals ORDER BY position, name")
    return [(Professional(hours=tuple(hours.get(row["id"], ())), **_without(row, "active")), row["active"]) for row in rows]


async def _services(
    session: Session, professionals: list[UUID], rooms: list[UUID], equipment: list[UUID]
) -> list[tuple[Service, bool]]:
    rows = await session.all(
        """SELECT s.id, s.name, s.aliases, s.category, s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes,
                  s.price_cents, s.price_note, s.description, s.preparation, s.notes_for_carol, s.booked_by_carol, s.active,
                  ARRAY(SELECT professional_id FROM service_professionals j WHERE j.service_id = s.id) AS professional_ids,
                  ARRAY(SELECT room_id FROM service_rooms j WHERE j.service_id = s.id) AS room_ids,
                  ARRAY(SELECT equipment_id FROM service_equipment j WHERE j.service_id = s.id) AS equipment_ids
           FROM services s ORDER BY s.position, s.name"""
    )
    return [
        (
            Service(
                **_without(row, "active")
                | {
                    "aliases": tuple(row["aliases"]),
                    "professional_ids": _in_order(row["professional_ids"], professionals),
                    "room_ids": _in_order(row["room_ids"], rooms),
                    "equipment_ids": _in_order(row["equipment_ids"], equipment),
                }
            ),
            row["active"],
        )
        for row in rows
    ]


async def _convenios(session: Session, services: list[UUID]) -> list[Convenio]:
    rows = await session.all(
        """SELECT c.id, c.name, c.aliases, c.note,
                  ARRAY(SELECT service_id FROM convenio_services j WHERE j.convenio_id = c.id) AS service_ids
           FROM convenios c ORDER BY c.name COLLATE "C" """
    )
    return [
        Convenio(**row | {"aliases": tuple(row["aliases"]), "service_ids": _in_order(row["service_ids"], services)})
        for row in rows
    ]


def _without(row: DictRow, name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _in_order(ids: list[UUID], order: list[UUID]) -> tuple[UUID, ...]:
    return tuple(sorted(ids, key=order.index))


def _persona_of(stored: dict[str, Any]) -> Persona:
    lists = {name: tuple(stored.get(name, ())) for name in ("restricted_topics", "escalation_rules")}
    return Persona(**stored | lists)


def rules_json(rules: Rules) -> dict[str, Any]:
    """Rules as `clinics.rules` keeps them: conditions that are not given are left out."""

    def plain(value: Any) -> Any:
        if isinstance(value, date | time):
            return value.isoformat()
        return str(value) if isinstance(value, UUID) else value

    never = [{name: plain(value) for name, value in asdict(rule).items() if value not in (None, ())} for rule in rules.never]
    return asdict(rules) | {"never": never}


def rules_of(stored: dict[str, Any]) -> Rules:
    """Rules back from `clinics.rules`."""
    return Rules(**stored | {"never": tuple(_never_of(rule) for rule in stored.get("never", ()))})


def _never_of(stored: dict[str, Any]) -> NeverBook:
    return NeverBook(**{name: _READ.get(name, UUID)(value) for name, value in stored.items()})


_READ: dict[str, Callable[[Any], Any]] = {
    "weekdays": tuple,
    "first_day": date.fromisoformat,
    "last_day": date.fromisoformat,
    "from_time": time.fromisoformat,
    "until_time": time.fromisoformat,
}
