"""What stands out in a shift report: alert words, changes of behaviour, medication, measures out of range. Pure.

Denied, past, possible and other people's events do not count: "nega febre", "caiu semana passada", "risco de queda".
Words in patterns.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import pairwise

from clinic.reports.medicines import Dose, medicines
from clinic.reports.models import Pattern, Severity, Span
from clinic.reports.ranges import ADULT, Ranges
from clinic.reports.reading import Said, Standing, of_others, said, standing, trimmed, words_of
from clinic.reports.vitals import beyond, readings, unit_of, written
from kit.patterns import any_of, vocabulary_of

_RANK = {Severity.INFO: 0, Severity.ATTENTION: 1, Severity.URGENT: 2}
_TWICE_WITHIN = timedelta(hours=3)  # the same dose of the same medicine again so soon is told as a repetition


@dataclass(frozen=True, slots=True)
class Mention:
    """A pattern's word in a text, however it is meant."""

    key: str
    span: Span
    standing: Standing


@dataclass(frozen=True, slots=True)
class Entry:
    """One pattern as the file tells it, compiled."""

    key: str
    kind: str
    severity: Severity
    name: str
    words: re.Pattern[str] | None
    verbs: re.Pattern[str] | None
    raw: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    absent: re.Pattern[str] | None
    near: frozenset[str]
    close: bool  # grave: a word of time makes it past only right before or after it
    ever: bool  # graver still: it stands, whatever is around it


def detect(text: str, ranges: Ranges = ADULT) -> tuple[Pattern, ...]:
    """What stands out in a source text, the worst of each kind of thing first in its place. Measures are held against `ranges`,
    and say whose they are: where nobody knows the age, an adult's."""
    here = said(text)
    found = [*_events(here), *_vitals(here, ranges), *_medication(text, here)]
    kept = _once(_without_said_twice(here, found))
    return tuple(sorted(kept, key=lambda one: (one.span.start, one.key)))


