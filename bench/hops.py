"""From a stored message to its turn: the desk's own bell, beside Celery's round trip of a task that does nothing.

Three marks of ours: the desk begins the turn; the lane is claimed, which is when a message has left the queue and what the
goal is judged by; the model is asked (window read, briefing written by then).
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch
from uuid import UUID

import redis
from langchain_core.messages import BaseMessage

from agent.brain import Brain
from agent.models import Brains, Role
from agent.thoughts import Thought, ToolSpec
from bench.celery_peer import DONE, app, nothing
from bench.instant import Instant
from bench.report import Goal, Table
from bench.stage import ROOT, Server, minds_of, phones, play, stage
from bench.turn_contenders import arriving
from clinic.conversations.inbox import receive
from clinic.conversations.lanes.lane_store import claim as take_lane
from clinic.conversations.models import Lease, QuietWindow
from db.pool import Pool
from db.session import Session, clinic_session
from desk.runner import FrontDesk
from desk.turn import Minds, take_turn
from jobs.embedded import EmbeddedValkey
from kit.clock import utc_now

_WARM = 5
BEGINS, CLAIMED = "Carol: stored → turn begins", "Carol: stored → lane claimed"
ASKED = "Carol: stored → model asked"
PEER = "Celery: sent → task done"


class _Stamped:
    """A brain that notes when it is first asked."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain
        self.asked = asyncio.Event()
        self.at = 0.0

    async def think(
        self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, seconds: float | None = None
    ) -> Thought:
        if not self.asked.is_set():
            self.at = time.perf_counter()
            self.asked.set()
        return await self._brain.think(messages, tools, seconds=seconds)


async def ours(server: Server, count: int) -> dict[str, list[float]]:
    """Milliseconds from the commit of a message to each mark of its turn."""
    took: dict[str, list[float]] = {BEGINS: [], CLAIMED: [], ASKED: []}
    begun, claimed = dict[UUID, float](), dict[UUID, float]()

    async def take(pool: Pool, minds: Minds, clinic_id: UUID, conversation_id: UUID) -> object:
        begun[conversation_id] = time.perf_counter()
        return await take_turn(pool, minds, clinic_id, conversation_id)

    async def claim(s: Session, conversation_id: UUID, *, lease: timedelta) -> Lease | None:
        taken = await take_lane(s, conversation_id, lease=lease)
        claimed[conversation_id] = time.perf_counter()
        return taken

    async with stage(server.urls) as played:
        minds = minds_of(Instant())
        brain = _Stamped(minds.brains.conversation)
        minds = replace(minds, brains=Brains({Role.CONVERSATION: brain}, offline=True))  # type: ignore[dict-item]
        desk = FrontDesk(played.pool, minds, listen_url=server.urls.app)
        with patch("desk.runner.take_turn", take), patch("clinic.conversations.lanes.lane_store.claim", claim):
            await desk.start()
            try:
                for n, phone in enumerate(phones(count + _WARM, series=90)):
                    brain.asked.clear()
                    async with clinic_session(played.pool, played.clinic.id) as s:
                        told = await receive(s, arriving(played, phone), now=utc_now(), quiet=QuietWindow(0, 0))
                    stored = time.perf_counter()
                    await asyncio.wait_for(brain.asked.wait(), 30)
                    if n >= _WARM:
                        took[BEGINS].append((begun[told.conversation_id] - stored) * 1e3)
                        took[CLAIMED].append((claimed[told.conversation_id] - stored) * 1e3)
                        took[ASKED].append((brain.at - stored) * 1e3)
                    await asyncio.sleep(0.1)  # the turn ends and the desk is idle again
            finally:
                await desk.stop()
    return took


@contextmanager
def worker(url: str, server: Server) -> Iterator[None]:
    """A Celery worker as ours is configured: two processes, late acknowledgement, one task at a time."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "bench.celery_peer",
        "worker",
        "-c",
        "2",
        "-l",
        "warning",
        "--without-mingle",
    ]
    with (server.home / "celery.log").open("ab") as sink:
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "BENCH_REDIS": url}, stdout=sink, stderr=sink)
        try:
            yield
        finally:
            child.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.wait(15)
            child.kill()
            child.wait()


def theirs(server: Server, count: int) -> list[float]:
    """Milliseconds from sending a task to its own sign that it ran."""
    valkey = EmbeddedValkey(server.home / "valkey")
    url = valkey.start()
    took: list[float] = []
    try:
        app.conf.broker_url = url
        bell = redis.Redis.from_url(url)
        with worker(url, server):
            for n in range(count + _WARM):
                began = time.perf_counter()
                nothing.delay()
                if bell.blpop([DONE], timeout=60) is None:
                    raise RuntimeError((server.home / "celery.log").read_text()[-800:])
                if n >= _WARM:
                    took.append((time.perf_counter() - began) * 1e3)
                time.sleep(0.05)
    finally:
        valkey.stop()
    return took


def run(server: Server, long: bool) -> Table:
    count = 150 if long else 50
    took = {PEER: theirs(server, count), **play(ours(server, count))}
    p50 = {name: statistics.median(each) for name, each in took.items()}
    ratio = p50[CLAIMED] / p50[PEER]
    later = p50[ASKED] / p50[PEER]
    return Table(
        "From stored to thought",
        ("hop", "p50 ms", "p95 ms", "× Celery"),
        [[name, f"{p50[name]:.1f}", f"{statistics.quantiles(each, n=20)[-1]:.1f}", f"{p50[name] / p50[PEER]:.2f}"]
         for name, each in took.items()],
        says="Not the same work: an order of magnitude. Celery's clock starts before the task is published and stops "
        "when its sign is back; ours starts once the message is committed (the webhook's table has that) and has no way "
        "back, but its last mark includes what a task that does nothing has not: conversation read, briefing written.",
        goals=[
            Goal("G8", "p50 until the lane is claimed ≤ 1.2 × Celery's", f"{ratio:.2f} (model asked {later:.2f})", ratio <= 1.2)
        ],
        figures={"ms": took},
    )  # fmt: skip
