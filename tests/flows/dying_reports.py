"""A worker of reports that dies by kill -9 at a named point. Run by test_reports_crash.py, never imported by it.

Arguments: app url, clinic id, run id, folder of the source, where to die. A point is `when:verb:nth`: before or after the nth
call of a verb returns, so after it is inside its transaction, which is lost; `writing:nth` is in the middle of the nth
report's writing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from channels.primecare.sources import source_for
from clinic.reports import desks_store, runs_store, sending, service, telling
from clinic.reports.views import Work
from db.pool import create_pool
from jobs import reports, reports_stages
from jobs.reports import Went, advance
from jobs.reports_works import Works
from tests.flows.reports_desk import ToldMind

VERBS: dict[str, tuple[Any, str]] = {
    "run": (runs_store, "take"),
    "take": (service, "take"),
    "seen": (desks_store, "seen"),
    "answered": (desks_store, "answered"),
    "move": (runs_store, "move"),
    "claim": (service, "claim"),
    "finish": (service, "finish"),
    "review": (service, "to_review"),
    "tell": (telling, "tell_review"),
    "queue": (sending, "queue"),
    "end": (runs_store, "end"),
    "look": (reports, "look"),
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def trap(when: str, verb: str, nth: int) -> None:
    """Sets the point in the code that runs."""
    module, name = VERBS[verb]
    original: Callable[..., Awaitable[Any]] = getattr(module, name)
    calls = 0

    async def trapped(*args: Any, **known: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and when == "before":
            die()
        found = await original(*args, **known)
        if calls == nth and when == "after":
            die()
        return found

    setattr(module, name, trapped)


async def main(app_url: str, clinic_id: str, run_id: str, folder: str, where: str) -> None:
    pool = create_pool(app_url, max_size=4)
    await pool.open()
    mind, parts = ToldMind(), where.split(":")
    if parts[0] == "writing":
        begun = 0

        def count(work: Work) -> None:
            nonlocal begun
            begun += 1
            if begun == int(parts[1]):
                die()

        mind.before = count
    else:
        trap(parts[0], parts[1], int(parts[2]))
    reports_stages._PAGE = 2  # so that there are several
    source = source_for({"kind": "files", "folder": str(Path(folder))}, {})
    works = Works(pool, mind, lambda clinic: source, at_once=1)
    while await advance(works, UUID(clinic_id), UUID(run_id)) is not Went.OVER:
        pass


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:6]))
