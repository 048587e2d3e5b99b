"""Spans of time: half-open, aware, always in UTC. Pure set arithmetic over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The instants from `start` up to, not including, `end`.

    Both are stored in UTC whatever zone they came in: two datetimes of one zone compare by their wall clocks, which is
    wrong on the night the clocks change. Raises ValueError for naive datetimes and for an end that is not after start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs aware datetimes")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end <= self.start:
            raise ValueError("an interval ends after it starts")

    @property
    def length(self) -> timedelta:
        """Elapsed time, not wall-clock difference."""
        return self.end - self.start

    def holds(self, instant: datetime) -> bool:
        """Whether `instant` lies inside; `end` itself does not."""
        return self.start <= instant.astimezone(UTC) < self.end

    def covers(self, other: Interval) -> bool:
        """Whether all of `other` lies inside this one."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Interval) -> bool:
        """Whether they share an instant; intervals that only touch do not."""
        return self.start < other.end and other.start < self.end

    def padded(self, before: timedelta = timedelta(0), after: timedelta = timedelta(0)) -> Interval:
        """This interval grown by its buffers."""
        return Interval(self.start - before, self.end + after)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants as the fewest intervals, ascending; those that touch become one."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            if interval.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, interval.end)
        else:
            merged.append(interval)
    return merged


def intersect(left: Iterable[Interval], right: Iterable[Interval]) -> list[Interval]:
    """The instants in both, merged and ascending."""
    ones, others = merge(left), merge(right)
    shared: list[Interval] = []
    i = j = 0
    while i < len(ones) and j < len(others):
        start, end = max(ones[i].start, others[j].start), min(ones[i].end, others[j].end)
        if start < end:
            shared.append(Interval(start, end))
        if ones[i].end <= others[j].end:
            i += 1
        else:
            j += 1
    return shared


def subtract(whole: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """The instants of `whole` that are in none of `holes`, merged and ascending."""
    gaps = merge(holes)
    left: list[Interval] = []
    for interval in merge(whole):
        left.extend(_without(interval, gaps))
    return left


def _without(interval: Interval, gaps: list[Interval]) -> Iterator[Interval]:
    start = interval.start
    for gap in gaps:
        if gap.end <= start:
            continue
        if gap.start >= interval.end:
            break
        if gap.start > start:
            yield Interval(start, gap.start)
        start = gap.end
    if start < interval.end:
        yield Interval(start, interval.end)


def contains(intervals: Iterable[Interval], other: Interval) -> bool:
    """Whether every instant of `other` is in some of `intervals`, even if it takes several that touch."""
    return any(interval.covers(other) for interval in merge(intervals))


def total(intervals: Iterable[Interval]) -> timedelta:
    """Elapsed time in all of them, counting shared instants once."""
    return sum((interval.length for interval in merge(intervals)), timedelta(0))
