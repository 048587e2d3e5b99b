"""What a message that is refused asks besides: a fact of the clinic's own, in a sentence that wants nothing of what is refused.

Sentences are read alone. One that may still be about somebody else, or about a remedy, answers nothing: a kind no is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from agent.guardrails.medical import asks_medical
from agent.offline import others
from agent.offline.orders import orders
from agent.offline.others import AFTERCARE, ORDERS
from agent.offline.reading import Reading
from agent.offline.spelling import fold, tokens
from agent.offline.turn import Turn
from agent.offline.understand import understand
from agent.offline.view import Dialogue

Facts = Mapping[str, Callable[[Turn, Dialogue], str]]
_SENTENCES = re.compile(r"(?<=[.?!;])(?<![DdSs]r\.)(?<![DdSs]ra\.)\s+|\n+")
_OF_THE_HOUSE = frozenset({"parking", "payment", "convenio"})  # nobody else's, however shortly they are asked for


def told(turn: Turn, facts: Facts) -> str:
    """The facts asked besides what is refused, in words; "" when there are none, or nothing but the refusal may be said."""
    if turn.reading.refuses in (ORDERS, AFTERCARE):
        return ""
    names = {word for name in turn.reading.others for word in tokens(name)}
    parts: list[str] = []
    for sentence in _SENTENCES.split(turn.reading.text):
        reading = _alone(turn, sentence)
        if reading is not None and not names & set(tokens(sentence)):
            one = replace(turn, reading=reading)
            parts += [facts[intent](one, Dialogue()) for intent in facts if intent in reading.intents]
    return "\n\n".join(dict.fromkeys(part for part in parts if part))


def _alone(turn: Turn, sentence: str) -> Reading | None:
    """The sentence as it reads by itself, when it asks about this clinic and nothing else."""
    folded, briefing = fold(sentence), turn.briefing
    if others.of_third(folded) or others.advice(folded) or asks_medical(sentence) or orders(sentence):
        return None
    r = understand(sentence, briefing, Dialogue(), lambda _: "")
    ours = r.sure_service or r.professionals or r.intents & _OF_THE_HOUSE or others.of_the_house(folded)
    if r.refuses or not r.question or not ours or r.has("my_visits", "move", "cancel", "person", "complaint", "book"):
        return None
    if r.when.names_day and not any(r.when.covers_day(day.date) for day in briefing.days):
        return None
    return r
