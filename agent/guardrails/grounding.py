"""Does each fact of a reply stand on something, and on what? Pure.

A day with its hour is a promise of somebody's time: only a visit, a kept or an offered time, or a case of this conversation
backs it. When the clinic is open backs only what is said of its being open, and the patient's words only what repeats them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from re import Pattern
from typing import Any

from agent.guardrails.clauses import Clause, in_range
from agent.guardrails.facts import Clock, Day
from agent.guardrails.figures import contacts, prices
from agent.guardrails.lexicon import lexicon
from agent.guardrails.naming import bound, people_and_places
from agent.guardrails.others import others
from agent.guardrails.problems import FactKind, Problem
from agent.guardrails.sources import Backed, Ground, Reading, Said, Source, Trust, said_in, words_of

__all__ = ["Examined", "FactKind", "Ground", "examine", "stated", "ungrounded"]

# A weekday said alone means one of the coming days, two weeks at most.
_SOON = timedelta(days=14)

_OURS: frozenset[Trust] = frozenset({"visit", "held", "offered"})
_DATED: frozenset[Trust] = frozenset({*_OURS, "owed", "former", "clinic", "document"})
_KNOWN: frozenset[Trust] = frozenset({*_DATED, "person", "hours"})
_ALL: frozenset[Trust] = frozenset({*_KNOWN, "heard"})


@dataclass(frozen=True, slots=True)
class Examined:
    """What stands against a reply, and what it says with what stands behind each."""

    problems: tuple[Problem, ...]
    backed: tuple[Backed, ...]


def ungrounded(reply: str, ground: Ground) -> Iterator[Problem]:
    """Each fact of `reply` that nothing in `ground` supports: its kind, and its excerpt."""
    yield from examine(reply, ground).problems


def examine(reply: str, ground: Ground) -> Examined:
    """Every fact of `reply`: refused, or backed by the strongest source that says it."""
    said = said_in(reply, ground.today)
    moments = tuple(_moments(said, ground))
    found = [*moments, *prices(said, ground), *contacts(said, ground), *people_and_places(said, ground)]
    backed = [one for one in found if isinstance(one, Backed)]
    problems = [one for one in found if not isinstance(one, Backed)]
    problems += bound(said, ground, [one for one in moments if isinstance(one, Backed)])
    problems += others(said, ground)
    backed += _deeds(said, ground, backed)
    return Examined(tuple(dict.fromkeys(problems)), tuple(sorted(backed, key=lambda one: one.start)))


def stated(text: str, today: date, *, names: Iterable[str] = ()) -> Iterator[str]:
    """The words of each day, hour, price and contact that a text states; questions about a weekday and farewells state none.

    `names` are those of patients: some are called like a day.
    """
    said, called = said_in(text, today), frozenset().union(*map(words_of, names))
    yield from (said.words(day.start, day.end)[1] for day in said.facts.days if not _idle(day, said, called))
    facts = said.facts
    yield from (said.words(clock.start, clock.end)[1] for clock in facts.clocks)
    yield from (said.words(price.start, price.end)[1] for price in facts.prices)
    for mark in (*facts.percents, *facts.phones, *facts.urls, *facts.keys):
        yield said.words(mark.start, mark.end)[1]


def _moments(said: Said, ground: Ground) -> Iterator[Backed | Problem]:
    called = frozenset().union(*(words_of(name) for one in ground.sources if one.entity == "person" for name in one.names))
    days = [day for day in said.facts.days if not _idle(day, said, called)]
    owners: dict[Clock, Day] = {clock: day for day, clock in said.facts.pairs() if not _apart(day, clock, said)}
    told: set[Day] = set()
    refused: set[Day] = set()
    for day in days:
        if day.at_odds or _day_source(day, said, ground) is None:
            refused.add(day)
            yield "ungrounded_date", day.said
    for clock in said.facts.clocks:
        owner = owners.get(clock)
        if owner in refused:
            owner = None
        found = _clock_source(clock, owner, said, ground)
        if found is None:
            loose = _clock_source(clock, None, said, ground) is None
            yield "ungrounded_time", clock.said if owner is None or loose else f"{owner.said} {clock.said}"
            continue
        source, means = found
        start, end = clock.start, clock.end
        if owner is not None and _beside(owner, clock, said):
            start, end = min(start, owner.start), max(end, owner.end)
            told.add(owner)
        yield _backed(source, means, *said.words(start, end))
    for day in days:
        known = None if day in told or day in refused else _day_source(day, said, ground)
        if known is not None:
            yield _backed(*known, *said.words(day.start, day.end))


def _backed(source: Source, means: dict[str, Any], start: int, words: str) -> Backed:
    return Backed("visit" if source.trust in ("visit", "former") else "moment", start, words, means, source)


def _beside(day: Day, clock: Clock, said: Said) -> bool:
    """Whether the day and its hour are said in one breath."""
    apart = max(clock.start - day.end, day.start - clock.end)
    return apart <= 12 and said.clause(day.start) is said.clause(clock.start)


def _apart(day: Day, clock: Clock, said: Said) -> bool:
    """Whether the hour is only told to be gone and the day is another sentence's ("O das 15h foi ocupado. Quarta às 9h?")."""
    gone, other = said.clause(clock.start), said.clause(day.start)
    return gone is not other and gone.gone and (other.asks or any(said.clause(one.start) is other for one in said.facts.clocks))


