"""The briefing of a turn: every fact the model may use, as data. Pure; what it holds is what a reply may state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from clinic.conversations.models import OpenCase
from clinic.tenants.models import Clinic
from kit import ptbr


def cases(clinic: Clinic, open_cases: Sequence[OpenCase], now: datetime) -> list[Mapping[str, Any]]:
    """What the team owes this conversation, with the deadline in words."""
    local = now.astimezone(clinic.zone)
    return [
        {"case": case.number, "kind": case.kind.value, "until": ptbr.until(case.due_at.astimezone(clinic.zone), now=local)}
        for case in open_cases
    ]


def persona(clinic: Clinic) -> Mapping[str, Any]:
    """How the clinic wants Carol to be."""
    one = clinic.persona
    return {
        "name": one.name,
        "tone": one.tone,
        "greeting": one.greeting,
        "restricted_topics": list(one.restricted_topics),
        "escalation_rules": list(one.escalation_rules),
        "notes": one.notes,
    }
