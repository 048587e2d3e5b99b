"""A kind no: to others' data, to orders, to advice pressed for. It says who may have it and how, and recalls what was open."""

from __future__ import annotations

from agent.offline.acts import Reply
from agent.offline.others import DATA, MANY, MEDICAL, ORDERS, VISITS
from agent.offline.reminding import remind
from agent.offline.turn import Turn, ending
from agent.offline.view import Dialogue

_REMEMBERED = 6  # names
_SAYS = {
    VISITS: "refused_visits", DATA: "refused_data", MANY: "refused_many", ORDERS: "refused_orders", MEDICAL: "refused_medical",
}  # fmt: skip


def kept(turn: Turn) -> tuple[str, ...]:
    """Everybody asked about so far in vain; nobody is registered by these names."""
    return tuple(dict.fromkeys([*turn.view.dialogue.kept_from, *turn.reading.others]))[-_REMEMBERED:]


def refuse(turn: Turn, d: Dialogue) -> Reply:
    """The refusal the message asks for; other words when it was said just before."""
    kind, before = turn.reading.refuses, turn.view.dialogue.apart
    again = bool(before) and before != ORDERS and kind not in (ORDERS, MEDICAL)
    text = turn.say("refused_again" if again else _SAYS[kind], clinic=turn.briefing.clinic)
    open_question = remind(turn, d)
    if open_question:
        return ending(f"{text}\n\n{open_question}", d, apart=kind)
    return ending(text, d, apart=kind, expect="want_book" if kind == MEDICAL else "team" if kind != ORDERS else "", name="")
