"""Mistyped words of the desk, read as they were meant: "qunato custq" asks a price. Names are nobody's to mend. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agent.offline.spelling import edits, fold
from kit import fast_yaml

# What is said while one thinks, and an ear writes down; "não é, …" is no hesitation.
_HESITATES = re.compile(
    r"\bhu+m+\b\s*,?\s*|(?:^|(?<=[.!?]\s))(?:(?:é|assim|tipo)\s*,\s*(?=\w)|então\s*,\s*(?=e\b))", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_LEAST, _SHORTEST = 5, 4  # letters of a word that is mended to, and of one that is mended
_INFLECTED = frozenset("aeiousmr")  # "agendo" and "agendas" are words, "agendz" is none


@dataclass(frozen=True, slots=True)
class Mended:
    """`text` with its words as they were meant; `typed`: what stood there, by the word it became."""

    text: str
    typed: Mapping[str, str]

    def as_typed(self, words: str) -> str:
        """Some of those words as they were typed: a name is spelled by whoever bears it."""
        return " ".join(self.typed.get(fold(word), word) for word in words.split())


def mended(text: str) -> Mended:
    """The text, understood through its typing: one letter lost, added, changed or swapped in a word that every desk hears.
    A word with a capital is left alone, and so is one that exists. What was said while thinking ("hum, …") is left out."""
    typed: dict[str, str] = {}
    said = _HESITATES.sub("", text)

    def one(found: re.Match[str]) -> str:
        word = found.group()
        meant = _meant(fold(word)) if len(word) >= _SHORTEST and word.islower() else ""
        if not meant:
            return word
        typed[meant] = word
        return meant

    return Mended(_WORD.sub(one, said if said.strip() else text), typed)


@cache
def _meant(word: str) -> str:
    """What a folded word was to be; "" when it is one, or nobody can tell."""
    words, own = _book()
    if word in words or word in own:
        return ""
    near = [one for one in words if _begins(word, one) and edits(word, one, 1) == 1 and not _ends_otherwise(word, one)]
    first, *others = near or [""]
    return first if all(other[:5] == first[:5] for other in others) else ""


def _begins(word: str, meant: str) -> bool:
    """The first letter is the one that thumbs get right; or it changed places with the second."""
    return word[0] == meant[0] or word[:2] == meant[1::-1]


def _ends_otherwise(word: str, meant: str) -> bool:
    """Another form of the same word, or another word that begins so."""
    shared = min(len(word), len(meant)) - (len(word) == len(meant))
    return word[:shared] == meant[:shared] and word[-1] in _INFLECTED


@cache
def _book() -> tuple[tuple[str, ...], frozenset[str]]:
    raw: dict[str, str] = fast_yaml.load(Path(__file__).with_name("mending.yaml").read_text(encoding="utf-8"))
    return tuple(one for one in raw["words"].split() if len(one) >= _LEAST), frozenset(map(fold, raw["own"].split()))
