"""The front desk: hears that a turn is due, takes it, one at a time per conversation, many conversations at once.

NOTIFY is a bell and polling the backup: losing every bell costs a second, never a message.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import UUID

import structlog

from clinic.conversations.lanes.lane_store import LANES
from db import system
from db.listening import hear
from db.pool import Pool
from desk.turn import Minds, take_turn
from kit.errors import CarolError
from kit.tasks import end

log = structlog.get_logger(__name__)

_POLL = 1.0  # seconds, when no bell rings
_AT_ONCE = 16  # turns thought at the same time by one process


class FrontDesk:
    """Takes due turns until stopped. Any number of these may run, in any number of processes."""

    def __init__(self, pool: Pool, minds: Minds, *, listen_url: str, at_once: int = _AT_ONCE) -> None:
        self._pool = pool
        self._minds = minds
        self._listen_url = listen_url
        self._bell = asyncio.Event()
        self._places = asyncio.Semaphore(at_once)
        self._taken: dict[UUID, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def alive(self) -> bool:
        """Whether the desk is looking for work (readiness)."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def start(self) -> None:
        """Begins to listen and to look."""
        self._tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._listen())]

    async def stop(self, *, grace: float = 8.0) -> None:
        """Takes no more turns and lets the running ones end; those that outlast the grace are left to their lease."""
        await end(self._tasks)
        if self._taken:
            _, late = await asyncio.wait(self._taken.values(), timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._tasks = []

    def ring(self) -> None:
        """Something may be due."""
        self._bell.set()

    async def _look(self) -> None:
        while True:
            wait = _POLL
            try:
                wait = await self._take_due()
            except CarolError as error:
                log.warning("desk_waits", error=error.code)
            self._bell.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), min(max(wait, 0.01), _POLL))

    async def _take_due(self) -> float:
        """Takes what is due and free; returns in how many seconds to look again."""
        due = await system.due_lanes(self._pool, limit=_AT_ONCE * 4)
        fresh = [(clinic, conversation) for clinic, conversation in due if conversation not in self._taken]
        for clinic_id, conversation_id in fresh:
            await self._places.acquire()
            task = asyncio.create_task(self._take(clinic_id, conversation_id))
            self._taken[conversation_id] = task
        if fresh:
            return 0.0
        wait = await system.next_lane_due_in(self._pool)
        return _POLL if wait is None else wait if wait > 0 else 0.05

    async def _take(self, clinic_id: UUID, conversation_id: UUID) -> None:
        try:
            await take_turn(self._pool, self._minds, clinic_id, conversation_id)
        except CarolError as error:
            log.warning("turn_not_taken", error=error.code)
        except Exception as error:  # one conversation's defect must not keep the others
            log.error("turn_not_taken", conversation=str(conversation_id), error=type(error).__name__, exc_info=True)
        finally:
            self._taken.pop(conversation_id, None)
            self._places.release()
            self._bell.set()

    async def _listen(self) -> None:
        async for _ in hear(self._listen_url, LANES):
            self._bell.set()
