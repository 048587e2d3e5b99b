"""The processes that die: forked from a parent that has imported everything, each with API, desk and delivery as in
`carol up`. Run as `python -m tests.chaos.workers CONFIG`; ends its children when told to, and with its parent.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_STOP_SECONDS = 12.0
_AT_ONCE = 3  # turns thought by one process
_SERVES = ("lifespan.on", "loops.auto", "protocols.http.auto")
_MISBUILT = 70  # a point's function is gone: no use in trying again


@dataclass(slots=True)
class Config:
    """Told by the storm, as JSON."""

    home: str
    owner: str
    app: str
    seed: int
    workers: int
    rates: dict[str, float]
    settings: dict[str, Any]
    port: int
    thinking: float


def die_with(parent: int) -> None:
    """Linux ends us when our parent ends, however it ends. Elsewhere the parent's own care must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


class Herd:
    """Forks, buries and forks again, until asked to stop."""

    def __init__(self, config: Config) -> None:
        from tests.chaos.board import Board
        from tests.chaos.points import NAMES

        self.config = config
        self.home = Path(config.home)
        self.board = Board(self.home / "board", NAMES)
        self.socket = socket.create_server(("127.0.0.1", config.port), backlog=512)
        self.app = _build(config, self.board)
        self.slots: dict[int, int] = {}  # pid → slot
        self.generation = 0
        self.stopping = False

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self._stop)
        assert len(os.listdir("/proc/self/task")) == 1 if sys.platform == "linux" else True, "a thread before the fork"
        gc.collect()
        gc.freeze()
        for slot in range(self.config.workers):
            self._fork(slot)
        while not self.stopping:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                time.sleep(0.01)
                continue
            slot = self.slots.pop(pid)
            if os.WIFEXITED(status) and os.WEXITSTATUS(status) == _MISBUILT:
                break
            if os.WIFEXITED(status):
                time.sleep(0.3)  # it could not start: Postgres is away, perhaps
            self._fork(slot)
        self._end()
        return 0 if self.stopping else 1

    def _fork(self, slot: int) -> None:
        self.generation += 1
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                die_with(parent)
                self._serve(slot)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        self.slots[pid] = slot
        (self.home / f"worker-{slot}.pid").write_text(str(pid))

    def _serve(self, slot: int) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sink = os.open(self.home / f"worker-{slot}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        import uvicorn

        from tests.chaos.points import install

        try:
            install(self.board, slot, Random(f"{self.config.seed}:{slot}:{self.generation}"), self.config.rates)
        except (AttributeError, ImportError):
            traceback.print_exc()
            os._exit(_MISBUILT)
        config = uvicorn.Config(self.app, access_log=False, log_config=None, timeout_graceful_shutdown=5)
        uvicorn.Server(config).run(sockets=[self.socket])

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _end(self) -> None:
        for pid in self.slots:
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while self.slots and time.monotonic() < deadline:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            self.slots.pop(pid, None)
            time.sleep(0.02)
        for pid in self.slots:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _build(config: Config, board: Any) -> Any:
    """The app, with everything it will need imported and no loop, connection or thread yet."""
    for late in ("jobs.reading", "knowledge.library", *(f"uvicorn.{part}" for part in _SERVES)):
        import_module(late)
    import desk.minds
    import desk.runner
    from agent.guardrails.dangers import SecondReader
    from agent.models import Brains, Role
    from api.app import create_app
    from clinic.conversations import consent
    from clinic.conversations.consent import affirms
    from desk.turn import _conversation
    from kit import log
    from kit.settings import load_settings
    from tests.chaos.mind import TOKEN, Mind
    from tools.toolset import descriptions

    async def no_documents(_: object) -> None: ...

    def plainly(texts: Sequence[str], **given: Any) -> bool:
        """The word that tells each message apart is nobody's: a yes beside it is still a plain one."""
        return affirms([TOKEN.sub("", text) for text in texts], **given)

    def only_patterns(encoder: Any) -> SecondReader:
        """Its weights cost a second of each new process, a thousand times; what it adds is proved elsewhere."""
        reader = SecondReader(encoder)
        reader.available = False
        return reader

    for holder, name, ours in (
        (desk.minds, "SecondReader", only_patterns),
        # All that a process thinks at once dies with it: few, so that a death every few steps lets anything through.
        (desk.runner, "FrontDesk", partial(desk.runner.FrontDesk, at_once=_AT_ONCE)),
        (desk.minds, "brains", lambda settings: Brains({Role.CONVERSATION: Mind(board, config.thinking)}, offline=False)),  # type: ignore[dict-item]
        (desk.minds, "_look_around", no_documents),
        (consent, "affirms", plainly),
    ):
        getattr(holder, name)
        setattr(holder, name, ours)
    descriptions()
    _conversation()
    _warm()
    settings = load_settings(
        _env_file=None, database_url=config.owner, database_app_url=config.app, environment="test", home=Path(config.home),
        log_level="warning", log_format="json", **config.settings,
    )  # fmt: skip
    log.configure(settings)
    return create_app(settings)


def _warm() -> None:
    """What each new process would read and compile for itself in its first turn: half a second of it."""
    import httpx

    from agent.guardrails import incoming, outgoing
    from agent.texts import text
    from clinic.conversations import consent
    from clinic.conversations.dangers import red_flags
    from kit.clock import utc_now

    said = "Oi! Marquei a sua consulta com a Dra. Ana para terça, 24 de novembro, às 10h, por R$ 100. Posso ajudar em algo?"
    red_flags.read(said)
    consent.affirms([said], to="book")
    incoming.wants_human_only(said)
    incoming.is_opt_out(said)
    outgoing.review(said, grounds=outgoing.Grounds(today=utc_now().date()))
    text("holding", until="amanhã", case=1)
    httpx.AsyncClient()


def main() -> int:
    parent = int(os.environ["CHAOS_PARENT"])
    die_with(parent)
    return Herd(Config(**json.loads(Path(sys.argv[1]).read_text()))).run()


if __name__ == "__main__":
    sys.exit(main())
