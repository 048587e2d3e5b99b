"""Processes, ports and locks of this machine: who is alive, is it still the one we started, and is this port free."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from kit.errors import Conflict, Unavailable

# Linux tells about processes in files; elsewhere `ps` does.
_PROC = Path("/proc/self/stat").exists()


class Busy(Conflict):
    """Another process holds this lock."""

    code = "busy"


@dataclass(frozen=True, slots=True)
class Identity:
    """A process for good: a pid alone is recycled, a pid with its start mark is not."""

    pid: int
    started: str


def identify(pid: int) -> Identity | None:
    """The live process behind `pid`, or None when there is none (a zombie is nobody)."""
    if pid <= 0:
        return None
    if _PROC:
        try:
            # The command may hold spaces and parentheses: what follows the last ")" is fixed. Field 3 is the state,
            # field 22 the start in clock ticks since boot.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] in "ZX" else Identity(pid, fields[19])
    shown = _ps(pid, "state=,lstart=")
    return None if not shown or shown.startswith("Z") else Identity(pid, " ".join(shown.split()[1:]))


def exists(pid: int) -> bool:
    """Whether the system knows this pid at all, zombies included. Reaps it first when it is a dead child of ours."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def working_in(folder: Path) -> list[int]:
    """The processes whose working directory is `folder`. Linux only: empty elsewhere."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd") if _PROC else ():
        try:
            if entry.readlink() == folder:
                found.append(int(entry.parent.name))
        except OSError:
            continue  # gone meanwhile, or not ours to see
    return found


def command_line(pid: int) -> str:
    """The words `pid` was started with, separated by spaces; empty when it is gone or hidden from us."""
    if _PROC:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return ""
    return _ps(pid, "command=")


def _ps(pid: int, columns: str) -> str:
    done = subprocess.run(["ps", "-o", columns, "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def remember(path: Path, pid: int) -> None:
    """Write a pidfile that `recall` can trust later, even after `pid` was recycled."""
    found = identify(pid)
    if found is not None:
        path.write_text(json.dumps(asdict(found)))


def recall(path: Path) -> int | None:
    """The pid in a pidfile when that very process still lives, else None."""
    try:
        noted = Identity(**json.loads(path.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return noted.pid if identify(noted.pid) == noted else None


def end(pid: int, *, gently: signal.Signals, patience: float, firmly: signal.Signals = signal.SIGKILL) -> bool:
    """Ask `pid` to stop, wait up to `patience` seconds, then insist. True when the gentle way sufficed.

    Reaps it when it is our child. A pid that is already gone counts as gentle.
    """
    before = identify(pid)
    for signum, seconds in ((gently, patience), (firmly, 5.0)):
        if before is None or identify(pid) != before:
            return True
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            return True
        if _gone_within(pid, before, seconds):
            return signum == gently
    raise Unavailable(f"process {pid} does not stop")


def _gone_within(pid: int, before: Identity, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if identify(pid) != before:
            return True
        time.sleep(0.01)
    return False


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port(place: Path, *, last: int | None = None, host: str = "127.0.0.1") -> int:
    """A free port for a server whose data is at `place`: the last one it had, else one of its own stretch.

    The stretch lies in 20000-29999, below the ephemeral range, so no outgoing connection takes the port between two
    starts. The last one gets half a second: the threads of a server that was just killed hold it a moment longer.
    Raises Unavailable when 200 ports in a row are taken.
    """
    if last is not None:
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            if is_free(last, host):
                return last
            time.sleep(0.02)
    offset = int.from_bytes(sha256(str(place).encode()).digest()[:4], "big")
    for step in range(200):
        port = 20000 + (offset + step) % 10000
        if is_free(port, host):
            return port
    raise Unavailable("no free port")


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the system frees it if we are killed. Busy when taken and not `wait`ing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(str(path)) from None
        yield
    finally:
        os.close(handle)
