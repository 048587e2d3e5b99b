"""Which of the free slots to show. Pure: a patient reads five lines on a phone, not a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from clinic.scheduling.models import Reason, Slot

SHOWN = 5
_PER_DAY = 2


@dataclass(frozen=True, slots=True)
class Found:
    """Slots to show. `exact`: they lie in the window asked for; else they are the nearest outside it, and `reason` says why."""

    slots: tuple[Slot, ...]
    exact: bool
    reason: Reason | None = None
    day: date | None = None  # the day the reason speaks of; None when several were asked for


def choose(slots: Sequence[Slot], *, zone: ZoneInfo, shown: int = SHOWN) -> tuple[Slot, ...]:
    """A few that differ: over the days when there are several, over the hours of the day when there is one."""
    by_day = [list(group) for _, group in groupby(slots, key=lambda slot: slot.starts_at.astimezone(zone).date())]
    if not by_day:
        return ()
    if len(by_day) == 1:
        return tuple(_spread(_one_each(by_day[0]), shown))
    per_day = max(_PER_DAY, -(-shown // len(by_day)))
    picked = [slot for day in by_day[:shown] for slot in _spread(_one_each(day), per_day)]
    return tuple(picked[:shown])


def _one_each(day: list[Slot]) -> list[Slot]:
    """One slot per start: when several professionals are free at the same time, they take turns."""
    chosen: list[Slot] = []
    for position, (_, group) in enumerate(groupby(day, key=lambda slot: slot.starts_at)):
        options = list(group)
        chosen.append(options[position % len(options)])
    return chosen


def _spread(slots: list[Slot], count: int) -> list[Slot]:
    """`count` of them, the first included, evenly apart."""
    if len(slots) <= count:
        return slots
    step = (len(slots) - 1) / max(count - 1, 1)
    return [slots[round(index * step)] for index in range(count)]


def latest(slots: Sequence[Slot], *, zone: ZoneInfo, days: int = 3) -> list[Slot]:
    """Those of the last days that have any: the nearest to a day beyond them all."""
    of = [slot.starts_at.astimezone(zone).date() for slot in slots]
    last = sorted(set(of))[-days:]
    return [slot for slot, day in zip(slots, of, strict=True) if day in last]


def nearest(slots: Sequence[Slot], *, to: datetime, shown: int = SHOWN) -> tuple[Slot, ...]:
    """The ones closest in time to an instant, in order of time, one per start."""
    closest = sorted(_one_each(list(slots)), key=lambda slot: abs(slot.starts_at - to))[:shown]
    return tuple(sorted(closest, key=lambda slot: slot.starts_at))
