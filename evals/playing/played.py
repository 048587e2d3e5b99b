"""One run, played by a process of its own: `python -m evals.playing.played CLINIC_ID RUN_ID [PARENT_PID [TOKEN]]`.

It takes the run by lease, writes each trial as a row when it ends, and looks at the row for a wish to stop. Asked to end
(SIGTERM), or left by whoever started it, it gives the run back, to be gone on with. At most one on a machine.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from clinic.scenarios import runs_store, store
from clinic.scenarios.models import Asked, Lost, NothingToPlay, RunRow
from clinic.scenarios.schema import Scenario
from clinic.tenants.service import clinic_for
from db.pool import Pool, create_pool
from db.session import clinic_session
from evals import gate, runs
from evals.described import own_clinic
from evals.heads import head_of
from evals.judging.beside import seated
from evals.playing import kept
from evals.playing.ground import Ground, open_ground, scratch_database
from evals.playing.own import laid_down
from evals.playing.run import Budget, Player
from evals.runs import Head, OtherRun, Run, Trial
from evals.suites import of_suites
from evals.telling import report
from evals.telling.figures import figures
from evals.tiers import playable
from kit import log as logs
from kit import process
from kit.errors import CarolError, Invalid, Unavailable
from kit.ids import new_token
from kit.log import get_logger
from kit.settings import Settings, load_settings
from kit.tasks import end
from kit.text import storable
from knowledge.library import open_library

log = get_logger(__name__)

LEASE = timedelta(seconds=30)
BEAT = 3.0  # seconds
_AT_ONCE = 2
Why = Literal["stop", "leave", "lost"]


class TwoOfAName(Invalid):
    """A scenario of the clinic has the name of one that comes with Carol."""

    code = "scenario_twice"


@dataclass(slots=True)
class Playing:
    """A run in this process's hands. `why`: it was told to end before its end."""

    settings: Settings
    pool: Pool
    clinic_id: UUID
    row: RunRow
    token: UUID
    parent: int | None = None
    why: Why | None = None
    _ended: asyncio.Queue[Trial | None] = field(default_factory=asyncio.Queue)
    _task: asyncio.Task[None] | None = None

    async def go(self) -> str:
        """Plays to the end, or until it is told to stop; the state it left the run in. Raises Lost."""
        self._task = asyncio.create_task(self._play())
        beating = asyncio.create_task(self._beats())
        try:
            await self._task
        except asyncio.CancelledError:
            if self.why is None:
                raise
        except CarolError as error:
            return await self._broke(error.code, error)
        except Exception as error:  # told by name; what it says may hold anybody's words
            return await self._broke(_name(error), error)
        finally:
            await end([beating])
        return await self._finish()

    def leave(self, why: Why) -> None:
        """Ends as soon as it can."""
        self.why = self.why or why
        if self._task is not None:
            self._task.cancel()

    async def _play(self) -> None:
        chosen, left_out = playable(await self._chosen(), patients=self.settings.patient_model)
        if not chosen:
            raise NothingToPlay
        head = head_of(self.settings, chosen, trials=self.row.asked.trials, noise=self.row.asked.kinds)
        with tempfile.TemporaryDirectory(prefix="carol-run-") as home:
            run = await self._begun(Path(home) / "run", head, left_out)
            if not runs.left(run, chosen):
                return
            async with self._ground(Path(home)) as ground, seated(self.settings) as (ask, judge):
                known = {one.id: one for one in chosen}
                asked = self.row.asked
                writing = asyncio.create_task(self._write(known))
                try:
                    await Player(
                        ground.stage,
                        ground.lane(),
                        at_once=_AT_ONCE,
                        ask=ask,
                        judge=judge,
                        told=lambda trial, _done, _due: self._ended.put_nowait(trial),
                        budget=Budget(asked.reais, asked.minutes),
                    ).play(run, chosen)
                finally:
                    self._ended.put_nowait(None)
                    await asyncio.shield(writing)  # what was played is written, even by who is told to stop

    async def _chosen(self) -> list[Scenario]:
        async with clinic_session(self.pool, self.clinic_id) as s:
            own = [one.scenario for one in await store.every(s)]
        return chosen(self.row.asked, [*await asyncio.to_thread(of_suites), *own])

    async def _begun(self, folder: Path, head: Head, left_out: list[Scenario]) -> Run:
        """The run with the trials it has. Raises OtherRun when what it was begun with has changed."""
        async with clinic_session(self.pool, self.clinic_id) as s:
            rows = await runs_store.whole(s, self.row.id) if self.row.head else []
            known = _head(self.row.head) if rows else head
            if rows and not runs.same(known, head):
                raise OtherRun(str(self.row.id))
            due = sum(known.trials.values()) * max(1, len(known.noise))
            told = {**asdict(known), "left_out": [one.id for one in left_out]}
            await runs_store.describe(
                s, self.row.id, self.token, model=known.model, tier=known.tier, offline=known.offline, due=due, head=told
            )
        return await asyncio.to_thread(runs.restored, folder, known, kept.lines(rows))

    @asynccontextmanager
    async def _ground(self, home: Path) -> AsyncIterator[Ground]:
        """A scratch database with the desk; the fixture `clinic` is this clinic as it is now, without anybody in it."""
        app_url = self.settings.database_app_url or self.settings.database_url or ""
        clinic = await clinic_for(self.pool, self.clinic_id)
        async with open_library(self.settings, self.pool, app_url) as library:
            source = await laid_down(home, clinic, library)
        scratch = scratch_database(self.settings)
        urls = await asyncio.to_thread(scratch.__enter__)
        try:
            with own_clinic(source, self.row.asked_at.astimezone(clinic.zone)):
                async with open_ground(self.settings, urls) as ground:
                    yield ground
        finally:
            await asyncio.shield(asyncio.to_thread(scratch.__exit__, None, None, None))

    async def _write(self, known: dict[str, Scenario]) -> None:
        """Writes trials as they end; while the database is away they wait."""
        while (trial := await self._ended.get()) is not None:
            row = kept.fresh(trial, known[trial.scenario])
            while True:
                try:
                    async with clinic_session(self.pool, self.clinic_id) as s:
                        await runs_store.add(s, self.row.id, self.token, row)
                    break
                except Unavailable:
                    await asyncio.sleep(BEAT)
                except Lost:
                    self.leave("lost")
                    return

    async def _beats(self) -> None:
        """Says that we live, and looks whether somebody wants it to stop, or whoever started us is gone."""
        while True:
            if self.parent is not None and os.getppid() != self.parent:
                self.leave("leave")
            try:
                async with clinic_session(self.pool, self.clinic_id) as s:
                    if await runs_store.beat(s, self.row.id, self.token, lease=LEASE):
                        self.leave("stop")
            except Unavailable as error:
                log.warning("eval_beat_missed", reason=str(error))
            except Lost:
                self.leave("lost")
            await asyncio.sleep(BEAT)

    async def _finish(self) -> str:
        """The gate's decision and the report over what is there, unless somebody else goes on with it."""
        if self.why == "lost":
            raise Lost
        async with clinic_session(self.pool, self.clinic_id) as s:
            if self.why == "leave":
                await runs_store.finish(s, self.row.id, self.token, state="queued")
                return "queued"
            row, rows = await runs_store.run(s, self.row.id), await runs_store.whole(s, self.row.id)
        state: Literal["stopped", "ended"] = "stopped" if self.why == "stop" else "ended"
        zone = (await clinic_for(self.pool, self.clinic_id)).timezone
        told = await asyncio.to_thread(_summed, _head(row.head), kept.lines(rows), _scenarios(rows), zone) if row.head else {}
        async with clinic_session(self.pool, self.clinic_id) as s:
            await runs_store.finish(s, self.row.id, self.token, state=state, **told)
        return state

    async def _broke(self, code: str, error: Exception) -> str:
        log.error("eval_run_broke", run_id=str(self.row.id), error=code, exc_info=not isinstance(error, CarolError))
        async with clinic_session(self.pool, self.clinic_id) as s:
            await runs_store.finish(s, self.row.id, self.token, state="broken", error=code)
        return "broken"


