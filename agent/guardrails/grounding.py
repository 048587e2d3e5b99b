"""Does each fact of a reply stand on something this turn was given or has read? Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from re import Pattern
from typing import Literal

from agent.guardrails.facts import Clock, Day, Facts, digits, facts_in
from agent.guardrails.lexicon import flat, lexicon, sentences
from kit.text import plain

FactKind = Literal[
    "ungrounded_date",
    "ungrounded_time",
    "ungrounded_price",
    "ungrounded_phone",
    "ungrounded_url",
    "ungrounded_name",
    "ungrounded_address",
]

# A weekday said alone means one of the coming days, two weeks at most.
_SOON = timedelta(days=14)
_EMERGENCY = frozenset({"180", "188", "190", "192", "193"})


@dataclass(frozen=True, slots=True)
class Ground:
    """The facts at hand, as `agent.guardrails.outgoing.Grounds` describes them."""

    today: date
    days: frozenset[date]
    times: frozenset[time]
    moments: frozenset[datetime]
    prices_cents: frozenset[int]
    phones: frozenset[str]
    names: frozenset[str]
    urls: frozenset[str]
    addresses: frozenset[str]
    quotable: tuple[str, ...]
    heard: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything a `Ground` vouches for, its texts read."""

    days: frozenset[date]
    weekdays: frozenset[int]
    times: frozenset[time]
    pairs: frozenset[tuple[date, time]]
    weekday_pairs: frozenset[tuple[int, time]]
    clinic: tuple[Facts, ...]
    all: tuple[Facts, ...]


def ungrounded(reply: str, ground: Ground) -> Iterator[tuple[FactKind, str]]:
    """Each fact of `reply` that nothing in `ground` supports, with its excerpt."""
    said = facts_in(reply, ground.today)
    known = _known(ground)
    yield from _days(said, reply, ground, known)
    yield from _times(said, ground, known)
    yield from _prices(said, reply, ground, known)
    yield from _contacts(said, ground, known)
    yield from _people_and_places(reply, ground, known)


def _known(ground: Ground) -> _Known:
    clinic = tuple(facts_in(text, ground.today) for text in ground.quotable)
    everything = clinic + tuple(facts_in(text, ground.today) for text in ground.heard)
    days = set(ground.days) | {moment.date() for moment in ground.moments} | {ground.today}
    times = set(ground.times) | {moment.time().replace(second=0, microsecond=0) for moment in ground.moments}
    pairs = {(moment.date(), moment.time().replace(second=0, microsecond=0)) for moment in ground.moments}
    weekdays: set[int] = set()
    weekday_pairs: set[tuple[int, time]] = set()
    for facts in everything:
        for day in facts.days:
            days |= day.dates
            weekdays |= day.weekdays
        for clock in facts.clocks:
            times |= clock.times
        for day, clock in facts.pairs():
            pairs |= {(d, t) for d in day.dates for t in clock.times}
            weekday_pairs |= {(w, t) for w in day.weekdays for t in clock.times}
    return _Known(
        frozenset(days), frozenset(weekdays), frozenset(times), frozenset(pairs), frozenset(weekday_pairs), clinic, everything
    )


def _days(said: Facts, reply: str, ground: Ground, known: _Known) -> Iterator[tuple[FactKind, str]]:
    farewell = _lists()["farewell"]
    asked = [plain(sentence) for sentence in sentences(reply) if sentence.endswith("?")]
    for day in said.days:
        if day.at_odds or not _stands(day, ground, known):
            around = said.text[max(0, day.start - 5) : day.end]
            # "Prefere segunda ou terça?" asks; it offers nothing.
            only_asks = not day.dates and any(day.said in question for question in asked)
            if day.at_odds or not (only_asks or farewell.search(around)):
                yield "ungrounded_date", day.said


def _stands(day: Day, ground: Ground, known: _Known) -> bool:
    if day.dates:
        return bool(day.dates & known.days)
    soon = {d.weekday() for d in known.days if ground.today <= d <= ground.today + _SOON}
    return day.weekdays <= (soon | known.weekdays)


def _times(said: Facts, ground: Ground, known: _Known) -> Iterator[tuple[FactKind, str]]:
    loose = {clock for clock in said.clocks if not clock.times & known.times}
    for clock in loose:
        yield "ungrounded_time", clock.said
    if not ground.moments:
        return
    for day, clock in said.pairs():
        if clock not in loose and not _together(day, clock, ground, known):
            yield "ungrounded_time", f"{day.said} {clock.said}"


