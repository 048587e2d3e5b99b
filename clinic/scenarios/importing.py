"""A clinic's own scenarios from text: all of them, or every mistake, told by scenario and field in words for staff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

from clinic.scenarios.models import OWN
from clinic.scenarios.schema import Scenario
from kit import fast_yaml
from kit.errors import Invalid
from kit.text import strip_hidden

MOST = 500
"""Scenarios in one text."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong. `scenario`: its id, or its place in the text from 1; `field`: its path, empty for the whole."""

    scenario: str
    field: str
    problem: str


class BadScenarios(Invalid):
    """Some scenarios cannot be read; nothing was written."""

    code = "bad_scenarios"

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__()
        self.mistakes = tuple(mistakes)
        self.told = {"mistakes": [asdict(one) for one in self.mistakes]}


def read(text: str) -> list[Scenario]:
    """The scenarios of a clinic, from YAML. Raises BadScenarios with every mistake."""
    try:
        loaded = fast_yaml.load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise BadScenarios([Mistake("", "", say("not_yaml", line=mark.line + 1 if mark else 1))]) from error
    given = loaded if isinstance(loaded, list) else [loaded] if loaded is not None else []
    if not given:
        raise BadScenarios([Mistake("", "", say("nothing"))])
    if len(given) > MOST:
        raise BadScenarios([Mistake("", "", say("too_many", most=MOST))])
    found, mistakes = [], list[Mistake]()
    for place, one in enumerate(given, 1):
        try:
            found.append(own(one, place=place))
        except BadScenarios as bad:
            mistakes += bad.mistakes
    mistakes += _twice(found)
    if mistakes:
        raise BadScenarios(mistakes)
    return found


def own(given: Any, *, place: int = 1) -> Scenario:
    """One scenario of a clinic's own. What it need not say: schema, suite, fixture. Raises BadScenarios."""
    if not isinstance(given, Mapping):
        raise BadScenarios([Mistake(str(place), "", say("no_mapping"))])
    name = str(given.get("id") or place)
    whole = {"schema": "carol.scenario/v1", "suite": OWN, "fixture": OWN, **given}
    mistakes = [Mistake(name, field, say("only_own", own=OWN)) for field in ("suite", "fixture") if whole[field] != OWN]
    if _unstorable(whole):
        mistakes.append(Mistake(name, "", say("unstorable")))
    try:
        scenario = Scenario.model_validate(whole)
    except ValidationError as wrong:
        mistakes += [Mistake(name, _path(error["loc"]), _problem(error)) for error in wrong.errors(include_url=False)]
        raise BadScenarios(mistakes) from wrong
    if mistakes:
        raise BadScenarios(mistakes)
    return scenario


def _twice(found: Iterable[Scenario]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for one in found:
        if one.id in seen:
            yield Mistake(one.id, "id", say("twice"))
        seen.add(one.id)


def _unstorable(value: Any) -> bool:
    """Whether a text in it holds what no database keeps."""
    if isinstance(value, str):
        return any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, Mapping):
        return any(_unstorable(key) or _unstorable(inner) for key, inner in value.items())
    return isinstance(value, list | tuple) and any(map(_unstorable, value))


def _path(loc: Sequence[int | str]) -> str:
    """`patient.turns.2.say`: items of a list by their place from 1; names of types are left out."""
    named = [str(part + 1) if isinstance(part, int) else part for part in loc]
    return ".".join(part for part in named if part.replace("_", "").isalnum())


def _problem(error: Any) -> str:
    kind = str(error["type"])
    if kind == "value_error":
        told = str(error["ctx"]["error"])
        return str(_words()["rules"].get(told.split(":")[0], told))
    known = _words()["types"].get(kind)
    return str(known).format(**error.get("ctx", {})) if known else strip_hidden(str(error["msg"]))


def say(key: str, **values: object) -> str:
    """A sentence for staff."""
    return str(_words()[key]).format(**values)


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.scenarios").joinpath("importing.yaml").read_text("utf-8"))
    return loaded
