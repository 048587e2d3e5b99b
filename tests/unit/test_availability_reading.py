"""Free starts are those of a plain reading of the rules, one start at a time, whatever the agenda."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.scheduling.availability import free_slots, why_not
from clinic.scheduling.intervals import Interval
from clinic.scheduling.models import (
    Agenda,
    BookingRules,
    Holiday,
    NeverRule,
    OpeningHours,
    ServiceShape,
    Slot,
    WorkingWindow,
)
from tests.unit.test_availability import (
    ANA,
    BRUNO,
    CENTRO,
    CHAIR,
    CLEANING,
    DAY,
    LASER,
    MINUTE,
    REPEATED,
    ROOM_1,
    ROOM_2,
    ROOM_3,
    SAO_PAULO,
    SAVASSI,
    SKIPPED,
)


def local(day: date, hour: time) -> datetime:
    """The first minute at which clocks show that hour or, if they skip it, a later one."""
    wall = datetime.combine(day, hour)
    minute = wall.replace(tzinfo=SAO_PAULO).astimezone(UTC)
    while (minute - MINUTE).astimezone(SAO_PAULO).replace(tzinfo=None) >= wall:
        minute -= MINUTE
    return minute


def stretch(day: date, opens: time | None, closes: time | None) -> tuple[datetime, datetime]:
    opens, closes = opens or time(0), closes or time(0)
    return local(day, opens), local(day if closes > opens else day + DAY, closes)


def clear(start: datetime, end: datetime, busy: tuple[Interval, ...]) -> bool:
    return all(i.end <= start or i.start >= end for i in busy)


def unit_is_open(agenda: Agenda, unit: UUID, start: datetime, end: datetime) -> bool:
    near = [start.date() + n * DAY for n in (-2, -1, 0, 1, 2)]
    minute = start
    while minute < end:
        spans = [
            stretch(day, h.opens, h.closes) for day in near for h in agenda.opening.get(unit, ()) if h.weekday == day.weekday()
        ]
        if unit in agenda.opening and not any(a <= minute < b for a, b in spans):
            return False
        for holiday in agenda.holidays:
            if holiday.unit_id in (None, unit) and minute.astimezone(SAO_PAULO).date() == holiday.day:
                if holiday.opens is None or holiday.closes is None:
                    return False
                a, b = stretch(holiday.day, holiday.opens, holiday.closes)
                if not a <= minute < b:
                    return False
        minute += MINUTE
    return True


def is_forbidden(rules: BookingRules, service: ServiceShape, who: UUID, unit: UUID, start: datetime, end: datetime) -> bool:
    for rule in rules.never:
        if rule.service_id not in (None, service.service_id) or rule.professional_id not in (None, who):
            continue
        for day in [start.date() + n * DAY for n in (-2, -1, 0, 1, 2)]:
            if rule.weekday in (None, day.weekday()) and rule.day in (None, day) and rule.unit_id in (None, unit):
                a, b = stretch(day, rule.from_time, rule.until_time)
                if a < end and start < b:
                    return True
    return False


def room_for(
    agenda: Agenda, service: ServiceShape, window: WorkingWindow, start: datetime, end: datetime
) -> tuple[bool, UUID | None]:
    if not service.room_ids and window.room_id is None:
        return True, None
    choice: list[UUID | None] = list(service.room_ids) or [window.room_id]
    choice.sort(key=lambda room: room != window.room_id)
    for room in choice:
        assert room is not None
        if service.room_ids and agenda.placed.get(room, window.unit_id) != window.unit_id:
            continue
        if clear(start, end, agenda.busy.get(room, ())):
            return True, room
    return False, None


def naive(days: list[date], agenda: Agenda, service: ServiceShape, rules: BookingRules, now: datetime) -> set[Slot]:
    slots: dict[tuple[datetime, UUID, UUID], Slot] = {}
    today = now.astimezone(SAO_PAULO).date()
    for who, windows in agenda.working.items():
        for day in [min(days) - DAY + n * DAY for n in range((max(days) - min(days)).days + 2)]:
            for window in windows:
                if not window.valid_on(day):
                    continue
                start, closes = stretch(day, window.opens, window.closes)
                while (end := start + service.minutes * MINUTE) <= closes:
                    here = start.astimezone(SAO_PAULO).date()
                    pad = rules.min_interval * MINUTE
                    before, after = start - service.buffer_before * MINUTE, end + service.buffer_after * MINUTE
                    pieces = [p for p in service.equipment_ids if agenda.placed.get(p, window.unit_id) == window.unit_id]
                    has_room, room = room_for(agenda, service, window, before, after)
                    if (
                        here in days
                        and start >= now + rules.min_notice
                        and (here - today).days <= rules.horizon_days
                        and clear(before - pad, after + pad, agenda.busy.get(who, ()))
                        and has_room
                        and bool(pieces) == bool(service.equipment_ids)
                        and all(clear(before, after, agenda.busy.get(piece, ())) for piece in pieces)
                        and unit_is_open(agenda, window.unit_id, start, end)
                        and not is_forbidden(rules, service, who, window.unit_id, start, end)
                    ):
                        slots.setdefault((start, who, window.unit_id), Slot(start, end, who, window.unit_id, room))
                    start += rules.step_minutes * MINUTE
    return set(slots.values())


clock_hours = st.builds(time, st.sampled_from([0, 1, 7, 8, 9, 12, 14, 18, 22, 23]), st.sampled_from([0, 0, 10, 30]))
weekdays = st.integers(0, 6)
units = st.sampled_from([CENTRO, SAVASSI])
some_rooms = st.sampled_from([ROOM_1, ROOM_2, ROOM_3])
FIRST_DAYS = [date(2026, 3, 10), SKIPPED, REPEATED, REPEATED + DAY]


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[date], Agenda, ServiceShape, BookingRules, datetime]:
    first = draw(st.sampled_from(FIRST_DAYS))
    days = sorted(draw(st.sets(st.integers(0, 3), min_size=1, max_size=3)))
    near = st.integers(-1, 4).map(lambda n: first + n * DAY)
    since, until = st.sampled_from([None, None, first, first + DAY]), st.sampled_from([None, None, first + 2 * DAY])
    windows = st.builds(
        WorkingWindow,
        st.sampled_from(days).map(lambda n: (first + n * DAY).weekday()),
        clock_hours,
        clock_hours,
        units,
        st.sampled_from([None, None, ROOM_1]),
        since,
        until,
    )
    base = datetime(first.year, first.month, first.day, tzinfo=UTC)
    busy = st.tuples(st.integers(0, 4 * 288), st.integers(1, 24)).map(
        lambda p: Interval(base + p[0] * 5 * MINUTE, base + (p[0] + p[1]) * 5 * MINUTE + timedelta(seconds=p[1] % 2))
    )
    resources = st.sampled_from([ANA, BRUNO, ROOM_1, ROOM_2, LASER, CHAIR])
    opening = st.builds(OpeningHours, near.map(date.weekday), st.sampled_from([time(0), time(8)]), clock_hours)
    agenda = Agenda(
        working={who: tuple(draw(st.lists(windows, min_size=1, max_size=2))) for who in (ANA, BRUNO)},
        opening=draw(st.dictionaries(units, st.lists(opening, min_size=3, max_size=6).map(tuple), max_size=1)),
        holidays=tuple(
            draw(st.lists(st.builds(Holiday, near, st.none() | units, st.none() | clock_hours, clock_hours), max_size=1))
        ),
        busy=draw(st.dictionaries(resources, st.lists(busy, max_size=4).map(tuple), max_size=4)),
        placed=draw(st.dictionaries(st.sampled_from([ROOM_1, ROOM_2, LASER]), units, max_size=1)),
    )
    service = ServiceShape(
        CLEANING,
        draw(st.sampled_from([20, 30, 50, 90])),
        draw(st.sampled_from([0, 10])),
        draw(st.sampled_from([0, 15])),
        tuple(draw(st.lists(some_rooms, unique=True, max_size=2))),
        tuple(draw(st.lists(st.sampled_from([LASER, CHAIR]), unique=True, max_size=2))),
    )
    never = st.builds(
        NeverRule,
        st.none() | weekdays,
        st.none() | near,
        st.none() | clock_hours,
        st.none() | clock_hours,
        st.sampled_from([None, CLEANING]),
        st.sampled_from([None, ANA]),
        st.none() | units,
    )
    rules = BookingRules(
        timedelta(minutes=draw(st.sampled_from([0, 0, 125]))),
        draw(st.sampled_from([1, 3, 9])),
        draw(st.sampled_from([20, 30, 60])),
        draw(st.sampled_from([0, 10])),
        tuple(draw(st.lists(never, max_size=1))),
    )
    now = base + timedelta(minutes=draw(st.integers(-2000, 900)), seconds=draw(st.sampled_from([0, 59])))
    return [first + n * DAY for n in days], agenda, service, rules, now


@settings(max_examples=120, deadline=None)
@given(questions())
def test_free_slots_are_those_of_the_plain_reading(
    question: tuple[list[date], Agenda, ServiceShape, BookingRules, datetime],
) -> None:
    days, agenda, service, rules, now = question
    slots = free_slots(days, agenda=agenda, service=service, rules=rules, now=now, zone=SAO_PAULO)
    assert set(slots) == naive(days, agenda, service, rules, now)
    assert [s.starts_at for s in slots] == sorted(s.starts_at for s in slots)
    assert len(set(slots)) == len(slots)


@settings(max_examples=60, deadline=None)
@given(questions(), st.integers(0, 200))
def test_why_not_is_silent_exactly_for_free_slots(
    question: tuple[list[date], Agenda, ServiceShape, BookingRules, datetime], offset: int
) -> None:
    days, agenda, service, rules, now = question
    slots = free_slots(days, agenda=agenda, service=service, rules=rules, now=now, zone=SAO_PAULO)
    free = {(slot.starts_at, slot.professional_id) for slot in slots}
    tried = {(local(days[0], time(0)) + n * 37 * MINUTE, ANA) for n in range(offset % 40)} | {
        (start + (offset % 3) * 5 * MINUTE, who) for start, who in free
    }
    for start, who in sorted(tried | free):
        if start.astimezone(SAO_PAULO).date() in days:
            answer = why_not(start, who, agenda=agenda, service=service, rules=rules, now=now, zone=SAO_PAULO)
            assert (answer is None) == ((start, who) in free)