def points(patterns: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """Those that a family is told of as points of attention, the most severe first; one of a key."""
    worst: dict[str, Pattern] = {}
    for one in sorted(patterns, key=lambda one: -_RANK[one.severity]):
        if one.severity is not Severity.INFO:
            worst.setdefault(f"{one.key} {one.details.get('medicine', '')}", one)
    return tuple(worst.values())


def severity_of(patterns: Sequence[Pattern]) -> Severity | None:
    """The worst; None without any."""
    return max((one.severity for one in patterns), key=_RANK.__getitem__, default=None)


def name_of(key: str) -> str:
    """How a family or the team is told of a pattern, in Portuguese."""
    return entries()[key].name if key in entries() else str(words_of("patterns")["vitals"][key])


def mentions(text: str) -> tuple[Mention, ...]:
    """Every word of a pattern in a text with what it means there, those that hold and those that do not."""
    here = said(text)
    found = [one for entry in entries().values() for one in _mentions(here, entry)]
    over: dict[str, list[str]] = words_of("patterns")["over"]
    beaten = [(one.span, loser) for one in found for loser in over.get(one.key, ())]
    return tuple(
        sorted(
            (one for one in found if not any(one.key == key and _within(here, one.span, span) for span, key in beaten)),
            key=lambda one: one.span.start,
        )
    )


def _within(here: Said, one: Span, other: Span) -> bool:
    """Whether both speak of one thing; "recusou o jantar e o remédio" speaks of two."""
    return _touch(one, other) and not (one.end < other.end and here.flat.startswith(" e ", one.end))


def _mentions(here: Said, entry: Entry) -> Iterator[Mention]:
    found = _found(here, entry)
    return (replace(one, standing=Standing.HOLDS) for one in found) if entry.ever else found


def _found(here: Said, entry: Entry) -> Iterator[Mention]:
    taken: list[Span] = []
    spared = [Span(*one.span()) for one in entry.unless.finditer(here.flat)] if entry.unless else []

    def free(span: Span) -> bool:
        if any(_touch(span, one) for one in (*spared, *taken)):
            return False
        taken.append(span)
        return True

    for pattern, verb in ((entry.raw, None), (entry.words, False), (entry.verbs, True)):
        for match in pattern.finditer(here.flat) if pattern else ():
            if free(span := Span(*match.span())):
                # What is written with its own "não" stands as it is, unless it was before or is somebody else's.
                how = standing(here, span, verb=verb is not False, close=entry.close)
                yield Mention(entry.key, span, Standing.HOLDS if verb is None and how is Standing.DENIED else how)
    for match in entry.absent.finditer(here.flat) if entry.absent else ():
        if free(span := Span(*match.span())):
            yield Mention(entry.key, span, Standing.DENIED)
    for match in _LONG.finditer(here.flat) if entry.near else ():
        if match.group() not in entry.near and _is_near(match.group(), entry.near) and free(span := Span(*match.span())):
            yield Mention(entry.key, span, standing(here, span, close=entry.close))


def _events(here: Said) -> Iterator[Pattern]:
    for one in mentions(here.text):
        entry = entries()[one.key]
        if one.standing is Standing.HOLDS:
            yield Pattern(entry.kind, one.key, entry.severity, one.span, {"word": here.of(one.span)})
        elif one.standing is Standing.PAST:
            yield Pattern(entry.kind, one.key, Severity.INFO, one.span, {"word": here.of(one.span), "before": True})


def _vitals(here: Said, ranges: Ranges) -> Iterator[Pattern]:
    for one in readings(here):
        out = beyond(one, ranges) if not of_others(here, one.span) else None
        if out is not None and standing(here, one.span, verb=True) is not Standing.PAST:
            details = {"name": one.name, "value": written(one), "unit": unit_of(one.name), "low": out.low, "high": out.high}
            whose = {"basis": out.basis, "group": ranges.group}
            at = {"at": f"{one.at:%H:%M}"} if one.at else {}
            yield Pattern("vital", f"{one.name}_{out.way}", out.severity, one.span, {**details, **whose, **at})


def _medication(text: str, here: Said) -> Iterator[Pattern]:
    given: dict[tuple[str, tuple[str, ...]], list[Dose]] = {}
    for one in medicines(text):
        if one.given is False and standing(here, one.span, verb=True) is not Standing.PAST:
            words = here.flat[one.clause.start : one.clause.end]
            if re.search(words_of("patterns")["not_due"], words):
                continue
            key = "refused" if re.search(r"recus|cusp|rejeit|nao quis|nao aceit", words) else "not_given"
            yield Pattern(
                "medication", key, entries()[key].severity, trimmed(here, one.clause), {"medicine": here.of(one.span)}
            )
        elif one.given and one.line:
            given.setdefault((one.name, one.doses), []).append(one)
    for doses in given.values():
        for first, second in pairwise(doses):
            if first.times and second.times and _minutes(first, second) <= _TWICE_WITHIN.total_seconds() / 60:
                yield Pattern(
                    "medication", "doubled", entries()["doubled"].severity, second.clause, {"medicine": here.of(second.span)}
                )


def _minutes(first: Dose, second: Dose) -> int:
    one, other = first.times[0], second.times[0]
    apart = abs((other.hour - one.hour) * 60 + other.minute - one.minute)
    return min(apart, 24 * 60 - apart)


def _without_said_twice(here: Said, found: Sequence[Pattern]) -> Iterator[Pattern]:
    """A word beside the figure that says the same, and a refusal read twice of one clause, count once."""
    said_by: dict[str, str] = words_of("patterns")["said_by"]
    medicine = {(one.key, here.clause(one.span.start)) for one in found if "medicine" in one.details}
    figures = {one.key for one in found if one.kind == "vital"}
    for one in found:
        if said_by.get(one.key) in figures and one.key != "fever" and not one.details.get("before"):
            continue
        if one.kind == "medication" and "medicine" not in one.details:
            clause = here.clause(one.span.start)
            if (one.key, clause) in medicine or ("refused", clause) in medicine:
                continue
        yield one


def _once(found: Iterator[Pattern]) -> Iterator[Pattern]:
    """Each thing at one place once."""
    seen: set[tuple[str, int]] = set()
    for one in found:
        if (one.key, one.span.start) not in seen:
            seen.add((one.key, one.span.start))
            yield one


_LONG = re.compile(r"[a-z]{6,}")


def _is_near(word: str, wanted: frozenset[str]) -> bool:
    if word in words_of("patterns")["not_near"]:
        return False
    return any(abs(len(word) - len(one)) <= 1 and word[0] == one[0] and _one_edit(word, one) for one in wanted)


def _one_edit(word: str, other: str) -> bool:
    """Whether one letter more, less, other or swapped with its neighbour makes them the same."""
    start = next((place for place, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    one, two = word[start:], other[start:]
    return one[1:] == two[1:] or one[1:] == two or one == two[1:] or (one[:2] == two[1::-1] and one[2:] == two[2:])


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


@cache
def entries() -> dict[str, Entry]:
    """Every pattern of the file by its key."""
    raw = words_of("patterns")
    vocabulary = vocabulary_of(raw["vocabulary"])

    def compiled(one: dict[str, list[str]], name: str) -> re.Pattern[str] | None:
        return any_of(one[name], vocabulary) if one.get(name) else None

    return {
        key: Entry(
            key,
            one["kind"],
            Severity(one["severity"]),
            one["name"],
            compiled(one, "words"),
            compiled(one, "verbs"),
            compiled(one, "raw"),
            compiled(one, "unless"),
            compiled(one, "absent"),
            frozenset(one.get("near", ())),
            bool(one.get("close")),
            bool(one.get("ever")),
        )
        for key, one in raw["patterns"].items()
    }
