"""Ending background tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN = 0.5  # seconds


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels tasks until every one has ended; what they raise is theirs and is dropped.

    Once is not enough: a driver that is cancelled while it connects may answer with an error of its own, which a loop
    that tries again takes for a lost connection, and Python 3.11's wait_for may lose a cancellation that meets its result.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN)
