"""From a clinic document to the clinic every turn sees, with ids that stay the same each time it is loaded. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from clinic.tenants.document import ClinicDocument, NeverPart, ProfessionalPart, ServicePart
from clinic.tenants.document_policies import policies
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
from clinic.tenants.national_holidays import national_holidays
from kit.text import plain

_CLINICS = UUID("5f1c0a52-6f0e-5b6e-9a0b-3f0c5a1e77d1")  # the name space of every id a document gives


def clinic_id_of(slug: str) -> UUID:
    """The id of the clinic that a document calls `slug`, wherever it is loaded."""
    return uuid5(_CLINICS, slug)


def stable_id(clinic_id: UUID, kind: str, *parts: object) -> UUID:
    """The id of what a clinic's document names so: the same at every loading."""
    return uuid5(clinic_id, ":".join((kind, *map(str, parts))))


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids by key. A key that is new takes over a stored thing of the same name that no other key of the document owns.

    `stored`: for each kind, what the clinic has already, id to name (`unit id/name` for rooms and equipment).
    """

    clinic_id: UUID
    stored: Mapping[str, Mapping[UUID, str]] = field(default_factory=dict)

    def of(self, kind: str, key: str, name: str, keys: Iterable[str]) -> UUID:
        """The id of `key`, called `name`, among all the `keys` of its kind."""
        own = stable_id(self.clinic_id, kind, key)
        known = self.stored.get(kind, {})
        if own in known:
            return own
        owned = {stable_id(self.clinic_id, kind, other) for other in keys}
        return next((found for found, called in known.items() if plain(called) == plain(name) and found not in owned), own)


@dataclass(frozen=True, slots=True)
class Keys:
    """The id of every key of one document, by kind."""

    clinic_id: UUID
    unit: Mapping[str, UUID]
    room: Mapping[str, UUID]
    equipment: Mapping[str, UUID]
    professional: Mapping[str, UUID]
    service: Mapping[str, UUID]
    convenio: Mapping[str, UUID]

    @classmethod
    def of(cls, document: ClinicDocument, ids: Ids) -> Keys:
        def all_of(kind: str, items: Iterable[tuple[str, str]]) -> dict[str, UUID]:
            pairs = list(items)
            return {key: ids.of(kind, key, name, [k for k, _ in pairs]) for key, name in pairs}

        unit = all_of("unit", ((u.key, u.name) for u in document.units))
        return cls(
            clinic_id=ids.clinic_id,
            unit=unit,
            room=all_of("room", ((r.key, f"{unit[r.unit]}/{r.name}") for r in document.rooms)),
            equipment=all_of("equipment", ((e.key, f"{unit[e.unit]}/{e.name}") for e in document.equipment)),
            professional=all_of("professional", ((p.key, p.name) for p in document.professionals)),
            service=all_of("service", ((s.key, s.name) for s in document.services)),
            convenio=all_of("convenio", ((c.key, c.name) for c in document.convenios)),
        )


def assemble(document: ClinicDocument, keys: Keys, *, version: int = 1) -> Clinic:
    """The clinic that the document describes."""
    said = document.clinic
    return Clinic(
        id=keys.clinic_id,
        slug=said.slug,
        name=said.name,
        timezone=said.timezone,
        version=version,
        about=said.about,
        facts=dict(said.facts),
        persona=Persona(**dict(document.persona)),
        rules=_rules(document, keys),
        policies=policies(
            document.limits, document.messaging, document.team, document.identity, document.handoff, document.reports
        ),
        is_demo=said.demo,
        units=tuple(
            Unit(
                id=keys.unit[u.key],
                name=u.name,
                address=u.address,
                phone=u.phone,
                directions=u.directions,
                hours=tuple(OpenHours(day, *span) for day, spans in u.hours.items() for span in spans),
            )
            for u in document.units
        ),
        rooms=tuple(sorted((Room(keys.room[r.key], keys.unit[r.unit], r.name) for r in document.rooms), key=_name)),
        equipment=tuple(
            sorted((Equipment(keys.equipment[e.key], keys.unit[e.unit], e.name) for e in document.equipment), key=_name)
        ),
        professionals=tuple(_professional(p, keys) for p in document.professionals),
        services=tuple(_service(s, document, keys) for s in document.services),
        convenios=tuple(
            Convenio(
                id=keys.convenio[c.key],
                name=c.name,
                aliases=c.aliases,
                note=c.note,
                service_ids=tuple(keys.service[s.key] for s in document.services if c.services is None or s.key in c.services),
            )
            for c in sorted(document.convenios, key=lambda c: c.name)
        ),
        holidays=_holidays(document, keys),
    )


def _rules(document: ClinicDocument, keys: Keys) -> Rules:
    given = dict(document.rules)
    never: tuple[NeverPart, ...] = given.pop("never")
    return Rules(**given, never=tuple(_never(part, keys) for part in never))


def _never(part: NeverPart, keys: Keys) -> NeverBook:
    return NeverBook(
        weekdays=part.weekdays,
        first_day=part.first_day,
        last_day=part.last_day,
        from_time=part.from_time,
        until_time=part.until_time,
        unit_id=keys.unit[part.unit] if part.unit else None,
        professional_id=keys.professional[part.professional] if part.professional else None,
        service_id=keys.service[part.service] if part.service else None,
    )


def _professional(part: ProfessionalPart, keys: Keys) -> Professional:
    hours = [
        WorkHours(
            unit_id=keys.unit[work.unit],
            weekday=day,
            opens=opens,
            closes=closes,
            room_id=keys.room[work.room] if work.room else None,
            valid_from=work.valid_from,
            valid_until=work.valid_until,
        )
        for work in part.hours
        for day, spans in work.week.items()
        for opens, closes in spans
    ]
    return Professional(
        id=keys.professional[part.key],
        name=part.name,
        specialty=part.specialty,
        council=part.council,
        bio=part.bio,
        hours=tuple(sorted(hours, key=lambda h: (h.weekday, h.opens, h.valid_from or date.min, h.unit_id))),
    )


def _name(thing: Room | Equipment) -> tuple[str, UUID]:
    return thing.name, thing.unit_id


def _service(part: ServicePart, document: ClinicDocument, keys: Keys) -> Service:
    """The service; those who perform it and what it needs come in the order the clinic lists them."""
    rooms = sorted((r for r in document.rooms if r.key in part.rooms), key=lambda r: (r.name, keys.unit[r.unit]))
    equipment = sorted((e for e in document.equipment if e.key in part.equipment), key=lambda e: (e.name, keys.unit[e.unit]))
    return Service(
        id=keys.service[part.key],
        name=part.name,
        duration_minutes=part.duration_minutes,
        aliases=part.aliases,
        category=part.category,
        buffer_before_minutes=part.buffer_before_minutes,
        buffer_after_minutes=part.buffer_after_minutes,
        price_cents=part.price,
        price_note=part.price_note,
        description=part.description,
        preparation=part.preparation,
        notes_for_carol=part.notes_for_carol,
        booked_by_carol=part.booked_by_carol,
        professional_ids=tuple(keys.professional[p.key] for p in document.professionals if p.key in part.professionals),
        room_ids=tuple(keys.room[r.key] for r in rooms),
        equipment_ids=tuple(keys.equipment[e.key] for e in equipment),
    )


def _holidays(document: ClinicDocument, keys: Keys) -> tuple[Holiday, ...]:
    own = [Holiday(h.date, h.name, keys.unit[h.unit] if h.unit else None, h.opens, h.closes) for h in document.holidays]
    said = {holiday.day for holiday in own if holiday.unit_id is None}
    national = [
        Holiday(day, name)
        for year in set(document.national_holidays)
        for day, name in national_holidays(year)
        if day not in said
    ]
    return tuple(sorted([*own, *national], key=lambda h: (h.day, h.unit_id is not None, h.name, str(h.unit_id))))
