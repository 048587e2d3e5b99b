"""What the clinic wrote, as far as Carol may repeat it: a promise that needs a receipt is the clinic's to make, not hers,
and words that give her orders are for nobody."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile

from agent.guardrails.claims import claims
from agent.offline.orders import to_her

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def sentences(text: str) -> list[str]:
    """The sentences of `text` before any that speaks to her, without those that the gate after her would refuse."""
    return list(_sentences(text))


@lru_cache(maxsize=2048)  # a clinic's texts are read again at every thought of every turn
def _sentences(text: str) -> tuple[str, ...]:
    found = takewhile(lambda one: not to_her(one), (s.strip() for s in _SENTENCE.split(text) if s.strip()))
    return tuple(s for s in found if not any(claims(s, frozenset())))


def sayable(text: str) -> str:
    return " ".join(sentences(text))
