"""The language of shift reports: clauses, and whether something said there stands, was denied, is past or might be. Pure."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from clinic.reports.models import Span
from kit import fast_yaml
from kit.patterns import any_of, vocabulary_of

# Dots of abbreviations and inside numbers end nothing; a clause also ends where it turns.
_ENDS = re.compile(
    r"(?<!\bdr)(?<!\bdra)(?<!\bsr)(?<!\bsra)(?<!\bd)(?<!\btax)(?<!\bsat)(?<!\btemp)(?<!\bp)\.+(?=\s|$)|[;!?]+|\n+"
    r"|\b(?:mas|porem|contudo|entretanto|todavia|so que|no entanto|apesar|exceto|(?<!ir )(?<!foi )(?<!indo )embora)\b"
)
_DEED = re.compile(r"[a-z]{2,}(?:ou|eu|iu|ava|aram|eram|iram)(?![a-z])")  # says itself what was done: "comeu pouco"
_JOINED = re.compile(r"\s+(?:(?:d|n)[ao]\s+|de\s+)?")
_FAR = 14  # words a negation reaches at most
_APOSTROPHES = str.maketrans("´`’‘", "''''")


class Standing(StrEnum):
    """Whether what is said holds of this person in this shift."""

    HOLDS = "holds"
    DENIED = "denied"
    PAST = "past"
    MIGHT = "might"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Said:
    """A text in a form in which words can be found: `flat` has exactly its length, so that spans of one are of the other."""

    text: str
    flat: str
    clauses: tuple[Span, ...]

    def clause(self, place: int) -> Span:
        """The clause in which a character lies."""
        return self.clauses[max(0, bisect_right([one.start for one in self.clauses], place) - 1)]

    def of(self, span: Span) -> str:
        """The words there, as written."""
        return self.text[span.start : span.end]


@lru_cache(maxsize=4096)
def _bare(character: str) -> str:
    split = unicodedata.normalize("NFKD", character).casefold()
    kept = "".join(one for one in split if not unicodedata.combining(one))
    return kept if len(kept) == 1 else " " if character.isspace() else character.lower()[:1] or character


def flat(text: str) -> str:
    """`text` in lower case without accents, character by character: never longer or shorter. Composed text (NFC) expected."""
    return "".join(map(_bare, text.translate(_APOSTROPHES)))


@lru_cache(maxsize=256)
def said(text: str) -> Said:
    """Reads a text."""
    words = flat(text)
    found: list[Span] = []
    at = 0
    for end in [*(one.span() for one in _ENDS.finditer(words)), (len(words), len(words))]:
        if words[at : end[0]].strip():
            found.append(Span(at, end[0]))
        at = end[0] if words[end[0] : end[1]].isalpha() else end[1]
    return Said(text, words, tuple(found) or (Span(0, len(text)),))


def trimmed(said: Said, span: Span) -> Span:
    """The span without white space and loose marks at its ends."""
    words = said.text[span.start : span.end]
    left = len(words) - len(words.lstrip(" \t\r\n-•*–,:>"))
    right = len(words.rstrip(" \t\r\n-–,:"))
    return Span(span.start + left, span.start + max(left, right))


def standing(said: Said, span: Span, *, verb: bool = False, close: bool = False) -> Standing:
    """How what stands at `span` is meant. `verb`: it says by itself what was done ("caiu"), so only "não caiu" denies it.

    `close`: too grave to be past because of a word of time anywhere after it ("boca torta, já teve AVC em 2019").
    """
    cues, clause = _cues(), said.clause(span.start)
    before = cues["pseudo"].sub(lambda one: " " * len(one.group()), said.flat[clause.start : span.start])
    after = cues["pseudo"].sub(lambda one: " " * len(one.group()), said.flat[span.end : clause.end])
    if _denied(before, after, verb or _DEED.match(said.flat, span.start) is not None):
        return Standing.DENIED
    if _ends_with("might", before):
        return Standing.MIGHT
    if _ends_with("others", before) or cues["others_after"].match(after, len(after) - len(after.lstrip())):
        return Standing.OTHERS
    return Standing.PAST if _is_past(said.flat, clause, span, close) else Standing.HOLDS


def of_others(said: Said, span: Span) -> bool:
    """Whether a figure is said to be somebody else's ("PA da filha 180x110")."""
    return _ends_with("others_measure", said.flat[said.clause(span.start).start : span.start])


def _denied(before: str, after: str, verb: bool) -> bool:
    if _ends_with("denies", before):
        return True
    if verb:
        return False
    if (found := re.match(r"\s*[:=(\-–]*\s*", after)) and _cues()["denied_after"].match(after, found.end()):
        return True
    cues = list(_cues()["negates"].finditer(before))
    if not cues:
        return False
    reach = before[cues[-1].end() :]
    return len(reach.split()) <= _FAR and _cues()["ends"].search(reach) is None


def _ends_with(name: str, before: str) -> bool:
    """Whether a cue of this list stands right before."""
    words = before.rstrip()
    return any(one.end() >= len(words) for one in _cues()[name].finditer(words))


def _is_past(words: str, clause: Span, span: Span, close: bool) -> bool:
    """Whether the last word of time before it in the clause is one of before; without any, the first one after it."""
    found = [
        (one.start(), one.end(), name == "before")
        for name in ("before", "now")
        for one in _cues()[name].finditer(words, clause.start, clause.end)
    ]
    ahead = [(end, past) for _, end, past in found if end <= span.start]
    behind = [(start, past) for start, _, past in found if start >= span.end]
    if behind and min(behind)[1] and _JOINED.fullmatch(words, span.end, min(behind)[0]):
        return True  # "a queda da semana passada"
    return max(ahead)[1] if ahead else min(behind)[1] if behind and not close else False


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    raw: dict[str, Any] = words_of("reading")
    vocabulary = vocabulary_of(raw["vocabulary"])
    return {name: any_of(patterns, vocabulary) for name, patterns in raw.items() if name != "vocabulary"}


@cache
def words_of(name: str) -> dict[str, Any]:
    """One YAML file of this room."""
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.reports").joinpath(f"{name}.yaml").read_text("utf-8"))
    return loaded
