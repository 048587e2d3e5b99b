"""Which reports wait for a worker, a person, the sender: ids only, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from db.session import Session


async def to_write(s: Session, *, limit: int, run_id: UUID | None = None) -> Sequence[UUID]:
    """Pending ones that may be tried now, and those whose worker died."""
    raise NotImplementedError


async def failed(s: Session, *, limit: int) -> Sequence[UUID]:
    """Failed ones that nobody was asked to look at."""
    raise NotImplementedError


async def timed_out(s: Session, *, limit: int) -> Sequence[UUID]:
    """In review, past their due."""
    raise NotImplementedError


async def to_send(s: Session, *, limit: int) -> Sequence[UUID]:
    """Approved or fallback, not in the outbox yet."""
    raise NotImplementedError


async def unsettled(s: Session, *, limit: int) -> Sequence[UUID]:
    """In the outbox, with an end there that their state does not tell yet."""
    raise NotImplementedError


async def unnotified(s: Session, *, limit: int) -> Sequence[UUID]:
    """In review, and the team was not told that they wait."""
    raise NotImplementedError


async def note_notified(s: Session, report_id: UUID) -> bool:
    """The team is told, now. False: it was told before."""
    raise NotImplementedError


async def counts(s: Session) -> dict[str, int]:
    """How many reports are in each state."""
    raise NotImplementedError
