"""A report is written by one worker at a time, and what a worker who lost it has written counts for nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from clinic.reports.models import Report
from clinic.reports.views import Outcome, Work
from clinic.tenants.models import Clinic
from db.session import Session


async def claim(s: Session, report_id: UUID, *, lease: timedelta) -> Work | None:
    """A pending report, or one whose worker died, is ours for `lease`. None: it is neither, or not to be tried yet.

    After three workers that died it is failed ("worker_died") and not given to a fourth.
    """
    raise NotImplementedError


async def finish(s: Session, clinic: Clinic, work: Work, outcome: Outcome) -> Report:
    """Keeps what was written: approved for exactly the last draft's words and who agrees now, or failed. Raises Lost."""
    raise NotImplementedError


async def give_back(s: Session, work: Work, *, after: timedelta, error_code: str) -> None:
    """What it needs is down: pending again, not before `after`, and this was no attempt. Raises Lost."""
    raise NotImplementedError
