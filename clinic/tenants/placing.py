"""Where a document's blocks and visits fall in the agenda, once it is known when it is loaded and what is taken. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic.tenants.assembling import Keys, stable_id
from clinic.tenants.document_agenda import BlockPart, MomentPart, VisitPart
from clinic.tenants.models import Clinic, Service, WorkHours
from clinic.tenants.problems import say

_REACH_DAYS = 120  # how far a relative visit looks for a free place before we say that there is none


@dataclass(frozen=True, slots=True)
class Claim:
    """A resource taken from `starts_at` to `ends_at` (aware, half-open), buffers inside."""

    resource: str  # professional | room | equipment | person
    resource_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    id: UUID
    person_id: UUID
    service: Service
    professional_id: UUID
    unit_id: UUID
    room_id: UUID | None
    convenio_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    status: str
    claims: tuple[Claim, ...]


@dataclass
class Taken:
    """What is occupied so far."""

    spans: dict[tuple[str, UUID], list[tuple[datetime, datetime]]] = field(default_factory=dict)

    def add(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self.spans.setdefault((claim.resource, claim.resource_id), []).append((claim.starts_at, claim.ends_at))

    def meets(self, claim: Claim) -> bool:
        return any(
            claim.starts_at < end and start < claim.ends_at
            for start, end in self.spans.get((claim.resource, claim.resource_id), ())
        )


def block_id(keys: Keys, part: BlockPart, position: int) -> UUID:
    """The id of a block: its words when it is fixed, its place in the document when it is relative."""
    if part.starts.at is None:
        return stable_id(keys.clinic_id, "block", position)
    taken = (part.professional or "", part.room or "", part.equipment or "")
    return stable_id(keys.clinic_id, "block", *taken, part.starts.at.isoformat())


def visit_id(keys: Keys, part: VisitPart) -> UUID:
    """The id of a visit: its key, else what it says."""
    start = part.starts.at.isoformat() if part.starts.at else f"{part.starts.days}/{part.starts.weekday}/{part.starts.time}"
    return stable_id(keys.clinic_id, "visit", *((part.key,) if part.key else (part.person, part.service, start)))


def place_block(clinic: Clinic, keys: Keys, part: BlockPart, position: int, taken: Taken, now: datetime) -> Block | str:
    """The block as the agenda keeps it, or, in words, why it fits nowhere. A relative one moves on by whole weeks."""
    for weeks in range(1 if part.starts.at else _REACH_DAYS // 7):
        block = _block(clinic, keys, part, position, now + timedelta(weeks=weeks))
        if block.ends_at <= block.starts_at:
            return say("block_backwards")
        if not any(taken.meets(claim) for claim in block.claims):
            return block
    return say("collides")


def _block(clinic: Clinic, keys: Keys, part: BlockPart, position: int, now: datetime) -> Block:
    today = now.astimezone(clinic.zone).date()
    starts_at = _instant(clinic, part.starts, next(_days(part.starts, today)))
    ends_at = _instant(clinic, part.ends, next(_days(part.ends, today)))
    if ends_at <= starts_at and part.ends.at is None:
        ends_at += timedelta(days=7)
    resources = (
        ("professional", keys.professional.get(part.professional or "")),
        ("room", keys.room.get(part.room or "")),
        ("equipment", keys.equipment.get(part.equipment or "")),
    )
    claims = tuple(Claim(kind, resource_id, starts_at, ends_at) for kind, resource_id in resources if resource_id)
    return Block(block_id(keys, part, position), starts_at, ends_at, part.reason, claims)


def place_visit(
    clinic: Clinic, keys: Keys, people: Mapping[str, UUID], part: VisitPart, taken: Taken, now: datetime
) -> Visit | str:
    """The visit as the agenda keeps it, or, in words, why it fits nowhere.

    A fixed instant is taken as it is, and only a collision refuses it: it may predate the hours. A relative one moves
    on to the first day when the professional works then and everything is free.
    """
    today = now.astimezone(clinic.zone).date()
    works = False
    for day in _days(part.starts, today):
        starts_at = _instant(clinic, part.starts, day)
        for window in _windows(clinic, keys, part, day):
            works = True
            for room_id in _rooms(clinic, keys, part, window):
                visit = _visit(clinic, keys, people, part, starts_at, window.unit_id, room_id)
                if not any(taken.meets(claim) for claim in visit.claims):
                    return visit
    professional = clinic.professional_by_id[keys.professional[part.professional]].name
    if part.starts.at is not None and works:
        return say("collides")
    return say("no_place" if works else "works_never", professional=professional)


def _days(moment: MomentPart, today: date) -> Iterator[date]:
    if moment.at is not None:
        yield moment.at.date()
        return
    step = -1 if moment.days < 0 else 1
    for n in range(_REACH_DAYS):
        day = today + timedelta(days=moment.days + n * step)
        if moment.weekday in (None, day.weekday()):
            yield day


def _instant(clinic: Clinic, moment: MomentPart, day: date) -> datetime:
    wall = moment.at.time() if moment.at else moment.time
    assert wall is not None  # the document gives one or the other
    return datetime.combine(day, wall, tzinfo=clinic.zone)


def _windows(clinic: Clinic, keys: Keys, part: VisitPart, day: date) -> list[WorkHours]:
    """The professional's hours that hold the visit on this day, at the unit asked for."""
    service = clinic.service_by_id[keys.service[part.service]]
    starts_at = _instant(clinic, part.starts, day)
    until = (starts_at.replace(tzinfo=None) + timedelta(minutes=service.duration_minutes)).time()
    wall = starts_at.time()
    professional = clinic.professional_by_id[keys.professional[part.professional]]
    asked = [w for w in professional.hours if not part.unit or w.unit_id == keys.unit[part.unit]]
    holding = [
        w
        for w in asked
        if w.weekday == day.weekday()
        and w.opens <= wall < until <= w.closes
        and (w.valid_from is None or w.valid_from <= day)
        and (w.valid_until is None or day <= w.valid_until)
        and not _closed(clinic, w.unit_id, day, starts_at, until)
    ]
    if part.starts.at is not None and not holding:
        return asked[:1]
    return holding


