"""Words as patients type them, compared: folded, stemmed, and allowed a typo. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from kit.text import expand_chat, plain, strip_hidden

_TOKEN = re.compile(r"[a-z0-9]+")
_HEARD = (("th", "t"), ("ph", "f"), ("ch", "x"), ("qu", "k"), ("ce", "se"), ("ci", "si"), ("c", "k"), ("y", "i"),
          ("w", "v"), ("z", "s"), ("ge", "je"), ("gi", "ji"))  # fmt: skip
_STRETCH = re.compile(r"([a-z])\1{2,}")
STOPWORDS = frozenset(
    [
        "a",
        "o",
        "as",
        "os",
        "um",
        "uma",
        "uns",
        "umas",
        "de",
        "da",
        "do",
        "das",
        "dos",
        "e",
        "ou",
        "em",
        "no",
        "na",
        "nos",
        "nas",
        "ao",
        "aos",
        "com",
        "sem",
        "por",
        "para",
        "que",
        "se",
        "eu",
        "me",
        "mim",
        "meu",
        "minha",
        "voce",
        "voces",
        "seu",
        "sua",
        "ele",
        "ela",
        "isso",
        "esse",
        "essa",
        "este",
        "esta",
        "aquele",
        "aquela",
        "la",
        "ai",
        "aqui",
        "ja",
        "so",
        "mais",
        "menos",
        "muito",
        "pra",
        "pro",
        "the",
        "dele",
        "dela",
        "nele",
        "nela",
        "num",
        "numa",
        "pelo",
        "pela",
    ]
)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """`text` without accents, case or chat shorthand, stretched letters ("oiiii") shortened to one."""
    return _STRETCH.sub(r"\1", plain(expand_chat(strip_hidden(text))))


def tokens(text: str) -> list[str]:
    """The words and numbers of `text`, folded, in order."""
    return list(_tokens(text))


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(fold(text)))


def content(text: str) -> list[str]:
    """The words of `text` that carry meaning."""
    return [t for t in tokens(text) if t not in STOPWORDS]


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """A word without plural and, when long enough, without its final vowel ("limpezas" → "limpez")."""
    for ending, singular in (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("res", "r"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word[: -len(ending)] + singular
            break
    return word[:-1] if len(word) >= 6 and word[-1] in "aoe" else word


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """A folded word as it is heard, so that whoever writes as they speak is understood: "elena" and "helena" are one."""
    heard = word
    for written, said in _HEARD:
        heard = heard.replace(written, said)
    return re.sub(r"(.)\1+", r"\1", heard.removeprefix("h"))


@lru_cache(maxsize=65536)
def edits(a: str, b: str, limit: int = 2) -> int:
    """Insertions, deletions, substitutions and swaps between two words, counted up to `limit` + 1."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return min(row[-1], limit + 1)


@lru_cache(maxsize=65536)
def alike(said: str, written: str) -> float:
    """How surely `said` is the word `written`: 1 the same stem, .9 a clipped form, .8 a typo, 0 otherwise."""
    if said == written or stem(said) == stem(written):
        return 1.0
    short, long = sorted((stem(said), stem(written)), key=len)
    if len(short) >= 5 and long.startswith(short):
        return 0.9
    if len(short) >= 5 and said[0] == written[0] and not (said + written).isdigit():
        allowed = 1 if len(short) < 8 else 2
        if edits(stem(said), stem(written)) <= allowed:
            return 0.8
    return 0.0
