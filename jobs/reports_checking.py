"""Words that a person wrote for a family, held against their report by rules alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.reports.checks import check
from agent.reports.order import Order
from clinic.reports import store
from clinic.reports import views as kept
from clinic.reports.history import Past, history
from clinic.reports.models import Problem, Report, Traced
from clinic.reports.patterns import detect
from clinic.reports.working import HISTORY
from clinic.tenants.models import Clinic
from db.session import Session


async def checked(s: Session, clinic: Clinic, report: Report, text: str) -> tuple[tuple[Problem, ...], tuple[Traced, ...]]:
    """What the rules hold of a text, and what each of its statements rests on; nothing is kept."""
    order = order_for(clinic, report, await store.history(s, report, limit=HISTORY))
    return await asyncio.to_thread(check, order, text)


def order_for(clinic: Clinic, report: Report, past: Sequence[kept.Past], *, asked: str = "") -> Order:
    """What is to be written, from the report as it was taken. `past`: newest first."""
    pasts = [Past(str(one.report_id), one.closed_at, one.text) for one in past]
    this = Past(str(report.id), report.closed_at, report.source_text)
    return Order(
        text=report.source_text,
        person=report.person_name,
        caregiver=report.caregiver,
        shift=report.shift,
        day=report.day,
        clinic=clinic.name,
        signs=clinic.persona.name,
        tone=clinic.persona.tone,
        notes=clinic.persona.notes,
        patterns=detect(report.source_text),
        history=history([*pasts, this]),
        asked=asked,
    )
