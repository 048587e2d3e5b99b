"""The commands of compose.yaml, run as they stand there, outside any container: they serve, work and stop."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from db.embedded import Urls
from jobs.embedded import EmbeddedValkey
from kit import fast_yaml, process

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, Any] = fast_yaml.load((ROOT / "compose.yaml").read_text("utf-8"))["services"]


@pytest.fixture
def home() -> Iterator[Path]:
    place = Path(os.environ["CAROL_TESTS_HOME"]) / f"deploy-{os.getpid()}"
    place.mkdir()
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def queue(home: Path) -> Iterator[str]:
    server = EmbeddedValkey(home / "valkey")
    yield server.start()
    server.stop()


def environment(urls: Urls, redis_url: str, home: Path) -> dict[str, str]:
    """What compose sets for the serving processes, at this machine's addresses: the serving role is all they know."""
    given = dict(SERVICES["api"]["environment"])
    here = {"DATABASE_URL": urls.app, "DATABASE_APP_URL": urls.app, "REDIS_URL": redis_url, "CAROL_HOME": str(home)}
    assert set(here) < set(given)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, **given, **here, "CAROL_OPERATOR_PASSWORD": "senha-da-recepcao"}


@contextmanager
def running(service: str, env: dict[str, str], home: Path, *, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [word.replace("8000", str(port)).replace("/data", str(home)) for word in SERVICES[service]["command"]]
    command[0] = shutil.which(command[0], path=env["PATH"]) or command[0]
    with (home / f"{service}.log").open("wb") as sink:
        started = subprocess.Popen(command, cwd=ROOT, env=env, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield started
        started.send_signal(signal.SIGTERM)
        assert started.wait(20) in (0, -signal.SIGTERM), (home / f"{service}.log").read_text()[-2000:]
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def soon(question: Any, *, seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.2)
    return False


def test_the_commands_of_compose_serve_without_a_container(database: Urls, queue: str, home: Path) -> None:
    port = process.free_port(home)
    env = environment(database, queue, home)

    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as said:
                told = json.load(said)
        except (OSError, urllib.error.HTTPError):
            return False
        return {told["database"], told["desk"], told["delivery"], told["redis"]} == {"ok"}

    def worker_answers() -> bool:
        ping = [str(Path(sys.executable).parent / "celery"), "-A", "jobs.app", "inspect", "ping", "--timeout", "2"]
        return b"pong" in subprocess.run(ping, cwd=ROOT, env=env, capture_output=True, check=False).stdout

    with ExitStack() as stack:
        for service in ("api", "worker", "beat"):
            stack.enter_context(running(service, env, home, port=port))
        assert soon(ready), (home / "api.log").read_text()[-2000:]
        assert soon(worker_answers), (home / "worker.log").read_text()[-2000:]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/clinics", timeout=2)
        assert soon(lambda: any(home.glob("beat-schedule*"))), (home / "beat.log").read_text()[-2000:]
