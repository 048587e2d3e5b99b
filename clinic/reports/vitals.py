"""Measures as shift reports write them: which, how much, when, and whether that is in range. Pure; words in vitals.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from functools import cache

from clinic.reports.models import Severity, Span
from clinic.reports.ranges import Ranges
from clinic.reports.reading import Said, words_of

_BEYOND = {"hi": 600.0, "high": 600.0, "lo": 20.0, "low": 20.0}  # what a glucose meter shows beyond its scale


@dataclass(frozen=True, slots=True)
class Reading:
    """One measure. `values`: (systolic, diastolic) of a pressure, else one number. `span` covers its name too."""

    name: str
    values: tuple[float, ...]
    span: Span
    at: time | None = None

    @property
    def parts(self) -> tuple[tuple[str, float], ...]:
        """What ranges are of: each number with its name."""
        names = ("systolic", "diastolic") if self.name == "pressure" else (self.name,)
        return tuple(zip(names, self.values, strict=True))


@dataclass(frozen=True, slots=True)
class Beyond:
    """Out of range: which way, how much it asks for, the range, and whose it is (`Ranges.basis`)."""

    way: str  # high | low
    severity: Severity
    low: float
    high: float
    basis: str


def readings(said: Said) -> tuple[Reading, ...]:
    """Every measure in a text, in its order."""
    taken: list[Span] = []
    found: list[Reading] = []
    for name, named, alone in _patterns():
        for match in [*named.finditer(said.flat), *alone.finditer(said.flat)]:
            span = Span(*match.span())
            if any(span.start < one.end and one.start < span.end for one in taken):
                continue
            values = _values(name, [one for one in match.groups() if one])
            if values:
                taken.append(span)
                found.append(Reading(name, values, span, _at(said, span)))
    return tuple(sorted(found, key=lambda one: one.span.start))


def beyond(reading: Reading, ranges: Ranges) -> Beyond | None:
    """How a measure is out of range for somebody; None when it is in range. The worst part counts."""
    found = [one for part, value in reading.parts if (one := _beyond(part, value, ranges)) is not None]
    return max(found, key=lambda one: one.severity is Severity.URGENT, default=None)


def distance(part: str, value: float, ranges: Ranges) -> float:
    """How far out of range a value is, in its unit; 0 inside."""
    limits = ranges.of(part)
    return max(limits["low"] - value, value - limits["high"], 0.0)


def written(reading: Reading) -> str:
    """The value as Brazilians write it: "130x80", "36,8"."""
    return "x".join(f"{value:g}".replace(".", ",") for value in reading.values)


def unit_of(name: str) -> str:
    """The unit of a measure."""
    return str(words_of("vitals")["vitals"][name]["unit"])


def _beyond(part: str, value: float, ranges: Ranges) -> Beyond | None:
    limits = ranges.of(part)
    if limits["low"] <= value <= limits["high"]:
        return None
    way = "low" if value < limits["low"] else "high"
    urgent = value < limits["urgent_low"] or value > limits["urgent_high"]
    return Beyond(way, Severity.URGENT if urgent else Severity.ATTENTION, limits["low"], limits["high"], ranges.basis(part))


def _values(name: str, written: list[str]) -> tuple[float, ...]:
    numbers = tuple(_BEYOND.get(one.strip()) or float(one.replace(",", ".")) for one in written)
    if name == "pressure":
        numbers = tuple(round(one * 10) if one < 30 else one for one in numbers)  # "12x8", "11,8 por 7"
        return numbers if 50 <= numbers[1] + 20 < numbers[0] + 20 <= 320 else ()
    if name == "saturation":
        return numbers if 40 <= numbers[0] <= 100 else ()
    return numbers


def _at(said: Said, span: Span) -> time | None:
    """The time said between name and value, or right after the value, else the only one in its clause."""
    if (between := next(times(said, span), None)) is not None:
        return between
    clause = said.clause(span.start)
    for moment, at in moments(said, Span(clause.start, span.start)):
        if _NEXT.fullmatch(said.flat, at.end, span.start):
            return moment
    if match := _time().match(said.flat, span.end):
        return _clock(match)
    found = dict(moments(said, clause))
    if len(found) != 1:
        return None
    ((only, at),) = found.items()
    # "38,3 às 23h, que baixou para 37,2": what it came to is of another time.
    return None if at.end <= span.start and _CAME_TO.search(said.flat, at.end, span.end) else only


def times(said: Said, within: Span) -> Iterator[time]:
    """Times of day as written: "8h", "08:10", "às 14h30", "20hs"."""
    return (found for found, _ in moments(said, within))


def moments(said: Said, within: Span) -> Iterator[tuple[time, Span]]:
    """Times of day with their places."""
    for match in _TIMES.finditer(said.flat, within.start, within.end):
        if (found := _clock(match)) is not None:
            yield found, Span(*match.span())


_CAME_TO = re.compile(r"(?<!\w)(?:baixou|caiu|subiu|voltou|foi\s+para|passou\s+para|desceu|normalizou|depois|apos)(?!\w)")
_NEXT = re.compile(r"\s*[:=-]?\s*")  # "10h 108x68"
# Hours spelled out are how long, unless "às" stands before.
_TIMES = re.compile(
    r"(?<![\d/,.:])(\d{1,2})(?:\s?h(?:s|rs?)?(?!ora)\s?(\d{2})?(?:\s?min)?|:(\d{2})(?::\d{2})?(?:\s?h(?:s|rs?)?)?|(?<=as\s\d)\s?horas?"
    r"|(?<=as\s\d\d)\s?horas?)(?![\w/])"
)


def _clock(match: re.Match[str]) -> time | None:
    hour, minute = int(match[1]), int(match[2] or match[3] or 0)
    return time(hour % 24, minute) if hour <= 24 and minute < 60 else None


@cache
def _time() -> re.Pattern[str]:
    return re.compile(str(words_of("vitals")["time"]))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    words = words_of("vitals")
    gap = words["gap"]
    return tuple(
        (name, re.compile(f"(?:{one['name']}){gap}(?:{one['value']})"), re.compile(one["alone"]))
        for name, one in words["vitals"].items()
    )
