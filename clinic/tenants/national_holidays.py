"""Brazil's national holidays of a year, the movable ones counted from Easter. Pure."""

from __future__ import annotations

from datetime import date, timedelta

# Laws 662/1949, 6.802/1980, 10.607/2002 and 14.759/2023 (20 November, from 2024 on).
_FIXED = (
    (1, 1, "Confraternização Universal"),
    (4, 21, "Tiradentes"),
    (5, 1, "Dia do Trabalho"),
    (9, 7, "Independência do Brasil"),
    (10, 12, "Nossa Senhora Aparecida"),
    (11, 2, "Finados"),
    (11, 15, "Proclamação da República"),
    (12, 25, "Natal"),
)
_CONSCIOUSNESS_SINCE = 2024


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus)."""
    golden, century = year % 19, year // 100
    skipped = century - century // 4 - (8 * century + 13) // 25
    epact = (19 * golden + skipped + 15) % 30
    epact -= (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


def national_holidays(year: int) -> tuple[tuple[date, str], ...]:
    """(day, name) in order: the fixed national holidays, and Carnival, Good Friday and Corpus Christi, when clinics close."""
    sunday = easter(year)
    found = [(date(year, month, day), name) for month, day, name in _FIXED]
    if year >= _CONSCIOUSNESS_SINCE:
        found.append((date(year, 11, 20), "Dia Nacional de Zumbi e da Consciência Negra"))
    found += [
        (sunday - timedelta(days=48), "Carnaval"),
        (sunday - timedelta(days=47), "Carnaval"),
        (sunday - timedelta(days=2), "Sexta-feira Santa"),
        (sunday + timedelta(days=60), "Corpus Christi"),
    ]
    return tuple(sorted(found))
