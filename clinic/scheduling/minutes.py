"""Whole minutes since the epoch: local wall clock to and from them, and set arithmetic over sorted disjoint spans."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

Spans: TypeAlias = list[tuple[int, int]]
"""Half-open, ascending, disjoint, never empty."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_MIDNIGHT = time(0)


class LocalClock:
    """The wall clock of one zone, in minutes; remembers what it has converted."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._known: dict[tuple[date, time], int] = {}

    def at(self, day: date, hour: time) -> int:
        """The minute the clocks first show `hour` on `day`; if they skip it, the minute they skip."""
        key = (day, hour)
        if key not in self._known:
            self._known[key] = first_minute(instant_of(day, hour, self.zone))
        return self._known[key]

    def span(self, day: date, opens: time, closes: time) -> tuple[int, int]:
        """Minutes from `opens` on `day` to the next `closes`, which is on the following day unless it is later.

        May be empty (start equal to end) when the clocks skip all of it.
        """
        return self.at(day, opens), self.at(day if closes > opens else day + _DAY, closes)

    def whole(self, day: date) -> tuple[int, int]:
        """All the minutes of a local day, which are not always 1440."""
        return self.at(day, _MIDNIGHT), self.at(day + _DAY, _MIDNIGHT)


def instant_of(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """The UTC instant at which clocks in `zone` first show `hour` on `day`; for an hour they skip, the instant they do."""
    wall = datetime.combine(day, hour)
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    old = before.astimezone(zone).utcoffset()
    while after - before > _MINUTE:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0)


def first_minute(instant: datetime) -> int:
    """The first whole minute at or after `instant`."""
    return -((_EPOCH - instant) // _MINUTE)


def last_minute(instant: datetime) -> int:
    """The last whole minute at or before `instant`."""
    return (instant - _EPOCH) // _MINUTE


def instant(minute: int) -> datetime:
    """The UTC instant of a minute."""
    return _EPOCH + timedelta(minutes=minute)


def fuse(spans: Iterable[tuple[int, int]]) -> Spans:
    """Any spans, in any order, as a set: empty ones dropped, touching ones joined."""
    fused: Spans = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if fused and start <= fused[-1][1]:
            if end > fused[-1][1]:
                fused[-1] = (fused[-1][0], end)
        else:
            fused.append((start, end))
    return fused


def common(left: Spans, right: Spans) -> Spans:
    """The minutes in both."""
    shared: Spans = []
    i = j = 0
    while i < len(left) and j < len(right):
        (a, b), (c, d) = left[i], right[j]
        start, end = max(a, c), min(b, d)
        if start < end:
            shared.append((start, end))
        if b <= d:
            i += 1
        else:
            j += 1
    return shared


def cut(whole: Spans, holes: Spans) -> Spans:
    """The minutes of `whole` that no hole takes."""
    left: Spans = []
    j = 0
    for start, end in whole:
        while j < len(holes) and holes[j][1] <= start:
            j += 1
        k = j
        while k < len(holes) and holes[k][0] < end:
            if holes[k][0] > start:
                left.append((start, holes[k][0]))
            start = max(start, holes[k][1])
            k += 1
        if start < end:
            left.append((start, end))
    return left


def clip(spans: Spans, start: int, end: int) -> Spans:
    """The minutes of `spans` from `start` to before `end`; cheap when few of many spans lie there."""
    clipped: Spans = []
    for a, b in spans[max(0, bisect_right(spans, (start, start)) - 1) :]:
        if a >= end:
            break
        if b > start:
            clipped.append((max(a, start), min(b, end)))
    return clipped


def holds(spans: Spans, minute: int) -> bool:
    """Whether `minute` is in one of them."""
    at = bisect_right(spans, minute, key=lambda span: span[0]) - 1
    return at >= 0 and minute < spans[at][1]
