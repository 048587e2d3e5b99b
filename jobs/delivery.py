"""The one mouth: whatever reaches a patient leaves here, from an outbox row, in the order of its conversation."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import UUID

from clinic.conversations.outgoing.outbox import SENDS
from db import system
from db.listening import hear
from db.pool import Pool
from jobs.courtesy import Courtesy
from jobs.patience import Policy
from jobs.senders import PER_ACCOUNT, Senders
from jobs.sending import Conversation
from kit.errors import CarolError
from kit.log import get_logger
from kit.settings import Settings
from kit.tasks import end

__all__ = ["Delivery", "Policy", "deliver_due"]

log = get_logger(__name__)

_AT_ONCE = 64  # conversations looked at in one go


async def deliver_due(pool: Pool, senders: Senders, settings: Settings | Policy) -> int:
    """Sends what is due, each conversation in order, conversations side by side; returns how many sends were tried."""
    policy = settings if isinstance(settings, Policy) else Policy.of(settings)
    due = await system.due_sends(pool, limit=_AT_ONCE, per_account=PER_ACCOUNT)
    return sum(await asyncio.gather(*(Conversation(pool, senders, policy, *who).drain() for who in due)))


class Delivery:
    """Delivers until stopped: wakes by NOTIFY, looks by itself every poll. Any number may run, in any number of processes."""

    def __init__(self, pool: Pool, settings: Settings | Policy, *, listen_url: str) -> None:
        self._pool = pool
        self._policy = settings if isinstance(settings, Policy) else Policy.of(settings)
        self._listen_url = listen_url
        self._bell = asyncio.Event()
        self._busy: dict[UUID, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._senders: Senders | None = None

    @property
    def alive(self) -> bool:
        """Whether it is looking for work (readiness)."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def start(self) -> None:
        """Begins to listen and to look."""
        self._senders = Senders()
        self._tasks = [asyncio.create_task(self._look(self._senders)), asyncio.create_task(self._listen())]
        if self._policy.marks:
            courtesy = Courtesy(self._pool, self._senders, listen_url=self._listen_url)
            self._tasks.append(asyncio.create_task(courtesy.run()))

    async def stop(self, *, grace: float = 8.0) -> None:
        """Begins no more sends and lets the running ones end; one that outlasts the grace will be found as unanswered."""
        await end(self._tasks)
        self._tasks = []
        running = list(self._busy.values())
        if running:
            _, late = await asyncio.wait(running, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._senders is not None:
            await self._senders.aclose()

    def ring(self) -> None:
        """Something may be due."""
        self._bell.set()

    async def _look(self, senders: Senders) -> None:
        while True:
            self._bell.clear()
            try:
                due = await system.due_sends(self._pool, limit=_AT_ONCE, per_account=PER_ACCOUNT)
            except CarolError as error:
                log.warning("delivery_waits", error=error.code)
                due = []
            for clinic_id, conversation_id, account_id in due:
                if conversation_id not in self._busy:
                    work = Conversation(self._pool, senders, self._policy, clinic_id, conversation_id, account_id)
                    self._busy[conversation_id] = asyncio.create_task(self._drain(work))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self._policy.poll)

    async def _drain(self, work: Conversation) -> None:
        tried = 0
        try:
            tried = await work.drain()
        except CarolError as error:
            log.warning("delivery_interrupted", conversation_id=str(work.conversation_id), error=error.code)
        except Exception as error:  # one conversation's defect must not silence the others; its row is still there
            log.error("delivery_broke", conversation_id=str(work.conversation_id), error=type(error).__name__, exc_info=True)
        finally:
            self._busy.pop(work.conversation_id, None)
        if tried:
            self._bell.set()

    async def _listen(self) -> None:
        async for _ in hear(self._listen_url, SENDS):
            self._bell.set()
