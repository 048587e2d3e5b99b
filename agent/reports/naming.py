"""Names in a message: this person's, and the caregiver's first name. Nobody else's, and no greeting to somebody else. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from agent.reports.order import Order
from agent.reports.words import words
from clinic.reports.models import Problem
from clinic.reports.reading import Said, flat

_CAPITAL = re.compile(r"(?<![\w])[A-ZÀ-Ý][a-zà-ÿ]{2,}(?![\w])")
_WORD = re.compile(r"(?<!\w)[a-z]{3,}(?!\w)")
_BEGINS = re.compile(r"(?:^|[.!?:;\n•*“\"(–—-])\s*[*_“\"(]*$")
_GREETS = re.compile(
    r"(?:^|\n)\s*(?:ol[aá]|oi|bom dia|boa tarde|boa noite|querid[oa]s?|car[oa]s?|prezad[oa]s?)[ \t,]+"
    r"(?:(?:bom dia|boa tarde|boa noite|querid[oa]s?|fam[ií]lia)[\s,]*(?:d[aeo]\s+)?)*([^\n,.!?:;]{2,60})",
    re.IGNORECASE,
)
# What ends with its own mark greets nobody by name, unless somebody is called right after it: "Olá! Dona Rosa, …".
_CALLS = re.compile(
    r"(?:^|\n)\s*(?:ol[aá]|oi|bom dia|boa tarde|boa noite)[^\n,.]{0,20}[!.][ \t]+"
    r"((?:(?:dona|seu|sr|sra|senhor|senhora)\.?[ \t]+)?[A-ZÀ-Ý][\wÀ-ÿ]+(?:[ \t]+[A-ZÀ-Ý][\wÀ-ÿ]+){0,2})[,!]",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?<!\w)(?:dona|seu|sr|sra|senhor|senhora|dr|dra)\.?\s+([a-z]{3,})")


def naming(order: Order, draft: Said, source: Said, medicines: frozenset[str]) -> Iterator[Problem]:
    """Names that may not stand in a message."""
    allowed = _own(order)
    seen = _capitals_of(source) - allowed - medicines - _capital_words()
    listed: set[str] = set()
    for match in _CAPITAL.finditer(draft.text):
        name = draft.flat[match.start() : match.end()]
        if name in allowed or name in medicines or name in _capital_words():
            continue
        begins = _BEGINS.search(draft.text[: match.start()]) is not None
        if name in _first_names() or name in seen or not begins:
            listed.add(name)
            yield Problem("name", match.group())
    for match in _WORD.finditer(draft.flat):
        name = match.group()
        if name in _first_names() - _small_words() and name not in allowed and name not in listed:
            yield Problem("name", draft.text[match.start() : match.end()])
    for match in _TITLE.finditer(draft.flat):
        if match[1] not in allowed and match[1] not in listed and match[1] not in _capital_words():
            yield Problem("name", draft.text[match.start(1) : match.end(1)])
    yield from _greeting(order, draft, allowed)


def _greeting(order: Order, draft: Said, allowed: frozenset[str]) -> Iterator[Problem]:
    """Who is greeted: the family, by nobody's name but this person's. A person cared for is not spoken to."""
    ours = frozenset(re.findall(r"[a-z]+", flat(f"{order.signs} {order.clinic}"))) | {"aqui", "passando", "segue", "seguem"}
    for match in (*_GREETS.finditer(draft.text), *_CALLS.finditer(draft.text)):
        called = [word for word in re.findall(r"[^\W\d_]{3,}", match[1]) if word[0].isupper()]
        of_family = "famil" in flat(match.group())
        for word in called:
            name = flat(word)
            if name not in _capital_words() | ours and not (of_family and name in allowed):
                yield Problem("greeting", word)


def _own(order: Order) -> frozenset[str]:
    called = f"{order.person} {order.first_name} {order.signs} {order.clinic}"
    return frozenset(re.findall(r"[a-z]+", flat(called)))


def _capitals_of(source: Said) -> frozenset[str]:
    """Words of the source written with a capital in the middle of a sentence: names, mostly."""
    return frozenset(
        source.flat[match.start() : match.end()]
        for match in _CAPITAL.finditer(source.text)
        if _BEGINS.search(source.text[: match.start()]) is None
    )


@cache
def _first_names() -> frozenset[str]:
    return frozenset(words("names")["first"])


@cache
def _small_words() -> frozenset[str]:
    return frozenset(words("names")["words"])


@cache
def _capital_words() -> frozenset[str]:
    return frozenset(words("names")["capitals"])
