"""What the source closed becomes reports of ours, whatever was read twice."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from clinic.reports.models import SourceReport
from clinic.reports.views import Taken
from clinic.tenants.models import Clinic
from db.session import Session


async def take(s: Session, clinic: Clinic, reports: Sequence[SourceReport], *, run_id: UUID | None) -> Taken:
    """Keeps these reports, once for each external id and content; somebody never heard of becomes a person of the clinic.

    One that was corrected before anything left begins anew; after that the correction is a report of its own (`revision`)
    which is written again and then waits for a person ("corrected").
    """
    raise NotImplementedError
