"""A row that changed, in a receptionist's words: what the console, a verdict and a report say of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from kit import fast_yaml, ptbr

Row = Mapping[str, Any]
_WALL = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d))?(?=$|:|[+-])")


def row_told(noun: str, how: str, was: Row | None, now: Row | None) -> str:
    """A row in a receptionist's words: `Consulta marcada: Ana Lima, Limpeza, 26/11/2026 10:00`. Of a row that changed, what it
    was may name only some of its columns."""
    words = _words()
    if how == "still":
        return str(words["still"]).format(noun=words["nouns"].get(noun, noun))
    head = words["rows"].get(f"{noun}.{how}", f"{words['nouns'].get(noun, noun)}: {words['hows'][how]}")
    shown = {name: value for name, value in (now or was or {}).items() if value not in (None, "")}
    if how == "changed" and was is not None and now is not None:
        moved = [_moved(name, was, value) for name, value in now.items() if name not in was or was[name] != value]
        about = [value_told(name, was[name]) for name in words["about"].get(noun, ()) if was.get(name)]
        return f"{head}: {', '.join([*about, *moved])}"
    order = [name for name in words["about"].get(noun, ()) if name in shown]
    rest = [name for name in shown if name not in order and name != "key"]
    told = [*(value_told(name, shown[name]) for name in order), *(_named(name, shown[name]) for name in rest)]
    return f"{head}: {', '.join(told)}" if told else str(head)


def how_of(was: Row | None, now: Row | None) -> str:
    """added, changed or removed."""
    return "added" if was is None else "removed" if now is None else "changed"


def _moved(name: str, was: Row, value: Any) -> str:
    return f"{_named(name, was[name])} → {value_told(name, value)}" if name in was else _named(name, value)


def _named(name: str, value: Any) -> str:
    return f"{_words()['columns'].get(name, name)}: {value_told(name, value)}"


def value_told(column: str, value: Any) -> str:
    """A value as staff read it: `marcada`, `26/11/2026 10:00`, `R$ 220,00`, `sim`."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return str(_words()["yes" if value else "no"])
    if column == "price" and isinstance(value, int | float):
        return ptbr.money(round(value * 100))
    found = _WALL.match(str(value))
    if found:
        year, month, day, time = found.groups()
        return f"{day}/{month}/{year}{f' {time}' if time else ''}"
    return str(_words()["values"].get(str(value), value))


def call_told(tool: str, args: Row) -> str:
    """What a tool is asked for, as something to do: `procurar horários (serviço: Limpeza, quando: amanhã)`. Handles, which name
    nothing outside of their conversation, are left out."""
    return str(_words()["to_do"].get(tool, tool)) + _arguments(args)


def call_done(tool: str, args: Row = MappingProxyType({})) -> str:
    """The same once it was done: `Procurou horários`."""
    return str(_words()["done"].get(tool, _words()["done_other"].format(tool=tool))) + _arguments(args)


def _arguments(args: Row) -> str:
    names = _words()["arguments"]
    told = [f"{names[name]}: {value_told(name, one)}" for name, one in args.items() if name in names and one not in (None, "")]
    return f" ({', '.join(told)})" if told else ""


@cache
def suite_titles() -> Mapping[str, str]:
    """What staff call each suite, by its name."""
    loaded: Mapping[str, str] = fast_yaml.load(files("clinic.scenarios").joinpath("suites.yaml").read_text("utf-8"))
    return loaded


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.scenarios").joinpath("rows.yaml").read_text("utf-8"))
    return loaded
