"""A desk process of its own. Run by test_desks.py, never imported by it.

Arguments: app url, then `desk` (takes what is due until it is ended) or `turn` with clinic id, conversation id, lease seconds
and what it wants to do after it was asleep (`reply` or `tool`): says `thinking`, waits a moment, and says how its turn ended.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

from db.pool import create_pool
from desk.runner import FrontDesk
from desk.turn import Minds, take_turn
from graphs.state import Limits
from tests.flows.house import brains_of
from tests.flows.scripted import ScriptedBrain, calls

_THOUGHT = 0.15  # seconds that a mind takes, so that turns of one conversation could overlap


def told(word: str) -> None:
    print(word, flush=True)


class Steady:
    """Answers whatever it is told, after a moment."""

    async def think(self, messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        await asyncio.sleep(_THOUGHT)
        return await ScriptedBrain("Recebi, obrigada.").think(messages, tools)


class Sleeper:
    """Falls asleep in its first thought; then acts, or speaks, as if no time had passed."""

    def __init__(self, wants: str) -> None:
        late = "Tarde demais."
        self.brain = ScriptedBrain(*([calls("escalate", kind="other", brief="x"), late] if wants == "tool" else [late]))

    async def think(self, messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        told("thinking")
        await asyncio.sleep(1.0)  # whoever stops this process does it here
        return await self.brain.think(messages, tools)


async def main(app_url: str, verb: str, *more: str) -> None:
    pool = create_pool(app_url, max_size=6)
    await pool.open()
    if verb == "desk":
        minds = Minds(brains=brains_of(Steady()), library=None, limits=Limits(), lease=timedelta(seconds=60))  # type: ignore[arg-type]
        desk = FrontDesk(pool, minds, listen_url=app_url)
        await desk.start()
        told("ready")
        await asyncio.Event().wait()
    clinic, conversation, lease, wants = more
    minds = Minds(
        brains=brains_of(Sleeper(wants)),  # type: ignore[arg-type]
        library=None,
        limits=Limits(),
        lease=timedelta(seconds=float(lease)),
    )
    told(f"ended {await take_turn(pool, minds, UUID(clinic), UUID(conversation))}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
