"""Words that a person wrote for a family, held against their report by rules alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.reports.checks import check
from agent.reports.order import Order
from clinic.reports import findings_store, subjects_store
from clinic.reports.findings import Findings
from clinic.reports.history import Past, history
from clinic.reports.models import Problem, Report, Traced
from clinic.reports.ranges import Ranges
from clinic.reports.working import HISTORY
from clinic.tenants.models import Clinic
from db.session import Session


async def checked(s: Session, clinic: Clinic, report: Report, text: str) -> tuple[tuple[Problem, ...], tuple[Traced, ...]]:
    """What the rules hold of a text, and what each of its statements rests on; nothing is kept."""
    ranges = await subjects_store.limits(s, clinic, report.person_id, report.day)
    order = order_for(clinic, report, ranges, *await findings_store.remembered(s, report, ranges, limit=HISTORY))
    return await asyncio.to_thread(check, order, text)


def order_for(
    clinic: Clinic, report: Report, ranges: Ranges, findings: Findings, past: Sequence[Past], *, asked: str = ""
) -> Order:
    """What is to be written, from the report as it was taken and what was found in it and in those before it."""
    this = Past(str(report.id), report.closed_at, findings)
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
        patterns=findings.patterns,
        ranges=ranges,
        history=history([*past, this], ranges),
        asked=asked,
    )
