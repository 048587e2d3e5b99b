"""How a finished turn leaves: greeting and disclosure first, one bubble or several. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.texts import text
from clinic.conversations.models import Author, Outcome, TurnResult
from clinic.tenants.models import Clinic
from desk import ledger
from desk.menus import menu_of
from desk.read_back import read_back
from graphs.state import Turn
from kit.text import plain

BUBBLE = 3_800  # characters; both wires refuse a text over 4,096
_MOST_BUBBLES = 3
# The answer follows at once: a greeting that ends by asking how to help would ask what was just said.
_QUESTION = re.compile(r"(?<=[.!?…\n🌿😊🙂💚]) ?[^.!?…\n]*\?\s*$")
_SAYS_AI = re.compile(r"\b(assistente virtual|inteligencia artificial|robo)\b")


def compose(turn: Turn, reply: str, *, checkpoint_id: str | None) -> tuple[TurnResult, Sequence[str]]:
    """The result to adopt, and the proposals the patient is really shown by it."""
    disclose = bool(reply) and turn.desk.contact.told_ai_at is None and turn.outcome is not Outcome.SILENT
    disclose = disclose and (turn.must_say or not turn.ctx.standing.colleague)  # who is told of patients knows who tells
    bubbles = _bubbles(reply)
    if disclose:
        bubbles = _greeted(turn, bubbles)
    clinic = turn.ctx.clinic
    visits = [visit.starts_at.astimezone(clinic.zone).replace(tzinfo=None) for visit in turn.ctx.visits]
    shown = read_back(turn.results, reply, today=turn.ctx.local_now.date(), visits=visits)
    result = TurnResult(
        outcome=turn.outcome,
        replies=tuple(bubbles),
        story=turn.story,
        checkpoint_id=checkpoint_id,
        told_ai=disclose,
        author=Author.AUTOMATIC if turn.automatic else Author.CAROL,
        menu=None if turn.must_say or turn.automatic else menu_of(turn.results, reply, shown),
        must_say=turn.must_say,
        commitments=ledger.commitments(turn, bubbles, own=0 if disclose and not turn.must_say else None),
    )
    return result, shown


def _greeted(turn: Turn, bubbles: list[str]) -> list[str]:
    """The first words a contact ever hears: who this is, and that it is an AI. An emergency comes before courtesy."""
    opening, disclosure = introduction(turn.ctx.clinic, offline=turn.offline)
    return [*bubbles, disclosure] if turn.must_say else [opening, *bubbles]


def introduction(clinic: Clinic, *, offline: bool) -> tuple[str, str]:
    """The bubble that opens a first answer, and the one that ends it where something urgent comes first."""
    persona = clinic.persona
    greeting = _QUESTION.sub("", persona.greeting.strip()).strip() or text(
        "greeting_default", name=persona.name, clinic=clinic.name
    )
    key = "person_on_request" if _SAYS_AI.search(plain(greeting)) else "disclosure"
    demo = "_demo" if offline else ""
    return f"{greeting}\n{text(f'{key}{demo}')}", text(f"disclosure{demo}")


def _bubbles(reply: str) -> list[str]:
    """Paragraphs as bubbles, few and short enough for any wire."""
    parts = [part.strip() for part in reply.split("\n\n") if part.strip()]
    if len(parts) > _MOST_BUBBLES:
        parts = [*parts[: _MOST_BUBBLES - 1], "\n\n".join(parts[_MOST_BUBBLES - 1 :])]
    return [part[start : start + BUBBLE] for part in parts for start in range(0, len(part), BUBBLE)]
