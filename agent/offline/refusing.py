"""A kind no: to others' data, to orders, to advice. It says who may have it and how, and recalls what was open."""

from __future__ import annotations

from agent.offline.acts import Steps
from agent.offline.handing import hand_over
from agent.offline.others import AFTERCARE, DATA, ELSEWHERE, MANY, MEDICAL, ORDERS, VISITS
from agent.offline.reminding import remind
from agent.offline.turn import Turn, ending
from agent.offline.view import Dialogue

_REMEMBERED = 6  # names
_SAYS = {
    VISITS: "refused_visits", DATA: "refused_data", MANY: "refused_many", ORDERS: "refused_orders", MEDICAL: "medical",
    ELSEWHERE: "refused_elsewhere",
}  # fmt: skip
_AGAIN = {VISITS: "refused_again", DATA: "refused_again", MANY: "refused_again", MEDICAL: "refused_medical"}
_EXPECTS = {VISITS: "team", DATA: "team", MEDICAL: "want_book"}  # the question a refusal ends in


def kept(turn: Turn) -> tuple[str, ...]:
    """Everybody asked about so far in vain; nobody is registered by these names."""
    return tuple(dict.fromkeys([*turn.view.dialogue.kept_from, *turn.reading.others]))[-_REMEMBERED:]


def refuse(turn: Turn, d: Dialogue) -> Steps:
    """The refusal the message asks for; other words when it was said just before, a person when something done here hurts."""
    kind, before = turn.reading.refuses, turn.view.dialogue.apart
    if kind == AFTERCARE:
        return (yield from hand_over(turn, d, "medical", "handed_aftercare"))
    pressed = before == MEDICAL if kind == MEDICAL else before not in ("", MEDICAL, ORDERS)
    text = turn.say(_AGAIN[kind] if pressed and kind in _AGAIN else _SAYS[kind], clinic=turn.briefing.clinic)
    open_question = remind(turn, d)
    if open_question:
        return ending(f"{text}\n\n{open_question}", d, apart=kind)
    return ending(text, d, apart=kind, expect=_EXPECTS.get(kind, ""), name="" if kind != MEDICAL else d.name)
