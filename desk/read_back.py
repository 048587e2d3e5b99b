"""What was really read back: a proposal's day and hour, in whatever Portuguese they were written. Pure, and strict.

A yes may only accept what the patient was shown, so a reply that says another day or hour of it, or offers others beside it,
reads nothing back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from agent.guardrails.facts import Clock, Day, Facts, facts_in
from kit.text import plain

Result = Mapping[str, Any]

_WEEKDAY = r"(?:segunda|terca|quarta|quinta|sexta|sabado|domingo)(?:[- ]feira)?"
_MONTH = r"(jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez)"
_BESIDE_WEEKDAY = re.compile(rf"\b({_WEEKDAY}),?\s+(?=\d{{1,2}}\b(?!\s*(?:/|[h:]|horas|-|o?\s+de\s+[a-z]|{_MONTH}\b)))")
_BRIEF_MONTH = re.compile(rf"\b(\d{{1,2}})(?:/|-|\s){_MONTH}(?=[\s,.)/]|$)")
_FIRST = re.compile(r"\bprimeiro\s+de\s+")
_HOURS = ("uma", "duas", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze")
_HOUR_IN_WORDS = re.compile(
    rf"\b(?:as|a)\s+({'|'.join(_HOURS)})\b(?=\s*(?:$|[.,;:!?)(*]|horas?\b|e\s+(?:meia|quinze)|d[ae]\s))"
)
_CLOSE = re.compile(r"[\s,(–-]*(?:dia\s+)?")
_OR = re.compile(r"\bou\b")
_DEADLINE = re.compile(r"\bate\s+(?:[ao]s?\s+)?(?:dia\s+)?[a-z, -]{0,16}$")


def read_back(
    results: Sequence[tuple[str, Result]], reply: str, *, today: date, visits: Collection[datetime] = ()
) -> list[str]:
    """Handles of the proposals of this turn whose day and hour the reply really says: only these may be accepted.

    `visits`, on the clinic's wall clock, stand on the books: they may be named beside it.
    """
    proposed = {
        str(result["proposal"]): datetime.fromisoformat(str(result["summary"]["starts_at"]))
        for name, result in results
        if name.startswith("propose_") and "proposal" in result and result["summary"].get("starts_at")
    }
    if not proposed:
        return []
    facts = facts_in(_spelled(reply), today)
    pairs = [(day, clock) for day, clock in facts.pairs() if day.dates]
    froms = [plain(str(result["summary"]["from_label"])) for _, result in results if "from_label" in result.get("summary", ())]
    meant = {*proposed.values(), *visits, *(moment for label in froms for moment in _moments(facts_in(label, today), today))}
    if any(_foreign(day, clock, meant, facts, today) for day, clock in pairs):
        return []
    return [handle for handle, at in proposed.items() if any(_says(pair, at, today) for pair in pairs)]


def _spelled(reply: str) -> str:
    """The reply with what few write ("quinta 26", "26 nov", "às dez") as most do."""
    text = _FIRST.sub("1 de ", plain(reply.replace("*", " ").replace("_", " ")))
    text = _BRIEF_MONTH.sub(r"\1 de \2", text)
    text = _BESIDE_WEEKDAY.sub(r"\1, dia ", text)
    return _HOUR_IN_WORDS.sub(lambda found: f"as {_HOURS.index(found.group(1)) + 1}", text)


def _dates(day: Day, today: date) -> frozenset[date]:
    """The dates meant: of a number without its month, the next day of that number."""
    if day.at_odds:
        return frozenset()
    if len(day.dates) < 2 or "dia " not in day.said:
        return day.dates
    return frozenset(sorted(one for one in day.dates if one >= today)[:1])


def _says(pair: tuple[Day, Clock], at: datetime, today: date) -> bool:
    day, clock = pair
    return at.date() in _dates(day, today) and at.time() in clock.times


def _moments(facts: Facts, today: date) -> Iterator[datetime]:
    for day, clock in facts.pairs():
        yield from (datetime.combine(one, hour) for one in _dates(day, today) for hour in clock.times)


def _foreign(day: Day, clock: Clock, meant: set[datetime], facts: Facts, today: date) -> bool:
    """Whether this day with this hour is another moment than those meant: another choice, or a mistake."""
    dates = _dates(day, today)
    if any(at.date() in dates and at.time() in clock.times for at in meant):
        return any(
            _touch(day, other, facts) and other.dates and not dates & other.dates for other in facts.days if other != day
        )
    if any(_DEADLINE.search(facts.text[:start][-24:]) for start in (day.start, clock.start)):
        return False  # "se precisar desmarcar, avise até quarta, 25/11, às 10h"
    if not any(at.date() in dates for at in meant):
        return True
    before = max((one.end for one in facts.clocks if one.end <= clock.start), default=None)
    return before is not None and bool(_OR.search(facts.text[before : clock.start]))


def _touch(one: Day, other: Day, facts: Facts) -> bool:
    first, last = sorted((one, other), key=lambda day: day.start)
    return _CLOSE.fullmatch(facts.text[first.end : last.start]) is not None
