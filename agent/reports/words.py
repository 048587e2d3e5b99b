"""The YAML files of this room, read once, and their lists as patterns over flat text."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from kit import fast_yaml
from kit.patterns import any_of, vocabulary_of


@cache
def words(name: str) -> dict[str, Any]:
    """One file."""
    loaded: dict[str, Any] = fast_yaml.load(files("agent.reports").joinpath(f"{name}.yaml").read_text("utf-8"))
    return loaded


@cache
def lists(name: str) -> dict[str, re.Pattern[str]]:
    """The `lists` of a file, each as one pattern of whole words."""
    raw = words(name)
    vocabulary = vocabulary_of(raw.get("vocabulary", {}))
    return {key: any_of(patterns, vocabulary) for key, patterns in raw["lists"].items()}


@cache
def prompt(name: str) -> str:
    """One file of `agent/prompts`."""
    return files("agent").joinpath("prompts", f"{name}.md").read_text("utf-8")
