"""The reader: whatever the clinic uploads is read here, one file at a time in each process, so that turns keep their pace."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from db import system
from db.listening import hear
from db.pool import Pool
from kit.errors import CarolError
from kit.log import get_logger
from kit.tasks import end
from knowledge.library import Library
from knowledge.uploads_store import DOCUMENTS

log = get_logger(__name__)

_AT_ONCE = 8  # files looked at in one go


class Reading:
    """Reads until stopped: wakes by NOTIFY, looks by itself every poll. Any number may run, in any number of processes."""

    def __init__(self, pool: Pool, library: Library, *, listen_url: str, poll: float = 2.0) -> None:
        self._pool, self._library, self._listen_url, self._poll = pool, library, listen_url, poll
        self._bell = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to listen and to look."""
        self._tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        """Gives the file it was reading back to whoever comes next."""
        await end(self._tasks)
        self._tasks = []

    async def _look(self) -> None:
        while True:
            self._bell.clear()
            try:
                for clinic_id, document_id in await system.waiting_documents(self._pool, limit=_AT_ONCE):
                    if await self._library.read(clinic_id, document_id):
                        self._bell.set()
            except CarolError as error:
                log.warning("reading_interrupted", error=error.code)
            except Exception as error:  # one file's defect must not keep the others; its tries are counted
                log.error("reading_broke", error=type(error).__name__, exc_info=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self._poll)

    async def _listen(self) -> None:
        """Rings the bell on NOTIFY, and whenever what was told may have been missed."""
        async for _ in hear(self._listen_url, DOCUMENTS):
            self._bell.set()
