"""How easily Portuguese is read: Flesch's index as adapted to Portuguese (Martins et al., 1996). Pure.

248.835 - 1.015 x words a sentence - 84.6 x syllables a word; 50 to 75 is easy, above it very easy.
"""

from __future__ import annotations

import re

_SENTENCES = re.compile(r"[.!?:]+(?=\s|$)|\n+")
_WORDS = re.compile(r"[A-Za-zÀ-ÿ]+")
_VOWELS = "aeiouáéíóúâêôãõàü"
# Two vowels said in one breath; any other two are two syllables.
_TOGETHER = re.compile(r"(?:[aeo][iu]|ui|iu|ão|ãe|õe|[éáó][iu]|[qg]u[aeoiáéíâêã]|[iu][aeo](?=s?\b)(?<!í)(?<!ú))", re.IGNORECASE)


def syllables(word: str) -> int:
    """About how many a word has; at least one."""
    joined = _TOGETHER.sub("a", word.lower())
    return max(1, sum(letter in _VOWELS for letter in joined))


def flesch(text: str) -> float | None:
    """The index of a text; None without words."""
    words = _WORDS.findall(text)
    sentences = [one for one in _SENTENCES.split(text) if _WORDS.search(one)]
    if not words or not sentences:
        return None
    return 248.835 - 1.015 * len(words) / len(sentences) - 84.6 * sum(map(syllables, words)) / len(words)
