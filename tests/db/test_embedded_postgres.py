"""The embedded Postgres starts anywhere, keeps its data, and survives whoever started it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db.binaries import service_account
from db.embedded import EmbeddedPostgres, Endpoint, provision
from kit.errors import Unavailable

ROOT = Path(__file__).parents[2]
QUICK = {"fsync": "off"}


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the service account can enter; pytest's own is private."""
    found = Path(tempfile.mkdtemp(prefix="carol-embedded-", dir=os.environ["CAROL_TESTS_HOME"]))
    found.chmod(0o755)
    yield found
    EmbeddedPostgres(found / "pg").stop()
    shutil.rmtree(found)


@pytest.fixture
def server(home: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(home / "pg", settings=QUICK)


def _ask(endpoint: Endpoint, statement: str) -> object:
    with psycopg.connect(endpoint.url(), autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def _write(endpoint: Endpoint) -> None:
    with psycopg.connect(endpoint.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (x int)")
        connection.execute("INSERT INTO kept VALUES (7)")


def _postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().split()[0])


def test_listens_on_loopback_alone_and_wants_its_password(server: EmbeddedPostgres) -> None:
    endpoint = server.start()
    assert _ask(endpoint, "SHOW listen_addresses") == "127.0.0.1"
    assert _ask(endpoint, "SHOW unix_socket_directories") == ""
    assert (_ask(endpoint, "SHOW jit"), _ask(endpoint, "SHOW max_connections")) == ("off", "200")
    assert (_ask(endpoint, "SHOW fsync"), _ask(endpoint, "SHOW data_checksums")) == ("off", "on")
    assert endpoint.keyring.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(endpoint.url(password="wrong"))


def test_provisions_twice_the_same(server: EmbeddedPostgres) -> None:
    endpoint = server.start()
    urls = provision(endpoint)
    assert provision(endpoint) == urls
    with psycopg.connect(urls.app) as app, app.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("SET LOCAL ROLE carol_porter")
    with psycopg.connect(urls.app) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("CREATE TABLE mine (x int)")
    with psycopg.connect(urls.owner) as owner:
        found = {name for (name,) in owner.execute("SELECT extname FROM pg_extension").fetchall()}
    assert found >= {"vector", "btree_gist", "unaccent", "pg_trgm", "pg_stat_statements"}


def test_stops_and_starts_on_the_same_port_with_its_data(server: EmbeddedPostgres) -> None:
    first = server.start()
    _write(first)
    server.stop()
    assert server.attach() is None
    again = server.start()
    assert again.port == first.port
    assert _ask(again, "SELECT x FROM kept") == 7


def test_takes_another_port_when_its_own_was_taken(server: EmbeddedPostgres) -> None:
    first = server.start()
    server.stop()
    with socket.create_server(("127.0.0.1", first.port)):
        again = server.start()
    assert again.port != first.port
    assert _ask(again, "SELECT 1") == 1


def test_recovers_after_the_server_was_killed(home: Path, server: EmbeddedPostgres) -> None:
    first = server.start()
    _write(first)
    os.kill(_postmaster(server), signal.SIGKILL)
    again = EmbeddedPostgres(home / "pg", settings=QUICK).start()
    assert again.port == first.port
    assert _ask(again, "SELECT x FROM kept") == 7


def test_an_orphan_is_adopted_not_fought(server: EmbeddedPostgres) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from db.embedded import EmbeddedPostgres;"
        "print(EmbeddedPostgres(Path(sys.argv[1])).start().port, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(server.asked_dir)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    pid = _postmaster(server)
    attached = server.attach()
    assert attached is not None
    assert attached.port == int(done.stdout)
    assert server.start().port == attached.port
    assert _postmaster(server) == pid
    server.stop()
    assert server.attach() is None


def test_a_pid_file_of_another_program_is_not_believed(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (server.data_dir / "postmaster.pid").write_text(f"{stranger.pid}\n{server.data_dir}\n1\n1\n\n127.0.0.1\n\nready\n")
        assert server.attach() is None
        assert _ask(server.start(), "SELECT 1") == 1
        server.stop()
        assert stranger.poll() is None
        stranger.kill()


def test_two_starters_meet_the_same_server(server: EmbeddedPostgres) -> None:
    script = (
        "import sys; from pathlib import Path; from db.embedded import EmbeddedPostgres;"
        "print(EmbeddedPostgres(Path(sys.argv[1])).start().port)"
    )
    racers = [
        subprocess.Popen([sys.executable, "-c", script, str(server.asked_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert len({racer.communicate()[0] for racer in racers}) == 1


def test_a_folder_with_something_else_is_left_alone(home: Path, server: EmbeddedPostgres) -> None:
    (home / "pg").mkdir()
    (home / "pg" / "thesis.odt").write_text("years of work")
    with pytest.raises(Unavailable, match="not a Postgres data directory"):
        server.start()
    assert (home / "pg" / "thesis.odt").read_text() == "years of work"


def test_lost_passwords_are_made_anew(server: EmbeddedPostgres) -> None:
    _write(server.start())
    server.stop()
    (server.asked_dir.parent / "pg.secrets.json").unlink()
    again = server.start()
    assert _ask(again, "SELECT x FROM kept") == 7


def test_a_private_home_is_no_obstacle(home: Path) -> None:
    """As root the server runs as an account that cannot enter: its data goes outside, its passwords stay private."""
    private = home / "private"
    private.mkdir(mode=0o700)
    server = EmbeddedPostgres(private / "pg", settings=QUICK)
    try:
        assert _ask(server.start(), "SELECT 1") == 1
        assert (server.relocated is None) == (service_account() is None)
        assert (private / "pg.secrets.json").exists()
        assert private.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
        server.erase()
    assert not server.data_dir.exists()


def test_runs_as_a_plain_user(home: Path) -> None:
    account = service_account()
    if account is not None:
        os.chown(home, account.uid, account.gid)
    pid = os.fork()
    if pid == 0:
        # A fork and not a command: the account may be unable to run this very interpreter.
        code = 1
        try:
            if account is not None:
                os.setgroups([])
                os.setgid(account.gid)
                os.setuid(account.uid)
            server = EmbeddedPostgres(home / "pg", settings=QUICK)
            endpoint = server.start()
            code = 0 if server.account is None and _ask(endpoint, "SELECT 1") == 1 else 2
            server.stop()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
