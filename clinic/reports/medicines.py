"""Medicines in a text: which, what dose, when, and whether they were given. Pure; words in medicines.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from functools import cache, lru_cache
from re import Pattern

from clinic.reports.models import Span
from clinic.reports.reading import Said, flat, said, words_of
from clinic.reports.vitals import moments, times
from kit.patterns import any_of

# As `source_text` writes them: "Losartana 50 mg às 08:00: não dada (recusou)".
_LINE = re.compile(
    r"^([^\d\n:]{2,60}?)(?: (\d[^:\n]*?))?(?: as (\d{1,2}:\d{2}))?: (dada|nao dada|sem registro se foi dada)(?: \((.*)\))?$",
    re.MULTILINE,
)
_FORMS = re.compile(r"\s+(?:xr|xl|sr|retard|gotas|xarope|comprimido|injetavel|solucao|vo|sc|iv|im|ev|creme|pomada)\b.*$")


@dataclass(frozen=True, slots=True)
class Dose:
    """A medicine as a text speaks of it. `given` None: it does not say. `clause` is where all of that stands."""

    name: str  # flat
    doses: tuple[str, ...]
    times: tuple[time, ...]
    given: bool | None
    span: Span
    clause: Span
    line: bool = False


def medicines(text: str, *, known: Iterable[str] = ()) -> tuple[Dose, ...]:
    """Every mention, in the order of the text. `known`: more names than the list has (flat), as those of a report's lines."""
    here = said(text)
    lines = list(_lines(here))
    covered = [one.clause for one in lines]
    names = frozenset({*known, *(one.name for one in lines)})
    found = [
        _mention(here, Span(*match.span()))
        for match in _named(names).finditer(here.flat)
        if not any(one.start <= match.start() < one.end for one in covered)
    ]
    return tuple(sorted([*lines, *found], key=lambda one: one.span.start))


def line_names(text: str) -> frozenset[str]:
    """Names (flat) of medicines that stand in lines of a source text."""
    return frozenset(one.name for one in _lines(said(text)))


def dosed_names(text: str) -> frozenset[str]:
    """Names (flat) that the list may lack and that a dose stands beside: "Donaren 50mg"."""
    found = {one[1] for one in _DOSED.finditer(said(text).flat)}
    return frozenset(one for one in found if not _NO_NAME.fullmatch(one))


def doses_in(words: str) -> tuple[str, ...]:
    """ "50 mg", "20 gotas": amount and unit of flat words, spelt one way."""
    units: dict[str, str] = words_of("medicines")["units"]
    return tuple(f"{one[1].replace(',', '.')} {units.get(one[2], one[2])}" for one in _dose().finditer(words))


def of_any(words: str) -> bool:
    """Whether flat words speak of medicines in general ("a medicação da noite")."""
    return _any().search(words) is not None


def state_of(words: str) -> bool | None:
    """Whether flat words say that something was given (True) or was not (False)."""
    lists = _states()
    if lists["not_given"].search(words):
        return False
    return True if lists["given"].search(words) else None


def _lines(here: Said) -> Iterable[Dose]:
    for match in _LINE.finditer(here.flat):
        name = _FORMS.sub("", match[1].strip())
        state = {"dada": True, "nao dada": False}.get(match[4])
        at = tuple(times(here, Span(*match.span(3)))) if match[3] else ()
        start = match.start(1)
        yield Dose(name, doses_in(match[2] or ""), at, state, Span(start, start + len(match[1])), Span(*match.span()), True)


def _mention(here: Said, span: Span) -> Dose:
    clause = here.clause(span.start)
    # Of several medicines in one clause each keeps what stands between it and the next.
    others = _named(frozenset()).finditer(here.flat, span.end, clause.end)
    until = next((one.start() for one in others), clause.end)
    own = here.flat[span.start : until]
    at = tuple(_moments_of(here, Span(span.end, until))) or tuple(times(here, Span(clause.start, span.start)))[-1:]
    ahead = _AHEAD.search(here.flat, clause.start, span.start)
    doses = (*(doses_in(ahead.group()) if ahead else ()), *doses_in(own))
    return Dose(here.flat[span.start : span.end], doses, at, _state(here, span, clause, until), span, clause)


_AHEAD = re.compile(r"\d+(?:[.,]\d+)?\s?[a-z]+\.?\s+(?:de\s+|d[ao]\s+)?$")  # "30 gotas de dipirona"
_DOSED = re.compile(r"(?<!\w)([a-z]{4,})\s+\d+(?:[.,]\d+)?\s?(?:mg|mcg|ui)(?!\w|/)")
_NO_NAME = re.compile(
    r".*(?:ou|ei|eu|iu|ada|ado|adas|ados|idas?|idos?|ando|endo)"
    r"|para|mais|dose|doses|cerca|apenas|meio|dupla|total|hgt|dextro|glicemia"
)
_AND = re.compile(r"\s*(?:,|e|/)\s*(?:as|a)?\s*")


def _moments_of(here: Said, within: Span) -> Iterable[time]:
    """The first time said after a name, and those joined to it ("às 8h e às 20h")."""
    end = None
    for moment, span in moments(here, within):
        if end is not None and _AND.fullmatch(here.flat, end, span.start) is None:
            return
        yield moment
        end = span.end


def _state(here: Said, span: Span, clause: Span, until: int) -> bool | None:
    """Whether it was given: what is said right after its name, else the last word of it before, else the first after."""
    comma = here.flat.find(",", span.end, until)
    if (own := state_of(here.flat[span.end : comma if comma >= 0 else until])) is not None:
        return own
    cues = list(_cues(here.flat, clause))
    before = [given for end, given in cues if end <= span.start]
    after = [given for end, given in cues if end > span.end]
    return before[-1] if before else after[0] if after else None


def _cues(words: str, clause: Span) -> Iterable[tuple[int, bool]]:
    """Where a clause says that something was given (True) or was not, by where each cue ends."""
    lists = _states()
    refused = [one.span() for one in lists["not_given"].finditer(words, clause.start, clause.end)]
    given = [one.span() for one in lists["given"].finditer(words, clause.start, clause.end)]
    found = [(end, False) for _, end in refused]
    found += [(end, True) for start, end in given if not any(start < stop and begin < end for begin, stop in refused)]
    return sorted(found)


@lru_cache(maxsize=256)
def _named(more: frozenset[str]) -> Pattern[str]:
    names = {*map(flat, words_of("medicines")["names"]), *(one for one in more if len(one) > 2)}
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True)) + r")(?!\w)")


@cache
def _dose() -> Pattern[str]:
    return re.compile(str(words_of("medicines")["dose"]))


@cache
def _any() -> Pattern[str]:
    return any_of([str(words_of("medicines")["any"])], {})


@cache
def _states() -> dict[str, Pattern[str]]:
    return {name: any_of(words_of("medicines")[name], {}) for name in ("given", "not_given")}
