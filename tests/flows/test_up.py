"""`carol up` for real: one address, one Ctrl-C, and no trouble after a kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.embedded import EmbeddedPostgres
from jobs.embedded import EmbeddedValkey
from kit import process
from tests.flows.running import CHILDREN, COMMAND, ROOT, environment, up

pytestmark = pytest.mark.timeout(240)


def _carol(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Shared by the tests of this file: only the first start has to create and seed."""
    found = Path(tempfile.mkdtemp(prefix="carol-up-", dir=os.environ["CAROL_TESTS_HOME"]))
    found.chmod(0o755)
    yield found
    EmbeddedValkey(found / "valkey").stop()
    EmbeddedPostgres(found / "postgres").stop()
    shutil.rmtree(found)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as said:
            return bool(said.status == 200)
    except urllib.error.URLError:
        return False


def _within(seconds: float, holds: object) -> bool:
    assert callable(holds)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.1)
    return False


def test_one_address_and_ctrl_c_stops_all(home: Path) -> None:
    with up(home) as (running, url):
        assert _answers(f"{url}/ready")
        pids = running.pids()
        assert set(pids) == set(CHILDREN)

        second = _carol(home, "up")
        assert second.returncode == 0
        assert url in second.stdout

        refused = _carol(home, "reset", "--yes")
        assert refused.returncode == 1
        assert url in refused.stderr

        seen = {found["part"]: found for found in json.loads(_carol(home, "doctor", "--json").stdout)}
        assert [found for found in seen.values() if found["state"] == "broken"] == []
        assert seen["clinics"]["seen"] == "1"
        assert seen["api"]["state"] == "ok"
        assert seen["clock"]["state"] == "ok"

        asked = time.monotonic()
        assert running.end(signal.SIGINT) == 0
        assert time.monotonic() - asked < 15
    assert [name for name, pid in pids.items() if process.identify(pid)] == []
    assert EmbeddedPostgres(home / "postgres").attach() is None
    assert EmbeddedValkey(home / "valkey").attach() is None
    assert not _answers(f"{url}/health")


def test_a_killed_parent_leaves_nothing_that_breaks_the_next_start(home: Path) -> None:
    with up(home) as (killed, _):
        orphans = killed.pids()
        killed.popen.kill()
        killed.popen.communicate()
    with up(home) as (running, url):
        assert _answers(f"{url}/ready")
        assert not set(orphans.values()) & set(running.pids().values())
        assert [name for name, pid in orphans.items() if process.identify(pid)] == []
        assert running.end(signal.SIGTERM) == 0
    assert EmbeddedPostgres(home / "postgres").attach() is None


def test_children_of_a_killed_parent_end_by_themselves(home: Path) -> None:
    with up(home) as (killed, _):
        orphans = killed.pids()
        killed.popen.kill()
        killed.popen.communicate()
    assert _within(15, lambda: not any(process.identify(pid) for pid in orphans.values()))


def test_what_dies_is_started_again(home: Path) -> None:
    with up(home) as (running, url):
        before = running.pids()["worker"]
        os.kill(before, signal.SIGKILL)
        assert "worker" in running.until("worker")
        assert _within(10, lambda: running.pids().get("worker", before) != before)

        valkey = EmbeddedValkey(home / "valkey")
        redis_url = valkey.attach()
        valkey.stop()
        assert _within(10, lambda: valkey.attach() == redis_url)
        assert _answers(f"{url}/ready")
        assert running.end(signal.SIGTERM) == 0


def test_reset_deletes_what_carol_made_and_nothing_else(home: Path) -> None:
    assert _carol(home, "db", "upgrade").returncode == 0  # there is something to delete, whatever ran before
    (home / "thesis.odt").write_text("years of work")
    asked = subprocess.run(
        [*COMMAND, "reset"], cwd=ROOT, env=environment(home), input="n\n", capture_output=True, text=True, check=False
    )
    assert (home / "postgres" / "PG_VERSION").exists()
    assert asked.returncode == 0
    assert _carol(home, "reset", "--yes").returncode == 0
    assert [path.name for path in home.iterdir()] == ["thesis.odt"]
