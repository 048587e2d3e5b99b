"""What a message asks about how things are here: its telling words, the clause that asks, the kind of answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from agent.offline.lexicon import lexicon
from agent.offline.reading import Reading
from agent.offline.spelling import STOPWORDS, alike, content, fold, stem
from agent.offline.view import Briefing
from kit import fast_yaml
from knowledge.wording import document_terms

_CLAUSE = re.compile(r"(?<=[?!;\n])|(?<=\D[.,])\s|\b(?=mas\b)")
_FORM = re.compile(
    r"^\W*(?:(?:e|entao|oi|ola|ah|gente|moca|bom dia|boa tarde|boa noite)\W+)*(?:posso|pode\w*|podia|preciso|precisa\w*"
    r"|tenho que|tem que"
    r"|tem|ha|da para|e se|se eu|o que|que|qual|quais|quant[oa]s?|como|onde|quando|quem|vale|voces|faz\w*|existe|sera)\b"
)
_AGE = re.compile(r"\b\d{1,2} (?:anos|aninhos|mes(?:es)?)\b")
_CHILD = re.compile(r"\b(?:[1-9]|1[01]) (?:anos|aninhos|mes(?:es)?)\b|\b(?:bebe|crianca|menin[oa])\b")
_VERB_ENDS = re.compile(r"(?:ando|endo|indo|ar|er|ir|aram|eram|iram|ei|ou)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """`words` tell the whole message, `focus` the clause that asks; `things` must be written for an answer to be one.

    `wants` is a kind of answer of asking.yaml ("amount"), "" when any text may answer.
    """

    words: tuple[str, ...]
    focus: tuple[str, ...]
    things: tuple[str, ...] = ()
    wants: str = ""


@cache
def _lists() -> dict[str, Any]:
    raw: dict[str, Any] = fast_yaml.load(Path(__file__).with_name("asking.yaml").read_text(encoding="utf-8"))
    return {
        "kinds": [(kind, re.compile(one["asked"]), re.compile(one["told"])) for kind, one in raw["kinds"].items()],
        "light": frozenset(raw["light"]) | frozenset(lexicon()["not_services"]),
        "coming": re.compile(raw["coming"]),
        "acts": frozenset(raw["acts"]),
        "exists": re.compile(raw["exists"]),
        "wish": re.compile(raw["wish"]),
        "suppose": re.compile(raw["suppose"]),
        "may": re.compile(raw["may"]),
        "subjects": {subject: frozenset(words) for subject, words in raw["subjects"].items()},
        "pairs": tuple(raw["pairs"]),
        "same": {word: tuple(group) for group in raw["same"] for word in group},
    }


def asked(text: str, names: frozenset[str] = frozenset()) -> Asked:
    """What `text` asks; `names` are words that only say whom or where (professionals, units)."""
    folded = fold(text)
    clauses = [c for c in _CLAUSE.split(folded) if c.strip()]
    asking = [c for c in clauses if c.rstrip().endswith("?")] or [c for c in clauses if _FORM.search(c)]
    implied = _implied(folded)
    words = (*implied, *_telling(folded, names))
    focus = (*implied, *_telling(" ".join(asking), names)) or words
    kinds = [kind for kind, said, _ in _lists()["kinds"] if any(said.search(c) for c in asking or clauses)]
    things = [t for c in asking or clauses for found in _lists()["exists"].finditer(c) if (t := _thing(found[1], names))]
    return Asked(words, focus, tuple(dict.fromkeys(things)), kinds[0] if kinds else "")


def _implied(folded: str) -> tuple[str, ...]:
    """What is asked without being named: who comes along, and that a child comes."""
    kin = {plain for words in lexicon()["relationships"].values() for plain in words} & set(content(folded))
    child = _CHILD.search(folded) and "age" in {kind for kind, said, _ in _lists()["kinds"] if said.search(folded)}
    return ("crianca",) if child else ("acompanhante",) if kin and coming(folded) else ()


def _telling(text: str, names: frozenset[str]) -> tuple[str, ...]:
    light = _lists()["light"] - {w for pair in _lists()["pairs"] if pair in text for w in content(pair)}
    return tuple(
        dict.fromkeys(
            w for w in content(text) if (len(w) > 2 or w == "vo") and not w.isdigit() and w not in light and w not in names
        )
    )


def _thing(said: str, names: frozenset[str]) -> str:
    """The thing whose being here is asked: "tem fraldário na loja?" gives "fraldario"."""
    return next((w for w in _telling(said, names) if not _VERB_ENDS.search(w)), "")


def says(word: str, text: str) -> bool:
    """Whether `text` says a word of the patient's, or what documents write for it."""
    written = content(text) + content(text.replace("-", ""))
    if any(one_root(word, x) for x in written):
        return True
    phrases = [content(p) for p in document_terms(word).split(",")] + [[w] for w in _lists()["same"].get(word, ())]
    return any(phrase and all(any(alike(w, x) for x in written) for w in phrase) for phrase in phrases)


