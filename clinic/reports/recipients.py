"""Who of a family agreed to receive reports of somebody: asked for, given, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from clinic.reports.views import Family
from db.session import Session


async def of_person(s: Session, person_id: UUID) -> Sequence[Family]:
    """Everybody in this person's list, whether they agreed or not."""
    raise NotImplementedError


async def put(s: Session, person_id: UUID, *, phone: str, name: str, kind: str, agreed: bool, by: str, now: datetime) -> Family:
    """Adds somebody, or confirms them anew: `agreed` is what `by` says that they said. Raises BadPhone."""
    raise NotImplementedError


async def revoke(s: Session, contact_id: UUID, *, person_id: UUID | None = None, by: str, now: datetime) -> int:
    """No report goes to them any more, of this person or of anybody; what waits to leave is taken back. How many lists."""
    raise NotImplementedError
