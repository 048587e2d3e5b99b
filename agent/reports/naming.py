"""Names in a message: this person's, the caregiver's first name, and those that stand in this very report. No greeting to
somebody else. Pure.

Whom other families know by a name is looked up where their names are (`clinic.reports.texts.strangers`).
"""

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
_BEGINS = re.compile(r"(?:^|[.!?:;\n•*“\"(–—-]|[^\w\s,/'’])\s*[*_“\"(]*$")
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
_ANY = re.compile(r"[a-z]+")
_FAMILY = re.compile(r"(?<!\w)(?:famil|mamae|papai|pais|mae|pai|gente|pessoal|filh|net|sobrinh|espos|marido)")
_FOND = re.compile(r"z?inh[ao]$")
_TITLE = re.compile(r"(?<!\w)(?:dona|seu|sr|sra|senhor|senhora|dr|dra)\.?\s+([a-z]{3,})")


def naming(order: Order, draft: Said, source: Said, medicines: frozenset[str]) -> Iterator[Problem]:
    """Names that may not stand in a message."""
    own = _own(order)
    there = frozenset(_ANY.findall(source.flat))
    allowed = own | there
    listed: set[str] = set()
    for match in _CAPITAL.finditer(draft.text):
        name = draft.flat[match.start() : match.end()]
        if name in allowed or name in medicines or name in _capital_words():
            continue
        begins = _BEGINS.search(draft.text[: match.start()]) is not None
        if name in _first_names() or not begins:
            listed.add(name)
            yield Problem("name", match.group())
    for match in _WORD.finditer(draft.flat):
        name = match.group()
        if name in _first_names() - _small_words() and name not in allowed and name not in listed:
            yield Problem("name", draft.text[match.start() : match.end()])
    for match in _TITLE.finditer(draft.flat):
        if match[1] not in allowed and match[1] not in listed and match[1] not in _capital_words():
            yield Problem("name", draft.text[match.start(1) : match.end(1)])
    yield from _told_there(draft, there - own - _pet_names(own, there) - medicines - _capital_words())
    yield from _greeting(order, draft, own | _pet_names(own, there))


def _told_there(draft: Said, there: frozenset[str]) -> Iterator[Problem]:
    """Whom the report names too: no strangers, but whether the message speaks of them rightly no rule sees."""
    for match in _CAPITAL.finditer(draft.text):
        name = draft.flat[match.start() : match.end()]
        begins = _BEGINS.search(draft.text[: match.start()]) is not None
        if name in there and (name in _first_names() or not begins):
            yield Problem("name", match.group(), critical=False)


def _greeting(order: Order, draft: Said, allowed: frozenset[str]) -> Iterator[Problem]:
    """Who is greeted: the family, by nobody's name but this person's. A person cared for is not spoken to."""
    ours = frozenset(re.findall(r"[a-z]+", flat(f"{order.signs} {order.clinic}"))) | {"aqui", "passando", "segue", "seguem"}
    for match in (*_GREETS.finditer(draft.text), *_CALLS.finditer(draft.text)):
        called = [word for word in re.findall(r"[^\W\d_]{3,}", match[1]) if word[0].isupper()]
        of_family = _FAMILY.search(flat(match.group())) is not None
        for word in called:
            name = flat(word)
            if name not in _capital_words() | ours and not (of_family and name in allowed):
                yield Problem("greeting", word)


def _own(order: Order) -> frozenset[str]:
    called = f"{order.person} {order.first_name} {order.signs} {order.clinic}"
    return frozenset(re.findall(r"[a-z]+", flat(called)))


def _pet_names(own: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    """Words of the report that are a short or fond form of this person's own name: Lourdinha, Helô, Tide."""
    names = [one for one in own if len(one) > 3]
    stems = {word: _FOND.sub("", word) for word in known - _first_names() if len(word) > 2}
    return frozenset(
        word
        for word, stem in stems.items()
        if len(stem) > 2 and any(stem in one or stem[:-1] == one[: len(stem) - 1] for one in names)
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
