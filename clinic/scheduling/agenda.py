"""A clinic's configuration as the availability engine wants it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from uuid import UUID

from clinic.scheduling.intervals import Interval
from clinic.scheduling.models import (
    Agenda,
    BookingRules,
    Holiday,
    NeverRule,
    OpeningHours,
    ServiceShape,
    WorkingWindow,
)
from clinic.tenants.models import Clinic, NeverBook, Professional, Service


def shape(service: Service) -> ServiceShape:
    """What this service occupies."""
    return ServiceShape(
        service_id=service.id,
        minutes=service.duration_minutes,
        buffer_before=service.buffer_before_minutes,
        buffer_after=service.buffer_after_minutes,
        room_ids=service.room_ids,
        equipment_ids=service.equipment_ids,
    )


def rules(clinic: Clinic) -> BookingRules:
    """What the clinic allows Carol to offer."""
    given = clinic.rules
    return BookingRules(
        min_notice=timedelta(minutes=given.min_notice_minutes),
        horizon_days=given.horizon_days,
        step_minutes=given.step_minutes,
        min_interval=given.min_interval_minutes,
        never=tuple(rule for never in given.never for rule in _never(never)),
    )


def _never(never: NeverBook) -> Iterator[NeverRule]:
    days: Iterable[date | None] = (None,)
    if never.first_day is not None:
        last = never.last_day or never.first_day
        days = [never.first_day + timedelta(days=n) for n in range((last - never.first_day).days + 1)]
    for weekday, day in product(never.weekdays or (None,), days):
        yield NeverRule(
            weekday=weekday,
            day=day,
            from_time=never.from_time,
            until_time=never.until_time,
            service_id=never.service_id,
            professional_id=never.professional_id,
            unit_id=never.unit_id,
        )


def agenda(
    clinic: Clinic,
    professionals: Iterable[Professional],
    *,
    unit_id: UUID | None,
    busy: Mapping[UUID, tuple[Interval, ...]],
) -> Agenda:
    """The agenda of these professionals, at one unit or at all of theirs."""
    return Agenda(
        working={p.id: _windows(p, unit_id) for p in professionals},
        opening={u.id: tuple(OpeningHours(h.weekday, h.opens, h.closes) for h in u.hours) for u in clinic.units if u.hours},
        holidays=tuple(Holiday(h.day, h.unit_id, h.opens, h.closes) for h in clinic.holidays),
        busy=busy,
        placed={r.id: r.unit_id for r in clinic.rooms} | {e.id: e.unit_id for e in clinic.equipment},
    )


def _windows(professional: Professional, unit_id: UUID | None) -> tuple[WorkingWindow, ...]:
    return tuple(
        WorkingWindow(h.weekday, h.opens, h.closes, h.unit_id, h.room_id, h.valid_from, h.valid_until)
        for h in professional.hours
        if unit_id is None or h.unit_id == unit_id
    )


def resources(clinic: Clinic, service: Service, professionals: Iterable[Professional]) -> list[UUID]:
    """Everything whose occupation matters for this service by these professionals."""
    people = list(professionals)
    usual_rooms = {h.room_id for p in people for h in p.hours if h.room_id}
    return list({*(p.id for p in people), *service.room_ids, *service.equipment_ids, *usual_rooms})


def equipment_at(clinic: Clinic, service: Service, unit_id: UUID) -> tuple[UUID, ...]:
    """The pieces this service occupies at that unit."""
    here = {piece.id for piece in clinic.equipment if piece.unit_id == unit_id}
    return tuple(piece for piece in service.equipment_ids if piece in here)