def _closed(clinic: Clinic, unit_id: UUID, day: date, starts_at: datetime, until: time) -> bool:
    for holiday in clinic.holidays:
        if holiday.day == day and holiday.unit_id in (None, unit_id):
            if holiday.opens is None or holiday.closes is None:
                return True
            if starts_at.time() < holiday.opens or until > holiday.closes:
                return True
    return False


def _rooms(clinic: Clinic, keys: Keys, part: VisitPart, window: WorkHours) -> list[UUID | None]:
    """The rooms that will do, the window's own first; one None when no room is needed."""
    if part.room:
        return [keys.room[part.room]]
    service = clinic.service_by_id[keys.service[part.service]]
    if not service.room_ids:
        return [window.room_id]
    here = {room.id for room in clinic.rooms if room.unit_id == window.unit_id}
    return [*sorted((r for r in service.room_ids if r in here), key=lambda room_id: room_id != window.room_id)]


def _visit(
    clinic: Clinic,
    keys: Keys,
    people: Mapping[str, UUID],
    part: VisitPart,
    starts_at: datetime,
    unit_id: UUID,
    room_id: UUID | None,
) -> Visit:
    service = clinic.service_by_id[keys.service[part.service]]
    professional_id, person_id = keys.professional[part.professional], people[part.person]
    ends_at = starts_at + timedelta(minutes=service.duration_minutes)
    since = starts_at - timedelta(minutes=service.buffer_before_minutes)
    until = ends_at + timedelta(minutes=service.buffer_after_minutes)
    here = {piece.id for piece in clinic.equipment if piece.unit_id == unit_id}
    claims = [Claim("professional", professional_id, since, until)]
    claims += [Claim("room", room_id, since, until)] if room_id else []
    claims += [Claim("equipment", piece, since, until) for piece in service.equipment_ids if piece in here]
    claims.append(Claim("person", person_id, starts_at, ends_at))
    return Visit(
        id=visit_id(keys, part),
        person_id=person_id,
        service=service,
        professional_id=professional_id,
        unit_id=unit_id,
        room_id=room_id,
        convenio_id=keys.convenio[part.convenio] if part.convenio else None,
        starts_at=starts_at,
        ends_at=ends_at,
        status=part.status,
        claims=() if part.status == "cancelled" else tuple(claims),
    )
