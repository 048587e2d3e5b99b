"""One storm from beginning to end: a store and processes of its own, patients, faults, then calm, and the count."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from clinic.tenants.document import ChannelPart
from clinic.tenants.service import seed
from db.embedded import EmbeddedPostgres, Urls, provision
from db.migrate import upgrade
from db.pool import create_pool
from kit import process
from kit.clock import utc_now
from tests.chaos import faults
from tests.chaos.board import Board
from tests.chaos.oracle import Eye, Found
from tests.chaos.patients import Patient
from tests.chaos.plan import Plan
from tests.chaos.points import NAMES
from tests.chaos.providers import Providers, digits
from tests.flows.house import DEMO, read

ROOT = Path(__file__).parents[2]
# A killed server keeps every commit it acknowledged: only what would survive a dead machine is left out.
SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "300", "authentication_timeout": "10"}
_PREFIX = "carol-chaos-"
_LOOK = 0.5  # seconds
_CALM = 2.0  # seconds without work until a storm counts as over


class Stuck(AssertionError):
    """Nothing moved for long; what is left over is told."""


@dataclass(slots=True)
class Storm:
    """What runs. `say` is told what happens."""

    plan: Plan
    home: Path
    server: EmbeddedPostgres
    urls: Urls
    board: Board
    providers: Providers
    eye: Eye
    say: Callable[[str], None]
    patients: list[Patient] = field(default_factory=list)
    herd: subprocess.Popen[bytes] | None = None
    told: dict[str, Any] = field(default_factory=dict)  # what faults measured
    celery: faults.Celery | None = None
    given_up: set[Any] = field(default_factory=set)  # sends that will never leave
    kept: bool = False  # its folder and rows stay, for whoever asks why something was wrong

    def worker(self, slot: int) -> int:
        """The pid that has this slot now."""
        return int((self.home / f"worker-{slot}.pid").read_text())

    async def blow(self) -> Found:
        """Patients write and everything breaks; then nothing breaks any more; then what is left is counted."""
        began = time.monotonic()
        self.board.deadly = bool(self.plan.rates)
        living = [asyncio.create_task(patient.live()) for patient in self.patients]
        breaking = [asyncio.create_task(work) for work in faults.of(self)]
        watch = asyncio.create_task(self._watch())
        try:
            await self._first_of(watch, asyncio.gather(*living, *breaking))
            self.board.deadly, self.providers.calm = False, True
            self.told["storm_seconds"] = time.monotonic() - began
            calm = time.monotonic()
            await self._first_of(watch, asyncio.create_task(self._idle()))
            self.told["idle_seconds"] = time.monotonic() - calm
        finally:
            for task in (watch, *living, *breaking):
                task.cancel()
            await asyncio.gather(watch, *living, *breaking, return_exceptions=True)
        return await asyncio.to_thread(self.eye.judge, self.plan, self.providers, self.patients, self.board)

    async def _first_of(self, watch: asyncio.Task[None], work: asyncio.Future[Any]) -> None:
        await asyncio.wait({watch, work}, return_when=asyncio.FIRST_COMPLETED)
        if watch.done():
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await watch  # raises
        await work

    async def _idle(self) -> None:
        """Until no webhook, turn or send is left, for a moment."""
        since = time.monotonic()
        while time.monotonic() - since < _CALM:
            await asyncio.sleep(_LOOK)
            if self.providers.busy or await asyncio.to_thread(self.eye.unfinished):
                since = time.monotonic()

    async def _watch(self) -> None:
        """Raises Stuck when nothing has moved for long."""
        last: object = None
        since = time.monotonic()
        while True:
            await asyncio.sleep(2.0)
            assert self.herd is not None
            if self.herd.poll() is not None:
                raise Stuck(f"the herd ended with {self.herd.returncode}: {self._logs()}")
            await self._tell_what_is_given_up()
            now = await asyncio.to_thread(self.eye.progress), len(self.providers.accepted), len(self.providers.posted)
            if int(time.monotonic()) % 10 < 2:
                self.say(self._told_now())
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > self.plan.stuck:
                left = await asyncio.to_thread(self.eye.dump)
                raise Stuck(f"no progress for {self.plan.stuck:.0f} s\n{left}\n{self._doing()}\n{self._logs()}")

    async def _tell_what_is_given_up(self) -> None:
        for row in await asyncio.to_thread(self.eye.given_up):
            if row["id"] not in self.given_up:
                self.given_up.add(row["id"])
                next(one for one in self.patients if one.phone[-8:] == digits(row["reply_to"])).missed(row["text"])

    def _told_now(self) -> str:
        done = sum(one.doing == "done" for one in self.patients)
        return (
            f"{len(self.providers.posted)} written, {len(self.providers.accepted)} sent, {self.board.kills} kills, "
            f"{done} of {len(self.patients)} patients done, {self.providers.busy} webhooks on their way"
        )

    def _doing(self) -> str:
        waiting = [f"{one.number}: {one.doing} {sorted(one._waiting)}" for one in self.patients if one.doing != "done"]
        return f"patients: {waiting[:10]}; webhooks on their way: {self.providers.busy}; answers: {self.providers.answers}"

    def _logs(self) -> str:
        tails = [path.read_text(errors="replace")[-1500:] for path in sorted(self.home.glob("*.log"))]
        return "\n".join(tails)


@asynccontextmanager
async def open_storm(
    plan: Plan, say: Callable[[str], None] = lambda _: None, *, place: Path | None = None
) -> AsyncIterator[Storm]:
    """Everything started, in a new folder of `place`, nothing happening yet; all of it ended when this ends."""
    _sweep_dead_storms()
    home = _place(place)
    server = EmbeddedPostgres(home / "postgres", port=process.free_port(home), settings=SETTINGS)
    storm: Storm | None = None
    try:
        urls = await asyncio.to_thread(_prepared, server)
        async with Providers(plan) as providers:
            await _seed(urls, providers)
            storm = Storm(
                plan=plan, home=home, server=server, urls=urls, board=Board(home / "board", NAMES, create=True),
                providers=providers, eye=Eye(urls.superuser), say=say,
            )  # fmt: skip
            _people(storm)
            await _start_herd(storm)
            try:
                yield storm
            finally:
                await asyncio.to_thread(_end_herd, storm)
                if storm.celery is not None:
                    await asyncio.to_thread(storm.celery.stop)
    finally:
        await asyncio.to_thread(server.stop)
        if not (os.environ.get("CHAOS_KEEP") or (storm is not None and storm.kept)):
            if server.relocated is not None:
                await asyncio.to_thread(server.erase)
            shutil.rmtree(home, ignore_errors=True)


def _place(within: Path | None) -> Path:
    home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=within))
    home.chmod(0o755)  # as root, the server runs as an account that must enter
    process.remember(home / "run.pid", os.getpid())
    return home


def _sweep_dead_storms() -> None:
    """What a killed storm left: its server still runs. Its processes died with it."""
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if (home / "run.pid").exists() and process.recall(home / "run.pid") is None:
            server = EmbeddedPostgres(home / "postgres")
            server.stop()
            if server.relocated is not None:
                server.erase()
            shutil.rmtree(home, ignore_errors=True)


def _prepared(server: EmbeddedPostgres) -> Urls:
    urls = provision(server.start())
    upgrade(urls.owner)
    return urls


async def _seed(urls: Urls, providers: Providers) -> None:
    """A clinic for each account: the demonstration's, with that wire and no limit that a storm would reach."""
    document = read(DEMO)
    rules = document.rules.model_copy(update={"max_open_visits": 50})
    limits = document.limits.model_copy(update={"turns_per_hour": 1000, "reais_per_contact_day": None})
    pool = create_pool(urls.app, max_size=4)
    await pool.open()
    try:
        for wire in providers.wires:
            clinic = document.clinic.model_copy(update={"slug": f"chaos-{wire.number}"})
            channel = ChannelPart(
                kind="cloud" if wire.kind == "cloud" else "evolution",
                external_id=wire.external_id,
                credentials=wire.credentials(providers.port),
            )
            changed = {"clinic": clinic, "rules": rules, "limits": limits, "channels": (channel,)}
            await seed(pool, document.model_copy(update=changed), now=utc_now())
    finally:
        await pool.close()


