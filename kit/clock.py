"""What time it is. The only place that asks the machine, so that every decision takes `now` as an argument."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


def business_now(pinned: datetime | None) -> datetime:
    """A conversation's own instant: the pinned one when a test, an eval or a rehearsal set it, else the machine's."""
    return pinned if pinned is not None else utc_now()
