"""What changed, from Postgres to whoever looks at that clinic: one ear for the process, one short list for each listener."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db.listening import hear
from kit.log import get_logger
from kit.tasks import end

log = get_logger(__name__)

CHANNEL = "carol_changes"  # the triggers of 0002_playground.sql tell on it
TOGETHER = 0.05  # seconds: a commit tells several things at once, and the same one often twice
MOST_WAITING = 200  # changes kept for a listener that is slow; beyond, it reads everything again


class Change(BaseModel):
    """Something of a clinic changed. `what`: message, status, turn, owner, case, agenda, knowledge, wire, scenario, pipeline
    (a run of reports), alert, an eval_run, then with its `run`, or a report, then with its `report`."""

    model_config = ConfigDict(frozen=True)

    what: Literal[
        "message", "status", "turn", "owner", "case", "agenda", "knowledge", "wire", "scenario", "eval_run", "report",
        "pipeline", "alert",
    ]  # fmt: skip
    conversation: UUID | None
    turn: UUID | None
    run: UUID | None = Field(default=None, exclude_if=lambda run: run is None)
    report: UUID | None = Field(default=None, exclude_if=lambda report: report is None)


class _Told(Change):
    clinic: UUID


class Listener:
    """What one page has not been told yet."""

    def __init__(self) -> None:
        self._waiting: dict[Change, None] = {}
        self._everything = True  # whoever begins to listen has missed what came before
        self._over = False
        self._bell = asyncio.Event()

    async def told(self) -> AsyncIterator[list[Change] | None]:
        """Changes as they come, each once; None: read everything again. Ends when the process is about to."""
        while True:
            await self._bell_or_now()
            if self._over:
                return
            everything, changes = self._everything, list(self._waiting)
            self._everything, self._waiting = False, {}
            self._bell.clear()
            yield None if everything else changes

    def add(self, change: Change) -> None:
        """Something changed."""
        if len(self._waiting) >= MOST_WAITING:
            self.reread()
        elif not self._everything:
            self._waiting[change] = None
            self._bell.set()

    def reread(self) -> None:
        """Something may have been missed."""
        self._everything = True
        self._waiting.clear()
        self._bell.set()

    def leave(self) -> None:
        """No more will come."""
        self._over = True
        self._bell.set()

    async def _bell_or_now(self) -> None:
        if self._everything or self._over:
            return
        await self._bell.wait()
        await asyncio.sleep(TOGETHER)


class Changes:
    """The ear and its listeners."""

    def __init__(self, listen_url: str) -> None:
        self._listen_url = listen_url
        self._listeners: defaultdict[UUID, set[Listener]] = defaultdict(set)
        self._over = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to hear."""
        self._task = asyncio.create_task(self._hear())

    async def stop(self) -> None:
        """Ends every listener, and hears no more."""
        self.leave()
        if self._task is not None:
            await end([self._task])

    def leave(self) -> None:
        """Ends every listener, and at once those still to come: the process is about to stop."""
        self._over = True
        for listener in self._everyone():
            listener.leave()

    @contextmanager
    def listener(self, clinic_id: UUID) -> Iterator[Listener]:
        """A listener to the changes of one clinic, inside the block."""
        listener = Listener()
        if self._over:
            listener.leave()
        self._listeners[clinic_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[clinic_id].discard(listener)
            if not self._listeners[clinic_id]:
                del self._listeners[clinic_id]

    async def _hear(self) -> None:
        async for payload in hear(self._listen_url, CHANNEL):
            if payload is None:
                for listener in self._everyone():
                    listener.reread()
            elif self._listeners:
                self._tell(payload)

    def _tell(self, payload: str) -> None:
        try:
            told = _Told.model_validate_json(payload)
        except ValidationError:  # of a schema newer than this code; what it means is not known here
            log.warning("change_not_understood")
            return
        change = Change(what=told.what, conversation=told.conversation, turn=told.turn, run=told.run, report=told.report)
        for listener in self._listeners.get(told.clinic, ()):
            listener.add(change)

    def _everyone(self) -> list[Listener]:
        return [listener for listeners in self._listeners.values() for listener in listeners]
