"""Reports as staff look at them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from clinic.reports.models import State
from clinic.reports.views import Page, ReportView
from db.session import Session


async def read(s: Session, report_id: UUID) -> ReportView:
    """A report with its drafts, steps, patterns, sends and who agrees to receive it now. Raises NoReport."""
    raise NotImplementedError


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
    raise NotImplementedError
