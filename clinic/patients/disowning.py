"""Whether somebody says that they are not who we take them for. Pure; ways of saying it are in `disowning.yaml`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from kit import fast_yaml
from kit.patterns import any_of
from kit.text import expand_chat, plain

_SOURCE = Path(__file__).with_suffix(".yaml")


class Disowned(StrEnum):
    NUMBER = "number"  # the number changed hands: nothing of the former owner's is theirs
    NAME = "name"  # they are somebody else, perhaps of the house: asked before anything is shown


def read(texts: Sequence[str], names: Sequence[str]) -> Disowned | None:
    """What these messages, read together, disown; `names` are those this contact spoke for.

    A relative who says so speaks for the patient, as always.
    """
    said = plain(expand_chat("\n".join(texts)))
    if _shapes("new_owner").search(said):
        return Disowned.NUMBER
    known = "|".join(sorted({re.escape(plain(name).split()[0]) for name in names if name.strip()})) or "(?!)"
    if _shapes("kin").search(said):
        return None
    mistaken = _shapes("mistaken").search(said) and not _shapes("own_slip").search(said)
    return Disowned.NAME if mistaken or _shapes("other_person", f"(?:{known})").search(said) else None


@cache
def _written() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = fast_yaml.load(_SOURCE.read_text("utf-8"))
    return loaded


@lru_cache(maxsize=500)
def _shapes(what: str, known: str = "(?!)") -> re.Pattern[str]:
    return any_of(_written()[what], {"known": known})
