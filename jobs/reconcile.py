"""Did an unanswered send arrive? The wire is asked before anything is said twice."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import Enum

from channels.base import Outgoing, Sender
from kit.errors import Unavailable
from kit.log import get_logger

log = get_logger(__name__)

_SKEW = timedelta(minutes=2)  # between the wire's clock and ours
_FIRST = 1.0  # seconds


class Look(Enum):
    ABSENT = "absent"  # the wire answered, and has no such message
    SILENT = "silent"  # it cannot tell


async def look(sender: Sender, message: Outgoing, *, queued_at: datetime, but: Collection[str], timeout: float) -> str | Look:
    """The provider id the wire's history has for this message, or what it means that it names none. Never raises.

    `but`: ids of other messages of ours.
    """
    try:
        async with asyncio.timeout(timeout):
            found = await sender.find(message, since=queued_at - _SKEW, but=but)
    except (Unavailable, TimeoutError):
        return Look.SILENT
    except Exception as error:  # a defect of a client must not stop the mouth
        log.error("find_broke", error=type(error).__name__, exc_info=True)
        return Look.SILENT
    return found or Look.ABSENT


def next_look(asked_ago: float, grace: float) -> float | None:
    """Seconds until the wire is asked again, each pause half as long as it has waited so far; None once the grace is over."""
    left = grace - asked_ago
    return min(max(_FIRST, asked_ago / 2), left) if left > 0 else None
