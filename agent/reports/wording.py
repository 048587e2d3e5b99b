"""How a message may not speak: advice, diagnoses, promises, alarm, jargon alone, links and phones; and orders in a source.
Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from agent.reports.words import lists, words
from clinic.reports.models import Problem, Span
from clinic.reports.reading import Said, flat, said
from kit.text import strip_hidden

_SHOUTED = re.compile(r"(?<!\w)[A-ZÀ-Ý]{4,}(?!\w)")
_ALARM_SIGNS = re.compile("[🚨❗‼⚠😱😭🆘]|!{2,}|[?!]{3,}")
_GRANDPARENTS = frozenset({"vó", "vô"})  # without its accent it is "by mouth"
_CLOSE = 48  # characters around a term of the trade in which its plain words may stand


def wording(draft: Said, source: Said) -> Iterator[Problem]:
    """Problems of how a message speaks."""
    for code, pattern in lists("wording").items():
        for match in pattern.finditer(draft.flat):
            # An illness may be named when the report names it.
            if code != "illness" or match.group()[:6] not in source.flat:
                name = "diagnosis" if code == "illness" else code
                yield Problem(name, draft.text[match.start() : match.end()].strip())
    for match in _ALARM_SIGNS.finditer(draft.text):
        yield Problem("alarm", match.group())
    known = set(_SHOUTED.findall(source.text))
    for match in _SHOUTED.finditer(draft.text):
        if match.group() not in known or flat(match.group()) not in words("names")["capitals"]:
            yield Problem("alarm" if len(match.group()) > 5 else "jargon", match.group())
    yield from jargon(draft)


def jargon(draft: Said) -> Iterator[Problem]:
    """Words of the trade without plain ones beside them."""
    if not _any_term().search(draft.flat):
        return
    for pattern, plain, fine in _terms():
        for match in () if fine else pattern.finditer(draft.flat):
            if draft.text[match.start() : match.end()].lower() in _GRANDPARENTS:
                continue
            around = draft.flat[max(0, match.start() - _CLOSE) : match.end() + _CLOSE]
            if not any(word in around for word in plain):
                yield Problem("jargon", draft.text[match.start() : match.end()])


def plainly(text: str) -> str:
    """`text` with words of the trade put in plain ones, the first that each has; for the template."""
    here = said(text)
    put: list[tuple[Span, str]] = []
    for entry in words("plain")["terms"]:
        simple = str(entry["plain"]).split("|")[0]
        if not simple or entry.get("fine") or "\\w" in simple:
            continue
        for match in _compiled(entry["term"]).finditer(here.flat):
            if not any(match.start() < one.end and one.start < match.end() for one, _ in put):
                put.append((Span(*match.span()), simple))
    for span, simple in sorted(put, key=lambda one: -one[0].start):
        capital = simple[:1].upper() + simple[1:] if span.start == 0 else simple
        text = text[: span.start] + capital + text[span.end :]
    return text


def plain_words(text: Said) -> str:
    """The plain words (flat) of every term of the trade in a text: what a message may say instead."""
    found = [plain for pattern, plain, _ in _terms() if pattern.search(text.flat)]
    return " ".join(word for plain in found for word in plain)


def orders_in(text: str) -> tuple[Problem, ...]:
    """Orders to whoever rewrites it, in a report's text: never followed, and a reason for a person to look."""
    here = said(strip_hidden(text))
    return tuple(
        Problem("order", here.text[match.start() : match.end()])
        for pattern in lists("orders").values()
        for match in pattern.finditer(here.flat)
    )


@cache
def _terms() -> tuple[tuple[re.Pattern[str], tuple[str, ...], bool], ...]:
    return tuple(
        (_compiled(one["term"]), tuple(flat(word) for word in one["plain"].split("|") if word), bool(one.get("fine")))
        for one in words("plain")["terms"]
    )


@cache
def _any_term() -> re.Pattern[str]:
    """Any term that may not stand alone."""
    return _compiled("|".join(f"(?:{one['term']})" for one in words("plain")["terms"] if not one.get("fine")))


@cache
def _compiled(term: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/])(?:{term})(?![\w/])")
