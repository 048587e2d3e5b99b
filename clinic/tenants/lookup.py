"""Which service, professional, unit or convênio a person means by a few words. Pure: exact first, then parts, then typos."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeVar

from clinic.tenants.models import Clinic, Convenio, Professional, Service, Unit
from kit.text import plain

Thing = TypeVar("Thing")

_WORD = re.compile(r"[a-z0-9]+")
_EMPTY = frozenset(
    re.split(
        " ",
        "a o as os um uma de da do das dos e em na no com pra para por que quero queria marcar agendar fazer eu meu minha "
        "dr dra doutor doutora seu dona sr sra unidade clinica plano convenio saude",
    )
)
_TYPO = 0.84  # a letter or two in a word of eight


def services(clinic: Clinic, words: str) -> list[Service]:
    """The services these words may mean: one when clear, several when not, none when unknown."""
    return _best(words, ((service, (service.name, *service.aliases)) for service in clinic.services))


def professionals(clinic: Clinic, words: str) -> list[Professional]:
    """The professionals these words may mean, by any part of the name."""
    return _best(words, ((p, (p.name, *_parts(p.name))) for p in clinic.professionals))


def units(clinic: Clinic, words: str) -> list[Unit]:
    """The units these words may mean."""
    return _best(words, ((unit, (unit.name, *_parts(unit.name))) for unit in clinic.units))


def convenios(clinic: Clinic, words: str) -> list[Convenio]:
    """The convênios these words may mean."""
    return _best(words, ((c, (c.name, *c.aliases)) for c in clinic.convenios))


def _parts(name: str) -> list[str]:
    return [word for word in _words(name) if len(word) > 2]


def _words(text: str) -> list[str]:
    found = [_singular(word) for word in _WORD.findall(plain(text))]
    return [word for word in found if word not in _EMPTY] or found


@lru_cache(maxsize=4096)
def _named(name: str) -> list[str]:
    """The words of what a clinic calls something: read once."""
    return _words(name)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") else word


def _best(words: str, things: Iterable[tuple[Thing, Sequence[str]]]) -> list[Thing]:
    said = _words(words)
    if not said:
        return []
    scored = [(max(_score(said, _named(name)) for name in names), thing) for thing, names in things]
    top = max((score for score, _ in scored), default=0.0)
    return [thing for score, thing in scored if score == top] if top > 0 else []


def _score(said: list[str], name: list[str]) -> float:
    """3: the same words; 2.x: the name inside what was said, longer names first; 1.5: the reverse; less: with typos."""
    if not name:
        return 0.0
    if set(said) == set(name):
        return 3.0
    if set(name) <= set(said):
        return 2.0 + min(len(name), 9) / 10
    if set(said) <= set(name):
        return 1.5
    matched = sum(any(_alike(word, other) for other in said) for word in name)
    if matched == len(name):
        return 1.2 + min(len(name), 9) / 100
    return 1.0 if all(any(_alike(word, other) for other in name) for word in said) else 0.0


def _alike(word: str, other: str) -> bool:
    if word == other:
        return True
    if min(len(word), len(other)) < 4:
        return False
    found = SequenceMatcher(None, word, other)
    return found.real_quick_ratio() >= _TYPO and found.quick_ratio() >= _TYPO and found.ratio() >= _TYPO
