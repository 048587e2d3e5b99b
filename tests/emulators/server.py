"""A loopback HTTP server that misbehaves on demand. The emulators of both providers speak through it.

It works on sockets, not through a framework, because the faults that matter are there: an answer that never comes, a
connection cut before or after the request was taken.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came. `body` is the JSON value, or None."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: str  # respond | delay | hang | drop | accept_drop
    answer: Answer | None = None
    seconds: float = 0.0


class Faults:
    """What goes wrong with the next requests, in the order asked for; then all is well again. Thread-safe."""

    def __init__(self) -> None:
        self._queue: deque[_Fault] = deque()
        self._lock = threading.Lock()

    def respond(self, status: int, body: Any, *, times: int = 1, headers: Mapping[str, str] | None = None) -> None:
        """Answer this instead; nothing is taken."""
        self._add(_Fault("respond", Answer(status, body, headers or {})), times)

    def delay(self, seconds: float, *, times: int = 1) -> None:
        """Take the message and answer rightly, late."""
        self._add(_Fault("delay", seconds=seconds), times)

    def hang(self, *, times: int = 1) -> None:
        """Take the message and never answer."""
        self._add(_Fault("hang"), times)

    def drop(self, *, accepted: bool = False, times: int = 1) -> None:
        """Reset the connection without an answer, having taken the message or not: the client cannot tell."""
        self._add(_Fault("accept_drop" if accepted else "drop"), times)

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()

    def _add(self, fault: _Fault, times: int) -> None:
        with self._lock:
            self._queue.extend([fault] * times)

    def take(self) -> _Fault | None:
        with self._lock:
            return self._queue.popleft() if self._queue else None


class Emulator:
    """A provider on a free loopback port, from `with` to its end. Subclasses say what a request means in `handle`."""

    prefix = ""

    def __init__(self) -> None:
        self.faults = Faults()
        self._calls: list[Call] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def base_url(self) -> str:
        assert self._server is not None, "the emulator runs inside its `with`"
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.prefix}"

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request so far, faulty ones too."""
        with self._lock:
            return tuple(self._calls)

    def handle(self, call: Call) -> Answer:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._closing.clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._server = None

    def answer(self, call: Call) -> Answer | None:
        """The answer to send, or None to reset the connection. Waits here when told to hang or to be late."""
        with self._lock:
            self._calls.append(call)
        fault = self.faults.take()
        if fault is None:
            return self.handle(call)
        if fault.kind == "respond":
            return fault.answer
        if fault.kind == "drop":
            return None
        answer = self.handle(call)
        if fault.kind == "accept_drop":
            return None
        self._closing.wait(fault.seconds if fault.kind == "delay" else None)
        return None if fault.kind == "hang" else answer


def _handler_of(emulator: Emulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one segment: two small ones wait 40 ms for a delayed acknowledgement

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                body = json.loads(raw)
            except ValueError:
                body = None
            headers = {key.lower(): value for key, value in self.headers.items()}
            answer = emulator.answer(Call(self.command, self.path, headers, body))
            if answer is None:
                self._reset()
            else:
                self._write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = _serve

        def _reset(self) -> None:
            # A zero linger closes with RST, as a crashed peer or a cut network does.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.rfile.close()
            self.connection.close()

        def _write(self, answer: Answer) -> None:
            raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            try:
                self.send_response(answer.status)
                for key, value in {"Content-Type": "application/json; charset=utf-8", **answer.headers}.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
                self.wfile.flush()
            except OSError:  # the client gave up waiting
                self.close_connection = True

        def finish(self) -> None:
            with contextlib.suppress(OSError, ValueError):  # already reset by a fault
                super().finish()

    return Handler