def _together(day: Day, clock: Clock, ground: Ground, known: _Known) -> bool:
    """Whether the day and the time were given as a pair, not each with another."""
    coming = (ground.today + timedelta(days=ahead) for ahead in range(_SOON.days + 1))
    dates = day.dates or frozenset(d for d in coming if d.weekday() in day.weekdays)
    weekdays = day.weekdays or frozenset(d.weekday() for d in day.dates)
    return any((d, t) in known.pairs for d in dates for t in clock.times) or any(
        (w, t) in known.weekday_pairs for w in weekdays for t in clock.times
    )


def _prices(said: Facts, reply: str, ground: Ground, known: _Known) -> Iterator[tuple[FactKind, str]]:
    numbers = {number for facts in known.clinic for number in facts.numbers}
    cents = set(ground.prices_cents) | {value for facts in known.clinic for value, _ in facts.prices}
    for value, excerpt in said.prices:
        whole = str(value // 100) if value % 100 == 0 else f"{value / 100:.2f}"
        if value not in cents and whole not in numbers and str(value) not in numbers:
            yield "ungrounded_price", excerpt
    known_percents = {digits(percent) for facts in known.clinic for percent in facts.percents}
    for percent in said.percents:
        if digits(percent) not in known_percents:
            yield "ungrounded_price", percent
    free = _lists()["free"]
    granted = 0 in cents or any(free.search(flat(text)) for text in ground.quotable)
    if not granted and (found := free.search(flat(reply))) is not None:
        yield "ungrounded_price", found.group()


def _contacts(said: Facts, ground: Ground, known: _Known) -> Iterator[tuple[FactKind, str]]:
    phones = {digits(phone) for phone in ground.phones} | {digits(p) for facts in known.all for p in facts.phones}
    for phone in said.phones:
        number = digits(phone)
        if number not in _EMERGENCY and not any(number.endswith(p) or p.endswith(number) for p in phones if len(p) >= 8):
            yield "ungrounded_phone", phone
    links = {_link(url) for url in ground.urls} | {_link(url) for facts in known.all for url in facts.urls}
    for url in said.urls:
        if _link(url) not in links:
            yield "ungrounded_url", url


def _link(url: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", plain(url)).rstrip("/")


# A name ends with its line: the next word may only begin the next sentence.
_CAPITAL = r"[A-ZÀ-Ý][\wÀ-ÿ'-]"
_DOCTOR = re.compile(
    r"\b(?:[Dd]r|[Dd]ra|[Dd]outor|[Dd]outora|[Pp]rof|[Pp]rofa)\.?\s+"
    rf"((?:{_CAPITAL}+)(?: +(?:d[aeo]s? +)?{_CAPITAL}+)*)"
)
_STREET = re.compile(
    r"\b(?:Rua|R\.|Avenida|Av\.|Alameda|Al\.|Praça|Travessa|Rodovia|Largo)\s+"
    r"((?:d[aeo]s?\s+)?[A-ZÀ-Ý0-9][\wÀ-ÿ'.-]*(?: +(?:d[aeo]s? +)?[A-ZÀ-Ý][\wÀ-ÿ'.-]*)*)"
    r"(?:\s*,?\s*(?:n[º°o.]*\s*)?(\d+))?"
)


def _people_and_places(reply: str, ground: Ground, known: _Known) -> Iterator[tuple[FactKind, str]]:
    texts = " ".join(facts.text for facts in known.all)
    names = " ".join(plain(name) for name in ground.names) + " " + texts
    words = set(re.findall(r"\w+", names))
    for found in _DOCTOR.finditer(reply):
        called = [word for word in re.findall(r"\w+", plain(found.group(1))) if word not in ("da", "de", "do", "dos", "das")]
        if not words.issuperset(called):
            yield "ungrounded_name", plain(found.group())
    places = " ".join(plain(address) for address in ground.addresses) + " " + texts
    for found in _STREET.finditer(reply):
        street, number = plain(found.group(1)).strip(" .,"), found.group(2)
        if street not in places or (number and not re.search(rf"\b{number}\b", places)):
            yield "ungrounded_address", plain(found.group())


@cache
def _lists() -> dict[str, Pattern[str]]:
    return lexicon("outgoing")
