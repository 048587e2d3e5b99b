"""The suites of this repository: YAML files of scenarios, one list a file."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from clinic.scenarios.reading import BadScenario, read
from clinic.scenarios.schema import Scenario

HOME = Path(str(files("evals"))) / "scenarios"


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
