"""Whether the words of a message are the report's own, however they are inflected. Pure; words in tracing.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from agent.reports.order import Order
from agent.reports.reading import Told, read, topics
from agent.reports.wording import plain_words
from agent.reports.words import words
from clinic.reports.models import Span
from clinic.reports.patterns import name_of
from clinic.reports.reading import Standing, flat

_STEM, _ROOT = 5, 4  # letters: "voltou" and "volta" share a root, "caminhou" and "caminhada" a stem
_WORD = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Beginnings of the words that a report, its people and its plain names bring along."""

    stems: frozenset[str]
    roots: frozenset[str]
    others: tuple[str, ...]  # of other words for the same

    def told(self, text: str) -> set[str]:
        """Stems of what a flat text states, beyond words that frame it."""
        return {one for one in _stems(text) if one not in _frame()}

    def strange(self, text: str) -> set[str]:
        """Those of them that are not the report's."""
        found = (one for one in self.told(text) if one not in self.stems and not one.startswith(self.others))
        return {one for one in found if len(one) < _ROOT or one[:_ROOT] not in self.roots}

    def has(self, said: Told, clause: Span) -> bool:
        """Whether every word that a clause states is the report's."""
        text = said.said.flat[clause.start : clause.end]
        return bool(self.told(text)) and not self.strange(text)


def lexicon_of(order: Order, known: frozenset[str]) -> Lexicon:
    """What a message about this report may say. `known`: as `read` takes it."""
    return _made(order.text, known, flat(f"{order.person} {order.caregiver} {order.clinic} {order.signs}"))


@lru_cache(maxsize=128)
def _made(text: str, known: frozenset[str], people: str) -> Lexicon:
    source = read(text, known=known)
    own = _stems(f"{source.said.flat} {plain_words(source.said)} {people} {' '.join(_named(source))}")
    return Lexicon(frozenset(own), frozenset(one[:_ROOT] for one in own if len(one) >= _ROOT), _others(own))


def _stems(text: str) -> set[str]:
    return {one[:_STEM] for one in _WORD.findall(text)}


def _named(source: Told) -> list[str]:
    """The plain names of what the report says."""
    said = [one for one in source.events if one.standing is not Standing.MIGHT]
    return [flat(topics()[one.key].tell if one.key in topics() else name_of(one.key)) for one in said]


def _others(own: set[str]) -> tuple[str, ...]:
    """Beginnings of the other words for what the report says."""
    groups: list[list[str]] = words("tracing")["same"]
    told = (group for group in groups if any(stem.startswith(tuple(one[:_STEM] for one in group)) for stem in own))
    return tuple(one[:_STEM] for group in told for one in group)


@cache
def _frame() -> set[str]:
    return {one[:_STEM] for one in words("tracing")["frame"]}
