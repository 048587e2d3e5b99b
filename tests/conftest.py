"""One real Postgres for the whole test run, shared by its workers; a fresh migrated database for whoever asks."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog
from psycopg import sql
from psycopg.rows import TupleRow

from db.embedded import EmbeddedPostgres, Endpoint, Urls, provision
from db.migrate import upgrade
from evals.proving import small
from kit import process

TESTS = Path(__file__).parent
PREFIX = "carol-tests-"
# A fresh database is a thousand small files: copied in memory, for a twentieth of what a disk takes.
MEMORY = Path("/dev/shm")
ENOUGH = 1 << 30  # bytes free; a run holds about a third of it
TEMPLATE = "carol_template"
# Durability is worth nothing to a database that dies with the test run.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "400",
    # A connection given up in the middle of its handshake keeps its database until then: 60 seconds by default.
    "authentication_timeout": "5",
    # What makes a stolen password hash slow to guess makes each of a test's connections slow to open.
    "scram_iterations": "1",
}
# Files are dealt out whole, in this order: what takes minutes begins first, and what ends a run is small.
# The storm takes the whole machine, so it waits until no browser walks beside it.
DOORS = ("web", "flows", "api", "db", "sources", "architecture", "unit")
# Two halves of one weight, the longest there is: each of two workers begins with one.
FIRST = ("flows/test_evals.py", "flows/test_evals_told.py")
# Half a minute and more of one worker, wherever they lie, the longest first: beside the browser, never alone at the end.
LONG = (
    "unit/test_dangers.py",
    "flows/test_eval_runs.py",
    "flows/test_up.py",
    "flows/test_publish.py",
    "flows/test_offline_questions.py",
    "db/test_reports_wrong_family.py",
    "unit/test_second_thought.py",
)
STORM = "test_chaos.py"
_serial = count(1)
_broom = ThreadPoolExecutor(max_workers=1)


def pytest_configure(config: pytest.Config) -> None:
    # structlog by default draws tracebacks with every local variable: seconds of work for a failure a test provokes.
    structlog.configure(processors=[structlog.processors.add_log_level, structlog.processors.KeyValueRenderer()])
    if hasattr(config, "workerinput"):
        return  # an xdist worker: the controller made the place, the environment tells it
    _sweep_dead_runs()
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_place()))
    home.chmod(0o755)  # as root, the server runs as an account that must enter
    process.remember(home / "run.pid", os.getpid())
    os.environ["CAROL_TESTS_HOME"] = str(home)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    doors = {TESTS / door: 2 * turn for turn, door in enumerate(DOORS)}
    first, long = ({TESTS / name: turn for turn, name in enumerate(names)} for names in (FIRST, LONG))

    def turn(item: pytest.Item) -> tuple[int, int, bool]:
        if item.path in first:
            return -1, first[item.path], False
        if item.path in long:
            return 1, long[item.path], False  # right after the first door, which keeps one worker
        return max(doors.get(folder, 0) for folder in item.path.parents), 0, item.path.name == STORM

    items.sort(key=turn)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A door that stayed closed is named at the end, by the process that started the workers."""
    from tests.sources import mariadb
    from tests.web import conftest as web

    skipped = terminalreporter.stats.get("skipped", [])
    for door, closed in (("web", web.closed), ("sources", mariadb.closed)):
        if any(report.nodeid.startswith(f"tests/{door}/") for report in skipped) and (why := closed()):
            terminalreporter.write_line(f"Door closed: {door} ({why})", yellow=True)
    if terminalreporter.config.args == ["tests"]:
        if find_spec("inspect_ai") is None:
            terminalreporter.write_line("Door closed: Inspect (not installed: make inspect)", yellow=True)
        if not small.installed():
            terminalreporter.write_line("Door closed: a small real model (not installed: make small)", yellow=True)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that was tried in this process wrote its logs elsewhere: the next test finds them where they were."""
    said = structlog.get_config()
    yield
    structlog.configure(**said)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _discard(Path(os.environ.pop("CAROL_TESTS_HOME")))


def _place() -> Path:
    """Where the run lives: in memory, or where temporary files go on a machine that has too little."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH
    return MEMORY if roomy else Path(tempfile.gettempdir())


def _sweep_dead_runs() -> None:
    """What a killed run left: its server still runs and holds memory and a port."""
    for home in (*Path(tempfile.gettempdir()).glob(f"{PREFIX}*"), *MEMORY.glob(f"{PREFIX}*")):
        if (home / "run.pid").exists() and os.access(home, os.W_OK) and process.recall(home / "run.pid") is None:
            _discard(home)


def _discard(home: Path) -> None:
    from tests.sources.mariadb import end_of

    EmbeddedPostgres(home / "postgres").stop()
    end_of(home)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Endpoint:
    """A running server with a migrated template. The first worker to ask starts it; the run's end stops it."""
    home = Path(os.environ["CAROL_TESTS_HOME"])
    server = EmbeddedPostgres(home / "postgres", settings=QUICK)
    endpoint = server.attach() or server.start()
    with process.locked(home / "template.lock"):
        if not (home / "template.done").exists():
            upgrade(provision(endpoint, database=TEMPLATE).owner)
            (home / "template.done").touch()
    return endpoint


@contextmanager
def copied(endpoint: Endpoint, template: str, name: str) -> Iterator[Urls]:
    """A copy of a database, until the end."""
    admin = psycopg.connect(endpoint.url(), autocommit=True)
    try:
        # file_copy: 50 ms where the default, through the write-ahead log, takes 330.
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER carol_owner STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        yield Urls(
            owner=endpoint.url(database=name, user="carol_owner", password=endpoint.keyring.word("owner")),
            app=endpoint.url(database=name, user="carol_app", password=endpoint.keyring.word("app")),
            superuser=endpoint.url(database=name),
        )
    finally:
        # Beside the next test: a connection given up in its handshake, anybody's, holds this for seconds.
        _broom.submit(_drop, admin, name)


def _drop(admin: psycopg.Connection[TupleRow], name: str) -> None:
    with admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _fresh(endpoint: Endpoint) -> AbstractContextManager[Urls]:
    return copied(endpoint, TEMPLATE, f"t{os.getpid()}_{next(_serial)}")


@pytest.fixture
def database(postgres: Endpoint) -> Iterator[Urls]:
    """A database of this test alone, migrated and empty."""
    with _fresh(postgres) as urls:
        yield urls


@pytest.fixture(scope="module")
def module_database(postgres: Endpoint) -> Iterator[Urls]:
    """A database shared by the tests of one module, migrated and empty at its start."""
    with _fresh(postgres) as urls:
        yield urls
