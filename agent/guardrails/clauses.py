"""A reply clause by clause: where each begins, and what it does with the facts it says. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from re import Pattern

from agent.guardrails.claims import claims
from agent.guardrails.lexicon import flat, lexicon
from kit.text import plain

# As `lexicon.sentences` cuts them, and at every line; a clause also ends where it turns.
_ENDS = re.compile(r"(?<!\bdr)(?<!\bdra)(?<!\bsr)(?<!\bsra)[.!;]+(?!\d)|\n+|(?<=\?)", re.IGNORECASE)
_TURNS = re.compile(r"(?:,|(?<!\s))\s+(?:mas|por[eé]m|s[oó]\s+que|entretanto|no\s+entanto)\b", re.IGNORECASE)
_ITEM = re.compile(r"\s*(?:[-•*·–▪✅🗓📅⏰]|\d{1,2}[.)ªº-]|\*?\d\*?[.)])")
_RANGE_BEFORE = re.compile(r"(?:\bdas|\bentre as|\ba partir das?|\bate as?|\bdesde as|\be das)\s*$")
_RANGE_AFTER = re.compile(r"\s*(?:as|ate|ate as|a|-|–)\s*(?:as\s*)?(?:\d|meio)")


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the flattened reply, and what it does.

    `claims`: says that something stands or was done; `changes`: that it was moved or cancelled; `frees`: that a time is free;
    `opens`: when the clinic is open; `echoes`: repeats the patient, `yours`: of themselves; `promises`: that somebody answers;
    `gone`: that a time is no longer to be had, and nothing else.
    """

    start: int
    end: int
    words: str
    asks: bool
    claims: bool
    changes: bool
    frees: bool
    opens: bool
    denies: bool
    echoes: bool
    yours: bool
    promises: bool
    gone: bool
    lead: int | None  # where the clause begins of whose list this is an item


def clauses_of(text: str, reply: str) -> tuple[Clause, ...]:
    """The clauses of `reply`, whose flattened form is `text` (`kit.text.plain`)."""
    found: list[Clause] = []
    lead: Clause | None = None
    at = 0
    for piece, listed in _pieces(reply):
        said = plain(piece)
        start = text.find(said, at)
        if start < 0:
            start = at
        at = min(start + len(said), len(text))
        clause = _clause(start, at, piece, lead if listed else None)
        found.append(clause)
        if piece.rstrip().endswith(":"):
            lead = clause
        elif not listed:
            lead = None
    return tuple(found) or (_clause(0, len(text), reply, None),)


def of(clauses: tuple[Clause, ...], place: int) -> Clause:
    """The clause in which a place of the flattened text lies."""
    return clauses[max(0, bisect_right([clause.start for clause in clauses], place) - 1)]


def in_range(text: str, start: int, end: int) -> bool:
    """Whether the hour there is an end of a span ("das 8h às 18h", "até as 18h")."""
    before = text[max(0, start - 14) : start]
    return bool(_RANGE_BEFORE.search(before) or re.match(r"das\b|ate as\b|a partir das\b", text[start:end])) or (
        _RANGE_AFTER.match(text, end) is not None or re.search(r"\d\s?h?\s*(?:as|ate|a|-|–)\s*(?:as\s*)?$", before) is not None
    )


def _pieces(reply: str) -> Iterator[tuple[str, bool]]:
    """Each clause as written, and whether it is an item of a list."""
    at = 0
    for end in [*(found.span() for found in _ENDS.finditer(reply)), (len(reply), len(reply))]:
        sentence = reply[at : end[1]]
        if sentence.strip(" \n.").isdigit() and end[1] < len(reply):
            continue  # "1." begins an item
        at = end[1]
        listed = _ITEM.match(sentence) is not None
        cut = 0
        for turn in _TURNS.finditer(sentence):
            if piece := sentence[cut : turn.start()].strip(" \n"):
                yield piece, listed
            cut = turn.start()
        if piece := sentence[cut:].strip(" \n"):
            yield piece, listed


def _clause(start: int, end: int, piece: str, lead: Clause | None) -> Clause:
    words = flat(piece)
    made = [kind for kind, _ in claims(piece.rstrip(":"), frozenset())]
    return Clause(
        start=start,
        end=end,
        words=words,
        asks=piece.rstrip().endswith("?"),
        claims="ungrounded_booking" in made or (lead is not None and lead.claims),
        changes=any(_outgoing()[name].search(words) for name in ("moved", "cancelled")),
        frees=_has("free", words) or (lead is not None and lead.frees),
        opens=_has("opens", words) or (lead is not None and lead.opens),
        denies=_has("denies", words) or (lead is not None and lead.denies),
        echoes=_has("echoes", words),
        yours=_has("yours", words),
        promises="ungrounded_promise" in made or _has("owes", words),
        gone=not made and _gone(words),
        lead=lead.start if lead is not None else None,
    )


def _gone(words: str) -> bool:
    left, times = _lists()["gone"].subn(" ", words)
    return times > 0 and not (_has("free", left) or _has("opens", left))


def _has(name: str, words: str) -> bool:
    return _lists()[name].search(words) is not None


@cache
def _lists() -> dict[str, Pattern[str]]:
    return lexicon("clauses")


@cache
def _outgoing() -> dict[str, Pattern[str]]:
    return lexicon("outgoing")
