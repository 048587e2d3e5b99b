"""The words for what is wrong with a clinic document, from problems.yaml."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from kit import fast_yaml


@cache
def _all() -> dict[str, Any]:
    kept: dict[str, Any] = fast_yaml.load(files("clinic.tenants").joinpath("problems.yaml").read_text("utf-8"))
    return kept


def words(name: str) -> dict[str, str]:
    """A group of words, such as the kinds of things."""
    group: dict[str, str] = _all()[name]
    return group


def say(sentence: str, /, **values: object) -> str:
    """The sentence of that name, filled in."""
    return str(_all()[sentence]).format(**values)
