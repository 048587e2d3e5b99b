"""Word lists written as patterns, with named parts and word gaps, compiled once. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_GAP = re.compile(r"\(\?:\{g(\d)\}\)|\{g(\d)\}")
_NAME = re.compile(r"\{([a-z]+)\}")


def written_out(pattern: str, vocabulary: Mapping[str, str]) -> str:
    """`pattern` with each `{name}` replaced from `vocabulary` and each `{gN}` by white space with at most N words in it.

    Commas standing alone count as words. KeyError for a name the vocabulary lacks.
    """
    named = _NAME.sub(lambda found: vocabulary[found.group(1)], pattern)
    return _GAP.sub(lambda found: rf"(?:\s+[\w,]+){{0,{found.group(1) or found.group(2)}}}\s+", named)


def vocabulary_of(words: Mapping[str, str]) -> dict[str, str]:
    """`words` with earlier entries written out inside later ones."""
    vocabulary: dict[str, str] = {}
    for name, pattern in words.items():
        vocabulary[name] = written_out(pattern, vocabulary)
    return vocabulary


def any_of(patterns: Iterable[str], vocabulary: Mapping[str, str]) -> re.Pattern[str]:
    """Any of `patterns`, written out, as whole words."""
    return re.compile(r"(?<!\w)(?:" + "|".join(written_out(pattern, vocabulary) for pattern in patterns) + r")(?!\w)")
