"""Passing the conversation to a person of the team, with a promise the tool gave."""

from __future__ import annotations

from agent.offline.acts import Call, Steps
from agent.offline.turn import Turn, ending, forget
from agent.offline.view import Dialogue

_BRIEF = 500


def hand_over(turn: Turn, d: Dialogue, kind: str, key: str = "handed") -> Steps:
    """Open a case (or point to the one already open) and say until when a person answers."""
    open_cases = turn.briefing.cases
    if open_cases and key == "handed":
        return ending(turn.say("already_handed", until=open_cases[0].get("until", "")), d, expect="")
    result = yield Call("escalate", {"kind": kind, "brief": brief(turn, d)})
    if result.get("error") == "given_back":
        return ending(turn.say("given_back"), d, expect="")
    if "error" in result:
        return ending(turn.say("tool_failed"), d, expect="")
    return ending(turn.say(key, until=result.get("until", "")), forget(d))


def brief(turn: Turn, d: Dialogue) -> str:
    """What the team reads first: the patient's words and what was being arranged."""
    about = ", ".join(part for part in (d.service, d.professional, d.day, d.time, d.name) if part)
    said = turn.view.text.strip() or "…"
    words = turn.say("brief_about", said=said[:300], about=about) if about else turn.say("brief", said=said[:300])
    return words[:_BRIEF]
