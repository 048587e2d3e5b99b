"""What may stand behind a fact: a row, a case, a text of the clinic, the patient's own words; and what each says. Pure."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from agent.guardrails.clauses import Clause, clauses_of, of
from agent.guardrails.facts import Facts, amounts, digits, facts_in
from kit.text import plain

# visit: stands in the agenda; held: kept while the patient decides; offered: a free time shown; former: a visit's time that
# is over (moved, cancelled); owed: a case; hours: when the clinic is open; heard: said by the patient, never by us.
Trust = Literal["visit", "held", "offered", "owed", "former", "clinic", "document", "person", "hours", "heard"]
Did = Literal["", "booked", "moved", "cancelled", "held"]

_SMALL = frozenset({"da", "de", "do", "das", "dos", "dr", "dra", "e"})


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One thing that vouches for facts. `moments` are the clinic's wall clock, each a day with its hour.

    `names`: whom, what and where it names (person, professional, service, unit), each whole. `texts`: what else it says.
    `receipt`: the tool receipt that made it so, in this turn or a dropped one. `mark`: a handle we issued, a case's number.
    Two of them are never equal: what each says is read once and remembered.
    """

    entity: str
    trust: Trust
    id: UUID | None = None
    receipt: UUID | None = None
    did: Did = ""
    mark: str = ""
    moments: frozenset[datetime] = frozenset()
    days: frozenset[date] = frozenset()
    times: frozenset[time] = frozenset()
    cents: frozenset[int] = frozenset()
    names: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source says, as sets to look into. `pairs` are days with their hours, `weekly` weekdays with theirs."""

    days: frozenset[date]
    weekdays: frozenset[int]
    times: frozenset[time]
    pairs: frozenset[tuple[date, time]]
    weekly: frozenset[tuple[int, time]]
    cents: frozenset[int]
    percents: frozenset[str]
    numbers: frozenset[str]  # phones and document numbers, digits only
    links: frozenset[str]
    texts: tuple[str, ...]  # plain
    names: tuple[frozenset[str], ...]  # the words of each name
    words: frozenset[str]


@lru_cache(maxsize=4096)
def read(source: Source, today: date) -> Reading:
    """What `source` says, its texts read as of `today`."""
    stated = [facts_in(text, today) for text in source.texts]
    days, times = set(source.days), set(source.times)
    pairs, weekly, weekdays = set(), set(), set()
    for moment in source.moments:
        pairs.add((moment.date(), moment.time().replace(second=0, microsecond=0)))
    for facts in stated:
        days |= {d for day in facts.days for d in day.dates}
        weekdays |= {w for day in facts.days for w in day.weekdays}
        times |= {t for clock in facts.clocks for t in clock.times}
        for day, clock in facts.pairs():
            pairs |= {(d, t) for d in day.dates for t in clock.times}
            weekly |= {(w, t) for w in day.weekdays for t in clock.times}
    pairs |= {(d, t) for d in source.days for t in source.times}
    cents = set(source.cents) | {price.cents for facts in stated for price in facts.prices}
    texts = tuple(facts.text for facts in stated)
    if source.trust in ("clinic", "document"):
        cents |= {value for text in texts for value in amounts(text)}
    names = tuple(words_of(name) for name in source.names)
    return Reading(
        days=frozenset(days | {day for day, _ in pairs}),
        weekdays=frozenset(weekdays),
        times=frozenset(times | {at for _, at in pairs}),
        pairs=frozenset(pairs),
        weekly=frozenset(weekly),
        cents=frozenset(cents),
        percents=frozenset(digits(mark.said) for facts in stated for mark in facts.percents),
        numbers=frozenset(digits(mark.said) for facts in stated for mark in (*facts.phones, *facts.keys)),
        links=frozenset(link(mark.said) for facts in stated for mark in facts.urls),
        texts=texts,
        names=names,
        words=frozenset().union(*names, *(re.findall(r"\w+", text) for text in texts)),
    )


def words_of(name: str) -> frozenset[str]:
    """The words of a name that tell it apart."""
    return frozenset(re.findall(r"\w+", plain(name))) - _SMALL


def link(url: str) -> str:
    """A link or address of mail as it is compared."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", plain(url)).rstrip("/")


_ORDER: tuple[Trust, ...] = ("visit", "held", "offered", "owed", "former", "clinic", "document", "person", "hours", "heard")


@dataclass(frozen=True, slots=True)
class Ground:
    """All that a reply may stand on, the strongest first. `today` is the clinic's day."""

    today: date
    sources: tuple[Source, ...]

    @classmethod
    def of(cls, today: date, sources: Iterable[Source]) -> Ground:
        """The ground of these sources, put in order: what was done in this turn before what stood before it."""
        return cls(today, tuple(sorted(sources, key=lambda one: (_ORDER.index(one.trust), one.receipt is None))))

    def among(self, trusts: frozenset[Trust]) -> Iterator[tuple[Source, Reading]]:
        """The sources of these kinds with what they say, in order."""
        return ((source, read(source, self.today)) for source in self.sources if source.trust in trusts)


@dataclass(frozen=True, slots=True)
class Backed:
    """A fact that a reply says, and what stands behind it. `start` is where in the reply; `said` its words there.

    `means` is JSON: local instants as "2026-11-24T15:00", money in cents.
    """

    kind: Literal["visit", "moment", "price", "name", "address", "promise", "other"]
    start: int
    said: str
    means: Mapping[str, Any]
    source: Source


@dataclass(frozen=True, slots=True)
class Said:
    """A reply read once: its facts, its clauses, and where each flattened character stands in it."""

    reply: str
    facts: Facts
    clauses: tuple[Clause, ...]
    places: tuple[int, ...]

    def clause(self, at: int) -> Clause:
        """The clause of a place in the flattened text."""
        return of(self.clauses, at)

    def words(self, start: int, end: int) -> tuple[int, str]:
        """Where a stretch of the flattened text begins in the reply, and its words there."""
        if len(self.places) != len(self.facts.text):  # an instant of a machine was read apart
            return 0, self.facts.text[start:end]
        begin, last = self.places[start], self.places[max(start, end - 1)]
        return begin, self.reply[begin : last + 1].strip()

    def paragraph(self, at: int) -> int:
        """Which paragraph of the reply a place of it lies in."""
        return self.reply.count("\n\n", 0, at)

    def flat_place(self, at: int) -> int:
        """The place in the flattened text of a place in the reply."""
        return max(0, bisect_right(self.places, at) - 1)


@lru_cache(maxsize=128)
def said_in(reply: str, today: date) -> Said:
    """A reply, read."""
    facts = facts_in(reply, today)
    return Said(reply, facts, clauses_of(facts.text, reply), tuple(_places(reply)))


def _places(reply: str) -> Iterator[int]:
    """For each character of `kit.text.plain(reply)`, the place it comes from."""
    space = True  # leading white space is dropped
    found: list[tuple[int, str]] = []
    for at, written in enumerate(reply):
        split = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", written).casefold())
        for character in split:
            if unicodedata.combining(character) or (character.isspace() and space):
                continue
            space = character.isspace()
            found.append((at, character))
    if found and found[-1][1].isspace():
        found.pop()
    return (at for at, _ in found)
