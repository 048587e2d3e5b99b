"""A whole conversation as one document, the same bytes for the same rows."""

from __future__ import annotations

from typing import Any

from api import telling
from clinic.conversations.reading import Story, Transcript
from clinic.conversations.story_store import TurnLine
from clinic.tenants.models import Clinic

SCHEMA = "carol.conversation/1"


def document(clinic: Clinic, whole: Transcript, *, limits: dict[str, int]) -> dict[str, Any]:
    """Messages, turns with their steps, receipts and open cases, each oldest first. Files are named, not held."""
    zone, brief = clinic.zone, whole.brief
    return {
        "schema": SCHEMA,
        "clinic": clinic.slug,
        "zone": clinic.timezone,
        "conversation": brief.id,
        "channel": brief.channel,
        "contact": telling.contact(brief),
        "owner": brief.owner,
        "owner_name": brief.owner_name,
        "clock_at": brief.clock_at.astimezone(zone) if brief.clock_at else None,
        "messages": [telling.line(entry, whole.behind.get(entry.id, ()), zone) for entry in whole.entries],
        "turns": [telling.story(brief.id, _story(whole, turn), limits, zone) for turn in whole.turns],
        "receipts": telling.receipts(whole.proofs, zone),
        "cases": [telling.case(case, zone) for case in whole.cases],
    }


def _story(whole: Transcript, turn: TurnLine) -> Story:
    own = [entry for entry in whole.entries if entry.turn_id == turn.id]
    return Story(turn, [e.id for e in own if e.status is None], [e.id for e in own if e.status is not None])
