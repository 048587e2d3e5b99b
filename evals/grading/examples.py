"""What a pattern of words may match, shown by some of it: who reads a verdict reads no regular expressions. Pure."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Any

_MOST = 3
_LEAST = 3  # letters of an example that says something
_parser: Any = import_module("re._parser")
_ANYTHING = "…"
_GAPS = re.compile(r"\s*…[\s…]*")


@cache
def examples(regex: str) -> tuple[tuple[str, ...], bool]:
    """Up to three texts that the pattern is about, and whether there are more. Only what must be there is shown; anything
    else is an ellipsis. None when nothing of it can be read."""
    found = [_tidy(text) for text in _texts(list(_parser.parse(regex)))]
    told = list(dict.fromkeys(one for one in found if len(one.strip(" …,.!?:")) >= _LEAST or one.strip(" …").isdigit()))
    return tuple(told[:_MOST]), len(told) > _MOST


def _tidy(text: str) -> str:
    text = _GAPS.sub(_ANYTHING, text).strip()
    return text.replace(_ANYTHING, " … ").strip().removeprefix("… ").removesuffix(" …").strip()


def _texts(parts: list[Any]) -> list[str]:
    """One text for each alternative at the top, however deep its parentheses; within, the first that says something."""
    if len(parts) == 1 and str(parts[0][0]) == "BRANCH":
        return [text for branch in parts[0][1][1] for text in _texts(list(branch))]
    if len(parts) == 1 and str(parts[0][0]) == "SUBPATTERN":
        return _texts(list(parts[0][1][-1]))
    return ["".join(map(_text, parts))]


def _text(part: Any) -> str:
    kind, given = str(part[0]), part[1]
    if kind == "LITERAL":
        return chr(given)
    if kind in ("AT", "ASSERT", "ASSERT_NOT"):
        return ""
    if kind == "IN":
        return chr(given[0][1]) if str(given[0][0]) == "LITERAL" else _ANYTHING
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = given
        text = "".join(map(_text, inner))
        return text if least or text == " " else "" if most == 1 else _ANYTHING
    if kind == "SUBPATTERN":
        return "".join(map(_text, given[-1]))
    if kind == "BRANCH":
        return "".join(map(_text, given[1][0]))
    return _ANYTHING
