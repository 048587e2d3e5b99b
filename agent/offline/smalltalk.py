"""Courtesy, identity and limits: greetings, thanks, "você é robô?", jokes, insults, courtesy to an answer."""

from __future__ import annotations

import re

from agent.offline.acts import Reply
from agent.offline.reminding import remind
from agent.offline.spelling import content, fold
from agent.offline.turn import Turn, ending, forget
from agent.offline.understand import Reading
from agent.offline.view import Dialogue
from agent.offline.words import first_name


def hello(turn: Turn) -> str:
    """ "Bom dia!", by the hour of the conversation."""
    hour = turn.briefing.now.hour
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return turn.say(f"hello_{part}")


def reply(turn: Turn, d: Dialogue) -> Reply | None:
    """The courtesy the message asks for, with what was left open recalled; None when it asks for none."""
    r = turn.reading
    restricted = _restricted(turn)
    if restricted:
        return _then_remind(turn, d, turn.say("restricted"))
    if r.has("foreign_language") and not r.has("book", "price", "address"):
        return ending(turn.say("foreign_language"), d, expect="team")
    for intent in ("robot", "who_are_you", "insult", "joke"):
        if r.has(intent):
            return _then_remind(turn, d, turn.say(intent, persona=turn.briefing.persona, clinic=turn.briefing.clinic))
    if r.has("presence"):
        from agent.offline.visits import present

        return present(turn, d)
    if r.has("wait"):
        return ending(turn.say("take_your_time"), d)
    if r.has("thanks", "bye"):
        return ending(turn.say("bye" if r.has("bye") else "thanks"), d if d.task and not r.has("bye") else forget(d))
    if r.has("greet", "how_are_you"):
        return _greet(turn, d)
    still_lost = d.misses > 0 and len(content(r.text)) > 3  # "não é esse, é o outro, você sabe" takes nothing back
    if r.has("drop", "no", "refuse") and d.expect in ("", "want_book", "team") and not still_lost:
        return ending(turn.say("fine"), forget(d))
    if r.has("yes") and not d.expect:
        return ending(turn.say("anything_else"), d)
    return None


def _then_remind(turn: Turn, d: Dialogue, text: str) -> Reply:
    open_question = remind(turn, d)
    return ending("\n\n".join(p for p in (text, open_question) if p), d)


def _greet(turn: Turn, d: Dialogue) -> Reply:
    open_question = remind(turn, d)
    if open_question:
        return ending(f"{hello(turn)} {open_question}", d)
    asked = turn.say("how_are_you") if turn.reading.has("how_are_you") else ""
    if turn.briefing.first_contact or asked:
        met = turn.say("nice_to_meet", name=first_name(d.name)) if d.name and not asked else asked
        return ending(f"{met} {turn.say('how_can_i_help')}".strip(), d)
    known = next((p.name for p in turn.briefing.people if p.relationship == "self"), "")
    name = f", {first_name(known)}" if known else ""
    return ending(f"{hello(turn).rstrip('!')}{name}! {turn.say('how_can_i_help')}", d)


def _restricted(turn: Turn) -> bool:
    """Whether the message names a subject the clinic told Carol not to talk about."""
    said = set(content(turn.reading.text))
    folded = turn.reading.folded
    for topic in (part for line in turn.briefing.restricted for part in re.split(r"[,;]| e ", line)):
        words = content(topic)
        if words and len(words) <= 2 and (fold(topic).strip() in folded or set(words) <= said):
            return True
    return False


def not_found_key(r: Reading) -> str:
    if r.has("exam_results"):
        return "exam_results"
    return next((key for key in ("business", "prescription") if r.has(key)), "not_found")
