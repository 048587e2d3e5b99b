"""Whether the patient said yes to what was read back. Pure, and strict: a doubtful yes is asked again.

A wrong yes books, moves or cancels a real visit, so the whole answer must be made of words that are known to be a yes or to
change nothing beside one (`consent.yaml`): what else it may wish, ask or doubt need not be foreseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

from kit import fast_yaml, ptbr
from kit.text import expand_chat, plain

_THUMBS = ("👍", "👌", "✅", "🙌", "🤝", "☑", "✔")
_KIND_SIGNS = "🙏😊🙂☺😀😃😄😁😉😍🥰😘🤗🤩💚💙💜💛🧡❤🤍💕🌿🌷🌸🌹🎉👏"
_TONES = re.compile("[\ufe0e\ufe0f\u200d🏻🏼🏽🏾🏿♀♂]")
_PUNCTUATION = re.compile(r"[.,!;:…\"'()*_~\-–—]+")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_TAIL = re.compile(r"([a-z])\1+\b")
_YES_DRAWN = re.compile(r"\bs+i+m+\b")
_SAME = {"esta": "ta", "podi": "pode", "okok": "ok", "pd": "pode"}
_LONGEST = 40  # words; nobody needs more for a plain yes

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """The phrases that are a yes to one kind of proposal, and those that change nothing beside one."""

    yes: frozenset[Phrase]
    beside: frozenset[Phrase]
    longest: int


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom the visit read back is: the name, whether who writes is meant, and the others they also speak for."""

    name: str
    itself: bool = True
    others: tuple[str, ...] = ()


def affirms(texts: Sequence[str], *, to: str, at: datetime | None = None, whose: Whose | None = None) -> bool:
    """Whether these messages, read together as one answer, are a plain yes to a proposal to book, move or cancel.

    Anything else said beside it makes it not plain: "sim, mas pode ser às 16h?" is no yes, nor "tá bom, avisa a equipe".
    `at` is the clinic's wall clock of the visit meant: only that day and hour may be said again ("sim, quinta às 10h").
    `whose` is for whom: only they may be named again ("sim, pode marcar pra ela", "isso, a do Lucas").
    """
    words = _words("\n".join(texts))
    if not words or len(words) > _LONGEST:
        return False
    nothing = _Known(frozenset(), frozenset(), 0)
    known, own, theirs = _known(to), _mentions(at) if at else nothing, _namings(whose) if whose else nothing
    # From each place reached in the words, and whether a yes came before it, the places a known phrase leads to.
    reached = {(0, False)}
    for place in range(len(words)):
        for agreed in (False, True):
            if (place, agreed) in reached:
                reached |= set(_onward(words, place, agreed, known, own, theirs))
    return (len(words), True) in reached


def _onward(words: Phrase, place: int, agreed: bool, known: _Known, own: _Known, theirs: _Known) -> Iterator[tuple[int, bool]]:
    for size in range(1, min(max(known.longest, own.longest, theirs.longest), len(words) - place) + 1):
        phrase = words[place : place + size]
        if phrase in known.yes or phrase in own.yes:
            yield place + size, True
        # "quinta às 10h confirmo" may be when they mean to: the time comes after the yes.
        if phrase in known.beside or phrase in theirs.beside or (agreed and phrase in own.beside):
            yield place + size, agreed


def thumbs_up(text: str) -> bool:
    """Whether the whole answer is an approving sign."""
    bare = text.strip()
    return bare.startswith(_THUMBS) and not plain(bare.strip("".join(_THUMBS) + "\ufe0f🏻🏼🏽🏾🏿 "))


def _words(text: str) -> Phrase:
    """The words of an answer, each in one spelling; a question mark and an unknown sign are words of their own."""
    flat = _TONES.sub("", plain(expand_chat(text)))
    for thumb in _THUMBS:
        flat = flat.replace(thumb, " sim ")
    flat = "".join(" " if sign in _KIND_SIGNS else sign for sign in flat)
    flat = re.sub(r"\?+", " ? ", _PUNCTUATION.sub(" ", flat))
    flat = _TAIL.sub(r"\1", _DRAWN_OUT.sub(r"\1", _YES_DRAWN.sub("sim", flat)))
    return tuple(_SAME.get(word, word) for word in flat.split())


def _namings(whose: Whose) -> _Known:
    """The ways to name again whoever the visit is for, none of which can mean another of those the writer speaks for."""
    if not whose.name.split():
        return _made([], [])
    told: dict[str, list[str]] = _file()["named"]
    first, others = plain(whose.name).split()[0], [plain(name).split()[0] for name in whose.others if name.split()]
    called = [whose.name] if first in others else [whose.name, whose.name.split()[0]]
    said = [line.format(name=name) for line in told["name"] for name in called]
    for pronoun, ending, contrary in (("ela", "a", "o"), ("ele", "o", "a")):
        alone = not others and not first.endswith(contrary)
        chosen = first.endswith(ending) and not any(name.endswith(ending) for name in others)
        said += told[pronoun] if not whose.itself and (alone or chosen) else []
    return _made([], said)


@cache
def _file() -> dict[str, Any]:
    told: dict[str, Any] = fast_yaml.load(files("clinic.conversations").joinpath("consent.yaml").read_text("utf-8"))
    return told


@cache
def _known(kind: str) -> _Known:
    told = _file()
    own = told["kinds"][kind]
    lines = (line for to, lines in told["yes"].items() if to == "any" or kind in to.split() for line in lines)
    filled = (
        line.format(do=do, order=order, thing=thing)
        for line in lines
        for do, order, thing in product(
            *(own[name] if f"{{{name}}}" in line else [""] for name in ("do", "order", "thing")),
        )
    )
    return _made(filled, told["beside"])


def _mentions(at: datetime) -> _Known:
    """The day and the hour already read back, as they are said again: "quinta às 10h", "dia 26 às 10:00", "até quinta"."""
    day = plain(ptbr.weekday(at.date(), short=True))
    dated = [f"dia {at.day}", f"{at.day}/{at.month}", f"{at.day}/{at.month:02d}", f"{at.day} de {ptbr.month_name(at.month)}"]
    named = [day, f"{day} feira"] if at.weekday() < 5 else [day]
    days = [*named, *dated, *(f"{name} {one}" for name in named for one in dated)]
    hours = [f"{at.hour}h{at.minute:02d}", f"{at.hour}:{at.minute:02d}", f"{at.hour:02d}:{at.minute:02d}"]
    hours += [] if at.minute else [f"{at.hour}h", f"{at.hour:02d}h", f"{at.hour} horas"]
    clocks = [f"{to}{hour}" for hour in hours for to in ("", "às ", "as ", "a ", "das ")]
    # Each piece is read once and the pieces are put together: there are two thousand ways to say them.
    on, hourly = [_words(one) for one in days], [_words(clock) for clock in clocks]
    said = [*(one + clock for one, clock in product(on, hourly)), *hourly]
    may_be = [_words(f"pode ser {to}") for to in ("", "na ", "no ", "a ")]
    byes = [_words(f"até {one}") for one in named]
    return _of([to + one for to, one in product(may_be, (*on, *said))], [*said, *byes])


def _made(yes: Iterable[str], beside: Iterable[str]) -> _Known:
    return _of(map(_words, yes), map(_words, beside))


def _of(yes: Iterable[Phrase], beside: Iterable[Phrase]) -> _Known:
    agreeing, harmless = frozenset(yes), frozenset(beside)
    return _Known(agreeing, harmless, max(map(len, agreeing | harmless), default=0))
