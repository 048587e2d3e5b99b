"""A `carol up` that a test started, with a home and a port of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from kit import process

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from cli.main import app; app()"]
CHILDREN = ("api", "worker", "beat")


class Running:
    """What runs, and what it has printed."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        self.home = home
        self.begun = time.monotonic()
        self.popen = subprocess.Popen(
            [*COMMAND, "up"],
            cwd=ROOT,
            env={**environment(home), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.printed: list[str] = []

    def until(self, words: str) -> str:
        """The first line that holds `words`; fails when it ends without saying so."""
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.printed.append(line)
            if words in line:
                return line.strip()
        pytest.fail(f"never said {words!r}: {''.join(self.printed)}")

    def pids(self) -> dict[str, int]:
        found = {name: process.recall(self.home / "run" / f"{name}.pid") for name in CHILDREN}
        return {name: pid for name, pid in found.items() if pid is not None}

    def end(self, signum: signal.Signals) -> int:
        """Ask it to stop; returns its exit code."""
        self.popen.send_signal(signum)
        self.printed.append(self.popen.communicate(timeout=30)[0])
        return self.popen.returncode


def environment(home: Path) -> dict[str, str]:
    """This machine's, with nothing of ours but a home and a free port."""
    outside = ("CAROL_", "DATABASE_", "REDIS_", "OPENAI_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(outside)}
    return {**kept, "CAROL_HOME": str(home), "CAROL_PORT": str(process.free_port(home))}


@contextmanager
def up(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[tuple[Running, str]]:
    """It, once it serves, and its address; killed if the test did not end it. `settings` as the environment names them."""
    running = Running(home, settings or {})
    try:
        yield running, running.until("http://")
    finally:
        if running.popen.poll() is None:
            running.popen.kill()
            running.popen.communicate()
