"""After a warning: does the patient say that the danger is over, never was, or is being cared for? Pure.

In doubt it was not said, and the number is said once more. What is denied ("não passou ainda"), thought ("acho que já passou"),
told by another ("ela jura que…") or asked ("não é emergência, né?") was not said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from re import Pattern
from typing import Literal

from agent.guardrails.lexicon import flat, lexicon, sentences
from agent.guardrails.medical import asks_medical

How = Literal["passed", "never", "cared"]
_HOW: tuple[How, ...] = ("cared", "never", "passed")
_ASKED = re.compile(r"\s*,?\s*(?:ne|nao\s+e|certo|viu)?\s*\?")


@dataclass(frozen=True, slots=True)
class Over:
    """How it is over, and whether the same words also ask for something."""

    how: How
    asks: bool


def read(text: str) -> Over | None:
    """What `text` says of a danger known before; None: nothing, or that it is there."""
    lists = _lists()
    if lists["unsaid"].search(flat(text)):
        return None
    spans = [_kept(sentence) for sentence in sentences(text)]
    how = next((how for words in spans for how in _HOW if _said(words, lists[how])), None)
    return Over(how, any(lists["wish"].search(words) or "?" in words for words in spans)) if how else None


def asks_treatment(text: str) -> bool:
    """Asked in the middle of a danger, only a professional may answer it."""
    return asks_medical(text) or any(_lists()["treatment"].search(_kept(sentence)) for sentence in sentences(text))


def _said(words: str, pattern: Pattern[str]) -> bool:
    return any(
        not _lists()["before"].search(words[: found.start()].rpartition(",")[2]) and not _ASKED.match(words, found.end())
        for found in pattern.finditer(words)
    )


def _kept(sentence: str) -> str:
    """The flat sentence, a final question mark kept as a word of its own."""
    words = flat(sentence)
    return f"{words} ?" if "?" in sentence else words


@cache
def _lists() -> dict[str, Pattern[str]]:
    return lexicon("over")
