"""A few words about dates, enough for the dialogues of the in-memory clinic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agent.offline.spelling import fold
from agent.offline.temporal import WEEKDAYS, clock_times


@dataclass(frozen=True, slots=True)
class Wish:
    first: date | None = None
    last: date | None = None
    at: time | None = None
    since: time | None = None
    until: time | None = None


def resolve(words: str, now: datetime) -> Wish:
    text = fold(words)
    first, last = _days(text, now.date())
    times = [time(h + 12 if h < 8 else h, m) for h, m in clock_times(_hours(text))]
    if times and "depois" in text or times and "partir" in text:
        return Wish(first, last, since=times[0])
    if times and ("antes" in text or "ate" in text):
        return Wish(first, last, until=times[0])
    if len(times) == 1:
        return Wish(first, last, at=times[0])
    if "de manha" in text or "pela manha" in text or "cedo" in text:
        return Wish(first, last, until=time(12))
    if "tarde" in text:
        return Wish(first, last, since=time(12), until=time(18))
    return Wish(first, last, since=time(17)) if "noite" in text else Wish(first, last)


def _hours(text: str) -> str:
    found = re.search(r"(?:as|das|pelas) (\d{1,2}(?::\d\d|h\d\d|h)?|tres|duas)(?: e meia)?(?: da tarde)?|\d{1,2}(?::\d\d|h(?:\d\d)?)", text)
    return found.group() if found else ""


def _days(text: str, today: date) -> tuple[date | None, date | None]:
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
    if "depois de amanha" in text:
        return today + timedelta(days=2), None
    if re.search(r"\bamanha\b", text):
        return today + timedelta(days=1), None
    if "hoje" in text:
        return today, None
    next_week = "que vem" in text or "proxim" in text
    for number, name in enumerate(WEEKDAYS):
        if re.search(rf"\b{name[:3]}", text):
            ahead = (number - today.weekday()) % 7
            day = monday + timedelta(days=number) if next_week else today + timedelta(days=ahead)
            return day, None
    if "semana" in text:
        return (monday, monday + timedelta(days=6)) if next_week else (today, monday - timedelta(days=1))
    found = re.search(r"dia (\d{1,2})", text)
    if found:
        day = today.replace(day=int(found.group(1)))
        return (day if day >= today else day.replace(month=12)), None
    return None, None
