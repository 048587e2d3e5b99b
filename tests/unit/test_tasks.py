"""A loop that swallows its first cancellation still ends."""

from __future__ import annotations

import asyncio

from kit.tasks import end


async def test_a_task_that_takes_a_cancellation_for_a_lost_connection_ends_all_the_same() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed > 1:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end([task])
    assert task.cancelled()
    assert swallowed == 2
