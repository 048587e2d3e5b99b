"""Names of people as they are said in a chat. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kit.text import plain

_PARTICLES = {"da", "de", "do", "das", "dos", "e", "di", "del"}
_TITLES = {"dona", "seu", "sr", "sra", "senhor", "senhora", "dr", "dra"}
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def tidy(name: str) -> str:
    """A name as it is written on a form: single spaces, capitals, small particles; at most 120 characters."""
    words = _WORD.findall(name)
    while words and plain(words[0]) in _TITLES:
        words = words[1:]
    return " ".join(_capital(word, position) for position, word in enumerate(words))[:120].strip()


def _capital(word: str, position: int) -> str:
    if position and plain(word) in _PARTICLES:
        return word.lower()
    return word[:1].upper() + (word[1:].lower() if word.isupper() or word.islower() else word[1:])


def was_said(name: str, texts: Iterable[str]) -> bool:
    """Whether every word of the name appears in what the patient wrote: a model may not make a name up."""
    wanted = [plain(word) for word in _WORD.findall(name) if plain(word) not in _PARTICLES]
    said = {plain(word) for text in texts for word in _WORD.findall(text)}
    return bool(wanted) and all(word in said for word in wanted)


def same(one: str, other: str) -> bool:
    """Whether two names may be of one person: equal, or one is the beginning of the other ("Ana" and "Ana Lima")."""
    a = [plain(word) for word in _WORD.findall(one) if plain(word) not in _PARTICLES]
    b = [plain(word) for word in _WORD.findall(other) if plain(word) not in _PARTICLES]
    shorter, longer = sorted((a, b), key=len)
    if not shorter or shorter[0] != longer[0]:
        return False
    remaining = iter(longer)
    return all(word in remaining for word in shorter)
