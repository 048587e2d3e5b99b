"""Who has runs of scenarios played: a process of their own for each, one at a time on a machine, noticed when it dies.

What it plays and how is above this floor: it is started by its name. The rows say what waits and what became of it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from clinic.scenarios import runs_store
from clinic.scenarios.runs_store import RUNS
from db import system
from db.listening import hear
from db.pool import Pool
from db.session import clinic_session
from kit import process
from kit.errors import CarolError
from kit.ids import new_token
from kit.log import get_logger
from kit.settings import Settings
from kit.tasks import end

log = get_logger(__name__)

PLAYED = (sys.executable, "-m", "evals.playing.played")
SWEPT = (sys.executable, "-m", "evals.playing.ground")
_ROOT = Path(__file__).parents[1]
_NOT_NOW = 3  # its exit code when this machine plays another
_POLL = 5.0  # seconds
_PATIENCE = 3.0  # seconds for a process that was asked to leave


async def give_up_lost(pool: Pool) -> int:
    """Ends runs whose process has given no sign of life for its whole lease; how many. What they wrote stays."""
    lost = 0
    for clinic_id, run_id in await system.lost_eval_runs(pool):
        async with clinic_session(pool, clinic_id) as s:
            lost += await runs_store.give_up(s, run_id, error="lost")
    if lost:
        log.error("eval_runs_lost", runs=lost)
    return lost


class Evaluating:
    """Starts until stopped: wakes by NOTIFY, looks by itself every poll. Any number may run, in any number of processes."""

    def __init__(
        self, pool: Pool, settings: Settings, *, listen_url: str, command: Sequence[str] = PLAYED, poll: float = _POLL
    ) -> None:
        self._pool, self._settings, self._listen_url = pool, settings, listen_url
        self._command, self._poll = tuple(command), poll
        self._bell = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._child: Process | None = None

    async def start(self) -> None:
        """Begins to listen and to look."""
        self._tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        """Starts nothing more. A run that is being played is given back to whoever comes next, with what it wrote."""
        await end(self._tasks)
        self._tasks = []
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), _PATIENCE)

    async def _look(self) -> None:
        while True:
            self._bell.clear()
            try:
                await give_up_lost(self._pool)
                if await self._play_next():
                    continue
            except CarolError as error:
                log.warning("evaluating_interrupted", error=error.code)
            except Exception as error:  # one run's defect must not keep the others
                log.error("evaluating_broke", error=type(error).__name__, exc_info=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self._poll)

    async def _play_next(self) -> bool:
        """Has the oldest run that waits played, to its end; whether there may be another."""
        waiting = await system.waiting_eval_runs(self._pool, limit=1)
        if not waiting or self._taken():
            return False
        clinic_id, run_id = waiting[0]
        token = new_token()
        arguments = (str(clinic_id), str(run_id), str(os.getpid()), str(token))
        log.info("eval_run_begun", clinic_id=str(clinic_id), run_id=str(run_id))
        self._child = await self._spawn(*self._command, *arguments)
        code = await self._child.wait()
        self._child = None
        if code not in (0, _NOT_NOW):
            await self._died(clinic_id, run_id, token, code)
        return code != _NOT_NOW

    async def _died(self, clinic_id: UUID, run_id: UUID, token: UUID, code: int) -> None:
        log.error("eval_run_died", run_id=str(run_id), code=code)
        await (await self._spawn(*SWEPT)).wait()  # the server it played on outlives it
        async with clinic_session(self._pool, clinic_id) as s:
            await runs_store.give_up(s, run_id, error="killed" if code < 0 else "crashed", token=token)

    async def _spawn(self, *command: str) -> Process:
        """With our settings, and our own output: a pipe that nobody reads would stop it."""
        settings = self._settings
        paths = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        own = {"CAROL_HOME": str(settings.home), "PYTHONPATH": paths}
        for name in ("database_url", "database_app_url"):
            if url := getattr(settings, name):
                own[f"CAROL_{name.upper()}"] = url
        # A session of its own: whoever ends us by the group still lets it give back what it plays.
        return await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **own}, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )

    def _taken(self) -> bool:
        """Whether another process of this machine plays a run."""
        try:
            with process.locked(self._settings.home / "evals" / "one.lock", wait=False):
                return False
        except process.Busy:
            return True

    async def _listen(self) -> None:
        """Rings the bell on NOTIFY, and whenever what was told may have been missed."""
        async for _ in hear(self._listen_url, RUNS):
            self._bell.set()
