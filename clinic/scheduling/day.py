"""A day of the agenda as a front desk looks at it: who works when, what stands where. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from clinic.scheduling.minutes import LocalClock, Spans, common, cut, fuse, instant
from clinic.tenants.models import Clinic, Professional


class ItemKind(StrEnum):
    VISIT = "visit"
    HOLD = "hold"
    BLOCK = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What stands in the agenda. A block without a professional is everyone's."""

    kind: ItemKind
    id: UUID
    professional_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    service_id: UUID | None = None
    person: str | None = None
    unit_id: UUID | None = None
    room_id: UUID | None = None
    convenio_id: UUID | None = None
    price_cents: int | None = None
    status: str | None = None
    booked_by: str | None = None
    conversation_id: UUID | None = None
    expires_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """When a professional is at a unit; local wall clock."""

    opens: time
    closes: time
    unit_id: UUID


@dataclass(frozen=True, slots=True)
class Column:
    """One professional's day."""

    professional: Professional
    windows: tuple[Window, ...]
    items: tuple[Item, ...]


def columns(clinic: Clinic, day: date, items: Sequence[Item]) -> list[Column]:
    """Everyone who works that day or has something in it, in the clinic's order; who left comes last."""
    found = []
    for professional in (*clinic.professionals, *clinic.former_professionals):
        windows = tuple(hours(clinic, professional, day)) if professional in clinic.professionals else ()
        own = [item for item in items if item.professional_id == professional.id]
        if windows or own:
            everyones = [item for item in items if item.professional_id is None]
            ordered = sorted((*own, *everyones), key=lambda item: (item.starts_at, item.ends_at, str(item.id)))
            found.append(Column(professional, windows, tuple(ordered)))
    return found


def hours(clinic: Clinic, professional: Professional, day: date) -> list[Window]:
    """Their weekly hours on that day, as far as the unit is open and no holiday closes it."""
    clock = LocalClock(clinic.zone)
    found: list[Window] = []
    for unit_id in dict.fromkeys(window.unit_id for window in professional.hours):
        planned = fuse(
            clock.span(day, window.opens, window.closes)
            for window in professional.hours
            if window.unit_id == unit_id
            and window.weekday == day.weekday()
            and (window.valid_from or day) <= day <= (window.valid_until or day)
        )
        for a, b in common(planned, _open(clinic, unit_id, day, clock)):
            found.append(Window(_wall(a, clinic), _wall(b, clinic), unit_id))
    return sorted(found, key=lambda window: (window.opens, window.closes))


def _open(clinic: Clinic, unit_id: UUID, day: date, clock: LocalClock) -> Spans:
    whole = clock.whole(day)
    unit = clinic.unit_by_id.get(unit_id)
    spans = [clock.span(day, h.opens, h.closes) for h in (unit.hours if unit else ()) if h.weekday == day.weekday()]
    closed: Spans = []
    for holiday in clinic.holidays:
        if holiday.day == day and holiday.unit_id in (None, unit_id):
            if holiday.opens is None or holiday.closes is None:
                return []
            opens, closes = clock.span(day, holiday.opens, holiday.closes)
            closed += [(whole[0], opens), (closes, whole[1])]
    return cut(fuse(spans), fuse(closed))


def _wall(minute: int, clinic: Clinic) -> time:
    return instant(minute).astimezone(clinic.zone).time()


def holiday(clinic: Clinic, day: date) -> str | None:
    """Its name; that of the whole clinic before that of one unit."""
    named = sorted((h for h in clinic.holidays if h.day == day), key=lambda h: h.unit_id is not None)
    return named[0].name if named else None


def hull(clinic: Clinic, day: date, shown: Sequence[Column]) -> tuple[time, time] | None:
    """From the first to the last window or visit, on the wall clock; None when there is none. Blocks may last for days."""
    clock = LocalClock(clinic.zone)
    start, end = clock.whole(day)
    edges = [clock.at(day, edge) for column in shown for window in column.windows for edge in (window.opens, window.closes)]
    for column in shown:
        for item in column.items:
            if item.kind is not ItemKind.BLOCK:
                edges += [int(item.starts_at.timestamp() // 60), int(item.ends_at.timestamp() // 60)]
    if not edges:
        return None
    first, last = max(min(edges), start), min(max(edges), end)
    return _wall(first, clinic), time(23, 59) if last >= end else _wall(last, clinic)
