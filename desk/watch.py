"""The second look: what patients write is read once more for dangers no pattern names, whoever owns the conversation.

Rows are the truth: a message is unread until its row says otherwise, so any number of processes may look and none need a
bell. It asks no model that speaks, and storing never waits for it.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from agent.guardrails.dangers import SecondReader
from clinic.conversations.dangers import watch_store
from db import system
from db.pool import Pool
from db.session import clinic_session
from kit.errors import CarolError
from kit.tasks import end

log = structlog.get_logger(__name__)

_EVERY = 1.0  # seconds
_AGAIN = 30.0  # seconds between tries to load a reader that failed
_AT_ONCE = 32


class Watch:
    """Looks until stopped."""

    def __init__(self, pool: Pool, reader: SecondReader, *, again: float = _AGAIN) -> None:
        self._pool = pool
        self._reader = reader
        self._again = again
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def alive(self) -> bool:
        """Whether messages are being read a second time; the patterns stand alone when not."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks) and self._reader.available

    async def start(self) -> None:
        """Begins to look."""
        self._tasks = [asyncio.create_task(self._look())]

    async def stop(self) -> None:
        """Looks no more."""
        await end(self._tasks)
        self._tasks = []

    async def look(self) -> int:
        """Reads what waits, the oldest first, a bounded number; returns how many were read.

        Who cannot read leaves it to another process: what nobody read is not marked as read.
        """
        if not self._reader.available:
            return 0
        waiting = await system.unlooked_messages(self._pool, limit=_AT_ONCE)
        for clinic_id, message_id in waiting:
            try:
                await self._read(clinic_id, message_id)
            except CarolError:
                raise
            except Exception as error:  # one message keeps no other unread
                log.error("message_not_looked", message=str(message_id), error=type(error).__name__)
        return len(waiting)

    async def _look(self) -> None:
        while True:
            found = 0
            if not self._reader.available and not await asyncio.to_thread(self._reader.again):
                await asyncio.sleep(self._again)
                continue
            try:
                found = await self.look()
            except CarolError as error:
                log.warning("watch_waits", error=error.code)
            if found < _AT_ONCE:
                await asyncio.sleep(_EVERY)

    async def _read(self, clinic_id: UUID, message_id: UUID) -> None:
        async with clinic_session(self._pool, clinic_id) as s:
            message = await watch_store.unlooked(s, message_id)
        if message is None:
            return
        flags = () if message.flagged else await asyncio.to_thread(self._reader.read, message.text)
        if not self._reader.available:
            return
        async with clinic_session(self._pool, clinic_id) as s:
            if await watch_store.note_looked(s, message, flags):
                say = log.error if message.old else log.info
                say("danger_seen", message=str(message_id), flag=f"{flags[0].kind}:{flags[0].code}", old=message.old)
