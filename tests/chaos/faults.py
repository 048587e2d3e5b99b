"""What breaks beside processes that kill themselves: the store, a paused process, the providers, the queue."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chaos.storm import Storm


@dataclass(slots=True)
class Celery:
    """A worker and a beat over a Valkey of the storm's own."""

    children: list[subprocess.Popen[bytes]]
    valkey: Any

    def stop(self) -> None:
        for child in self.children:
            child.terminate()
        for child in self.children:
            with suppress(subprocess.TimeoutExpired):
                child.wait(10)
            if child.poll() is None:
                child.kill()
                child.wait()
        self.valkey.stop()


def of(storm: Storm) -> Iterator[Coroutine[Any, Any, None]]:
    """What this plan asks for, each running beside the others."""
    plan = storm.plan
    if plan.postgres_restarts:
        yield restart_postgres(storm)
    if plan.pauses:
        yield pause_workers(storm)
    if plan.releases:
        yield release(storm)
    if plan.outage:
        yield take_providers_down(storm)
    if plan.queue:
        yield hurt_the_queue(storm)


async def _written(storm: Storm, share: float) -> None:
    """Until that share of the storm's messages was written: so that a busy machine does not break things before they run."""
    while len(storm.providers.posted) < share * storm.plan.messages:  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def restart_postgres(storm: Storm) -> None:
    """Kills the server as `pg_ctl -m immediate` does, and starts it again."""
    rng, plan = Random(f"{storm.plan.seed}:postgres"), storm.plan
    downs: list[float] = []
    for number in range(plan.postgres_restarts):
        await _written(storm, 0.8 * (number + 1) / (plan.postgres_restarts + 1))
        await asyncio.sleep(rng.uniform(*plan.restart_pause))
        began = time.monotonic()
        await asyncio.to_thread(_crash_postgres, storm)
        downs.append(time.monotonic() - began)
        storm.say(f"postgres killed and back in {downs[-1]:.1f} s")
    storm.told["postgres_restarts"] = len(downs)
    storm.told["postgres_down_seconds"] = sum(downs)


def _crash_postgres(storm: Storm) -> None:
    pid = int((storm.server.data_dir / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGQUIT)
    child = storm.server._child
    if child is not None:
        child.wait()
    storm.server.start()


async def pause_workers(storm: Storm) -> None:
    """Stops a process for longer than its lease and lets it go on, as a long garbage collection or a moved machine does."""
    rng, paused = Random(f"{storm.plan.seed}:pause"), 0
    await _written(storm, 0.2)
    while paused < storm.plan.pauses:
        await asyncio.sleep(rng.uniform(1.0, 3.0))
        slot = rng.randrange(storm.plan.workers)
        with suppress(ProcessLookupError, FileNotFoundError):
            pid = storm.worker(slot)
            os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(storm.plan.lease + 1.5)
            finally:
                os.kill(pid, signal.SIGCONT)
            paused += 1
            storm.say(f"worker {slot} slept {storm.plan.lease + 1.5:.1f} s")
    storm.told["pauses"] = paused


async def release(storm: Storm) -> None:
    """Asks a process at work to stop, as a release does; another one takes its place."""
    rng = Random(f"{storm.plan.seed}:release")
    for number in range(storm.plan.releases):
        await _written(storm, 0.9 * (number + 1) / (storm.plan.releases + 1))
        with suppress(ProcessLookupError, FileNotFoundError):
            os.kill(storm.worker(rng.randrange(storm.plan.workers)), signal.SIGTERM)
    storm.told["releases"] = storm.plan.releases


async def take_providers_down(storm: Storm) -> None:
    """No provider answers for a while: the queue grows, and drains in order."""
    await _written(storm, 0.1)
    storm.providers.down = True
    storm.say(f"providers down for {storm.plan.outage:.0f} s")
    await asyncio.sleep(storm.plan.outage)
    storm.told["queued_at_the_end_of_the_outage"] = await asyncio.to_thread(storm.eye.queued)
    storm.providers.down = False
    storm.told["outage_seconds"] = storm.plan.outage


async def hurt_the_queue(storm: Storm) -> None:
    """A Celery worker and beat run; their Valkey is flushed and killed by turns. Only latency may come of it."""
    import redis

    from jobs.embedded import EmbeddedValkey
    from tests.chaos.storm import ROOT, _environment

    rng = Random(f"{storm.plan.seed}:queue")
    valkey = EmbeddedValkey(storm.home / "valkey")
    url = await asyncio.to_thread(valkey.start)
    storm.celery = Celery(_celery(storm, url, ROOT, _environment()), valkey)
    hurt = {"flushed": 0, "killed": 0}
    for number in range(storm.plan.queue):
        await asyncio.sleep(rng.uniform(2.0, 4.0))
        if number % 4 == 3:
            pid = valkey._child.pid if valkey._child else 0
            os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(valkey.start)
            hurt["killed"] += 1
        else:
            await asyncio.to_thread(lambda: redis.Redis.from_url(url).flushall())
            hurt["flushed"] += 1
    storm.told["queue"] = hurt
    storm.told["celery_alive"] = all(child.poll() is None for child in storm.celery.children)


def _celery(storm: Storm, url: str, root: Path, environment: dict[str, str]) -> list[subprocess.Popen[bytes]]:
    import sys

    settings = {
        "CAROL_HOME": str(storm.home), "CAROL_REDIS_URL": url, "CAROL_DATABASE_URL": storm.urls.owner,
        "CAROL_DATABASE_APP_URL": storm.urls.app, "CAROL_ENVIRONMENT": "test", "CAROL_LOG_LEVEL": "error",
        "CAROL_DELIVERY_TIMEOUT_SECONDS": str(storm.plan.timeout), "CAROL_DELIVERY_GRACE_SECONDS": str(storm.plan.grace),
        "CAROL_LEASE_SECONDS": str(storm.plan.lease),
    }  # fmt: skip
    parts = (["worker", "--concurrency", "1", "--pool", "prefork"], ["beat", "-s", str(storm.home / "beat")])
    children = []
    for part in parts:
        with (storm.home / f"celery-{part[0]}.log").open("ab") as sink:
            children.append(
                subprocess.Popen(
                    [sys.executable, "-m", "cli.child", str(os.getpid()), "celery", "-A", "jobs.app", *part],
                    cwd=root, env={**environment, **settings}, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                )
            )  # fmt: skip
    return children
