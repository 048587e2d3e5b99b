"""Names of people as they are said in a chat. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

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


def as_said(name: str, texts: Sequence[str]) -> str:
    """The name without those of its words in the middle that nobody said."""
    words = name.split()
    if was_said(name, texts) or len(words) < 3:
        return name
    return " ".join(word for place, word in enumerate(words) if place in (0, len(words) - 1) or was_said(word, texts))


_GENERATIONS = {"neto", "neta", "filho", "filha", "junior", "sobrinho", "sobrinha", "segundo", "terceiro"}
_SHORT_FOR = {"jr": "junior", "jor": "junior", "fo": "filho", "ii": "segundo", "iii": "terceiro"}


def same(one: str, other: str) -> bool:
    """Whether two names may be of one person: equal, or one is short for the other ("Ana", "Ana Lima", "Ana Souza Lima").

    "João Silva" and "João Silva Neto" are two people of one family; "João" may be either.
    """
    a, b = _parts(one), _parts(other)
    shorter, longer = sorted((a, b), key=len)
    if not shorter or shorter[0] != longer[0]:
        return False
    if len(shorter) > 1 and _generation(longer) not in (None, shorter[-1]):
        return False
    remaining = iter(longer)
    return all(word in remaining for word in shorter)


def proves(said: str, known: str) -> bool:
    """Whether who says this name knows the whole of it: first name, last name, and nothing that contradicts the rest."""
    a, b = _parts(said), _parts(known)
    return len(a) > 1 and len(b) > 1 and a[-1] == b[-1] and same(said, known)


def corrects(said: str, known: str) -> bool:
    """Whether who was taken for `known` may be called `said`: the first name equal or spelled alike ("Catarina", "Katarina"),
    and half of the rest of the shorter one. A grandson is not his grandfather, nor Paulo a Paula."""
    a, b = _parts(said), _parts(known)
    if not a or not b or _generation(a) != _generation(b) or not _alike(a[0], b[0]):
        return False
    shorter, longer = sorted((a[1:], b[1:]), key=len)
    return 2 * sum(any(_alike(one, other) for other in longer) for one in shorter) >= len(shorter)


_GENDERS = re.compile(r"[aeo]?$")
_ALIKE = 0.75


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if _GENDERS.sub("", one) == _GENDERS.sub("", other):
        return False
    return SequenceMatcher(None, one, other).ratio() >= _ALIKE


def _parts(name: str) -> list[str]:
    words = [plain(word) for word in _WORD.findall(name)]
    return [_SHORT_FOR.get(word, word) for word in words if word not in _PARTICLES]


def _generation(parts: list[str]) -> str | None:
    """The word that tells a grandson from his grandfather. As the only name after the first it is a surname like any."""
    return parts[-1] if len(parts) > 2 and parts[-1] in _GENERATIONS else None
