"""Reads a weekday with its number, "terça 17": a date when the calendar agrees, else left for who reads hours. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

from clinic.scheduling.when_calendar import in_month, months_later
from clinic.scheduling.when_days import DayMention
from clinic.scheduling.when_words import WEEKDAYS, Reading

# Short forms that are also words ("ter", "dom", "seg") do not count here.
_NAMES = "|".join("|".join(name for name in names.split("|") if name not in ("ter", "dom", "seg")) for names in WEEKDAYS)
_PAIR = re.compile(
    rf"\b(?P<name>{_NAMES})\b(?:\s?-?\s?feira)?\s*,?\s+(?P<day>\d{{1,2}})\b"
    r"(?!\s*(?:h\b|hs|hrs|horas|:|\d\d\b(?!\s*[h:])|/|[.-]\d|de (?!manha|tarde|noite)[a-z]{3}|"
    r"(?:e|ou|ate|a)\s+(?:as )?\d|anos|min))"
)
_PART = re.compile(r"\s*(?:(?P<of>de|da)|a) (?P<part>manha|tarde|noite)")
_AN_HOUR_TOO = re.compile(r"\d\s*h|\d:\d\d|\b(?:as|das) \d|\b(?:manha|tarde|noite)\b")
_NEAR = timedelta(days=14)
_LAST_HOUR = 20  # "quinta 19" said alone may be an hour; no clinic is asked for later ones


def read_pairs(reading: Reading, today: date) -> list[DayMention]:
    """Dates said as a weekday and a number; takes them from `reading`.

    The next day of that number must fall on that weekday. A number that may be an hour must also be near, or come with
    an hour of its own: "quinta 19 de manhã", "terça 17 às 11h30".
    """
    found = []
    for match in _PAIR.finditer(reading.rest):
        number = int(match["day"])
        day = _next(number, today)
        if day is None or not re.fullmatch(WEEKDAYS[day.weekday()], match["name"]):
            continue
        tail = reading.rest[match.end() :]
        if number <= _hours_of(_PART.match(tail)):
            continue
        if number > _LAST_HOUR or _AN_HOUR_TOO.search(tail) or today < day <= today + _NEAR:
            found.append(DayMention(match.start(), match.end(), day, day))
            reading.take(match.start(), match.end())
    return found


def _hours_of(part: re.Match[str] | None) -> int:
    """The last number that is an hour before these words: "9 da manhã", "3 da tarde", "19 da noite"; "à tarde" takes none."""
    if part is None or (part["part"] == "tarde" and not part["of"]):
        return 0
    return 23 if part["part"] == "noite" else 12


def _next(number: int, today: date) -> date | None:
    if not 1 <= number <= 31:
        return None
    first = today.replace(day=1)
    days = (in_month(months_later(first, n), number) for n in range(2))
    return next((day for day in days if day is not None and day >= today), None)
