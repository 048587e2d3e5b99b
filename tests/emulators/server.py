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
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came. `body` is the JSON value, or None; `raw` its bytes; `path` has no query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    raw: bytes = field(default=b"", repr=False)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


COURTESY = "courtesy"  # the kind of requests that no untold fault is meant for


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: str  # respond | delay | hang | drop | accept_drop | garble
    answer: Answer | None = None
    seconds: float = 0.0
    on: str = ""


class Faults:
    """What goes wrong with the next requests, in the order asked for; then all is well again. Thread-safe.

    `on` names the kind of request meant (`Emulator.kind`): "send", "upload", "media"…; "" is any but a courtesy, which
    (a read mark, a typing sign) may come at any moment beside what a test looks at.
    """

    def __init__(self) -> None:
        self._queue: deque[_Fault] = deque()
        self._lock = threading.Lock()

    def respond(
        self, status: int, body: Any, *, times: int = 1, headers: Mapping[str, str] | None = None, on: str = ""
    ) -> None:
        """Answer this instead; nothing is taken."""
        self._add(_Fault("respond", Answer(status, body, headers or {}), on=on), times)

    def unavailable(self, *, times: int = 1, on: str = "") -> None:
        """503; nothing is taken."""
        self.respond(503, b"", times=times, on=on)

    def delay(self, seconds: float, *, times: int = 1, on: str = "") -> None:
        """Take the message and answer rightly, late."""
        self._add(_Fault("delay", seconds=seconds, on=on), times)

    def hang(self, *, times: int = 1, on: str = "") -> None:
        """Take the message and never answer."""
        self._add(_Fault("hang", on=on), times)

    def drop(self, *, accepted: bool = False, times: int = 1, on: str = "") -> None:
        """Reset the connection without an answer, having taken the message or not: the client cannot tell."""
        self._add(_Fault("accept_drop" if accepted else "drop", on=on), times)

    def garble(self, *, times: int = 1, on: str = "") -> None:
        """Take the message and answer 200 with no JSON."""
        self._add(_Fault("garble", on=on), times)

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()

    def _add(self, fault: _Fault, times: int) -> None:
        with self._lock:
            self._queue.extend([fault] * times)

    def take(self, kind: str) -> _Fault | None:
        """The first fault meant for a request of this kind."""
        with self._lock:
            for fault in self._queue:
                if fault.on == kind or (not fault.on and kind != COURTESY):
                    self._queue.remove(fault)
                    return fault
        return None


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

    def kind(self, call: Call) -> str:
        """What a request is about, for faults meant for some requests only."""
        return "send"

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
        fault = self.faults.take(self.kind(call))
        if fault is None:
            return self.handle(call)
        if fault.kind == "respond":
            return fault.answer
        if fault.kind == "drop":
            return None
        answer = self.handle(call)
        if fault.kind == "accept_drop":
            return None
        if fault.kind == "garble":
            return Answer(200, b"<html>ok</html>")
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
            url = urlsplit(self.path)
            answer = emulator.answer(Call(self.command, url.path, headers, body, raw, dict(parse_qsl(url.query))))
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
