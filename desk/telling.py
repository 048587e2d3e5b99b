"""A turn that is looked at is told as it goes: each step in its row moments after it happened, each write a bell for pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from clinic.conversations.lanes import lane_store
from db.pool import Pool
from db.session import clinic_session
from graphs.state import Turn
from kit.errors import CarolError
from kit.tasks import end

log = structlog.get_logger(__name__)

_BREATH = 0.1  # seconds that steps are waited for, so that what comes together is one write; a short turn needs none
_LAST = 1.0  # seconds that the last write may take before the turn goes on without it


@asynccontextmanager
async def told_as_it_goes(pool: Pool, turn: Turn) -> AsyncIterator[None]:
    """Inside the block the steps of a watched turn are written as they come; after it none is.

    Steps that come together go together; a write that fails is left to the next one. The turn does not wait for any.
    """
    if not turn.watched:
        yield
        return
    bell, over = asyncio.Event(), asyncio.Event()
    turn.on_step = bell.set
    writer = asyncio.create_task(_write(pool, turn, bell, over))
    try:
        yield
    finally:
        turn.on_step = None
        over.set()
        bell.set()
        try:
            await asyncio.wait({writer}, timeout=_LAST)
        finally:
            await end([writer])


async def _write(pool: Pool, turn: Turn, bell: asyncio.Event, over: asyncio.Event) -> None:
    running = True
    while running:
        await bell.wait()
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), _BREATH)
        if over.is_set():
            return
        bell.clear()
        try:
            async with clinic_session(pool, turn.ctx.clinic.id) as s:
                running = await lane_store.tell(s, turn.desk.lease, turn.story)
        except CarolError as error:
            log.info("story_not_told", error=error.code)
