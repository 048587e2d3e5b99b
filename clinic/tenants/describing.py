"""From a clinic back to the document that describes it, without its people, visits, wires and team. Pure.

Keys are made of names, so that they stay the same while the names do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, time
from typing import Any
from uuid import UUID

from clinic.tenants.models import Clinic, NeverBook, Professional, Service, Unit
from clinic.tenants.policies import Policies
from kit.text import plain

_DAYS = ("seg", "ter", "qua", "qui", "sex", "sab", "dom")
_KEY_MOST = 40


def document_of(clinic: Clinic) -> dict[str, Any]:
    """The document, as plain data that YAML and JSON can hold. Loading it elsewhere makes a clinic that answers alike."""
    names = Names(clinic)
    return {
        "clinic": {
            "slug": clinic.slug, "name": clinic.name, "timezone": clinic.timezone, "about": clinic.about,
            "demo": clinic.is_demo, "facts": dict(clinic.facts),
        },
        "persona": {
            "name": clinic.persona.name, "tone": clinic.persona.tone, "greeting": clinic.persona.greeting,
            "restricted_topics": list(clinic.persona.restricted_topics),
            "escalation_rules": list(clinic.persona.escalation_rules), "notes": clinic.persona.notes,
        },
        "rules": _rules(clinic, names),
        **_policies(clinic.policies),
        "units": [_unit(unit, names) for unit in clinic.units],
        "rooms": [{"key": names.room[one.id], "name": one.name, "unit": names.unit[one.unit_id]} for one in clinic.rooms],
        "equipment": [
            {"key": names.equipment[one.id], "name": one.name, "unit": names.unit[one.unit_id]} for one in clinic.equipment
        ],
        "professionals": [_professional(one, names) for one in clinic.professionals],
        "services": [_service(one, names) for one in clinic.services],
        "convenios": [
            {
                "key": names.convenio[one.id], "name": one.name, "aliases": list(one.aliases), "note": one.note,
                "services": [names.service[each] for each in one.service_ids if each in names.service],
            }
            for one in clinic.convenios
        ],
        "holidays": [
            _given({
                "date": one.day.isoformat(), "name": one.name, "unit": names.unit.get(one.unit_id) if one.unit_id else None,
                "opens": _clock(one.opens), "closes": _clock(one.closes),
            })
            for one in clinic.holidays
        ],
    }  # fmt: skip


class Names:
    """The key of each thing of a clinic, by id."""

    def __init__(self, clinic: Clinic) -> None:
        self.unit = _keys((one.id, one.name) for one in clinic.units)
        self.room = _keys((one.id, f"{self.unit[one.unit_id]} {one.name}") for one in clinic.rooms)
        self.equipment = _keys((one.id, f"{self.unit[one.unit_id]} {one.name}") for one in clinic.equipment)
        self.professional = _keys((one.id, one.name) for one in clinic.professionals)
        self.service = _keys((one.id, one.name) for one in clinic.services)
        self.convenio = _keys((one.id, one.name) for one in clinic.convenios)


def key_of(name: str) -> str:
    """A key made of a name: `Dra. Helena Prado` is `dra-helena-prado`."""
    return re.sub(r"[^a-z0-9]+", "-", plain(name))[:_KEY_MOST].strip("-") or "sem-nome"


def _keys(named: Iterable[tuple[UUID, str]]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    taken: set[str] = set()
    for id_, name in named:
        base = key = key_of(name)
        number = 2
        while key in taken:
            key, number = f"{base}-{number}", number + 1
        taken.add(key)
        found[id_] = key
    return found


def _unit(unit: Unit, names: Names) -> dict[str, Any]:
    week: dict[str, list[str]] = {}
    for hours in unit.hours:
        week.setdefault(_DAYS[hours.weekday], []).append(_span(hours.opens, hours.closes))
    return _given({
        "key": names.unit[unit.id], "name": unit.name, "address": unit.address, "phone": unit.phone,
        "directions": unit.directions, "hours": week,
    })  # fmt: skip


def _professional(one: Professional, names: Names) -> dict[str, Any]:
    works: dict[tuple[Any, ...], dict[str, list[str]]] = {}
    for hours in one.hours:
        if hours.unit_id in names.unit:
            where = (hours.unit_id, hours.room_id, hours.valid_from, hours.valid_until)
            works.setdefault(where, {}).setdefault(_DAYS[hours.weekday], []).append(_span(hours.opens, hours.closes))
    return {
        "key": names.professional[one.id], "name": one.name, "specialty": one.specialty, "council": one.council, "bio": one.bio,
        "hours": [
            _given({
                "unit": names.unit[unit], "room": names.room.get(room), "valid_from": _day(first), "valid_until": _day(last),
                "week": week,
            })
            for (unit, room, first, last), week in works.items()
        ],
    }  # fmt: skip


def _service(one: Service, names: Names) -> dict[str, Any]:
    return _given({
        "key": names.service[one.id], "name": one.name, "aliases": list(one.aliases), "category": one.category,
        "duration_minutes": one.duration_minutes, "buffer_before_minutes": one.buffer_before_minutes,
        "buffer_after_minutes": one.buffer_after_minutes, "price": _reais(one.price_cents), "price_note": one.price_note,
        "description": one.description, "preparation": one.preparation, "notes_for_carol": one.notes_for_carol,
        "booked_by_carol": one.booked_by_carol,
        "professionals": [names.professional[each] for each in one.professional_ids if each in names.professional],
        "rooms": [names.room[each] for each in one.room_ids if each in names.room],
        "equipment": [names.equipment[each] for each in one.equipment_ids if each in names.equipment],
    })  # fmt: skip


def _rules(clinic: Clinic, names: Names) -> dict[str, Any]:
    rules = clinic.rules
    return {
        "min_notice_minutes": rules.min_notice_minutes, "horizon_days": rules.horizon_days, "step_minutes": rules.step_minutes,
        "min_interval_minutes": rules.min_interval_minutes, "cancel_notice_minutes": rules.cancel_notice_minutes,
        "max_open_visits": rules.max_open_visits, "hold_minutes": rules.hold_minutes,
        "never": [_never(one, names) for one in rules.never],
    }  # fmt: skip


def _never(one: NeverBook, names: Names) -> dict[str, Any]:
    return _given({
        "weekdays": [_DAYS[day] for day in one.weekdays], "first_day": _day(one.first_day), "last_day": _day(one.last_day),
        "from_time": _clock(one.from_time), "until_time": _clock(one.until_time),
        "unit": names.unit.get(one.unit_id) if one.unit_id else None,
        "professional": names.professional.get(one.professional_id) if one.professional_id else None,
        "service": names.service.get(one.service_id) if one.service_id else None,
    })  # fmt: skip


def _policies(policies: Policies) -> dict[str, Any]:
    limits, messaging = policies.limits, policies.messaging
    return {
        "limits": {
            "turns_per_hour": limits.turns_per_hour,
            "reais_per_contact_day": _money(limits.reais_per_contact_day), "reais_per_month": _money(limits.reais_per_month),
        },
        "messaging": {
            "quiet_from": _clock(messaging.quiet_from), "quiet_until": _clock(messaging.quiet_until),
            "fail_over": messaging.fail_over,
        },
        "identity": {"silent_days": policies.identity.silent_days},
        "handoff": _given({"return_after_minutes": policies.handoff.return_after_minutes}),
        "reports": {
            "hours": [_clock(one) for one in policies.reports.hours], "review_minutes": policies.reports.review_minutes,
            "urgent": policies.reports.urgent, "fallback": policies.reports.fallback,
            "thresholds": asdict(policies.reports.thresholds),
        },
    }  # fmt: skip


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not said."""
    return {name: value for name, value in values.items() if value is not None}


def _span(opens: time, closes: time) -> str:
    return f"{opens:%H:%M}-{closes:%H:%M}"


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"


def _day(at: date | None) -> str | None:
    return None if at is None else at.isoformat()


def _reais(cents: int | None) -> str | None:
    return None if cents is None else f"{cents // 100}.{cents % 100:02}"


def _money(reais: Any) -> str | None:
    return None if reais is None else f"{reais:.2f}"
