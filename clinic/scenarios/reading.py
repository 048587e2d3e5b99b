"""Scenarios as text: a suite's file, an import, an export. A mistake is told by source, scenario and field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from clinic.scenarios.schema import Scenario
from kit import fast_yaml
from kit.errors import Invalid


class BadScenario(Invalid):
    """A scenario that cannot be read."""

    code = "bad_scenario"


def read(text: str, *, source: str) -> list[Scenario]:
    """The scenarios of one file. Raises BadScenario, with every mistake."""
    try:
        loaded = fast_yaml.load(text)
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
