"""The door of other people's sources: a MariaDB of the run, and a database of each test in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.sources.mariadb import MariaDb, certified, closed
from tests.sources.worlds import Database, Folder, World

_serial = count(1)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """One server for all tests of this worker."""
    if why := closed():
        pytest.skip(why)
    home = Path(os.environ["CAROL_TESTS_HOME"]) / f"mariadb-{os.getpid()}"
    tls = certified(home / "tls")
    server = MariaDb(home, f"--ssl-cert={tls / 'server.pem'}", f"--ssl-key={tls / 'server.key'}", f"--ssl-ca={tls / 'ca.pem'}")
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def primecare(mariadb: MariaDb) -> Iterator[Database]:
    """An empty PrimeCare of this test alone."""
    made = Database(mariadb, f"primecare_{next(_serial)}")
    made.make()
    yield made
    mariadb.run(f"DROP DATABASE {made.name}")


@pytest.fixture(params=["mysql", "files"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """Each kind of source in turn."""
    return request.getfixturevalue("primecare") if request.param == "mysql" else Folder(tmp_path)


@pytest.fixture
def mortal(mariadb: MariaDb) -> Iterator[Database]:
    """A server of this test alone, without TLS, that may be killed; where none can be started, this door is closed."""
    server = MariaDb(mariadb.home.with_name(f"mariadb-mortal-{os.getpid()}"))
    try:
        made = Database(server.start(), "primecare")
        made.make()
        yield made
    finally:
        server.stop()
        shutil.rmtree(server.home, ignore_errors=True)
