"""The question left open, asked again: after another subject, or after an answer that was no answer."""

from __future__ import annotations

from typing import Any

from agent.offline.turn import Turn
from agent.offline.view import Dialogue
from agent.offline.whom import SHOWN
from agent.offline.words import lower_first, offer_lines


def ask_again(turn: Turn, kind: str, summary: dict[str, Any]) -> str:
    return turn.say(
        f"still_confirm_{kind}", service=lower_first(str(summary.get("service", ""))), label=summary.get("label", "")
    )


def remind(turn: Turn, d: Dialogue) -> str:
    """The question left open when the patient asked something else in the middle; "" when none is."""
    proposal = turn.pending(d)
    if proposal:
        return ask_again(turn, str(proposal["kind"]), proposal.get("summary") or {})
    offers = turn.shown(d)
    if d.expect == "slot" and offers:
        return turn.say("remind_slots", service=lower_first(d.service), options=offer_lines(offers[:SHOWN]))
    return turn.say(f"remind_{d.expect}") if d.expect in ("name", "service", "when", "whom") and d.task else ""
