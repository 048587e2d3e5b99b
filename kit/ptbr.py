"""Dates, hours and money as Brazilians write them. Pure; the words are in ptbr.yaml."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from importlib.resources import files
from typing import Any

from kit import fast_yaml
from kit.text import plain

_WORDS: dict[str, Any] = fast_yaml.load(files("kit").joinpath("ptbr.yaml").read_text("utf-8"))
_MONTHS = {name: number for number, whole in enumerate(map(plain, _WORDS["months"]), 1) for name in (whole, whole[:3])}


def weekday(day: date, *, short: bool = False) -> str:
    """ "terça-feira", or "terça" when short."""
    return str(_WORDS["weekdays_short" if short else "weekdays"][day.weekday()])


def weekday_name(number: int) -> str:
    """The short name of weekday 0 (Monday) to 6."""
    return str(_WORDS["weekdays_short"][number])


def month_name(number: int) -> str:
    """The name of month 1 (January) to 12."""
    return str(_WORDS["months"][number - 1])


def month_number(said: str) -> int | None:
    """1 to 12 of a month's name or its first three letters, accents and case aside ("março", "Mar", "marco"); else None."""
    return _MONTHS.get(plain(said))


def day(value: date, *, today: date | None = None) -> str:
    """ "terça, 24 de novembro"; with the year when it is not today's."""
    form = "day" if today is None or today.year == value.year else "day_with_year"
    return str(_WORDS[form]).format(
        weekday=weekday(value, short=True), day=value.day, month=_WORDS["months"][value.month - 1], year=value.year
    )


def on_day(value: date, *, today: date | None = None) -> str:
    """ "na terça, 24 de novembro", "no sábado, …"."""
    return str(_WORDS["on_day_he" if value.weekday() > 4 else "on_day_she"]).format(day=day(value, today=today))


def hour(value: time) -> str:
    """ "15h" or "14h30"."""
    return f"{value.hour}h{value.minute:02d}" if value.minute else f"{value.hour}h"


def at(value: time) -> str:
    """ "às 14h30", "à 1h15"."""
    return _said("at", value)


def moment(local: datetime, *, today: date | None = None) -> str:
    """ "terça, 24 de novembro, às 14h30". `local` is the clinic's wall clock."""
    return str(_WORDS["moment"]).format(day=day(local.date(), today=today), at=at(local.time()))


def brief(local: datetime) -> str:
    """ "ter, 24 nov, 15:00": what fits on a button. `local` is the clinic's wall clock."""
    weekday_, month = _WORDS["weekdays_brief"][local.weekday()], _WORDS["months_brief"][local.month - 1]
    return str(_WORDS["brief"]).format(weekday=weekday_, day=local.day, month=month, clock=f"{local.hour}:{local.minute:02d}")


def until(local: datetime, *, now: datetime) -> str:
    """ "hoje até as 14h30", "amanhã até as 9h", "segunda, 23 de novembro, até a 1h". Both on the clinic's wall clock."""
    clock = _said("until", local.time())
    if local.date() == now.date():
        return str(_WORDS["until_today"]).format(until=clock)
    if local.date() == now.date() + timedelta(days=1):
        return str(_WORDS["until_tomorrow"]).format(until=clock)
    return str(_WORDS["until_day"]).format(day=day(local.date(), today=now.date()), until=clock)


def span(start: time | None, end: time | None) -> str:
    """ "das 14h às 16h", "da 1h às 3h", "a partir das 17h", "até as 10h"; empty without both."""
    if start and end:
        return f"{_said('of', start)} {at(end)}"
    return _said("from", start) if start else _said("until", end) if end else ""


def _said(form: str, value: time) -> str:
    """One o'clock is singular."""
    return str(_WORDS[f"{form}_one" if value.hour == 1 else form]).format(time=hour(value))


def money(cents: int) -> str:
    """ "R$ 1.250,00"."""
    whole, rest = divmod(cents, 100)
    return f"R$ {whole:,}".replace(",", ".") + f",{rest:02d}"
