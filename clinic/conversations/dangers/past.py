"""A danger told as past and ended, also without a date: "o médico viu que era jejum e liberou". Pure."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from kit import fast_yaml
from kit.patterns import any_of

_SOURCE = Path(__file__).with_suffix(".yaml")


def is_past(said: str, around: str = "") -> bool:
    """Flattened `said` tells a past and its outcome, and neither it nor the rest of the message (`around`) a word of now.

    Nobody pregnant, newborn, beaten or tired of life is in it: of them nothing is taken for past.
    """
    told = _times()
    return all(told[name].search(said) for name in ("past", "over")) and not any(
        told[name].search(words) for name in ("now", "never") for words in (said, around)
    )


def is_long_ago(said: str, around: str = "") -> bool:
    """Flattened `said` tells of another time of life or of a year, and neither it nor `around` has a word of now."""
    told = _times()
    return told["long_ago"].search(said) is not None and not any(
        told[name].search(words) for name in ("now", "never") for words in (said, around)
    )


def is_now(said: str) -> bool:
    """Flattened `said` has a word of what goes on."""
    return _times()["now"].search(said) is not None


@cache
def _times() -> dict[str, re.Pattern[str]]:
    raw: dict[str, list[str]] = fast_yaml.load(_SOURCE.read_text(encoding="utf-8"))
    return {name: any_of(patterns, {}) for name, patterns in raw.items()}
