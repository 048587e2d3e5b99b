"""Instants as requests give them: ISO 8601, on the clinic's wall clock when they name no offset."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from kit.errors import Invalid

FIRST_YEAR, LAST_YEAR = 2000, 2099


class BadInstant(Invalid):
    """An instant must be ISO 8601, between 2000 and 2099; without an offset it is the clinic's local time."""

    code = "bad_instant"


def instant(text: str | None, zone: ZoneInfo) -> datetime | None:
    """The instant meant; None when none was given. Raises BadInstant."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        at = at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise BadInstant from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise BadInstant
    return at
