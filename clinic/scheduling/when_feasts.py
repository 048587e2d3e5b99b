"""Reads the feasts that people count days from, and the bare number said beside one: "antes do Natal, dia 23". Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from clinic.scheduling.when_calendar import in_month
from clinic.scheduling.when_days import DayMention
from clinic.scheduling.when_words import Reading

_FEASTS = [
    (12, 23, re.compile(r"\bantevespera d[eo] natal\b")),
    (12, 24, re.compile(r"\bvespera d[eo] natal\b")),
    (12, 25, re.compile(r"\b(?:dia de |feriado d[eo] )?natal\b")),
    (12, 31, re.compile(r"\b(?:vespera d[eo] ano novo|reveillon|vespera de reveillon)\b")),
    (1, 1, re.compile(r"\b(?:dia |feriado )?(?:de |do )?ano novo\b")),
]
_EITHER = re.compile(r"\b(?:ou|e|nem)\b")


def read_feasts(reading: Reading, today: date) -> list[DayMention]:
    """Every feast named, the next of its kind; takes them from `reading`."""
    found = []
    for of_month, number, pattern in _FEASTS:
        for match in pattern.finditer(reading.rest):
            day = date(today.year + ((of_month, number) < (today.month, today.day)), of_month, number)
            found.append(DayMention(match.start(), match.end(), day, day, said="feast"))
            reading.take(match.start(), match.end())
    return found


def by_feast(plain: str, mentions: list[DayMention], today: date) -> list[DayMention]:
    """The mentions with a bare number moved to the month of the feast beside it, which then only said when: "depois do
    Natal, dia 28". A feast joined by "ou" or "e" is a day of its own."""
    feast = next((m for m in mentions if m.said == "feast" and m.first), None)
    days = [m for m in mentions if m.is_day and m.said != "feast"]
    if feast is None or feast.first is None or len(days) != 1 or len(mentions) != len(days) + 1:
        return mentions
    first, last = sorted((feast, days[0]), key=lambda m: m.start)
    if _EITHER.search(plain[first.end : last.start]):
        return mentions
    day = days[0]
    if day.said == "number" and day.first is not None:
        moved = in_month(feast.first.replace(day=1), day.first.day)
        day = replace(day, first=moved, last=moved) if moved is not None and moved >= today else day
    return [day]
