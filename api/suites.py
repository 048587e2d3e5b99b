"""Which suites this repository has, told from their files: the API plays nothing and reads no evals' code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from clinic.scenarios.models import OWN
from clinic.scenarios.rows import suite_titles
from clinic.scenarios.schema import SUITES
from kit import fast_yaml

_HOME = ("evals", "scenarios")


@dataclass(frozen=True, slots=True)
class Told:
    """A scenario of the repository. `known_failing`: the demonstration model does not pass it yet."""

    id: str
    title: str
    suite: str
    critical: bool
    known_failing: bool


@cache
def repository() -> tuple[Told, ...]:
    """Every scenario of the repository's suites. Takes a moment the first time: call it beside the event loop."""
    package, folder = _HOME
    home = Path(str(files(package)))
    known: dict[str, Any] = _read(home / "known.yaml") or {}
    return tuple(
        Told(one["id"], one["title"], one["suite"], bool(one.get("critical")), one["id"] in known)
        for path in sorted((home / folder).rglob("*.yaml"))
        for one in _read(path) or ()
    )


def _read(path: Path) -> Any:
    return fast_yaml.load(path.read_text("utf-8"))


@cache
def titles() -> dict[str, str]:
    """What staff call each suite, the clinic's own first."""
    return {name: suite_titles()[name] for name in (OWN, *SUITES)}
