"""A whole conversation as one document, the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from api import menus, telling
from api.shapes import LineOut, MenuOut
from clinic.conversations.history.story_store import Entry, TurnLine
from clinic.conversations.reading import Story, Transcript
from clinic.tenants.models import Clinic

SCHEMA = "carol.conversation/1"


def document(clinic: Clinic, whole: Transcript, *, limits: dict[str, int]) -> dict[str, Any]:
    """Messages, turns with their steps, receipts and open cases, each oldest first. Files are named, not held."""
    zone, brief = clinic.zone, whole.brief
    offered = menus.offered(whole.entries)
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
        "messages": [_line(whole, entry, clinic, offered) for entry in whole.entries],
        "turns": [telling.story(brief.id, _story(whole, turn), limits, zone) for turn in whole.turns],
        "receipts": telling.receipts(whole.proofs, zone),
        "cases": [telling.case(case, zone) for case in whole.cases],
    }


def _line(whole: Transcript, entry: Entry, clinic: Clinic, offered: Mapping[UUID, MenuOut]) -> LineOut:
    """A message, and what it says as it stood when the conversation's last word was said: the same rows, the same bytes."""
    at = whole.entries[-1].at
    receipts, ledger = whole.behind.get(entry.id, ()), whole.ledger.get(entry.id, ())
    return telling.line(entry, receipts, clinic.zone, ledger=ledger, at=at, menu=offered.get(entry.id))


def _story(whole: Transcript, turn: TurnLine) -> Story:
    own = [entry for entry in whole.entries if entry.turn_id == turn.id]
    return Story(turn, [e.id for e in own if e.status is None], [e.id for e in own if e.status is not None])
