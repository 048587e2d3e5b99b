"""An approved report leaves: the approved words, to whom they were approved for, once, by the outbox."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from clinic.reports.models import Report
from clinic.tenants.models import Clinic
from db.session import Session


async def queue(s: Session, clinic: Clinic, report_id: UUID, *, now: datetime) -> int:
    """Puts an approved or fallback report's messages into the outbox; how many. 0: it is not to be sent (any more).

    Where who agrees is no longer who it was approved for, it goes to review ("recipients_changed"); where nobody does it
    is send_failed ("no_recipient"). Called twice it sends once.
    """
    raise NotImplementedError


async def settle(s: Session, report_id: UUID) -> Report | None:
    """What the outbox knows of a report's messages becomes its state: sent, or send_failed. None: nothing new."""
    raise NotImplementedError


async def unwelcome(s: Session, outbox_id: UUID) -> str | None:
    """Why a queued report may not leave after all, a code: asked at the instant of the send. None: it may."""
    raise NotImplementedError