@lru_cache(maxsize=65536)
def one_root(said: str, written: str) -> bool:
    """One word in another gender, number or form ("cego", "cegas"; "dirigindo", "dirija"; "tolerância", "toleramos")."""
    if alike(said, written):
        return True
    a, b = stem(said), stem(written)
    if min(len(a), len(b)) == 4 == max(len(a), len(b)) and a[:3] == b[:3] and a[3] + b[3] in ("ao", "oa"):
        return True
    if acts := _VERB_ENDS.search(said):
        root = said[: acts.start()]
        if len(root) > 3 and written.startswith(root[: max(4, len(root) - 1)]) and len(written) < len(root) + 6:
            return True
    if (acts := _VERB_ENDS.search(written)) and acts.start() > 3:
        return said[:-1] == written[: acts.start()]  # "como marco?", "como marcar"
    common = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if a[:common].endswith("n") and {a[common : common + 1], b[common : common + 1]} == {"t", "c"}:
        return False  # "presente" is what is there, "presencial" how: a gift is no presence, nor a patient patience
    return common >= 6 and common >= 0.6 * max(len(a), len(b))


def share(words: tuple[str, ...], text: str) -> float:
    """The part of `words` that `text` says, 0 to 1; 0 when there are none."""
    return sum(says(w, text) for w in words) / len(words) if words else 0.0


def besides(one: Asked, subjects: Iterable[str], named: Iterable[str] = ()) -> Asked:
    """The question without the words that only tell these subjects of the tables, or that name the service spoken of."""
    said = {w for subject in subjects for w in _lists()["subjects"].get(subject, ())} | {
        w for text in named for w in content(text)
    }
    words = tuple(w for w in one.words if not any(alike(w, x) for x in said))
    return replace(one, words=words, focus=tuple(w for w in one.focus if w in words))


def said(one: Asked, text: str) -> float:
    """How much of a question `text` says, 0 to 1: the clause that asks counts twice, its end (the new) thrice."""
    return share((*one.focus, *one.focus[-1:], *one.words), text)


def of_kind(one: Asked, text: str) -> bool:
    """Whether `text` holds the kind of answer wanted."""
    told = next((told for kind, _, told in _lists()["kinds"] if kind == one.wants), None)
    return told is None or told.search(fold(text)) is not None


def may_answer(one: Asked, text: str) -> bool:
    """Whether `text` holds the kind of answer wanted and says the thing asked for."""
    return of_kind(one, text) and all(says(thing, text) for thing in one.things)


def asks(reading: Reading, briefing: Briefing) -> bool:
    """A question about how things are ("posso levar…?", "precisa de pedido?"), not a wish for a time, whatever service it
    names: it says something that is neither a service, a person, a place nor a time."""
    folded = reading.folded
    if reading.sure_service and reading.when and reading.whom.name and reading.convenio:
        return False  # what, when, who and how it is paid: a visit is wished for, however it is said
    if not (reading.question or _FORM.search(folded) or _lists()["may"].search(folded)) or _lists()["wish"].search(folded):
        return False
    allowed = (reading.question or _FORM.search(folded)) and _lists()["may"].search(folded)
    rest = set(left(reading, briefing)) | set(_AGE.findall(folded) if allowed else ())
    clause = next((c for c in reversed(_CLAUSE.split(folded)) if c.rstrip().endswith("?")), folded)
    dated = reading.when.names_day and fold(reading.when.day) in clause
    if dated or (reading.when.point and fold(reading.when.time) in clause):
        return len(rest) > 1 and _lists()["may"].search(folded) is not None
    return bool(rest)


def supposes(folded: str) -> bool:
    """ "E se eu cancelar…", "até quando posso desmarcar": asks about a rule, does not ask for the deed."""
    return _lists()["suppose"].search(folded) is not None


def coming(folded: str) -> bool:
    """Whether it asks who may come, with whom and with what ("posso levar meu sobrinho?"): a rule, whoever is spoken of."""
    return _lists()["coming"].search(folded) is not None


def left(reading: Reading, briefing: Briefing) -> tuple[str, ...]:
    """The telling words that name no service, person, place, time or plan."""
    named = {w for s in briefing.services for text in (s.name, *s.aliases, s.category) for w in content(text)}
    said = (
        reading.when.day,
        reading.when.time,
        reading.whom.name,
        reading.whom.word,
        reading.convenio,
        reading.foreign_convenio,
    )
    kin = {plain for words in lexicon()["relationships"].values() for plain in words}
    known = named | {w for text in said for w in content(text)} | kin | set(lexicon()["fields"]) | set(lexicon()["small_words"])
    deeds = [w for w in content(reading.text) if w in _lists()["acts"] and _lists()["may"].search(reading.folded)]
    return tuple(w for w in (*_telling(reading.folded, names_of(briefing)), *deeds) if not any(alike(w, x) for x in known))


def names_of(briefing: Briefing) -> frozenset[str]:
    """Words that only say whom or where."""
    whole = (briefing.clinic, *(p.name for p in briefing.professionals), *(u.name for u in briefing.units))
    return frozenset(w for text in whole for w in content(text)) - STOPWORDS