def _idle(day: Day, said: Said, called: frozenset[str]) -> bool:
    """A day that states nothing: "Prefere segunda ou terça?", "Até amanhã!", a patient called Domingos."""
    if day.at_odds:
        return False
    if not day.dates and day.said in called and said.words(day.start, day.end)[1][:1].isupper():
        return True
    if not day.dates and said.clause(day.start).asks and not said.clause(day.start).claims:
        return True
    return _lists()["farewell"].search(said.facts.text[max(0, day.start - 5) : day.end]) is not None


def _day_source(day: Day, said: Said, ground: Ground) -> tuple[Source, dict[str, Any]] | None:
    clause = said.clause(day.start)
    if clause.claims:
        trusts = _visits(clause)
    elif clause.frees and not (clause.denies or clause.echoes or clause.opens or (clause.asks and not day.dates)):
        trusts = frozenset({*_OURS, "owed"})
    else:
        trusts = _ALL
    means: dict[str, Any] = (
        {"weekdays": sorted(day.weekdays)} if day.weekdays else {"date": min(day.dates).isoformat()} if day.dates else {}
    )
    if day.dates:
        for source, known in ground.among(trusts):
            if day.dates & known.days:
                return source, {"date": min(day.dates & known.days).isoformat()}
        return None
    return _weekday_source(day, trusts, ground, means)


def _weekday_source(
    day: Day, trusts: frozenset[Trust], ground: Ground, means: dict[str, Any]
) -> tuple[Source, dict[str, Any]] | None:
    """The first source of one of the weekdays, when each of them has some."""
    first: Source | None = None
    left = set(day.weekdays)
    for source, known in ground.among(trusts):
        coming = {d.weekday() for d in known.days if ground.today <= d <= ground.today + _SOON}
        if left & (coming | known.weekdays):
            first = first or source
            left -= coming | known.weekdays
    return (first, means) if first is not None and not left else None


def _visits(clause: Clause) -> frozenset[Trust]:
    return frozenset({"visit", "held", "former"}) if clause.changes else frozenset({"visit", "held"})


def _clock_source(clock: Clock, owner: Day | None, said: Said, ground: Ground) -> tuple[Source, dict[str, Any]] | None:
    clause = said.clause(clock.start)
    ranged = in_range(said.facts.text, clock.start, clock.end)
    for source, known in ground.among(_trusts(clause, ranged=ranged)):
        weekly = clause.opens or ranged or clause.denies or clause.echoes
        means = _meaning(clock, owner, known, ground.today, weekly=weekly)
        if means is not None:
            if source.mark:
                means["mark"] = source.mark
            return source, means
    return None


def _trusts(clause: Clause, *, ranged: bool) -> frozenset[Trust]:
    """What may back an hour said in this clause."""
    if clause.claims:
        return _visits(clause)
    if clause.denies or clause.echoes:
        return _ALL
    if clause.promises:
        return frozenset({*_OURS, "owed"})
    if clause.frees and not clause.opens:
        return frozenset({*_OURS, "owed"})
    if clause.opens or ranged:
        return _KNOWN
    return _DATED


def _meaning(clock: Clock, owner: Day | None, known: Reading, today: date, *, weekly: bool) -> dict[str, Any] | None:
    """The instant or hour meant, when the source says it; the day and the hour must have been given as a pair."""
    if owner is None:
        at = min(clock.times & known.times, default=None)
        return None if at is None else {"time": at.strftime("%H:%M"), **_only(at, known)}
    coming = (today + timedelta(days=ahead) for ahead in range(_SOON.days + 1))
    dates = owner.dates or frozenset(d for d in coming if d.weekday() in owner.weekdays)
    moments = [datetime.combine(d, t) for d in dates for t in clock.times if (d, t) in known.pairs]
    if moments:
        return {"starts_at": min(moments).isoformat(timespec="minutes")}
    weekdays = owner.weekdays or frozenset(d.weekday() for d in owner.dates)
    hours = [t for w in weekdays for t in clock.times if (w, t) in known.weekly]
    return {"time": min(hours).strftime("%H:%M"), "weekdays": sorted(weekdays)} if weekly and hours else None


def _only(at: time, known: Reading) -> dict[str, Any]:
    """The instant itself, when the source knows one only."""
    if len(known.pairs) != 1:
        return {}
    day, hour = next(iter(known.pairs))
    return {"starts_at": datetime.combine(day, hour).isoformat(timespec="minutes")} if hour == at else {}


def _deeds(said: Said, ground: Ground, backed: list[Backed]) -> Iterator[Backed]:
    """Claims without a date ("está marcada!"), and promises that a person answers: each with the row behind it."""
    promised: set[Source] = set()
    for clause in said.clauses:
        own = [one for one in backed if said.clause(said.flat_place(one.start)) is clause]
        start, words = said.words(clause.start, clause.end)
        if clause.claims and not any(one.kind == "visit" or one.source.trust == "held" for one in own):
            told = [one.source for one in backed if one.source.trust in ("visit", "held", "former")]
            rows = [source for source, _ in ground.among(_visits(clause)) if source.trust != "former" or source.receipt]
            source = next((one for one in rows if one in told), None) or next(iter(rows), None)
            if source is not None:
                yield Backed("visit" if source.trust != "held" else "moment", start, words, {"did": source.did}, source)
        if clause.promises:
            owed = [source for source, _ in ground.among(frozenset({"owed"}))]
            numbered = next((one for one in owed if one.mark and one.mark in clause.words.split()), None)
            source = numbered or next((one.source for one in own if one.source in owed), None) or next(reversed(owed), None)
            if source is not None and source not in promised:
                promised.add(source)
                yield Backed("promise", start, words, {"case": source.mark}, source)


@cache
def _lists() -> dict[str, Pattern[str]]:
    return lexicon("outgoing")
