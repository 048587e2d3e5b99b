"""What is known of each embedding model: its prefixes, and from which score a passage counts as an answer."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from kit import fast_yaml


@dataclass(frozen=True, slots=True)
class Calibration:
    """`lexical` is the weight of lexical similarity; passages below `threshold` answer nothing, and those more than
    `slack` below it do not even accompany an answer."""

    lexical: float
    threshold: float
    slack: float


@cache
def background() -> tuple[str, ...]:
    """Passages that any clinic could have written: what all of them have in common tells nothing about a question."""
    return tuple(fast_yaml.load((Path(__file__).parent / "background.yaml").read_text(encoding="utf-8")))


@cache
def _entries() -> list[dict[str, Any]]:
    told = fast_yaml.load((Path(__file__).parent / "calibration.yaml").read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = told["models"]
    return entries


def _known(model_id: str) -> dict[str, Any]:
    return next(entry for entry in _entries() if fnmatchcase(model_id.lower(), entry["match"]))


def prefixes_of(model: str) -> tuple[str, str]:
    """(before a question, before a passage) for a model, by its name."""
    known = _known(model)
    return known.get("query", ""), known.get("passage", "")


def calibration_of(model_id: str) -> Calibration:
    """How to read the scores of `model_id`."""
    known = _known(model_id)
    return Calibration(lexical=known["lexical"], threshold=known["threshold"], slack=known["slack"])
