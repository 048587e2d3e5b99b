"""Meta and Evolution in one loop: every account of the storm, its patients' webhooks, and what went through it.

What a call means is decided by the emulators that all tests share; here is how the wires misbehave, and the books.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from tests.chaos.plan import Plan
from tests.emulators.cloud import CloudEmulator
from tests.emulators.evolution import EvolutionEmulator
from tests.emulators.server import Answer, Call

_ENDS_IT = frozenset({400, 401, 403, 404, 422})  # Evolution gives a message up on these
_TRIES = 400
# Posts under way at once. More would wait inside the client's pool, which looks through all that wait at each answer.
_AT_ONCE = 40
_REASONS = {200: "OK", 201: "Created"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """One message a provider took from us."""

    account: int
    provider_id: str
    to: str  # the last eight digits: one patient
    text: str
    reference: str | None
    at: float


@dataclass(slots=True)
class Posted:
    """One message of a patient on its way to us. `known_at`: our first 200."""

    message_id: str
    account: int
    patient: str
    text: str
    at: float
    known_at: float | None = None
    lost: str = ""


@dataclass(slots=True)
class Wire:
    """One account."""

    number: int
    kind: str
    emulator: Any
    accepted: int = 0

    @property
    def external_id(self) -> str:
        return str(self.emulator.phone_number_id if self.kind == "cloud" else self.emulator.instance)

    @property
    def path(self) -> str:
        return "/webhooks/cloud" if self.kind == "cloud" else f"/webhooks/evolution/{self.emulator.instance}"

    def credentials(self, port: int) -> dict[str, str]:
        base, one = f"http://127.0.0.1:{port}/a{self.number}", self.emulator
        if self.kind == "cloud":
            return {
                "base_url": base + CloudEmulator.prefix, "phone_number_id": one.phone_number_id,
                "access_token": one.access_token, "app_secret": one.app_secret, "verify_token": one.verify_token,
            }  # fmt: skip
        return {"base_url": base, "instance": one.instance, "api_key": one.api_key, "webhook_token": one.secret}


def digits(address: str) -> str:
    return re.sub(r"\D", "", address.partition("@")[0])[-8:]


@dataclass(slots=True)
class Providers:
    """Opened with `async with`. `heard` is called for each message that reaches a patient."""

    plan: Plan
    wires: list[Wire] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    posted: dict[str, Posted] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)  # how calls of ours ended
    answers: Counter[str] = field(default_factory=Counter)  # how webhooks of theirs ended
    heard: Callable[[str, str], None] = lambda _to, _text: None
    duplicated: int = 0
    down: bool = False
    calm: bool = False  # no more faults: the storm is over
    target: str = ""  # our API
    port: int = 0
    _rng: Random = field(default_factory=Random)
    _server: asyncio.Server | None = None
    _http: httpx.AsyncClient | None = None
    _posting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _open: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._rng = Random(f"{self.plan.seed}:providers")
        for number in range(self.plan.accounts):
            if number % 2:
                self.wires.append(Wire(number, "evolution", EvolutionEmulator(instance=f"chaos{number}")))
            else:
                cloud = CloudEmulator(phone_number_id=f"10650000000{number:04d}", app_secret=f"segredo-{number}")
                self.wires.append(Wire(number, "cloud", cloud))
            self.wires[-1].emulator._closing.set()  # one loop serves all: nothing may wait in it

    async def __aenter__(self) -> Providers:
        self._http = httpx.AsyncClient(timeout=6.0, limits=httpx.Limits(max_connections=_AT_ONCE))
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None and self._http is not None
        self._server.close()
        for task in [*self._tasks, *self._open]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._open, return_exceptions=True)
        await self._http.aclose()

    @property
    def busy(self) -> int:
        """Webhooks not yet acknowledged."""
        return len(self._tasks)

    # --- what they post to us -------------------------------------------------------------------------------------------

    def write(self, wire: Wire, number: str, text: str, message_id: str) -> None:
        """A patient writes; it is delivered until we say 200, one time in three twice."""
        body = wire.emulator.inbound(text, number=number, name="Ana Lima", message_id=message_id, at=int(time.time()))
        post = Posted(message_id, wire.number, digits(number), text, time.monotonic())
        self.posted[message_id] = post
        self._deliver(wire, body, post)
        if self._rng.random() < self.plan.faults.duplicated:
            self.duplicated += 1
            self._deliver(wire, body, None, after=self._rng.choice((0.0, 0.0, 0.3, 2.0)))

    def _deliver(self, wire: Wire, body: Any, post: Posted | None, *, after: float = 0.0) -> None:
        task = asyncio.create_task(self._until_taken(wire, body, post, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _until_taken(self, wire: Wire, body: Any, post: Posted | None, after: float) -> None:
        assert self._http is not None
        await asyncio.sleep(after)
        raw, headers = wire.emulator.signed(body)
        pause = 0.1
        for _ in range(_TRIES):
            try:
                async with self._posting:
                    answer = await self._http.post(self.target + wire.path, content=raw, headers=headers)
                code = answer.status_code
            except httpx.HTTPError as error:
                self.answers[type(error).__name__] += 1
                code = 0
            if code:
                self.answers[str(code)] += 1
            if code == 200:
                if post is not None:
                    post.known_at = time.monotonic()
                return
            if code in _ENDS_IT and wire.kind == "evolution":
                break
            await asyncio.sleep(pause * (0.7 + 0.6 * self._rng.random()))
            pause = min(pause * 1.6, 2.0)
        if post is not None:
            post.lost = f"given up after {code or 'no answer'}"

    def _tell(self, wire: Wire, sent: Accepted) -> None:
        """What the wire says of a message of ours, in any order."""
        if not self.plan.reconcile:
            return
        if wire.kind == "cloud":
            told = [wire.emulator.status(sent.provider_id, state, number=sent.to) for state in ("sent", "delivered")]
        else:
            echo = next(one for one in reversed(wire.emulator._sent) if one.id == sent.provider_id)
            told = [wire.emulator.own_echo(echo), wire.emulator.status(sent.provider_id, "DELIVERY_ACK", number=sent.to)]
        self._rng.shuffle(told)
        for body in told:
            self._deliver(wire, body, None, after=self._rng.random())

    # --- what we ask of them --------------------------------------------------------------------------------------------

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while (call := await _read(reader)) is not None:
                answer = await self._answer(call)
                if answer is None:
                    writer.transport.abort()
                    return
                writer.write(_written(answer))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(task)
            with contextlib.suppress(ConnectionError, RuntimeError):
                writer.close()

    async def _answer(self, call: Call) -> Answer | None:
        """None: the connection is cut."""
        _, account, rest = call.path.split("/", 2)
        wire = self.wires[int(account[1:])]
        call = Call(call.method, f"/{rest}", call.headers, call.body)
        sends = wire.emulator.kind(call) == "send"
        fault = self._fault(wire, sends)
        if fault is not None and fault != "silent":
            self.calls[fault] += 1
            return _refusal(wire, fault)
        answer = self._handled(wire, call)
        if sends:
            self.calls["silent" if fault else str(answer.status)] += 1
            self._book(wire)
        if fault:
            await asyncio.sleep(self.plan.timeout + 1.0)
            return None
        return answer

    def _handled(self, wire: Wire, call: Call) -> Answer:
        if not self.plan.reconcile and "/chat/find" in call.path:
            return Answer(404, {"status": 404, "error": "Not Found", "response": {"message": ["no history"]}})
        answer: Answer = wire.emulator.handle(call)
        return answer

    def _fault(self, wire: Wire, sends: bool) -> str | None:
        if self.calm:
            return None
        if self.down:
            return "down"
        if not sends:
            return None
        drawn, faults = self._rng.random(), self.plan.faults
        for name, rate in (("unavailable", faults.unavailable), ("silent", faults.silent), ("limited", faults.limited)):
            if drawn < rate:
                return name
            drawn -= rate
        return None

    def _book(self, wire: Wire) -> None:
        """Writes down what the emulator took, and lets the patient read it."""
        for sent in wire.emulator._sent[wire.accepted :]:
            to = digits(getattr(sent, "jid", None) or sent.to)
            one = Accepted(wire.number, sent.id, to, sent.text, getattr(sent, "reference", None), time.monotonic())
            self.accepted.append(one)
            self._tell(wire, one)
            self.heard(to, sent.text)
        wire.accepted = len(wire.emulator._sent)

    def copies(self) -> dict[tuple[int, str, str], int]:
        """How often each text reached each patient."""
        found: dict[tuple[int, str, str], int] = defaultdict(int)
        for one in self.accepted:
            found[one.account, one.to, one.text] += 1
        return dict(found)


def _refusal(wire: Wire, fault: str) -> Answer:
    if fault == "limited" and wire.kind == "cloud":
        error = {"message": "(#131056) Pair rate limit hit", "type": "OAuthException", "code": 131056, "fbtrace_id": "x"}
        return Answer(400, {"error": error})
    soon = {"Retry-After": "2"}
    if fault == "limited":
        return Answer(429, {"status": 429, "error": "Too Many Requests", "response": {"message": ["rate-overlimit"]}}, soon)
    return Answer(503, {"error": "unavailable"}, soon)


async def _read(reader: asyncio.StreamReader) -> Call | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines if line)}
    raw = await reader.readexactly(int(headers.get("content-length") or 0))
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    return Call(method, path, headers, body)


def _written(answer: Answer) -> bytes:
    raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    headers = {"Content-Type": "application/json", **answer.headers, "Content-Length": str(len(raw))}
    lines = [
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'No')}",
        *(f"{key}: {value}" for key, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + raw
