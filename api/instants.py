"""Instants as requests give them, ISO 8601, on the clinic's wall clock when they name no offset; and as answers tell them."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kit.errors import Invalid

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

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


def local_fields(row: DataclassInstance, zone: ZoneInfo) -> dict[str, Any]:
    """The row's fields by name, its instants on the clinic's wall clock."""
    told = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: at.astimezone(zone) if isinstance(at, datetime) else at for name, at in told.items()}
