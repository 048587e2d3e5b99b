"""Where a Celery task meets the coroutines: one event loop, one pool and one set of senders per worker process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from celery import Task
from celery.signals import worker_process_init, worker_process_shutdown

from db.pool import Pool, create_pool
from jobs.senders import Senders
from kit.errors import CarolError, Invalid, Unavailable
from kit.log import bound, get_logger
from kit.settings import Settings, load_settings

log = get_logger(__name__)

TASK_SECONDS = 90.0
_OPEN_SECONDS = 10.0
_RETRY_FIRST, _RETRY_MOST, _RETRIES = 2, 60, 5


@dataclass(slots=True)
class Ground:
    """What a task's coroutine stands on."""

    settings: Settings
    pool: Pool
    senders: Senders


Work = Callable[[Ground], Awaitable[object]]


class _Process:
    """The loop of this worker process, in a thread of its own so that the pool is tended between tasks too."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="carol-loop", daemon=True)
        self._thread.start()
        self._ground: Ground | None = None

    def run(self, work: Work) -> None:
        """Runs the work to its end. Raises what it raises, Unavailable when it takes too long."""
        future = asyncio.run_coroutine_threadsafe(self._bounded(work), self._loop)
        future.result()

    async def _bounded(self, work: Work) -> None:
        try:
            async with asyncio.timeout(TASK_SECONDS):
                await work(await self._opened())
        except TimeoutError as error:
            raise Unavailable("the task took too long") from error

    async def _opened(self) -> Ground:
        if self._ground is None:
            settings = load_settings()
            url = settings.database_app_url or settings.database_url
            if not url:
                raise Invalid("DATABASE_URL: not set")
            pool = create_pool(url, max_size=4, name="carol-worker")
            await pool.open()
            self._ground = Ground(settings, pool, Senders())
        return self._ground

    def close(self) -> None:
        """Lets go of everything."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_OPEN_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_OPEN_SECONDS)
        self._loop.close()

    async def _close(self) -> None:
        if self._ground is not None:
            await self._ground.senders.aclose()
            await self._ground.pool.close()


_process: _Process | None = None


def _begin(**_: object) -> None:
    """After the fork: a loop or a connection made before it would be shared between processes."""
    global _process
    _process = None


def _end(**_: object) -> None:
    global _process
    if _process is not None:
        _process.close()
        _process = None


worker_process_init.connect(_begin)
worker_process_shutdown.connect(_end)


def perform(task: Task, work: Work) -> None:
    """Runs a coroutine as this task: tried again when something we depend on is away, ended quietly by our other errors."""
    global _process
    if _process is None:
        _process = _Process()
    with bound(task_name=task.name, task_id=task.request.id):
        try:
            _process.run(work)
        except Unavailable as error:
            log.warning("task_tries_again", reason=str(error), retries=task.request.retries)
            wait = min(_RETRY_FIRST * 2**task.request.retries, _RETRY_MOST)
            raise task.retry(exc=error, countdown=wait, max_retries=_RETRIES) from error
        except CarolError as error:
            log.error("task_ended", error=error.code)
