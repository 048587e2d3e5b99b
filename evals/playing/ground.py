"""Everything a run stands on: a Postgres of its own that nobody's patients are in, the desk, delivery, and the minds."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from agent.brain import Brain
from agent.models import Brains, Role
from clinic.scenarios.schema import Scenario
from db.embedded import EmbeddedPostgres, Urls, provision
from db.migrate import upgrade
from desk.console import RunLane
from desk.minds import open_minds
from desk.turn import Minds, take_turn
from evals.playing.reference import Oracle, Silence
from evals.playing.remembered import Remembered
from evals.playing.stage import Stage, open_stage
from jobs.delivery import deliver_due
from jobs.senders import Senders
from kit import process
from kit.settings import Settings, load_settings
from knowledge.library import open_library

_PREFIX = "carol-evals-"
# What is measured here dies with the run: durability would only cost time.
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

Thinker = Brain | Oracle | Silence
"""Whoever stands where a Brain stands."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A stage, and what takes a turn on it."""

    stage: Stage
    minds: Minds
    senders: Senders
    settings: Settings

    def lane(self, mind: Callable[[Scenario], Thinker] | None = None) -> Callable[[Scenario], RunLane]:
        """For each scenario, what takes a turn and delivers; `mind` thinks instead of the model that is configured."""

        def of(scenario: Scenario) -> RunLane:
            minds = self.minds
            if mind is not None:
                brains = Brains({Role.CONVERSATION: mind(scenario)}, offline=False)  # type: ignore[dict-item]
                minds = replace(minds, brains=brains)

            async def run_lane(clinic_id: UUID, conversation_id: UUID) -> None:
                await take_turn(self.stage.pool, minds, clinic_id, conversation_id)
                await deliver_due(self.stage.pool, self.senders, self.settings)

            return run_lane

        return of


@contextmanager
def scratch_database(settings: Settings) -> Iterator[Urls]:
    """A server of its own with one migrated, empty database, gone at the end. Several runs may have theirs at once."""
    within = settings.home / "evals"
    within.mkdir(parents=True, exist_ok=True)
    _sweep(within)
    home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=within))
    home.chmod(0o755)  # as root, the server runs as an account that must enter
    process.remember(home / "run.pid", os.getpid())
    server = EmbeddedPostgres(home / "postgres", port=process.free_port(home), settings=_QUICK)
    try:
        urls = provision(server.start())
        upgrade(urls.owner)
        yield urls
    finally:
        server.stop()
        if server.relocated is not None:
            server.erase()
        shutil.rmtree(home, ignore_errors=True)


def _sweep(within: Path) -> None:
    """What a killed run left behind: its server still runs."""
    for home in within.glob(f"{_PREFIX}*"):
        if (home / "run.pid").exists() and process.recall(home / "run.pid") is None:
            EmbeddedPostgres(home / "postgres").stop()
            shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def open_ground(settings: Settings, urls: Urls, *, knowledge: bool = True) -> AsyncIterator[Ground]:
    """The ground in a migrated database of ours. Without `knowledge` nobody reads documents, and clinics have none."""
    async with (
        open_stage(urls.app, (lambda pool: open_library(settings, pool, urls.app, around=Remembered))) as stage,
        Senders() as senders,
    ):
        assert stage.library is not None
        async with open_minds(settings, stage.library, warm=False) as minds:
            if not knowledge:
                stage.library, minds = None, replace(minds, library=None)
            yield Ground(stage, minds, senders, settings)


if __name__ == "__main__":  # what a run that was killed left behind, for whoever saw it die
    _sweep(load_settings().home / "evals")
