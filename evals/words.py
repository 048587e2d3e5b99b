"""Looking for words as a person would: without accents, case or odd spaces. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from clinic.scenarios.schema import Saying
from kit.text import plain


@lru_cache(maxsize=8192)  # each reply is looked into once for everybody who is not to be told
def folded(text: str) -> str:
    """Lower case, no accents, single spaces."""
    return " ".join(plain(text).split())


@cache
def _pattern(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.IGNORECASE)


def matches(regex: str, text: str) -> bool:
    """Whether the pattern is in the text; both without accents."""
    return _pattern(_unaccented(regex)).search(folded(text)) is not None


def _unaccented(regex: str) -> str:
    table = str.maketrans("áàâãäéèêëíìîïóòôõöúùûüçÁÀÂÃÉÊÍÓÔÕÚÇ", "aaaaaeeeeiiiiooooouuuucAAAAEEIOOOUC")
    return regex.translate(table)


_QUOTED = re.compile(r"[“\"«']([^“”\"«»']{3,}?)[”\"»']")
_SENTENCE = re.compile(r"(?<=[.!?…])(?<!dr\.)(?<!dra\.)(?<!sr\.)(?<!sra\.)\s+|\n+", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """A reply in its sentences and lines; "Dra." ends none."""
    return [one for one in _SENTENCE.split(text) if one.strip()]


def answered(replies: Sequence[str], *, openings: Sequence[str], said: Sequence[str]) -> str:
    """What of a reply answers: without the bubbles that introduce Carol, and without the patient's own words given back.

    Somebody who only greets, or repeats what they were asked, has answered nothing.
    """
    heard = [_bare(one) for one in said]
    kept = []
    for reply in replies:
        if folded(reply) in {folded(one) for one in openings}:
            continue
        text = _QUOTED.sub(lambda found: " " if any(_bare(found[1]) in one for one in heard) else found[0], reply)
        kept.append("\n".join(one for one in sentences(text) if not _echo(one, heard)))
    return "\n".join(kept)


def _echo(sentence: str, heard: Sequence[str]) -> bool:
    bare = _bare(sentence)
    return len(bare.split()) >= 4 and any(bare in one for one in heard)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", folded(text)))


def holds(saying: Saying, reply: str) -> bool:
    """Whether one reply has these words."""
    text = folded(reply)
    return (
        all(folded(word) in text for word in saying.all)
        and (not saying.any or any(folded(word) in text for word in saying.any))
        and (saying.regex is None or matches(saying.regex, reply))
    )
