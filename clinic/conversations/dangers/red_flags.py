"""Dangers a message may speak of, read without any model: emergencies (SAMU 192) and self-harm (CVV 188).

Recall comes first: a real, present sign is flagged even when in doubt, and a person closes the alarm. What is denied,
long past, asked in general, quoted from a song or said in jest is left alone. Patterns live in `red_flags.yaml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, cast

from clinic.conversations.dangers import past
from kit import fast_yaml
from kit.patterns import any_of, vocabulary_of
from kit.text import expand_chat, plain, strip_hidden

Kind = Literal["emergency", "self_harm"]

_SOURCE = Path(__file__).with_suffix(".yaml")
# Longest text read; a longer one keeps both ends, where people put what matters.
_LONGEST = 8_000
# Of these nothing is believed to be over because it is told so.
_NEVER_PAST = frozenset({"violence", "pregnancy", "child_fever_baby"})
# Of these a question in general is not believed to be one.
_NEVER_GENERAL = frozenset({"overdose", "poisoning", "anaphylaxis"})


@dataclass(frozen=True, slots=True)
class RedFlag:
    """One danger. `code` names it ("chest_pain", "suicide_ideation"); `matched` is the flattened excerpt that said so."""

    kind: Kind
    code: str
    matched: str


@dataclass(frozen=True, slots=True)
class _Sign:
    """`unless`: in a clause that also says this, the words mean something else.

    Of the whole message `beside` must all be found, `nowhere` nowhere.
    """

    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    beside: tuple[re.Pattern[str], ...] = ()
    nowhere: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: Kind
    code: str
    patterns: tuple[_Sign, ...]
    gate: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Hint:
    """Weak signs of one danger: flagged when the weights of the distinct signs found reach `enough`."""

    kind: Kind
    code: str
    enough: int
    signs: tuple[tuple[int, _Sign], ...]


@dataclass(frozen=True, slots=True)
class _Book:
    rules: tuple[_Rule, ...]
    hints: tuple[_Hint, ...]
    idioms: re.Pattern[str]
    denied: re.Pattern[str]
    frames: dict[str, re.Pattern[str]]
    spellings: dict[str, str]
    repairs: dict[str, str]
    own: frozenset[str]


def read(text: str) -> RedFlag | None:
    """The most urgent danger `text` speaks of, or None. An emergency under way comes before an intention."""
    flags = read_all(text)
    return flags[0] if flags else None


def read_all(text: str) -> tuple[RedFlag, ...]:
    """Every danger `text` speaks of, at most one per code, emergencies first, in the order of the rules.

    "unwell" is an emergency told by several weak signs and no clear one.
    """
    found: dict[str, RedFlag] = {}
    book = _book()
    clauses = _clauses(text, book)
    around = _around(text, clauses)
    for clause in clauses:
        for rule in book.rules:
            if rule.code not in found and (matched := _found(clause, rule, book, around)) is not None:
                found[rule.code] = RedFlag(rule.kind, rule.code, matched)
    for hint in book.hints:
        if all(flag.kind != hint.kind for flag in found.values()) and (told := _summed(clauses, hint, book, around)):
            found[hint.code] = RedFlag(hint.kind, hint.code, told)
    order = {rule.code: place for place, rule in enumerate(book.rules)}
    return tuple(sorted(found.values(), key=lambda flag: (flag.kind, order.get(flag.code, len(order)))))


def told_elsewhere(said: str, text: str) -> bool:
    """Whether `said`, a sentence of `text`, tells of what is past and ended, long ago or a stranger's, as patterns know it.

    What goes on anywhere in `text` makes it none of these.
    """
    book = _book()
    around = _around(text, _clauses(text, book))
    clause = _tidy(plain(expand_chat(strip_hidden(said))), book)
    if past.is_past(clause, around) or past.is_long_ago(clause, around):
        return True
    goes_on = past.is_now(around) or any(book.frames[name].search(around) for name in ("present", "near"))
    return not goes_on and _elsewhere(clause, book, around)


_BREAKS = re.compile(r"[.!?;…\n]+|\b(?:mas|porem|so que|entretanto)\b")
# A turn to what is well, or to what is wanted, turns nothing back.
_TURNS = re.compile(
    r"\b(?:mas|porem|so que|entretanto)\b(?!\s*,?\s*(?:enfim|ja|deu|foi|passou|gracas|quer|queria|quero|preciso|precis|tem|"
    r"(?:agora|hoje)\s+(?:ja\s+)?(?:quer|quero|queria|preciso|(?:eu\s+|ele\s+|ela\s+)?(?:ta|esta|to|estou)\s+(?:\w+\s+)?(?:bem|otim|control|normal))|"
    r"(?:ta|esta|to|estou)\s+(?:tudo\s+)?(?:bem|otim|control|normal)))"
)
# What a newborn's fever begins with keeps its tenths.
_WARM = re.compile(r"\b37[.,]([89])\b")
_DECIMAL = re.compile(r"(\d)[.,]\d+")
_NOT_WORDS = re.compile(r"[^\w,]+|_+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_WORD = re.compile(r"[a-z]+")


def _clauses(text: str, book: _Book) -> list[str]:
    """The sentences of `text`, flattened and cleaned of idioms; lines also in pairs, since people break mid-sentence."""
    visible = strip_hidden(text)
    if len(visible) > _LONGEST:
        visible = visible[: _LONGEST // 2] + "\n" + visible[-_LONGEST // 2 :]
    lines = [flat for line in visible.splitlines() if (flat := plain(expand_chat(line)))]
    spans = lines + [f"{one} {two}" for one, two in pairwise(lines)]
    clauses: list[str] = []
    for span in spans:
        for piece in _BREAKS.split(_DECIMAL.sub(r"\1", _WARM.sub(r"37 e \1", span))):
            clause = _tidy(piece, book)
            if clause and clause not in clauses:
                clauses.append(clause)
    return clauses


def _around(text: str, clauses: list[str]) -> str:
    """All that is said, for what must not be said anywhere; a turn ("mas a bombinha não faz mais nada") keeps its word."""
    turned = " ; mas" if _TURNS.search(plain(strip_hidden(text))) else ""
    return " ; ".join(clauses) + turned


def _tidy(piece: str, book: _Book) -> str:
    words = _NOT_WORDS.sub(" ", piece).replace(",", " , ")
    words = _STRETCHED.sub(r"\1", words)
    words = _WORD.sub(lambda word: _spelled(word.group(), book), words)
    # Shorthand may hide behind stretched letters ("nnn", "tbmmm"); it is spelled out once more.
    words = plain(expand_chat(words))
    return " ".join(book.idioms.sub(" ", words).split())


def _spelled(word: str, book: _Book) -> str:
    """The word meant: a listed misspelling, or a long known word with one letter lost, added, changed or swapped."""
    if (listed := book.spellings.get(word)) is not None:
        return listed
    if len(word) < 6 or word in book.own:
        return word
    for cut in _cuts(word):
        if (meant := book.repairs.get(cut)) is not None:
            return word if abs(len(meant) - len(word)) > 1 else meant
    return word


def _cuts(word: str) -> list[str]:
    """The word itself and the word without each of its letters."""
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def _found(clause: str, rule: _Rule, book: _Book, around: str) -> str | None:
    if rule.gate.search(clause) is None:
        return None
    told = (_meant(clause, sign, rule.kind, rule.code, book, around) for sign in rule.patterns)
    return next((matched for matched in told if matched), None)


def _meant(clause: str, sign: _Sign, kind: Kind, code: str, book: _Book, around: str) -> str | None:
    found = next((m for m in sign.pattern.finditer(clause) if not _excused(clause, m, kind, book, around)), None)
    if found is None or (sign.unless is not None and sign.unless.search(clause)):
        return None
    if (sign.nowhere is not None and sign.nowhere.search(around)) or not all(one.search(around) for one in sign.beside):
        return None
    if kind == "self_harm":
        return None if _news(clause, found, book) else found.group()
    if code not in _NEVER_GENERAL | _NEVER_PAST and _in_general(clause, found, book, around):
        return None
    return None if code not in _NEVER_PAST and _elsewhere(clause, book, around) else found.group()


def _summed(clauses: list[str], hint: _Hint, book: _Book, around: str) -> str | None:
    told: list[str] = []
    weight = 0
    for worth, sign in hint.signs:
        said = (_meant(clause, sign, hint.kind, hint.code, book, around) for clause in clauses)
        if (matched := next((one for one in said if one), None)) is not None:
            told.append(matched)
            weight += worth
    return ", ".join(told) if weight >= hint.enough else None


def _excused(clause: str, match: re.Match[str], kind: Kind, book: _Book, around: str) -> bool:
    before = clause[: match.start()]
    if not match.group().startswith(("nao ", "sem ")) and book.denied.search(before):
        return True
    frames = book.frames
    if frames["fiction"].search(before) and not frames["fiction_denied"].search(clause):
        return True
    if frames["resolved"].search(clause) or _spoken_of(clause, match, kind, book, around):
        return True
    if kind == "self_harm":
        return frames["informational_self_harm"].search(clause) is not None
    if frames["present"].search(clause):
        return False
    return frames["past"].search(clause) is not None or frames["informational"].search(clause) is not None


def _spoken_of(clause: str, match: re.Match[str], kind: Kind, book: _Book, around: str) -> bool:
    """The matched words are what a course or paper is about, what one learns to prevent, a slip of writing or invented."""
    before, after, frames = clause[: match.start()], clause[match.end() :], book.frames
    if frames["mistyped"].search(before) and frames["meant"].search(after):
        return True
    if frames["fiction_denied"].search(around):
        return False
    if frames["studied"].search(before) or frames["invented"].search(clause):
        return True
    return kind == "emergency" and frames["prevented"].search(before) is not None


def _in_general(clause: str, found: re.Match[str], book: _Book, around: str) -> bool:
    """Asked as what a procedure may do, while nothing in the message is told of anybody."""
    asked = any(may.end() <= found.start() for may in book.frames["general"].finditer(clause))
    return asked and book.frames["personal"].search(around) is None


def _news(clause: str, found: re.Match[str], book: _Book) -> bool:
    """A stranger's end, told as news or for the traffic it made, by somebody who says nothing of themselves beside it."""
    frames = book.frames
    return (
        found.group().startswith("se ")
        and any(frames[name].search(clause) for name in ("hearsay", "news"))
        and frames["like_me"].search(clause) is None
        and frames["near"].search(clause) is None
    )


