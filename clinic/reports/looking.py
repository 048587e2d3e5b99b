"""Reports as staff look at them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from clinic.reports import findings_store, recipients_store, sends_store, store
from clinic.reports.models import State
from clinic.reports.views import Page, ReportView
from db.session import Session


async def read(s: Session, report_id: UUID) -> ReportView:
    """A report with its drafts, steps, patterns, sends and the person's family. Raises NoReport."""
    report = await store.report(s, report_id)
    return ReportView(
        report=report,
        source=await store.source(s, report_id),
        drafts=await store.drafts(s, report_id),
        steps=await store.steps(s, report_id),
        patterns=await findings_store.patterns(s, report_id),
        sends=await sends_store.sends(s, report_id),
        family=tuple(await recipients_store.family(s, report.person_id)),
    )


async def listed(
    s: Session,
    *,
    states: Collection[State] = (),
    day_from: date | None = None,
    day_to: date | None = None,
    person: UUID | None = None,
    limit: int = 50,
    before: int | None = None,
) -> Page:
    """Reports newest first; no `states`: all of them. Days are the shift's, by the clinic's calendar, both ends included."""
    found = await store.page(s, states=states, day_from=day_from, day_to=day_to, person=person, limit=limit + 1, before=before)
    return Page(tuple(found[:limit]), found[limit - 1].seq if len(found) > limit else None)


async def by_deadline(s: Session, *, states: Collection[State], limit: int, skip: int = 0) -> Page:
    """Reports that wait for a person, the one to decide about first first. `before`: how many to skip for the next page."""
    found = await store.by_deadline(s, states=states, limit=limit + 1, skip=skip)
    return Page(tuple(found[:limit]), skip + limit if len(found) > limit else None)
