"""What each statement of a message rests on in the report; what rests on nothing that rules can see is a doubt. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from agent.reports.lexicon import Lexicon
from agent.reports.reading import Told, kind_of, opposed, supporting
from agent.reports.words import words
from clinic.reports.models import Problem, Span, Traced
from clinic.reports.patterns import Mention, entries
from clinic.reports.reading import Standing, trimmed


def trace(source: Told, said: Told) -> tuple[Traced, ...]:
    """Each thing that a message says beside the place of the report that says it, in the order of the message.

    A place of None: nothing was found, which `checks` tells as a problem.
    """
    found = [*_vitals(source, said), *_medicines(source, said), *_events(source, said)]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.draft.start, one.draft.end)))


def doubts(lexicon: Lexicon, found: Collection[Traced], said: Told) -> Iterator[Problem]:
    """Clauses of a message in which too little is the report's own: perhaps another way to say it, perhaps invented."""
    traced = [one.draft for one in found if one.source is not None]
    for clause in said.said.clauses:
        span = trimmed(said.said, clause)
        rest = _without(said.said.flat, span, traced)
        told, strange = lexicon.told(rest), lexicon.strange(rest)
        if len(strange) >= words("tracing")["words_least"] and len(strange) > len(told) * words("tracing")["least"]:
            yield Problem("untraced", said.said.of(span), critical=False)


def _without(text: str, span: Span, spans: Collection[Span]) -> str:
    """The text there, blank where one of these lies."""
    left = list(text[span.start : span.end])
    for one in spans:
        begin, end = max(one.start - span.start, 0), min(one.end - span.start, len(left))
        if begin < end:
            left[begin:end] = " " * (end - begin)
    return "".join(left)


def _vitals(source: Told, said: Told) -> Iterator[Traced]:
    for one in said.vitals:
        same = [other for other in source.vitals if other.name == one.name and other.values == one.values]
        best = next((other for other in same if other.at == one.at), same[0] if same else None)
        yield Traced(one.span, best.span if best else None, "vital")


def _medicines(source: Told, said: Told) -> Iterator[Traced]:
    for one in said.medicines:
        same = [other for other in source.medicines if other.name == one.name]
        best = next((other for other in same if other.given == one.given), same[0] if same else None)
        place = trimmed(source.said, best.clause) if best else None
        yield Traced(one.span, place, "medication", one.given is False)


def _events(source: Told, said: Told) -> Iterator[Traced]:
    for one in said.events:
        place = _resting(source, one)
        critical = one.key in entries() and one.standing is Standing.HOLDS
        yield Traced(one.span, place, kind_of(one.key), critical)


def _resting(source: Told, one: Mention) -> Span | None:
    """Where the report says so: the same thing meant alike first, then what supports it or denies its opposite."""
    alike = [other for other in source.events if other.key == one.key]
    wide = [other for other in source.events if other.key in supporting(one.key)]
    against = [other for other in source.events if other.key in opposed(one.key)] if one.standing is Standing.DENIED else []
    found = next((other for other in (*alike, *wide) if other.standing == one.standing), None) or next(iter(against), None)
    if found is not None:
        return trimmed(source.said, source.said.clause(found.span.start))
    if one.key == "meds_ok":
        return next((trimmed(source.said, each.clause) for each in source.medicines if each.given), None)
    if one.key == "vitals_ok" and source.vitals:
        return Span(source.vitals[0].span.start, source.vitals[-1].span.end)
    measure = [each for each in source.vitals if each.name == MEASURES.get(one.key)]
    return measure[0].span if measure and one.standing is not Standing.DENIED else None


# Words that a measure alone may stand behind.
MEASURES = {
    "fever": "temperature",
    "high_pressure_word": "pressure",
    "low_pressure_word": "pressure",
    "low_glucose_word": "glucose",
    "high_glucose_word": "glucose",
    "low_oxygen_word": "saturation",
}