def _people(storm: Storm) -> None:
    plan, providers = storm.plan, storm.providers
    each = -(-plan.messages // plan.conversations)

    def go_on() -> bool:
        return storm.board.kills < plan.kills

    by_address: dict[str, Patient] = {}
    for number in range(1, plan.conversations + 1):
        wire = providers.wires[number % plan.accounts]
        patient = Patient(number, wire, providers, Random(f"{plan.seed}:patient:{number}"), each, go_on)
        storm.patients.append(patient)
        by_address[patient.phone[-8:]] = patient

    def heard(to: str, text: str) -> None:
        if to in by_address:  # else it is nobody who lives here
            by_address[to].heard(text)

    providers.heard = heard


async def _start_herd(storm: Storm) -> None:
    plan, home = storm.plan, storm.home
    port = process.free_port(home / "api")
    config = {
        "home": str(home), "owner": storm.urls.owner, "app": storm.urls.app, "seed": plan.seed, "workers": plan.workers,
        "rates": plan.rates, "port": port, "thinking": plan.thinking,
        "settings": {
            "lease_seconds": plan.lease, "delivery_timeout_seconds": plan.timeout, "delivery_grace_seconds": plan.grace,
            "delivery_poll_seconds": 0.5, "delivery_pace": 0.0, "quiet_window_seconds": 0.3, "quiet_window_cap_seconds": 2.0,
        },
    }  # fmt: skip
    storm.herd = _herd(home, config)
    storm.providers.target = f"http://127.0.0.1:{port}"
    await _ready(storm)


def _herd(home: Path, config: dict[str, Any]) -> subprocess.Popen[bytes]:
    (home / "config.json").write_text(json.dumps(config))
    with (home / "herd.log").open("ab") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.workers", str(home / "config.json")],
            cwd=ROOT,
            env={**_environment(), "CHAOS_PARENT": str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )


def _environment() -> dict[str, str]:
    """This machine's without our settings; and libraries that must start no threads before the fork."""
    outside = ("CAROL_", "DATABASE_", "REDIS_", "OPENAI_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(outside)}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "CAROL_REDIS_URL": ""}


async def _ready(storm: Storm) -> None:
    import httpx

    assert storm.herd is not None
    async with httpx.AsyncClient(timeout=5.0) as http:
        while storm.herd.poll() is None:
            with suppress(httpx.HTTPError):
                if (await http.get(f"{storm.providers.target}/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise Stuck(f"the herd did not start: {storm._logs()}")


def _end_herd(storm: Storm) -> None:
    assert storm.herd is not None
    if storm.herd.poll() is None:
        storm.herd.send_signal(signal.SIGTERM)
        try:
            storm.herd.wait(20)
        except subprocess.TimeoutExpired:
            storm.herd.kill()
            storm.herd.wait()
