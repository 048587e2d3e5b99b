"""Looking for words as a person would: without accents, case or odd spaces. Pure."""

from __future__ import annotations

import re
from functools import cache

from clinic.scenarios.schema import Saying
from kit.text import plain


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


def holds(saying: Saying, reply: str) -> bool:
    """Whether one reply has these words."""
    text = folded(reply)
    return (
        all(folded(word) in text for word in saying.all)
        and (not saying.any or any(folded(word) in text for word in saying.any))
        and (saying.regex is None or matches(saying.regex, reply))
    )
