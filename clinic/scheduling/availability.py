"""Which starts are free, and why one is not.

Everything happens on the line of whole minutes, and mostly in the space of *starts*: an obstacle from a to b forbids the
starts after `a` less what follows a start and before `b` plus what precedes it. A set of starts is a short sorted list of
spans, so the cost follows the number of visits, not of grid points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.scheduling.intervals import Interval
from clinic.scheduling.minutes import (
    LocalClock,
    Spans,
    clip,
    common,
    cut,
    first_minute,
    fuse,
    holds,
    instant,
    last_minute,
)
from clinic.scheduling.models import Agenda, BookingRules, Holiday, NeverRule, Reason, ServiceShape, Slot, WorkingWindow

_DAY = timedelta(days=1)
_MIDNIGHT = time(0)
_LABELS = 1 << 24


def free_slots(
    days: Iterable[date],
    *,
    agenda: Agenda,
    service: ServiceShape,
    rules: BookingRules,
    now: datetime,
    zone: ZoneInfo,
    limit: int | None = None,
    only: Callable[[datetime], bool] | None = None,
) -> list[Slot]:
    """The visits that could start on these local days, earliest first; at one start, in the order of `agenda.working`.

    `only` sees each candidate's local start and keeps those it accepts, before `limit` counts.
    """
    wanted = sorted(set(days))
    if not wanted:
        return []
    board = _Board(wanted[0], wanted[-1], agenda=agenda, service=service, rules=rules, zone=zone)
    allowed = common(fuse(map(board.clock.whole, wanted)), [board.bookable(now)])
    keys: list[int] = []
    labels: list[tuple[UUID, UUID, UUID | None]] = []
    for professional_id in agenda.working:
        _mark(board, professional_id, allowed, keys, labels)
    keys.sort()
    found = _slots(keys, labels, service.minutes, zone, only)
    return list(found if limit is None else islice(found, limit))


def why_not(
    starts_at: datetime,
    professional_id: UUID,
    *,
    agenda: Agenda,
    service: ServiceShape,
    rules: BookingRules,
    now: datetime,
    zone: ZoneInfo,
    unit_id: UUID | None = None,
) -> Reason | None:
    """The first reason this visit cannot start then at that unit (None: at any of theirs); None if it can.

    It can exactly when `free_slots` lists it. Whoever re-checks a hold leaves that hold out of `agenda.busy`.
    """
    # In UTC: two datetimes of one zone would compare by their wall clocks.
    starts_at, now = starts_at.astimezone(UTC), now.astimezone(UTC)
    day = starts_at.astimezone(zone).date()
    start = first_minute(starts_at)
    board = _Board(day, day, agenda=agenda, service=service, rules=rules, zone=zone)
    earliest, end = board.bookable(now)
    if starts_at < now:
        return Reason.PAST
    if start < earliest:
        return Reason.TOO_SOON
    if start >= end:
        return Reason.TOO_FAR
    windows = [w for w in board.windows(professional_id) if unit_id is None or w[0].unit_id == unit_id]
    units = {unit_id} if unit_id else {window.unit_id for window in agenda.working.get(professional_id, ())}
    if units and all(holds(board.closed_on_holidays(unit), start) for unit in units):
        return Reason.HOLIDAY
    if units and not any(holds(board.open(unit), start) for unit in units):
        return Reason.CLOSED
    within = [w for w in windows if w[1] <= start < w[2] and holds(board.open(w[0].unit_id), start)]
    if not within:
        return Reason.NOT_WORKING
    for reason, passes in _checks(board, professional_id, start):
        within = [window for window in within if passes(window)]
        if not within:
            return reason
    return Reason.OFF_GRID if starts_at != instant(start) else None


_Window = tuple[WorkingWindow, int, int]
"""A working window on one day, with the first start and the one after the last that let the visit end inside it."""


def _checks(board: _Board, professional_id: UUID, start: int) -> list[tuple[Reason, Callable[[_Window], bool]]]:
    def rooms(window: _Window) -> bool:
        choice = board.rooms(window[0])
        return choice is None or any(not holds(board.taken(room), start) for room in choice)

    return [
        (Reason.NEVER, lambda w: not holds(board.never(professional_id, w[0].unit_id), start)),
        (Reason.BUSY, lambda w: not holds(board.occupied(professional_id), start)),
        (Reason.NO_ROOM, rooms),
        (Reason.NO_EQUIPMENT, lambda w: board.equipped(w[0].unit_id, start)),
        (Reason.OFF_GRID, lambda w: (start - w[1]) % board.rules.step_minutes == 0),
    ]


def _mark(
    board: _Board, professional_id: UUID, allowed: Spans, keys: list[int], labels: list[tuple[UUID, UUID, UUID | None]]
) -> None:
    """Add to `keys` every start of one professional, each with the index of its label in the low digits."""
    step = board.rules.step_minutes
    free: dict[UUID, Spans] = {}
    for window, first, end in board.windows(professional_id):
        unit_id = window.unit_id
        if unit_id not in free:
            blocked = fuse([*board.occupied(professional_id), *board.never(professional_id, unit_id)])
            free[unit_id] = cut(common(allowed, board.ready(unit_id)), blocked)
        rest = clip(free[unit_id], first, end)
        choice = board.rooms(window)
        for room_id in (None,) if choice is None else choice:
            taken = [] if room_id is None else board.taken(room_id)
            here = cut(rest, taken)
            rest = cut(rest, here)
            for a, b in here:
                a += (first - a) % step
                keys.extend(range(a * _LABELS + len(labels), b * _LABELS, step * _LABELS))
            if here:
                labels.append((professional_id, unit_id, room_id))


def _slots(
    keys: Iterable[int],
    labels: list[tuple[UUID, UUID, UUID | None]],
    minutes: int,
    zone: ZoneInfo,
    only: Callable[[datetime], bool] | None,
) -> Iterator[Slot]:
    previous, starts_at, ends_at, wanted = None, instant(0), instant(0), True
    given: set[tuple[UUID, UUID]] = set()
    for key in keys:
        start, label = divmod(key, _LABELS)
        if start != previous:
            previous, starts_at, ends_at = start, instant(start), instant(start + minutes)
            wanted = only is None or only(starts_at.astimezone(zone))
            given.clear()
        if not wanted:
            continue
        professional_id, unit_id, room_id = labels[label]
        # Windows of one person may overlap; the visit is still one.
        if (professional_id, unit_id) not in given:
            given.add((professional_id, unit_id))
            yield Slot(starts_at, ends_at, professional_id, unit_id, room_id)


class _Board:
    """One question's facts as sets of starts, each worked out once. `first` and `last` are the local days of the starts."""

    def __init__(
        self, first: date, last: date, *, agenda: Agenda, service: ServiceShape, rules: BookingRules, zone: ZoneInfo
    ) -> None:
        self.agenda, self.service, self.rules = agenda, service, rules
        self.clock = LocalClock(zone)
        # A window of the eve may pass midnight, and a visit of the last day too.
        self.days = [first - _DAY + timedelta(days=n) for n in range((last - first).days + 3)]
        self._open: dict[UUID, Spans] = {}
        self._ready: dict[UUID, Spans] = {}
        self._taken: dict[UUID, Spans] = {}
        self._never: dict[tuple[NeverRule, ...], Spans] = {}

    def bookable(self, now: datetime) -> tuple[int, int]:
        """Starts that respect notice and horizon."""
        today = now.astimezone(self.clock.zone).date()
        end = self.clock.at(today + timedelta(days=self.rules.horizon_days + 1), _MIDNIGHT)
        return first_minute(now.astimezone(UTC) + self.rules.min_notice), end

    def windows(self, professional_id: UUID) -> list[_Window]:
        """The professional's windows on these days that are long enough for the visit."""
        found: list[_Window] = []
        mine = self.agenda.working.get(professional_id, ())
        for day in self.days:
            for window in mine:
                if window.valid_on(day):
                    opens, closes = self.clock.span(day, window.opens, window.closes)
                    if closes - opens >= self.service.minutes:
                        found.append((window, opens, closes - self.service.minutes + 1))
        return found

    def open(self, unit_id: UUID) -> Spans:
        """Starts whose whole visit falls in the unit's opening hours, holidays respected."""
        if unit_id not in self._open:
            self._open[unit_id] = cut(self._weekly(unit_id), self.closed_on_holidays(unit_id))
        return self._open[unit_id]

    def _weekly(self, unit_id: UUID) -> Spans:
        hours = self.agenda.opening.get(unit_id)
        if hours is None:
            return [(self.clock.whole(self.days[0])[0], self.clock.whole(self.days[-1])[1])]
        spans = fuse(self.clock.span(day, h.opens, h.closes) for day in self.days for h in hours if h.weekday == day.weekday())
        return [(a, b - self.service.minutes + 1) for a, b in spans if b - a >= self.service.minutes]

    def closed_on_holidays(self, unit_id: UUID) -> Spans:
        """Starts whose visit would touch what a holiday closes."""
        mine = (h for h in self.agenda.holidays if h.unit_id in (None, unit_id) and self.days[0] <= h.day <= self.days[-1])
        return self._forbidden(span for holiday in mine for span in self._closure(holiday))

    def _closure(self, holiday: Holiday) -> Spans:
        start, end = self.clock.whole(holiday.day)
        if holiday.opens is None or holiday.closes is None:
            return [(start, end)]
        opens, closes = self.clock.span(holiday.day, holiday.opens, holiday.closes)
        return [(start, opens), (min(closes, end), end)]

    def ready(self, unit_id: UUID) -> Spans:
        """Starts at which the unit is open and has the equipment."""
        if unit_id not in self._ready:
            pieces = self._equipment(unit_id)
            blocked = fuse(span for piece in pieces or () for span in self.taken(piece))
            self._ready[unit_id] = [] if pieces is None else cut(self.open(unit_id), blocked)
        return self._ready[unit_id]

    def equipped(self, unit_id: UUID, start: int) -> bool:
        pieces = self._equipment(unit_id)
        return pieces is not None and not any(holds(self.taken(piece), start) for piece in pieces)

    def _equipment(self, unit_id: UUID) -> list[UUID] | None:
        """The pieces the service needs at this unit; None if it needs some and all of them stand elsewhere."""
        pieces = [p for p in self.service.equipment_ids if self.agenda.placed.get(p, unit_id) == unit_id]
        return pieces if pieces or not self.service.equipment_ids else None

    def rooms(self, window: WorkingWindow) -> list[UUID] | None:
        """The rooms that will do, the window's own first; None when no room is needed."""
        if not self.service.room_ids:
            return None if window.room_id is None else [window.room_id]
        here = [r for r in self.service.room_ids if self.agenda.placed.get(r, window.unit_id) == window.unit_id]
        return sorted(here, key=lambda room_id: room_id != window.room_id)

    def taken(self, resource_id: UUID) -> Spans:
        """Starts at which a room or a piece of equipment is not free."""
        if resource_id not in self._taken:
            self._taken[resource_id] = self._around(resource_id, 0)
        return self._taken[resource_id]

    def occupied(self, professional_id: UUID) -> Spans:
        """Starts at which the professional is not free, the interval between visits included."""
        if professional_id not in self._taken:
            self._taken[professional_id] = self._around(professional_id, self.rules.min_interval)
        return self._taken[professional_id]

    def _around(self, resource_id: UUID, interval: int) -> Spans:
        before, after = self.service.buffer_before + interval, self.service.buffer_after + interval
        busy: Iterable[Interval] = self.agenda.busy.get(resource_id, ())
        return self._forbidden(((last_minute(i.start), first_minute(i.end)) for i in busy), before, after)

    def _forbidden(self, obstacles: Iterable[tuple[int, int]], before: int = 0, after: int = 0) -> Spans:
        reach = self.service.minutes + after - 1
        return fuse((a - reach, b + before) for a, b in obstacles if b > a)

    def never(self, professional_id: UUID, unit_id: UUID) -> Spans:
        """Starts whose visit would touch hours in which Carol must not book."""
        mine = tuple(
            rule
            for rule in self.rules.never
            if rule.service_id in (None, self.service.service_id)
            and rule.professional_id in (None, professional_id)
            and rule.unit_id in (None, unit_id)
        )
        if mine not in self._never:
            self._never[mine] = self._forbidden(
                self._hours(rule, day) for rule in mine for day in self.days if _applies(rule, day)
            )
        return self._never[mine]

    def _hours(self, rule: NeverRule, day: date) -> tuple[int, int]:
        return self.clock.span(day, rule.from_time or _MIDNIGHT, rule.until_time or _MIDNIGHT)


def _applies(rule: NeverRule, day: date) -> bool:
    return rule.weekday in (None, day.weekday()) and rule.day in (None, day)
