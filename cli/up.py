"""`carol up`: everything she needs, in one terminal, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from cli.children import ROOT, Child, end_leftovers
from cli.messages import say
from cli.stack import Places, Stack, heal, prepare, running_stack
from kit import process
from kit.errors import Unavailable

if TYPE_CHECKING:
    from rich.console import Console

    from kit.settings import Settings

READY_SECONDS = 120.0
STOP_SECONDS = 5.0
TICK_SECONDS = 0.1
HEAL_SECONDS = 2.0
NAMES = ("api", "worker", "beat")


def run(settings: Settings, console: Console, *, worker: bool = True) -> int:
    """Bring everything up, stay until asked to stop, take everything down. Returns the exit code."""
    places = Places(settings.home)
    begun = time.monotonic()
    try:
        with process.locked(places.up_lock, wait=False):
            return _Supervisor(settings, console, places, begun, with_worker=worker).run()
    except process.Busy:
        url = places.up_url.read_text().strip() if places.up_url.exists() else ""
        console.print(say("up.already", url=url) if url else say("up.starting"))
        return 0


@dataclass(slots=True)
class _Supervisor:
    settings: Settings
    console: Console
    places: Places
    begun: float
    with_worker: bool
    healed_at: float = 0.0
    children: list[Child] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    asked_to_stop: bool = False

    def run(self) -> int:
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signum != signal.SIGHUP or signal.getsignal(signum) is not signal.SIG_IGN:  # nohup means it
                signal.signal(signum, self._stop_soon)
        self.places.up_url.unlink(missing_ok=True)
        cleaned = end_leftovers(NAMES, self.places)
        if cleaned:
            self._say("up.cleaned", names=", ".join(cleaned))
        try:
            code = self._live()
        except KeyboardInterrupt:  # asked to stop while still starting
            code = 0
        finally:
            self.places.up_url.unlink(missing_ok=True)
        self._say("up.stopped", home=self.settings.home)
        return code

    def _live(self) -> int:
        status = self.console.status(say("start.postgres"))
        status.start()
        try:
            with running_stack(self.settings, tell=status.update) as stack:
                for notice in stack.notices:
                    self.console.print(notice, highlight=False, soft_wrap=True)
                try:
                    prepare(self.settings, stack, tell=status.update)
                    status.update(say("start.processes"))
                    url = self._start_children(stack)
                    code = self._wait_ready(url)
                    status.stop()
                    if code is None and not self.asked_to_stop:
                        self._announce(url)
                        code = self._watch()
                finally:
                    status.stop()
                    self._say("up.stopping")
                    self._stop_children()
        finally:
            status.stop()
        return code or 0

    def _start_children(self, stack: Stack) -> str:
        port = self._choose_port()
        self.environment = {
            **stack.environment(),
            "CAROL_HOME": str(self.settings.home),
            "CAROL_PORT": str(port),
            "CAROL_LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        }
        self.children = _children(self.settings, port, self.places)[: None if self.with_worker else 1]
        for child in self.children:
            child.start(self.places, self.environment)
        host = self.settings.host
        return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"

    def _choose_port(self) -> int:
        first = self.settings.port
        last = min(first + 50, 65535)
        for port in range(first, last + 1):
            if process.is_free(port, self.settings.host):
                if port != first:
                    self._say("up.port_taken", asked=first, port=port)
                return port
        raise Unavailable(say("up.no_port", first=first, last=last))

    def _wait_ready(self, url: str) -> int | None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.asked_to_stop:
            if _answers(f"{url}/ready"):
                return None
            code = self._tend()
            if code is not None:
                return code
            if time.monotonic() > deadline:
                self._say("up.not_ready", seconds=READY_SECONDS, logs=self.places.logs)
                return 1
            time.sleep(TICK_SECONDS)
        return None

    def _announce(self, url: str) -> None:
        shown = self.settings.public_url or url
        self.places.up_url.write_text(shown)
        self._say("up.ready", seconds=time.monotonic() - self.begun)
        self.console.print(f"\n  [bold]{shown}[/bold]\n", highlight=False)
        if self.settings.offline:
            self._say("up.offline")
        self._say("up.hint", logs=self.places.logs)

    def _watch(self) -> int:
        while not self.asked_to_stop:
            code = self._tend()
            if code is not None:
                return code
            time.sleep(TICK_SECONDS)
        return 0

    def _tend(self) -> int | None:
        """Show what children complain about and restart the dead; an exit code when one is past helping."""
        self._heal()
        for child in self.children:
            for line in child.loud_lines(self.places):
                self.console.print(f"{child.name} | {line}", style="yellow", markup=False, highlight=False)
            code = child.died()
            if code is not None:
                if child.hopeless:
                    self._say("up.gave_up", name=child.name, log=child.log(self.places))
                    for line in child.last_lines(self.places):
                        self.console.print(f"  {line}", markup=False, highlight=False)
                    return 1
                self._say("up.restarted", name=child.name, code=code, seconds=child.backoff)
            if child.popen is None and time.monotonic() >= child.retry_at:
                child.start(self.places, self.environment)
        return None

    def _heal(self) -> None:
        """Start again an embedded service that was killed; children follow it if it had to change its port."""
        if time.monotonic() - self.healed_at < HEAL_SECONDS:
            return
        self.healed_at = time.monotonic()
        fresh = heal(self.settings)
        if fresh is not None and fresh.environment().items() - self.environment.items():
            self.environment.update(fresh.environment())
            self._stop_children()
            for child in self.children:
                child.start(self.places, self.environment)

    def _stop_children(self) -> None:
        """The API first, so that nothing new comes in; then who works and who rings, together."""
        for group in (self.children[:1], self.children[1:]):
            deadline = time.monotonic() + STOP_SECONDS
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait_stopped(self.places, deadline)

    def _stop_soon(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True
        if not self.children:
            raise KeyboardInterrupt  # nothing looks at the flag before there are children

    def _say(self, path: str, **values: object) -> None:
        self.console.print(say(path, **values), highlight=False, soft_wrap=True)


def _children(settings: Settings, port: int, places: Places) -> list[Child]:
    schedule = places.home / "beat" / "schedule"
    schedule.parent.mkdir(parents=True, exist_ok=True)
    listen = ["--host", settings.host, "--port", str(port), "--no-access-log", "--timeout-graceful-shutdown", "3"]
    celery = ["-A", "jobs.app"]
    concurrency = ["--concurrency", str(settings.worker_concurrency)]
    return [
        Child("api", "uvicorn", ["api.app:create_app", "--factory", *listen]),
        # One worker needs neither to learn of others (mingle, gossip) nor to tell them it is alive.
        Child("worker", "celery", [*celery, "worker", *concurrency, "--without-mingle", "--without-gossip", "-n", "carol@%h"]),
        Child("beat", "celery", [*celery, "beat", "--schedule", str(schedule), "--pidfile", ""]),
    ]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as said:
            return bool(said.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False
