"""A row that changed, in a receptionist's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


def row_told(noun: str, how: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    """A row in a receptionist's words: `Consulta marcada: Ana Lima, Limpeza, 2026-11-26 10:00`."""
    words = _words()
    if how == "still":
        return str(words["still"]).format(noun=words["nouns"].get(noun, noun))
    head = words["rows"].get(f"{noun}.{how}", f"{words['nouns'].get(noun, noun)}: {words['hows'][how]}")
    shown = {name: value for name, value in (now or was or {}).items() if value not in (None, "")}
    if how == "changed" and was and now:
        moved = [
            f"{_column(name)}: {_value(was.get(name))} → {_value(now[name])}" for name in now if was.get(name) != now[name]
        ]
        about = [_value(was[name]) for name in words["about"].get(noun, ()) if was.get(name)]
        return f"{head}: {', '.join([*about, *moved])}"
    order = [name for name in words["about"].get(noun, ()) if name in shown]
    rest = [name for name in shown if name not in order and name != "key"]
    told = [*(_value(shown[name]) for name in order), *(f"{_column(name)}: {_value(shown[name])}" for name in rest)]
    return f"{head}: {', '.join(told)}" if told else str(head)


def _column(name: str) -> str:
    return str(_words()["columns"].get(name, name))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(_words()["yes" if value else "no"])
    text = str(_words()["values"].get(str(value), value))
    if len(text) == 16 and text[4:5] == "-" and text[10:11] == "T":  # 2026-11-26T10:00
        return f"{text[8:10]}/{text[5:7]}/{text[:4]} {text[11:]}"
    return text if value is not None else "—"


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files("clinic.scenarios").joinpath("rows.yaml").read_text("utf-8"))
    return loaded
