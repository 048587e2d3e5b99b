"""Reading suites: YAML files of scenarios, one list a file. A mistake is told by file, scenario and field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from evals.schema import Scenario
from kit.errors import Invalid

HOME = Path(str(files("evals"))) / "scenarios"


class BadScenario(Invalid):
    """A scenario that cannot be read."""

    code = "bad_scenario"


def of_suites(names: Iterable[str] = (), *, home: Path = HOME) -> list[Scenario]:
    """Every scenario of the suites named (none: of all), in the order of their files. Raises BadScenario."""
    wanted = set(names)
    found = [one for path in sorted(home.rglob("*.yaml")) for one in read(path.read_text("utf-8"), source=path.name)]
    twice = {one.id for one in found if sum(other.id == one.id for other in found) > 1}
    if twice:
        raise BadScenario(f"scenario ids used twice: {', '.join(sorted(twice))}")
    unknown = wanted - {one.suite for one in found}
    if unknown:
        raise BadScenario(f"no such suite: {', '.join(sorted(unknown))}")
    return [one for one in found if not wanted or one.suite in wanted]


def read(text: str, *, source: str) -> list[Scenario]:
    """The scenarios of one file. Raises BadScenario, with every mistake."""
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadScenario(f"{source}: {error}") from error
    if loaded is None:
        return []
    return [_one(given, source, place) for place, given in enumerate(loaded if isinstance(loaded, list) else [loaded], 1)]


def _one(given: Any, source: str, place: int) -> Scenario:
    name = given.get("id", place) if isinstance(given, dict) else place
    try:
        return Scenario.model_validate(given)
    except ValidationError as wrong:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors())
        raise BadScenario(f"{source}: {name}: {told}") from wrong


def written(scenarios: Sequence[Scenario]) -> str:
    """The scenarios as a suite's file."""
    plain = [one.model_dump(mode="json", by_alias=True, exclude_defaults=True) for one in scenarios]
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=120)
