"""Short facts in Portuguese that tools add to their answers; the sentences are in notes.yaml."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from kit import fast_yaml


@cache
def _sentences() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(files("tools").joinpath("notes.yaml").read_text("utf-8"))
    return loaded


def say(key: str, **words: str) -> str:
    """One sentence, with its words in place."""
    return _sentences()[key].format(**words)


def either(words: Sequence[str]) -> str:
    """ "terça ou quinta"."""
    return _sentences()["either"].join(words)
