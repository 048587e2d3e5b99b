"""Birth dates as people write them in a chat. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from kit import ptbr
from kit.text import plain

_FIGURES = re.compile(r"\b(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4}|\d{2})\b")
_RUN = re.compile(r"\b(\d{2})(\d{2})(\d{4})\b")
_WORDS = re.compile(r"\b(\d{1,2}|primeiro)[ºo]?\s+(?:de\s+)?([a-z]+)\s+(?:de\s+|do ano de\s+)?(\d{4}|\d{2})\b")
_OLDEST = 1900


def read(texts: Sequence[str], *, today: date) -> list[date]:
    """Every birth date these texts may be telling, none of them ahead of `today`. "80" is 1980, "05" is 2005."""
    found: list[date] = []
    for text in texts:
        flat = plain(text)
        spelled = [*(m.groups() for m in _FIGURES.finditer(flat)), *(m.groups() for m in _RUN.finditer(flat))]
        spelled += [
            ("1" if day == "primeiro" else day, str(number), year)
            for day, month, year in (m.groups() for m in _WORDS.finditer(flat))
            if (number := ptbr.month_number(month)) is not None
        ]
        found += [born for parts in spelled if (born := _date(*parts, today=today)) is not None]
    return list(dict.fromkeys(found))


def _date(day: str, month: str, year: str, *, today: date) -> date | None:
    full = int(year)
    if len(year) == 2:
        full += 2000 if 2000 + full <= today.year else 1900
    try:
        born = date(full, int(month), int(day))
    except ValueError:
        return None
    return born if born.year >= _OLDEST and born <= today else None
