"""The words of a question as a search takes them: what patients say, in the terms that documents use. Pure."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from kit import fast_yaml
from kit.text import plain

_AGES = (("[1-9]|1[01]", "criança"), ("1[2-7]", "adolescente"), ("[6-9]\\d", "idoso"))
_KIN = re.compile(r"\b(?:filh|menin|crianc|bebe|net[oa]|avo|idos)")
_SMALL = re.compile(r"(?:z?inh|zit)[oa]s?$")


def in_document_words(text: str) -> str:
    """The question with the terms that documents use for what patients say: "busao?" gives "busao? (ônibus)"."""
    terms = [document_terms(word) for word in dict.fromkeys(re.findall(r"[a-z]+", plain(text)))]
    terms += [
        term
        for ages, term in _AGES
        if re.search(rf"\b(?:{ages}) an(?:os|inhos)\b", plain(text)) and not _KIN.search(plain(text))
    ]
    found = list(dict.fromkeys(term for term in terms if term))
    return f"{text} ({'; '.join(found)})" if found else text


def document_terms(word: str) -> str:
    """What documents write for a plain word, whatever its number, gender or size ("cachorrinhas" as "cachorro"); else ""."""
    terms, roots = _slang()
    return terms.get(word) or roots.get(_root(word), "")


def telling_words(text: str) -> tuple[str, ...]:
    """At most 12 stems of four letters or more, without accents: "Orientações p/ exames" gives ("orient", "exame")."""
    stems = (_stem(word) for word in re.findall(r"[a-z0-9]{4,}", plain(text)))
    return tuple(dict.fromkeys(stem for stem in stems if len(stem) >= 4))[:12]


def _stem(word: str) -> str:
    """What singular and plural, masculine and feminine have in common, roughly: it is looked for inside words."""
    return re.sub(r"(?:acoes|acao|oes|ao|ais|al|eis|el|res|r|[aeo]s?|s)$", "", word) if len(word) > 5 else word


def _root(word: str) -> str:
    """A word of five letters or more without size, number and gender: "cachorrinha" and "cachorros" are "cachorr"."""
    bare = _SMALL.sub("", word) if len(word) > 7 else word
    bare = re.sub(r"(?:[aei]ndo|[aei]r)$", "", bare) if len(bare) > 6 else bare
    return re.sub(r"[aeo]?s?$", "", bare) if len(bare) > 4 else bare


@cache
def _slang() -> tuple[dict[str, str], dict[str, str]]:
    words: dict[str, str] = fast_yaml.load((Path(__file__).parent / "slang.yaml").read_text(encoding="utf-8"))
    return words, {_root(word): terms for word, terms in reversed(words.items()) if len(word) > 4}
