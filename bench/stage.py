"""Where benches play: a Postgres of their own with its safe settings, and the demo clinic in it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from langchain_core.language_models import BaseChatModel

from agent.brain import Brain
from agent.endpoint import OfflineEndpoint
from agent.models import Brains, Role
from clinic.tenants import reading
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for, seed
from db.embedded import EmbeddedPostgres, Endpoint, Urls, provision
from db.migrate import upgrade
from db.pool import Pool, create_pool
from db.session import clinic_session
from desk.turn import Minds
from graphs.state import Limits
from kit import log
from kit.clock import utc_now

Result = TypeVar("Result")
ROOT = Path(__file__).parents[1]
DEMO = ROOT / "seeds" / "demo" / "clinic.yaml"


def minds_of(model: BaseChatModel) -> Minds:
    """A desk's minds around one model, asked the way every model is asked."""
    brain = Brain((OfflineEndpoint(model, "instant"),))
    return Minds(
        brains=Brains({Role.CONVERSATION: brain}, offline=True),
        library=None,
        limits=Limits(),
        lease=timedelta(seconds=60),
    )


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the one database of the run."""

    endpoint: Endpoint
    urls: Urls
    home: Path

    def other(self, name: str) -> Urls:
        """One more database, empty."""
        return provision(self.endpoint, database=name)

    def fresh(self, name: str) -> Server:
        """The same server with a migrated database of its own: what one bench leaves due must not wake another's desk."""
        urls = self.other(name)
        upgrade(urls.owner)
        return replace(self, urls=urls)


@dataclass(frozen=True, slots=True)
class _Logs:
    log_level: str = "info"
    log_format: str = "json"


@contextmanager
def server() -> Iterator[Server]:
    """Postgres with the settings `carol up` gives it (fsync on); gone at the end."""
    with tempfile.TemporaryDirectory(prefix="carol-bench-") as home:
        Path(home).chmod(0o755)  # as root, the server runs as an account that must enter
        postgres = EmbeddedPostgres(Path(home) / "postgres")
        with (Path(home) / "log.json").open("w") as lines:
            log.configure(_Logs(), stream=lines)  # what production writes is part of what a turn costs
            try:
                endpoint = postgres.start()
                yield Server(endpoint, provision(endpoint), Path(home))
            finally:
                postgres.stop()
                log.configure(_Logs())


@dataclass(frozen=True, slots=True)
class Stage:
    """The demo clinic, open."""

    pool: Pool
    clinic: Clinic
    account_id: UUID


@asynccontextmanager
async def stage(urls: Urls, *, max_size: int = 20) -> AsyncIterator[Stage]:
    pool = create_pool(urls.app, max_size=max_size)
    await pool.open()
    try:
        report = await seed(pool, reading.read(DEMO.read_text("utf-8")), now=utc_now())
        clinic = await clinic_for(pool, report.clinic_id)
        async with clinic_session(pool, clinic.id) as s:
            account = await s.one("SELECT id FROM channel_accounts WHERE kind = 'console'")
        assert account is not None  # the demo document has a console
        yield Stage(pool, clinic, account["id"])
    finally:
        await pool.close()


def play(main: Coroutine[Any, Any, Result]) -> Result:
    """Runs `main` on the loop that serves in production."""
    try:
        import uvloop
    except ImportError:  # Windows has none
        return asyncio.run(main)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def phones(count: int, *, series: int) -> Sequence[str]:
    """Numbers nobody has."""
    return [f"+5531900{series:02d}{n:04d}" for n in range(count)]
