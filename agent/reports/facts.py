"""The facts of a report, each with where it says so; the critical ones may not be missing in what a family reads. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.reports.reading import Told, kind_of, read
from clinic.reports.models import Fact, Pattern, Span
from clinic.reports.patterns import entries, points
from clinic.reports.reading import Standing, trimmed


def facts_of(text: str, patterns: Sequence[Pattern]) -> tuple[Fact, ...]:
    """What a source text says, in its order. Critical: what stands out in it (attention or more)."""
    told = read(text)
    critical = [(one.span, one.key) for one in points(patterns)]
    found = [*_vitals(told, critical), *_medicines(told, critical), *_events(told, critical)]
    kept: dict[tuple[int, int, str], Fact] = {}
    for one in found:
        place = (one.span.start, one.span.end, one.kind)
        if place not in kept or (one.critical and not kept[place].critical):
            kept[place] = one
    return tuple(sorted(kept.values(), key=lambda one: (one.span.start, one.span.end)))


def _vitals(told: Told, critical: Sequence[tuple[Span, str]]) -> Iterator[Fact]:
    for one in told.vitals:
        span = trimmed(told.said, _grown(told, one.span))
        yield Fact("vital", told.said.of(span), span, any(_touch(one.span, at) for at, _ in critical))


def _medicines(told: Told, critical: Sequence[tuple[Span, str]]) -> Iterator[Fact]:
    for one in told.medicines:
        span = trimmed(told.said, one.clause)
        weighs = one.given is False or any(_touch(one.clause, at) for at, key in critical if _is_medication(key))
        yield Fact("medication", told.said.of(span), span, weighs, one.given is False)


def _events(told: Told, critical: Sequence[tuple[Span, str]]) -> Iterator[Fact]:
    lines = [one.clause for one in told.medicines if one.line]
    for one in told.events:
        if one.standing in (Standing.MIGHT, Standing.OTHERS) or any(_touch(one.span, line) for line in lines):
            continue
        span = trimmed(told.said, told.said.clause(one.span.start))
        weighs = any(key == one.key and _touch(one.span, at) for at, key in critical)
        yield Fact(kind_of(one.key), told.said.of(span), span, weighs, one.standing is Standing.DENIED)


def _grown(told: Told, span: Span) -> Span:
    """A measure with its unit and time, up to the next comma of its clause."""
    end = told.said.clause(span.start).end
    rest = told.said.flat[span.end : end]
    stop = next(
        (place for place, letter in enumerate(rest) if letter in ",\n" and not rest[place + 1 : place + 2].isdigit()), None
    )
    return Span(span.start, min(end, span.end + (stop if stop is not None else len(rest)), span.end + 24))


def _is_medication(key: str) -> bool:
    return key in entries() and entries()[key].kind == "medication"


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
