"""Calendar arithmetic behind what people call dates. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

# A date without a year that passed longer ago than this is next year's.
_ROLLOVER = timedelta(days=60)


def dated(day: int, of_month: int, year: int | None, today: date) -> date | None:
    """The date; without a year, this year's unless it passed long ago. None if no calendar has it."""
    if not 1 <= of_month <= 12:
        return None
    chosen = today.year if year is None else year
    if year is None and date(chosen, of_month, min(max(day, 1), monthrange(chosen, of_month)[1])) < today - _ROLLOVER:
        chosen += 1
    return date(chosen, of_month, day) if 1 <= day <= monthrange(chosen, of_month)[1] else None


def in_month(first: date, day: int) -> date | None:
    """That day of the month `first` begins; None if the month is too short."""
    return first.replace(day=day) if day <= monthrange(first.year, first.month)[1] else None


def months_later(day: date, months: int) -> date:
    """The same day, or the last there is, so many months later."""
    years, index = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, index + 1, min(day.day, monthrange(year, index + 1)[1]))


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())
