"""What a person does with a report, and what the clock does when nobody does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from clinic.reports.models import Report
from clinic.tenants.models import Clinic
from db.session import Session


async def to_review(s: Session, clinic: Clinic, report_id: UUID, *, now: datetime) -> Report | None:
    """A failed report waits for a person, until the clinic's `review_minutes` from `now`. None: it is not failed."""
    raise NotImplementedError


async def time_out(s: Session, clinic: Clinic, report_id: UUID, *, now: datetime) -> Report | None:
    """Nobody decided in time: the fallback text goes instead, to who agrees now. None: it does not wait, or not long enough."""
    raise NotImplementedError


async def edit(s: Session, clinic: Clinic, report_id: UUID, *, text: str, by: str, version: int) -> Report:
    """Other words, which then wait for somebody's approval, whatever was approved. Raises OtherVersion, NotNow, BadText."""
    raise NotImplementedError


async def approve(s: Session, clinic: Clinic, report_id: UUID, *, by: str, version: int, digest: str) -> Report:
    """These words (`digest` is of what the person read) may go to who agrees now. Raises OtherVersion, NotNow, NotApproved."""
    raise NotImplementedError


async def reject(s: Session, clinic: Clinic, report_id: UUID, *, by: str, why: str, version: int) -> Report:
    """Nothing of it goes: the fallback text does. Raises OtherVersion, NotNow."""
    raise NotImplementedError


async def regenerate(s: Session, clinic: Clinic, report_id: UUID, *, by: str, why: str, version: int) -> Report:
    """It is written anew; the writer reads `why`. Raises OtherVersion, NotNow."""
    raise NotImplementedError


async def retry_send(s: Session, clinic: Clinic, report_id: UUID, *, by: str, version: int) -> Report:
    """Tried again where the wire surely did not take it; what went stays gone. Raises OtherVersion, NotNow."""
    raise NotImplementedError
