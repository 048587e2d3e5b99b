"""What a message says about time: understood by the agenda's own resolver, kept in the patient's words.

The words go to find_slots as they were said; what was resolved only compares a message with times already offered.
"""

from __future__ import annotations

import datetime as calendar
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from clinic.scheduling import when as agenda

WEEKDAYS = ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo")
_LONGEST = 300
_LEAD = re.compile(
    r"(?:\b(?:depois|antes|a partir|at[ée]|ap[óo]s|s[óo]|menos|sem ser|exceto|fora|tirando|n[ãa]o posso|n posso"
    r"|n[ãa]o pode ser"
    r"|n[ãa]o (?:d[áa]|consigo|quero)|d[aeo]s?|n[ao]s?|[àaá]s?|o|pel[ao]s?|entre|umas?|l[áa]|por volta|ou"
    r"|qualquer|toda|pr[óo]xim[ao])\s+)+$",
    re.IGNORECASE,
)


_I_BOOK = re.compile(r"\b(?<!em )(?<!de )(?<!mês de )marco\b", re.IGNORECASE)  # "com quem marco?" is no March
_NOTHING = agenda.When()


@dataclass(frozen=True, slots=True)
class When:
    """`day` and `time` are the words said for each (both in `day` when they cannot be told apart); `meant` what they mean."""

    day: str = ""
    time: str = ""
    meant: agenda.When = _NOTHING

    def __bool__(self) -> bool:
        return bool(self.day or self.time)

    @property
    def names_day(self) -> bool:
        return _has_day(self.meant)

    @property
    def names_time(self) -> bool:
        return _has_time(self.meant)

    @property
    def point(self) -> calendar.time | None:
        """The exact hour asked for; None for a window, a period or nothing."""
        return self.meant.at if self.meant.from_time is None and self.meant.until_time is None else None

    def covers_day(self, day: date) -> bool:
        m = self.meant
        if m.dates and day not in m.dates:
            return False
        if (m.first_day and day < m.first_day) or (m.last_day and day > m.last_day):
            return False
        return not (m.weekdays and day.weekday() not in m.weekdays) and day not in m.not_dates

    def covers_time(self, clock: calendar.time) -> bool:
        m = self.meant
        if self.point is not None:
            return clock in (m.at, *m.or_at)
        return not (m.from_time and clock < m.from_time) and not (m.until_time and clock >= m.until_time)

    def covers(self, at: datetime) -> bool:
        return self.covers_day(at.date()) and self.covers_time(at.time())


def find_when(text: str, now: datetime, zone: str) -> When:
    """What `text` says about time, counted from the local `now`."""
    return _found(text, now.replace(tzinfo=None), zone)


# The same words are read at every thought of a turn. By wall clock and zone: aware instants of two zones may be equal.
@lru_cache(maxsize=1024)
def _found(text: str, now: datetime, zone: str) -> When:
    at = now.replace(tzinfo=ZoneInfo(zone))
    text = _I_BOOK.sub("agendo", text)
    meant = _resolve(text, at)
    if meant is None:
        return When()
    start, end = _reach(text, meant.matched)
    phrase = text[start:end].strip()
    if _essence(_resolve(phrase, at)) != _essence(meant):
        phrase = text.strip()[:_LONGEST]
    if not _has_time(meant):
        return When(phrase, "", meant)
    if not _has_day(meant):
        return When("", phrase, meant)
    day, hours = _split(phrase, meant, at)
    return When(day, hours, meant)


def _resolve(text: str, at: datetime) -> agenda.When | None:
    zone = at.tzinfo
    assert isinstance(zone, ZoneInfo)
    found = agenda.resolve(text, now=at, zone=zone)
    return found if found is None or _has_day(found) or _has_time(found) else None


def _has_day(m: agenda.When) -> bool:
    return bool(m.first_day or m.last_day or m.weekdays or m.dates or m.not_dates or m.asap or m.invalid)


def _has_time(m: agenda.When) -> bool:
    return m.at is not None or m.from_time is not None or m.until_time is not None


def _essence(m: agenda.When | None) -> agenda.When | None:
    return replace(m, matched=()) if m else None


def _reach(text: str, matched: tuple[str, ...]) -> tuple[int, int]:
    """Where the words about time begin, small words before them included, and where they end."""
    low, cursor, starts = text.lower(), 0, []
    for span in matched:
        place = low.find(span.lower(), cursor)
        if place < 0:
            return 0, len(text)
        starts.append(place)
        cursor = place + len(span)
    if not starts:
        return 0, len(text)
    lead = _LEAD.search(text[: starts[0]])
    return (lead.start() if lead else starts[0]), cursor


def _split(phrase: str, meant: agenda.When, at: datetime) -> tuple[str, str]:
    """(words of the day, words of the time) when the phrase parts cleanly in two, in either order; else all as day."""
    for cut in (m.start() for m in re.finditer(r"(?<=\s)\S|(?<=,)\S", phrase)):
        for first, second in ((phrase[:cut], phrase[cut:]), (phrase[cut:], phrase[:cut])):
            day, hours = _resolve(first.strip(" ,"), at), _resolve(second.strip(" ,"), at)
            if day is None or hours is None or _has_time(day) or _has_day(hours):
                continue
            joined = replace(day, at=hours.at, or_at=hours.or_at, from_time=hours.from_time, until_time=hours.until_time)
            if replace(joined, past=False, ambiguous=False, matched=()) == replace(
                meant, past=False, ambiguous=False, matched=()
            ):
                return first.strip(" ,"), second.strip(" ,")
    return phrase, ""
