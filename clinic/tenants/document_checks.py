"""What a clinic document says against itself: unknown keys, names given twice, hours that cross, visits that collide. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from difflib import get_close_matches
from itertools import combinations

from clinic.tenants.document import ClinicDocument, ProfessionalPart, ServicePart
from clinic.tenants.document_agenda import VisitPart
from clinic.tenants.problems import say, words
from kit.text import plain


def problems(document: ClinicDocument) -> Iterator[str]:
    """Every contradiction, one line each, the path first."""
    yield from _given_twice(document)
    broken = [*_unknown_keys(document)]
    yield from broken
    yield from _hours(document)
    yield from _services(document)
    yield from _calendar(document)
    if not broken:  # what follows reads through the keys
        yield from _visits(document)


def _given_twice(document: ClinicDocument) -> Iterator[str]:
    for section in ("units", "rooms", "equipment", "professionals", "services", "convenios", "people"):
        items = getattr(document, section)
        yield from _twice(section, "key", (item.key for item in items))
        if section in ("rooms", "equipment"):
            yield from _twice(section, "name", (f"{item.unit}/{item.name}" for item in items))
        elif section != "people":  # two patients may share a name
            yield from _twice(section, "name", (item.name for item in items))
    yield from _twice("channels", "external_id", (f"{c.kind}/{c.external_id}" for c in document.channels))
    yield from _twice("visits", "key", (v.key for v in document.visits if v.key))
    yield from _twice("reports.families", "external_id", (family.subject for family in document.reports.families))
    yield from _twice("people", "own_phone", (phone for person in document.people for phone in person.phones))


def _twice(section: str, what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if plain(name) in seen:
            yield f"{section}: {say('given_twice', what=say(what), name=name)}"
        seen.add(plain(name))


def _unknown_keys(document: ClinicDocument) -> Iterator[str]:
    known = {
        "unit": [u.key for u in document.units],
        "room": [r.key for r in document.rooms],
        "equipment": [e.key for e in document.equipment],
        "professional": [p.key for p in document.professionals],
        "service": [s.key for s in document.services],
        "convenio": [c.key for c in document.convenios],
        "person": [p.key for p in document.people],
    }
    for path, kind, key in _references(document):
        if key is not None and key not in known[kind]:
            close = get_close_matches(key, known[kind], n=1)
            said = words("kinds")[kind]
            if close:
                yield f"{path}: {say('no_such_close', kind=said, key=key, close=close[0])}"
            else:
                yield f"{path}: {say('no_such', kind=said, key=key, known=', '.join(known[kind]) or say('none'))}"


def _references(document: ClinicDocument) -> Iterator[tuple[str, str, str | None]]:
    """(path, kind of thing, key) of every mention."""
    for section, places in (("rooms", document.rooms), ("equipment", document.equipment)):
        yield from ((f"{section}.{place.key}.unit", "unit", place.unit) for place in places)
    for professional in document.professionals:
        for n, work in enumerate(professional.hours, 1):
            yield f"professionals.{professional.key}.hours.{n}.unit", "unit", work.unit
            yield f"professionals.{professional.key}.hours.{n}.room", "room", work.room
    for service in document.services:
        path = f"services.{service.key}"
        yield from ((f"{path}.professionals", "professional", key) for key in service.professionals)
        yield from ((f"{path}.rooms", "room", key) for key in service.rooms)
        yield from ((f"{path}.equipment", "equipment", key) for key in service.equipment)
    for convenio in document.convenios:
        yield from ((f"convenios.{convenio.key}.services", "service", key) for key in convenio.services or ())
    for n, never in enumerate(document.rules.never, 1):
        yield from ((f"rules.never.{n}.{kind}", kind, getattr(never, kind)) for kind in ("unit", "professional", "service"))
    yield from ((f"holidays.{holiday.name}.unit", "unit", holiday.unit) for holiday in document.holidays)
    for n, block in enumerate(document.blocks, 1):
        yield from ((f"blocks.{n}.{kind}", kind, getattr(block, kind)) for kind in ("professional", "room", "equipment"))
    yield from ((f"reports.families.{one.subject}.person", "person", one.person) for one in document.reports.families)
    for path, visit in named_visits(document):
        for kind in ("person", "service", "professional", "unit", "room", "convenio"):
            yield f"{path}.{kind}", kind, getattr(visit, kind)


def named_visits(document: ClinicDocument) -> list[tuple[str, VisitPart]]:
    """Each visit with the path that names it in messages."""
    return [(f"visits.{visit.key or n}", visit) for n, visit in enumerate(document.visits, 1)]


def _hours(document: ClinicDocument) -> Iterator[str]:
    room_unit = {room.key: room.unit for room in document.rooms}
    open_days = {unit.key: {day for day, spans in unit.hours.items() if spans} for unit in document.units}
    for unit in document.units:
        if not any(unit.hours.values()):
            yield f"units.{unit.key}.hours: {say('no_hours')}"
    for professional in document.professionals:
        path = f"professionals.{professional.key}.hours"
        for n, work in enumerate(professional.hours, 1):
            if work.room and room_unit.get(work.room, work.unit) != work.unit:
                elsewhere = say("room_elsewhere", room=work.room, there=room_unit[work.room], here=work.unit)
                yield f"{path}.{n}.room: {elsewhere}"
            if work.valid_from and work.valid_until and work.valid_until < work.valid_from:
                yield f"{path}.{n}: {say('until_before_from')}"
            for day in work.week:
                if open_days.get(work.unit) and work.week[day] and day not in open_days[work.unit]:
                    yield f"{path}.{n}.week: {say('unit_closed', day=_DAYS[day], unit=work.unit)}"
        yield from _two_places(path, professional)


def _two_places(path: str, professional: ProfessionalPart) -> Iterator[str]:
    for one, other in combinations(professional.hours, 2):
        if one.valid_until and other.valid_from and one.valid_until < other.valid_from:
            continue
        if other.valid_until and one.valid_from and other.valid_until < one.valid_from:
            continue
        for day in one.week.keys() & other.week.keys():
            for opens, closes in one.week[day]:
                if any(opens < until and since < closes for since, until in other.week[day]):
                    said = say("two_places", day=_DAYS[day], opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}")
                    yield f"{path}: {said}"


_DAYS = ("seg", "ter", "qua", "qui", "sex", "sab", "dom")


def _services(document: ClinicDocument) -> Iterator[str]:
    for service in document.services:
        if service.booked_by_carol and not service.professionals:
            yield f"services.{service.key}.professionals: {say('nobody')}"
    for convenio in document.convenios:
        if convenio.services is not None and not convenio.services:
            yield f"convenios.{convenio.key}.services: {say('covers_nothing')}"


def _calendar(document: ClinicDocument) -> Iterator[str]:
    yield from _twice("holidays", "day_of_holiday", (f"{h.date:%Y-%m-%d} {h.unit or ''}".strip() for h in document.holidays))
    for n, never in enumerate(document.rules.never, 1):
        if never.from_time and never.until_time and never.until_time <= never.from_time:
            yield f"rules.never.{n}.until_time: {say('never_hours')}"
        if never.first_day and never.last_day and never.last_day < never.first_day:
            yield f"rules.never.{n}.last_day: {say('never_days')}"
        if never == type(never)():
            yield f"rules.never.{n}: {say('never_empty')}"
    for n, block in enumerate(document.blocks, 1):
        if not (block.professional or block.room or block.equipment):
            yield f"blocks.{n}: {say('block_of_nothing')}"
        if block.starts.at and block.ends.at and block.ends.at <= block.starts.at:
            yield f"blocks.{n}.to: {say('block_backwards')}"
        if (block.starts.at is None) != (block.ends.at is None):
            yield f"blocks.{n}: {say('block_mixed')}"


def _visits(document: ClinicDocument) -> Iterator[str]:
    services = {service.key: service for service in document.services}
    professionals = {professional.key: professional for professional in document.professionals}
    convenios = {convenio.key: convenio for convenio in document.convenios}
    room_unit = {room.key: room.unit for room in document.rooms}
    for path, visit in named_visits(document):
        service, professional = services[visit.service], professionals[visit.professional]
        if visit.professional not in service.professionals:
            yield f"{path}: {say('not_performed', professional=professional.name, service=service.name)}"
        if visit.convenio and (covered := convenios[visit.convenio].services) is not None and visit.service not in covered:
            yield f"{path}.convenio: {say('not_covered', convenio=visit.convenio, service=service.name)}"
        if visit.room and visit.unit and room_unit[visit.room] != visit.unit:
            elsewhere = say("room_elsewhere", room=visit.room, there=room_unit[visit.room], here=visit.unit)
            yield f"{path}.room: {elsewhere}"
        if visit.unit and visit.unit not in {work.unit for work in professional.hours}:
            yield f"{path}.unit: {say('not_at_unit', professional=professional.name, unit=visit.unit)}"
    yield from _collisions(document, services)


def _collisions(document: ClinicDocument, services: dict[str, ServicePart]) -> Iterator[str]:
    """Of fixed instants only: a relative visit finds a free place when it is loaded."""
    taken: dict[tuple[str, str], list[tuple[datetime, datetime, str]]] = {}
    for n, block in enumerate(document.blocks, 1):
        for kind in ("professional", "room", "equipment"):
            if (key := getattr(block, kind)) and block.starts.at and block.ends.at:
                taken.setdefault((kind, key), []).append((block.starts.at, block.ends.at, f"blocks.{n}"))
    for path, visit in named_visits(document):
        if visit.starts.at is None or visit.status == "cancelled":
            continue
        service = services[visit.service]
        ends = visit.starts.at + timedelta(minutes=service.duration_minutes)
        before, after = timedelta(minutes=service.buffer_before_minutes), timedelta(minutes=service.buffer_after_minutes)
        taken.setdefault(("person", visit.person), []).append((visit.starts.at, ends, path))
        for kind, key in (("professional", visit.professional), ("room", visit.room)):
            if key:
                taken.setdefault((kind, key), []).append((visit.starts.at - before, ends + after, path))
    for (kind, key), spans in taken.items():
        for one, other in combinations(spans, 2):
            if one[0] < other[1] and other[0] < one[1]:
                yield f"{other[2]}: {say('overlaps', other=one[2], kind=words('kinds')[kind], key=key)}"
