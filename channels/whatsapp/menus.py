"""Choices under a text: written as numbers where buttons do not show, cut to fit where they do, and read back from words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from importlib.resources import files

from channels.base import Menu, Option
from kit import fast_yaml

_ORDINALS = ("primeir[oa]", "segund[oa]", "terceir[oa]", "quart[oa]", "quint[oa]", "sext[oa]", "setim[oa]", "oitav[oa]")
_DAYS = ("segund[oa]", "quart[oa]", "quint[oa]", "sext[oa]")  # ordinals that are also days of the week, and their short forms
_WORDS: dict[str, list[str]] = fast_yaml.load(files("channels.whatsapp").joinpath("picks.yaml").read_text("utf-8"))
_LEAD = rf"(?:(?:{'|'.join(_WORDS['lead'])})\W+)*"
_TAIL = rf"(?:\W+(?:{'|'.join(_WORDS['tail'])}))*\W*"
_NUMBER = re.compile(rf"\W*{_LEAD}([0-9]{{1,2}})(?:[oaªº])?(?:\W+opcao)?{_TAIL}")
_ORDINAL = re.compile(rf"\W*({_LEAD})({'|'.join(_ORDINALS)}|ultim[oa])(\W+(?:opcao|horario|item))?{_TAIL}")


def numbered(text: str, menu: Menu) -> str:
    """The text with its choices as numbered lines; as it is when it numbers them already, or when they need no number."""
    if not menu.numbered or not menu.options or _listed(text, len(menu.options)):
        return text
    lines = [
        f"{number}. {option.label}" + (f" – {option.description}" if option.description else "")
        for number, option in enumerate(menu.options, 1)
    ]
    return "\n".join([f"{text}\n" if text.strip() else "", *lines]).lstrip("\n")


def labels(options: Sequence[Option], most: int) -> list[str]:
    """One label per option, of at most `most` characters, cut between words, no two alike."""
    found: list[str] = []
    for option in options:
        whole = option.label.strip() or option.id
        label, again = cut(whole, most), 2
        while _folded(label) in map(_folded, found):
            mark = f" ({again})"
            label, again = cut(whole, most - len(mark)) + mark, again + 1
        found.append(label)
    return found


def cut(text: str, most: int) -> str:
    """At most `most` characters as phones count them, ended by "…" after a whole word when it had more."""
    text = " ".join(text.split())
    if _length(text) <= most:
        return text
    kept = text
    while kept and _length(kept) > most - 1:
        kept = kept[:-1]
    at_word = kept.rstrip() if text[len(kept) : len(kept) + 1] == " " else kept.rpartition(" ")[0].rstrip()
    return (at_word if _length(at_word) > most // 2 else kept.rstrip()).rstrip(",;:–-") + "…"


def picked(text: str, options: Sequence[Option], *, by_number: bool = True) -> Option | None:
    """The option these words choose and nothing else: its number or place ("2", "opção 2", "a segunda"), label or id.

    A word that may be a day of the week ("segunda") is no place when a day of that name is offered, or when it stands alone.
    """
    said = _folded(text)
    for most in (10**6, 24, 20):
        if said in (names := [_folded(label) for label in labels(options, most)]):
            return options[names.index(said)]
    by_id = next((option for option in options if _folded(option.id) == said), None)
    if by_id is not None or not by_number:
        return by_id
    place = _place(said, options)
    return options[place] if place is not None and place < len(options) else None


def _place(said: str, options: Sequence[Option]) -> int | None:
    if found := _NUMBER.fullmatch(said):
        return int(found[1]) - 1 if int(found[1]) else None
    found = _ORDINAL.fullmatch(said)
    if found is None:
        return None
    lead, word, after = found[1], found[2], found[3]
    if word.startswith("ultim"):
        return len(options) - 1
    place = next(index for index, ordinal in enumerate(_ORDINALS) if re.fullmatch(ordinal, word))
    if not after and not re.search(r"\bopcao\W", lead) and any(re.fullmatch(day, word) for day in _DAYS):
        named = re.search(r"\b[ao]\W+$", lead) is not None
        if not named or any(re.search(rf"\b{word[:3]}", _folded(option.label)) for option in options):
            return None
    return place


def _listed(text: str, count: int) -> bool:
    return all(re.search(rf"^[\W_]*{number}(?![0-9hH:/,])[\W_]", text, re.MULTILINE) for number in range(1, count + 1))


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(one for one in bare if not unicodedata.combining(one)).split()).strip(" .!")


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2  # an emoji counts as two there
