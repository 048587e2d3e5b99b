"""A desk process that takes one turn and dies by kill -9 at a named point. Run by test_crash.py, never imported by it.

Arguments: app url, clinic id, conversation id, where to die (think-N: before the Nth thought; adopt: before the adoption;
adopted: right after it).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

from db.pool import create_pool
from desk import turn
from desk.turn import Minds, take_turn
from graphs.state import Limits
from tests.flows.house import brains_of
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def booking_brain(die_before: int) -> Any:
    """Books what was read back, then says so; dies before the given thought."""
    brain = ScriptedBrain(
        lambda m: calls("book_visit", proposal=briefing(m)["proposal"]["proposal"]),
        lambda m: f"Marquei {last_result(m)['summary']['label']}.",
    )
    original, thoughts = brain.think, 0

    async def think(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        nonlocal thoughts
        thoughts += 1
        if thoughts == die_before:
            die()
        return await original(messages, tools, seconds=seconds)

    brain.think = think  # type: ignore[method-assign]
    return brain


async def main(app_url: str, clinic_id: str, conversation_id: str, where: str) -> None:
    pool = create_pool(app_url, max_size=4)
    await pool.open()
    brain = booking_brain(int(where.removeprefix("think-")) if where.startswith("think-") else 0)
    if where == "adopt":
        turn._adopt = lambda *_: die()  # type: ignore[assignment]
    minds = Minds(brains=brains_of(brain), library=None, limits=Limits(), lease=timedelta(seconds=30))
    await take_turn(pool, minds, UUID(clinic_id), UUID(conversation_id))
    if where == "adopted":
        die()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