def chosen(asked: Asked, every: list[Scenario]) -> list[Scenario]:
    """What was asked for, in order. Raises NothingToPlay for a name that nothing has, TwoOfAName."""
    names = {one.id for one in every} | {one.suite for one in every}
    if {*asked.suites, *asked.scenarios} - names:
        raise NothingToPlay
    wanted = {*asked.suites, *asked.scenarios}
    found = [one for one in every if not wanted or one.suite in asked.suites or one.id in asked.scenarios]
    if len({one.id for one in found}) < len(found):
        raise TwoOfAName
    return found


def _head(given: Any) -> Head:
    known = {name: value for name, value in given.items() if name in Head.__dataclass_fields__}
    return Head(**known | {name: tuple(known.get(name) or ()) for name in ("noise", "graded")})


def _scenarios(rows: list[Any]) -> dict[str, Scenario]:
    return {row.scenario: Scenario.model_validate(row.document) for row in rows}


def _summed(head: Head, lines: list[str], scenarios: dict[str, Scenario], zone: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="carol-run-") as home:
        run = runs.restored(Path(home) / "run", head, lines)
        decision = gate.decide(run)
        return {
            "open": decision.open,
            "reasons": decision.reasons,
            "figures": storable(figures(run)),
            "report": report.html(run, decision, scenarios, zone=zone),
        }


def _name(error: BaseException) -> str:
    inner = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error
    return inner.code if isinstance(inner, CarolError) else type(inner).__name__


async def play(
    settings: Settings, clinic_id: UUID, run_id: UUID, *, parent: int | None = None, token: UUID | None = None
) -> str | None:
    """Takes the run and plays it; the state it left it in, None when somebody else has it."""
    token = token or new_token()
    pool = create_pool(settings.database_app_url or settings.database_url or "", max_size=3, name="carol-evals-run")
    await pool.open()
    try:
        async with clinic_session(pool, clinic_id) as s:
            if not await runs_store.claim(s, run_id, token, lease=LEASE):
                return None
            row = await runs_store.run(s, run_id)
        playing = Playing(settings, pool, clinic_id, row, token, parent)
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, playing.leave, "leave")
        return await playing.go()
    finally:
        await pool.close()


def main(args: list[str]) -> int:
    """0: it is done with it. 3: this machine plays another."""
    settings = load_settings()
    logs.configure(settings)
    clinic_id, run_id = UUID(args[0]), UUID(args[1])
    parent, token = int(args[2]) if len(args) > 2 else None, UUID(args[3]) if len(args) > 3 else None
    with suppress(Lost):
        try:
            with process.locked(settings.home / "evals" / "one.lock", wait=False):
                state = asyncio.run(play(settings, clinic_id, run_id, parent=parent, token=token))
                log.info("eval_run_left", run_id=str(run_id), state=state)
        except process.Busy:
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
