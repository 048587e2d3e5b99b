"""Dates, hours and money as Brazilians write them. Pure; the words are in ptbr.yaml."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from importlib.resources import files
from typing import Any

import yaml

_WORDS: dict[str, Any] = yaml.safe_load(files("kit").joinpath("ptbr.yaml").read_text("utf-8"))


def weekday(day: date, *, short: bool = False) -> str:
    """ "terça-feira", or "terça" when short."""
    return str(_WORDS["weekdays_short" if short else "weekdays"][day.weekday()])


def weekday_name(number: int) -> str:
    """The short name of weekday 0 (Monday) to 6."""
    return str(_WORDS["weekdays_short"][number])


def month_name(number: int) -> str:
    """The name of month 1 (January) to 12."""
    return str(_WORDS["months"][number - 1])


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


def moment(local: datetime, *, today: date | None = None) -> str:
    """ "terça, 24 de novembro, às 14h30". `local` is the clinic's wall clock."""
    form = "moment_one" if local.hour == 1 else "moment"
    return str(_WORDS[form]).format(day=day(local.date(), today=today), time=hour(local.time()))


def brief(local: datetime) -> str:
    """ "ter, 24 nov, 15:00": what fits on a button. `local` is the clinic's wall clock."""
    weekday_, month = _WORDS["weekdays_brief"][local.weekday()], _WORDS["months_brief"][local.month - 1]
    return str(_WORDS["brief"]).format(weekday=weekday_, day=local.day, month=month, clock=f"{local.hour}:{local.minute:02d}")


def until(local: datetime, *, now: datetime) -> str:
    """ "hoje até as 14h30", "amanhã até as 9h", "segunda, 23 de novembro, até as 9h". Both on the clinic's wall clock."""
    clock = hour(local.time())
    if local.date() == now.date():
        return str(_WORDS["until_today"]).format(time=clock)
    if local.date() == now.date() + timedelta(days=1):
        return str(_WORDS["until_tomorrow"]).format(time=clock)
    return str(_WORDS["until_day"]).format(day=day(local.date(), today=now.date()), time=clock)


def span(start: time | None, end: time | None) -> str:
    """ "das 14h às 16h", "a partir das 17h", "até as 10h"; empty without both."""
    form = "range" if start and end else "from" if start else "until" if end else ""
    return str(_WORDS[form]).format(**{"from": hour(start or time(0)), "to": hour(end or time(0))}) if form else ""


def money(cents: int) -> str:
    """ "R$ 1.250,00"."""
    whole, rest = divmod(cents, 100)
    return f"R$ {whole:,}".replace(",", ".") + f",{rest:02d}"