def _elsewhere(clause: str, book: _Book, around: str) -> bool:
    """Over and told with its outcome, long ago, or befallen strangers and told for what it made the patient want."""
    frames = book.frames
    if past.is_past(clause, around) or past.is_long_ago(clause, around):
        return True
    if past.is_now(clause) or any(frames[name].search(clause) for name in ("present", "near")):
        return False
    return frames["hearsay"].search(clause) is not None or (
        frames["stranger"].search(clause) is not None and frames["therefore"].search(clause) is not None
    )


@cache
def _book() -> _Book:
    raw: dict[str, Any] = fast_yaml.load(_SOURCE.read_text(encoding="utf-8"))
    vocabulary = vocabulary_of(raw["vocabulary"])

    def one(patterns: list[str]) -> re.Pattern[str]:
        return any_of(patterns, vocabulary)

    negation: dict[str, str] = raw["negation"]
    denied = re.compile(
        rf"(?:\b{negation['state']}|{negation['bare']})(?:\s+{negation['allowed']})*\s*$|{negation['direct']}\s*$"
    )

    def sign(written: str | dict[str, Any]) -> _Sign:
        if isinstance(written, str):
            return _Sign(one([written]))
        unless, nowhere = (one([written[name]]) if name in written else None for name in ("unless", "nowhere"))
        return _Sign(one([written["says"]]), unless, tuple(one([said]) for said in written.get("beside", ())), nowhere)

    def says(written: str | dict[str, Any]) -> str:
        return written if isinstance(written, str) else str(written["says"])

    rules = tuple(
        _Rule(
            cast(Kind, rule["kind"]),
            rule["code"],
            tuple(map(sign, rule["patterns"])),
            one(list(map(says, rule["patterns"]))),
        )
        for rule in raw["rules"]
    )
    hints = tuple(
        _Hint(hint["kind"], hint["code"], hint["enough"], tuple((worth, sign(said)) for worth, said in hint["signs"]))
        for hint in raw["hints"]
    )
    return _Book(
        rules=rules,
        hints=hints,
        idioms=one(raw["idioms"]),
        denied=denied,
        frames={name: one(patterns) for name, patterns in raw["frames"].items()},
        spellings=raw["spellings"],
        repairs={cut: word for word in raw["known_words"] for cut in _cuts(word) if len(cut) >= 6}
        | {word: word for word in raw["known_words"]},
        own=frozenset(raw["own_words"]),
    )
