"""Rows, calls and figures as staff read them: Brazilian words, dates, money and decimal commas. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from evals.grading.rows import Met

_INSTANT = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?")
_KEYS = ("person", "name", "phone", "starts", "kind")  # what a row is known by, when only some of it changed


@cache
def words() -> Mapping[str, Any]:
    """Every word of a report."""
    loaded: Mapping[str, Any] = yaml.safe_load(files("evals.telling").joinpath("report.yaml").read_text("utf-8"))
    return loaded


def say(key: str, **values: object) -> str:
    """One sentence of a verdict, of a gate or of a report. Raises KeyError for one that is not written."""
    return str(words()[key]).format(**values)


def suite_name(name: str) -> str:
    """What a suite is called."""
    return str(words()["suites"].get(name, name))


def noun(name: str) -> str:
    """What a table's rows are called."""
    return str(words()["nouns"].get(name, name))


def row(given: Mapping[str, Any]) -> str:
    """One row in a line."""
    return ", ".join(f"{words()['columns'].get(name, name)} {value_of(name, value)}" for name, value in given.items())


def value_of(column: str, value: Any) -> str:
    """A value as staff read it."""
    if value is None:
        return str(words()["nothing"])
    if isinstance(value, bool):
        return str(words()["true"] if value else words()["false"])
    if column == "price":
        return money(float(value))
    found = _INSTANT.match(str(value))
    if found:
        year, month, day, hour, minute = found.groups()
        return f"{day}/{month}/{year}" + ("" if hour is None else f" {say('at', time=_hour(hour, minute))}")
    return str(words()["values"].get(str(value), value))


def _hour(hour: str, minute: str) -> str:
    return f"{int(hour)}h{minute if minute != '00' else ''}"


def instant(written: str, zone: str) -> str:
    """An instant on the clinic's wall clock; without an offset it is of that clock already."""
    at = datetime.fromisoformat(written)
    local = at.astimezone(ZoneInfo(zone)) if at.tzinfo else at
    return value_of("", local.strftime("%Y-%m-%dT%H:%M"))


def change(one: Met, *, mine: str | None = None) -> str:
    """What happened to a row, or should have. `mine`: the number of whoever wrote, which goes without saying."""
    if one.was is None:
        return say("row_in", row=row(_without(one.now or {}, mine)))
    if one.now is None:
        return say("row_out", row=row(_without(one.was, mine)))
    moved = {name: value for name, value in one.now.items() if one.was.get(name) != value}
    told = ", ".join(
        say(
            "row_column",
            column=words()["columns"].get(name, name),
            was=value_of(name, one.was[name]),
            now=value_of(name, value),
        )
        if name in one.was
        else say("row_column_now", column=words()["columns"].get(name, name), now=value_of(name, value))
        for name, value in moved.items()
    )
    known = {name: one.was[name] for name in _KEYS if name in one.was and name not in moved} or dict(one.was)
    return say("row_changed", what=told, row=row(known))


def _without(given: Mapping[str, Any], mine: str | None) -> Mapping[str, Any]:
    return {name: value for name, value in given.items() if not (name == "phone" and value == mine)} or given


def call(tool: str, args: Mapping[str, Any]) -> str:
    """A call as a person can read it; names of tools stay as they are."""
    told = ", ".join(f"{name}: {_plain(value)}" for name, value in args.items())
    return f"{tool}({told})" if told else tool


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def number(value: float, places: int = 1) -> str:
    """With a decimal comma and dots between thousands."""
    return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


def share(value: float, places: int = 0) -> str:
    """A part of one, in per cent."""
    return f"{number(value * 100, places)} %"


def money(value: float, places: int = 2) -> str:
    """Reais."""
    return f"R$ {number(value, places)}"


def seconds(value: float) -> str:
    """A span, short."""
    return f"{number(value * 1000, 0)} ms" if value < 1 else f"{number(value, 1)} s"
