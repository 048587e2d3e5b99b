"""What an agenda is made of. No I/O; hours of the day are local wall clock, instants are aware, ids are UUIDs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from clinic.scheduling.intervals import Interval


@dataclass(frozen=True, slots=True)
class WorkingWindow:
    """Hours one professional works every week at one unit.

    `weekday` 0 is Monday. A `closes` at or before `opens` is on the next day, so 00:00 is midnight at the day's end.
    `room_id` is the room the professional usually takes then. Validity days are inclusive; None is unbounded.
    """

    weekday: int
    opens: time
    closes: time
    unit_id: UUID
    room_id: UUID | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def valid_on(self, day: date) -> bool:
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Hours a unit is open every week; `closes` as in WorkingWindow."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which a unit (None: all) is closed, or open only from `opens` to `closes` when both are given.

    Short hours never open what the week keeps closed.
    """

    day: date
    unit_id: UUID | None = None
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """Everything that says who could be seen when, for the professionals in `working` and no others.

    `opening`: a unit that is absent has no hours of its own (its professionals' hours rule); an empty tuple is closed.
    `busy`: by professional, room or equipment id, with the buffers of what occupies them already inside.
    `placed`: the unit where a room or a piece of equipment stands; what is absent can be taken to any unit.
    """

    working: Mapping[UUID, tuple[WorkingWindow, ...]]
    opening: Mapping[UUID, tuple[OpeningHours, ...]] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()
    busy: Mapping[UUID, tuple[Interval, ...]] = field(default_factory=dict)
    placed: Mapping[UUID, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceShape:
    """What a service takes: minutes, and, when it names any, one of its rooms and every piece of its equipment.

    Buffers occupy the professional, the room and the equipment, and may reach outside working hours; the visit may not.
    """

    service_id: UUID
    minutes: int
    buffer_before: int = 0
    buffer_after: int = 0
    room_ids: tuple[UUID, ...] = ()
    equipment_ids: tuple[UUID, ...] = ()

    def __post_init__(self) -> None:
        if self.minutes <= 0 or self.buffer_before < 0 or self.buffer_after < 0:
            raise ValueError("a service takes time and its buffers are not negative")


@dataclass(frozen=True, slots=True)
class NeverRule:
    """When Carol must not book: every condition given must hold; a visit that overlaps the hours is refused.

    Hours are local, half-open; None reaches the edge of the day. Without ids it is for everyone.
    """

    weekday: int | None = None
    day: date | None = None
    from_time: time | None = None
    until_time: time | None = None
    service_id: UUID | None = None
    professional_id: UUID | None = None
    unit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BookingRules:
    """What the clinic allows Carol to offer.

    `step_minutes`: the grid of starts, counted from the opening of each working window. `horizon_days`: last local day,
    counted from today. `min_interval`: minutes a professional keeps free on both sides of a visit, beyond its buffers.
    """

    min_notice: timedelta = timedelta(0)
    horizon_days: int = 60
    step_minutes: int = 15
    min_interval: int = 0
    never: tuple[NeverRule, ...] = ()

    def __post_init__(self) -> None:
        if self.step_minutes <= 0 or self.min_interval < 0 or self.horizon_days < 0 or self.min_notice < timedelta(0):
            raise ValueError("booking rules count forward")


@dataclass(frozen=True, slots=True)
class Slot:
    """A visit that could be booked; instants in UTC, buffers not included."""

    starts_at: datetime
    ends_at: datetime
    professional_id: UUID
    unit_id: UUID
    room_id: UUID | None


class Reason(StrEnum):
    """Why a start cannot be booked, the first that applies in this order."""

    PAST = "past"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    NOT_WORKING = "not_working"
    NEVER = "never"
    BUSY = "busy"
    NO_ROOM = "no_room"
    NO_EQUIPMENT = "no_equipment"
    OFF_GRID = "off_grid"
