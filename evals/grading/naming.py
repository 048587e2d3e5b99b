"""Verdicts, gates and reports as staff read them: what a row, a call or a check says in words, and figures with decimal
commas. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from clinic.scenarios.rows import call_done, call_told, how_of, row_told, suite_titles
from clinic.scenarios.schema import Saying
from evals.grading.examples import examples
from evals.grading.rows import Met
from kit import fast_yaml, ptbr


@cache
def words() -> Mapping[str, Any]:
    """Every word of a report."""
    loaded: Mapping[str, Any] = fast_yaml.load(files("evals.telling").joinpath("report.yaml").read_text("utf-8"))
    return loaded


def say(key: str, **values: object) -> str:
    """One sentence of a verdict, of a gate or of a report. Raises KeyError for one that is not written."""
    return str(words()[key]).format(**values)


def suite_name(name: str) -> str:
    """What a suite is called, within a sentence."""
    return _within(suite_titles().get(name, name))


def instant(written: str, zone: str) -> str:
    """An instant on the clinic's wall clock; without an offset it is of that clock already."""
    at = datetime.fromisoformat(written)
    local = at.astimezone(ZoneInfo(zone)) if at.tzinfo else at
    return f"{local:%d/%m/%Y} {ptbr.at(local.time())}"


def change(one: Met, *, mine: str | None = None) -> str:
    """What happened to a row, or should have. `mine`: the number of whoever wrote, which goes without saying."""
    was, now = (_without(row, mine) if row is not None else None for row in (one.was, one.now))
    return row_told(one.noun, how_of(was, now), was, now)


def still(table: str) -> str:
    """A table changed in which nothing may."""
    return row_told(table, "still", None, None)


def _without(given: Mapping[str, Any], mine: str | None) -> Mapping[str, Any]:
    return {name: value for name, value in given.items() if not (name == "phone" and value == mine)} or given


def to_do(tool: str, args: Mapping[str, Any]) -> str:
    """A call as something to do."""
    return call_told(tool, args)


def done(tool: str, args: Mapping[str, Any] = MappingProxyType({})) -> str:
    """A call as something that was done, within a sentence."""
    return _within(call_done(tool, args))


def _within(told: str) -> str:
    return f"{told[:1].lower()}{told[1:]}"


def words_of(saying: Saying) -> str:
    """What is looked for in a reply: what it is called, else its words, else something like them."""
    if saying.label:
        return saying.label
    told = [_listed(saying.all, "and"), _listed(saying.any, "or")]
    if saying.regex:
        shown, more = examples(saying.regex)
        like = _listed([_accented(one) for one in shown], "or") + (say("and_so_on") if more else "")
        told.append(say("like", what=like) if shown else say("pattern"))
    return f" {say('and')} ".join(one for one in told if one)


def _accented(text: str) -> str:
    return re.sub(r"\w+", lambda found: str(words()["accents"].get(found[0], found[0])), text)


def _listed(texts: Sequence[str], joint: str) -> str:
    quoted = [f"“{one}”" for one in texts]
    return f" {say(joint)} ".join(filter(None, [", ".join(quoted[:-1]), *quoted[-1:]]))


def call(tool: str, args: Mapping[str, Any]) -> str:
    """A call as it was made, for who looks closer: names of tools and arguments as they are."""
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
