"""A uvicorn of its own for each contender, and a client light enough not to be what is measured."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.stage import ROOT

_START_SECONDS = 60.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """One running server."""

    name: str
    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU it has used."""
        stat = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / _TICK

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(name: str, app: str, environ: Mapping[str, str], *, path: str = "/openapi.json", log: Path) -> Iterator[Served]:
    """`app` served by one uvicorn worker as `carol up` serves (uvloop, httptools), answering at `path`; ended at the end."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--factory",
        app,
        "--port",
        str(port),
        "--no-access-log",
        "--timeout-keep-alive",
        "120",
    ]
    with log.open("ab") as sink:
        child = subprocess.Popen(
            [*command, "--log-level", "warning"], cwd=ROOT, env={**os.environ, **environ}, stdout=sink, stderr=sink
        )
        try:
            _await_answer(f"http://127.0.0.1:{port}{path}", child, log)
            yield Served(name, port, child.pid)
        finally:
            child.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.wait(15)
            child.kill()
            child.wait()


def _await_answer(url: str, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} does not answer: {log.read_text()[-800:]}")


class Client:
    """Keep-alive connections to one server; a request is bytes, an answer its status."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, request: bytes) -> int:
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length or 0))
        self._idle.append((reader, writer))
        return int(head[9:12])

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


def request_bytes(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Length: {len(body)}",
        *(f"{k}: {v}" for k, v in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def closed_loop(client: Client, requests: Sequence[bytes], at_once: int) -> list[float]:
    """Milliseconds of each, the next sent when one is answered. Raises AssertionError on anything but 200."""
    took: list[float] = []
    waiting = iter(requests)

    async def lane() -> None:
        for request in waiting:
            began = time.perf_counter()
            assert await client.post(request) == 200
            took.append((time.perf_counter() - began) * 1e3)

    await asyncio.gather(*(lane() for _ in range(at_once)))
    return took


async def open_loop(client: Client, make: Callable[[], bytes], *, rate: float, seconds: float) -> list[float]:
    """Milliseconds from when each should have been sent (a Poisson stream) to its answer."""
    took: list[float] = []

    async def one(due: float) -> None:
        assert await client.post(make()) == 200
        took.append((time.perf_counter() - due) * 1e3)

    began = time.perf_counter()
    due, running = began, set[asyncio.Task[None]]()
    async with asyncio.TaskGroup() as group:
        while (due := due + random.expovariate(rate)) < began + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            running.add(group.create_task(one(due)))
    return took
