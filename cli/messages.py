"""The words of the command line, from messages.yaml."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from kit import fast_yaml


@cache
def _all() -> dict[str, Any]:

    kept: dict[str, Any] = fast_yaml.load(files("cli").joinpath("messages.yaml").read_text("utf-8"))
    return kept


def words(path: str) -> Any:
    """What stands at a dotted path of messages.yaml; KeyError when nothing does."""
    found: Any = _all()
    for step in path.split("."):
        found = found[step]
    return found


def say(path: str, /, **values: object) -> str:
    """The sentence at a dotted path, filled in."""
    return str(words(path)).format(**values)
