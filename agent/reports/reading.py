"""What a text speaks of, a report or a message alike: topics, patterns, measures, medicines, each where it stands. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from agent.reports.words import words
from clinic.reports.medicines import Dose, medicines
from clinic.reports.models import Span
from clinic.reports.patterns import Mention, entries, mentions
from clinic.reports.reading import Said, Standing, said, standing
from clinic.reports.vitals import Reading, readings
from kit.patterns import any_of, vocabulary_of

_STANDS = frozenset({Standing.HOLDS, Standing.PAST})


@dataclass(frozen=True, slots=True)
class Topic:
    """Something of everyday life as topics.yaml tells it."""

    key: str
    kind: str
    tell: str
    against: frozenset[str]
    within: tuple[str, ...]
    loose: bool  # a noun: it says that it is spoken of, not that it was so
    weighs: bool  # not everyday: who came, who walked
    quiet: bool  # whose, when or how is not certain from the word alone: for a message to say, never for the template


@dataclass(frozen=True, slots=True)
class Told:
    """A text read through. `events` are topics and patterns together, in the order of the text."""

    said: Said
    events: tuple[Mention, ...]
    vitals: tuple[Reading, ...]
    medicines: tuple[Dose, ...]

    def holding(self) -> frozenset[str]:
        """Keys of what is said to be, now or before."""
        return frozenset(one.key for one in self.events if one.standing in _STANDS)

    def denied(self) -> frozenset[str]:
        """Keys of what is said not to be."""
        return frozenset(one.key for one in self.events if one.standing is Standing.DENIED)


@lru_cache(maxsize=128)
def read(text: str, *, known: frozenset[str] = frozenset()) -> Told:
    """Reads a text. `known`: names (flat) of medicines beside those of the list."""
    here = said(text)
    vitals = readings(here)
    events = sorted([*mentions(text), *_topics(here)], key=lambda one: (one.span.start, one.key))
    return Told(here, tuple(events), vitals, medicines(text, known=known))


@cache
def topics() -> dict[str, Topic]:
    """Every topic by its key."""
    return {
        key: Topic(
            key,
            one["kind"],
            one["tell"],
            frozenset(one.get("against", ())),
            tuple(one.get("within", ())),
            bool(one.get("loose")),
            bool(one.get("weighs")),
            bool(one.get("quiet")),
        )
        for key, one in words("topics")["topics"].items()
    }


@cache
def opposed(key: str) -> frozenset[str]:
    """Keys that say the opposite of `key`."""
    own = topics()[key].against if key in topics() else frozenset[str]()
    return own | {one.key for one in topics().values() if key in one.against}


@cache
def supporting(key: str) -> frozenset[str]:
    """Keys of a source that allow a message to say `key`, itself among them."""
    narrower = {one.key for one in topics().values() if key in one.within}
    return frozenset({key, *words("topics")["supported"].get(key, ())}) | narrower


def kind_of(key: str) -> str:
    """The kind of fact a topic or a pattern is."""
    if key in topics():
        return topics()[key].kind
    return {"medication": "medication", "vital": "vital"}.get(entries()[key].kind, "event")


def inside(span: Span, spans: Collection[Span]) -> bool:
    """Whether a span touches one of these."""
    return any(span.start < one.end and one.start < span.end for one in spans)


def _topics(here: Said) -> Iterator[Mention]:
    stated = [
        Mention(key, Span(*match.span()), _own_no(standing(here, Span(*match.span()))))
        for key, _, raw in _patterns()
        for match in (raw.finditer(here.flat) if raw else ())
    ]
    yield from stated
    for key, plain, _ in _patterns():
        # "Recusou o banho" speaks of a bath, and says that there was none.
        taken = [one.span for one in stated if one.key in opposed(key) or one.key == key]
        for match in plain.finditer(here.flat) if plain else ():
            if not inside(span := Span(*match.span()), taken):
                taken.append(span)
                yield Mention(key, span, _meant(here, span))


def _own_no(how: Standing) -> Standing:
    """What is written with its own "não" stands as it is."""
    return Standing.HOLDS if how is Standing.DENIED else how


def _meant(here: Said, span: Span) -> Standing:
    """How a topic is meant: only a "não" or "sem" close before denies it; relatives are part of everyday life."""
    before = here.flat[here.clause(span.start).start : span.start]
    if _DENIED.search(before):
        return Standing.DENIED
    how = standing(here, span, verb=True)
    return Standing.HOLDS if how is Standing.OTHERS else how


_DENIED = re.compile(
    r"(?<!\w)(?:nao|n|sem|s/|nem|nunca|nega|ausencia\s+de|nenhuma?|recus\w+)(?:\s+(?:se|a|o|as|os|de|do|da|qui[sz]|aceitou|teve|houve|fez"
    r"|tomou|recebeu|foi|conseguiu|mais|nenhuma?|qualquer|ainda|precisou|precisa|quer|queria|esta|estava|ficou|ir|sair|ver|para|por"
    r"|no|na|um|uma|fazer|dar|saber|tomar|sua|seu))*\s*$"
)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str] | None, re.Pattern[str] | None], ...]:
    raw = words("topics")
    vocabulary = vocabulary_of(raw["vocabulary"])

    def compiled(where: str, key: str) -> re.Pattern[str] | None:
        return any_of(raw[where][key], vocabulary) if key in raw[where] else None

    return tuple((key, compiled("words", key), compiled("raw", key)) for key in raw["topics"])
