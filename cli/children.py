"""The processes `carol up` keeps alive: started together, restarted with patience, stopped in order, never left over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cli.stack import Places
from kit import process

ROOT = Path(__file__).parents[1]
LOG_BYTES = 5_000_000
FAST_DEATHS = 5  # in a row, each within STEADY_SECONDS of its start: it will not get better by itself
STEADY_SECONDS = 30.0
_LOUD = frozenset({"warning", "error", "critical"})


@dataclass(slots=True)
class Child:
    """One supervised process: `module` is run with `arguments`, its output goes to its own log."""

    name: str
    module: str
    arguments: Sequence[str]
    popen: subprocess.Popen[bytes] | None = None
    fast_deaths: int = 0
    started_at: float = 0.0
    retry_at: float = 0.0
    _read_to: int = field(default=0, repr=False)

    def log(self, places: Places) -> Path:
        return places.logs / f"{self.name}.log"

    def start(self, places: Places, environment: Mapping[str, str]) -> None:
        """Start it in a session of its own, so that a Ctrl-C in the terminal reaches us alone."""
        log = self.log(places)
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        self._read_to = log.stat().st_size if log.exists() else 0
        with log.open("ab") as sink:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "cli.child", str(os.getpid()), self.module, *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        self.started_at = time.monotonic()
        process.remember(places.pidfile(self.name), self.popen.pid)

    def died(self) -> int | None:
        """Its exit code when it has just died; counts deaths that came fast."""
        if self.popen is None or self.popen.poll() is None:
            return None
        code = self.popen.returncode
        fast = time.monotonic() - self.started_at < STEADY_SECONDS
        self.fast_deaths = self.fast_deaths + 1 if fast else 1
        self.retry_at = time.monotonic() + self.backoff
        _kill_group(self.popen.pid)
        self.popen = None
        return code

    @property
    def backoff(self) -> float:
        """Seconds to wait before the next start."""
        return float(0.5 * 2 ** max(0, self.fast_deaths - 1))

    @property
    def hopeless(self) -> bool:
        return self.fast_deaths >= FAST_DEATHS

    def ask_to_stop(self) -> None:
        if self.popen is not None and self.popen.poll() is None:
            self.popen.terminate()

    def wait_stopped(self, places: Places, deadline: float) -> None:
        """Until it has stopped; at `deadline` (monotonic) it is killed with its own children."""
        if self.popen is None:
            return
        try:
            self.popen.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        _kill_group(self.popen.pid)
        self.popen = None
        places.pidfile(self.name).unlink(missing_ok=True)

    def loud_lines(self, places: Places) -> list[str]:
        """The warnings and errors it logged since the last look."""
        log = self.log(places)
        with suppress(FileNotFoundError), log.open("rb") as source:
            source.seek(self._read_to)
            fresh = source.read(256_000)
            whole = fresh[: fresh.rfind(b"\n") + 1]
            self._read_to += len(whole)
            return [said for line in whole.splitlines() if (said := _loud(line))]
        return []

    def last_lines(self, places: Places, count: int = 12) -> list[str]:
        """The end of its log, for when it cannot start."""
        with suppress(FileNotFoundError):
            return self.log(places).read_text(errors="replace").splitlines()[-count:]
        return []


def end_leftovers(names: Sequence[str], places: Places) -> list[str]:
    """End what a killed supervisor left: only processes that are still the very ones it noted."""
    left = {name: pid for name in names if (pid := process.recall(places.pidfile(name))) is not None}
    for pid in left.values():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    for pid in left.values():
        process.end(pid, gently=signal.SIGTERM, patience=3.0)
        _kill_group(pid)
    for name in names:
        places.pidfile(name).unlink(missing_ok=True)
    return list(left)


def _kill_group(leader: int) -> None:
    """What a dead leader's own children may still be doing: they share its group, and nobody else can."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _loud(line: bytes) -> str:
    try:
        said = json.loads(line)
    except ValueError:
        return ""
    if not isinstance(said, dict) or said.get("level") not in _LOUD:
        return ""
    reason = str(said.get("exception", "")).strip().splitlines()[-1:]
    return " ".join([str(said.get("event", "")), *reason])
