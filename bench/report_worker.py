"""A process that writes the reports it is dealt, with a model that costs nothing. Told what to do on its input, a line each;
answers on its output."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from agent.reports.offline import compose
from agent.reports.order import Order
from agent.reports.reviewer import Reviewed
from agent.reports.writer import Written
from clinic.reports.models import Fact, Problem
from db.pool import create_pool
from jobs.reports_mind import GraphMind
from jobs.reports_writing import write
from kit import log

_composed: dict[str, str] = {}


class InstantWriter:
    """Knows beforehand what it will write of somebody."""

    varies = False

    async def write(
        self, order: Order, facts: Sequence[Fact], before: str, problems: Sequence[Problem], *, seconds: float
    ) -> Written:
        return Written(told(order), "instant")


class InstantReviewer:
    """Finds nothing wrong at once."""

    async def review(self, order: Order, draft: str, doubts: Sequence[Problem], *, seconds: float) -> Reviewed:
        return Reviewed((), {}, "instant")


def told(order: Order) -> str:
    """The message about this person, made once."""
    if order.person not in _composed:
        _composed[order.person] = compose(order)
    return _composed[order.person]


def instant_mind() -> GraphMind:
    """The graph as it runs, with nothing to wait for."""
    return GraphMind(InstantWriter(), InstantReviewer())


async def main(url: str, clinic_id: UUID) -> None:
    pool = create_pool(url, max_size=2, name="bench-reports")
    await pool.open()
    mind = instant_mind()
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        cpu, wall, done = time.process_time(), time.perf_counter(), 0
        for report_id in json.loads(line):
            done += await write(pool, mind, clinic_id, UUID(report_id))
        print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "done": done}), flush=True)
    await pool.close()


@dataclass(frozen=True, slots=True)
class _Logs:
    log_level: str = "info"
    log_format: str = "json"


if __name__ == "__main__":
    with open(sys.argv[3], "a", encoding="utf-8") as lines:
        log.configure(_Logs(), stream=lines)  # what production writes is part of what a report costs
        asyncio.run(main(sys.argv[1], UUID(sys.argv[2])))
