"""A process that has runs of scenarios played, until it is killed. Run by test_eval_runs.py, never imported by it.

Arguments: owner url, app url, home.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from db.pool import create_pool
from jobs.evaluating import Evaluating
from kit.settings import load_settings


async def main(owner: str, app: str, home: str) -> None:
    pool = create_pool(app, max_size=2)
    await pool.open()
    settings = load_settings(_env_file=None, database_url=owner, database_app_url=app, home=Path(home))
    await Evaluating(pool, settings, listen_url=app, poll=0.5).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
