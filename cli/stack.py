"""The services a command needs, outside or embedded: attach to what runs, start what does not, and leave as found.

Several commands may share one embedded stack: each signs in, the last one out turns off the lights. One that was
killed cannot sign out; its signature is void because its process is gone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.messages import say
from kit import process

if TYPE_CHECKING:
    from db.embedded import EmbeddedPostgres
    from db.provision import Urls
    from jobs.embedded import EmbeddedValkey
    from kit.settings import Settings

Tell = Callable[[str], None]


def _quiet(message: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Stack:
    """Ways into the services that run now. `notices` are worth showing once to whoever started them."""

    urls: Urls
    redis_url: str
    notices: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """What a child process must be told, under the names that win in kit.settings."""
        return {
            "CAROL_DATABASE_URL": self.urls.owner,
            "CAROL_DATABASE_APP_URL": self.urls.app,
            "CAROL_REDIS_URL": self.redis_url,
            "DATABASE_URL": self.urls.owner,
            "DATABASE_APP_URL": self.urls.app,
            "REDIS_URL": self.redis_url,
        }


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie under CAROL_HOME."""

    home: Path

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def up_lock(self) -> Path:
        return self.run / "up.lock"

    @property
    def up_url(self) -> Path:
        return self.run / "up.url"

    def pidfile(self, name: str) -> Path:
        return self.run / f"{name}.pid"


def embedded_postgres(settings: Settings) -> EmbeddedPostgres:
    """The Postgres of this home, started or not."""
    from db.embedded import EmbeddedPostgres

    return EmbeddedPostgres(settings.home / "postgres")


def embedded_valkey(settings: Settings) -> EmbeddedValkey:
    """The Valkey of this home, started or not."""
    from jobs.embedded import EmbeddedValkey

    return EmbeddedValkey(settings.home / "valkey")


@contextmanager
def running_stack(settings: Settings, *, tell: Tell = _quiet) -> Iterator[Stack]:
    """Both services, provisioned but not migrated. `tell` hears what is being done, when it takes long."""
    desk = _Register(Places(settings.home).run / "stack")
    with desk.locked():
        desk.sign_in()
    try:
        with desk.locked():
            stack = _start(settings, tell)
        yield stack
    finally:
        with desk.locked():
            desk.sign_out()
            if desk.is_empty():
                stop_embedded(settings)


def stop_embedded(settings: Settings) -> None:
    """Stop what is embedded, whoever started it. The queue first: its work is kept, the tables are the truth."""
    if settings.redis_url is None:
        embedded_valkey(settings).stop()
    if settings.database_url is None:
        embedded_postgres(settings).stop()


def heal(settings: Settings) -> Stack | None:
    """The stack again when an embedded service had died and was started; None when all is well."""
    well = (settings.redis_url is not None or embedded_valkey(settings).attach() is not None) and (
        settings.database_url is not None or embedded_postgres(settings).attach() is not None
    )
    return None if well else _start(settings, _quiet)


def others_use(settings: Settings) -> bool:
    """Whether another live command has this home's stack open."""
    return not _Register(Places(settings.home).run / "stack").is_empty()


def prepare(settings: Settings, stack: Stack, *, tell: Tell = _quiet) -> None:
    """The newest tables, and the demonstration clinic when there is no clinic at all. Idempotent, safe to race."""
    from db.inspection import clinic_count
    from db.migrate import current, head, upgrade

    with process.locked(Places(settings.home).run / "prepare.lock"):
        if current(stack.urls.owner) != head():
            tell(say("start.migrate"))
            upgrade(stack.urls.owner)
        if clinic_count(stack.urls.app) == 0:
            from cli.seed import seed_demo

            tell(say("start.seed"))
            seed_demo(stack.urls, settings)


def _start(settings: Settings, tell: Tell) -> Stack:
    notices: list[str] = []
    redis_url = settings.redis_url
    if redis_url is None:
        tell(say("start.valkey"))
        redis_url = embedded_valkey(settings).start()
    if settings.database_url is not None:
        from db.provision import provision_outside

        tell(say("start.provision"))
        return Stack(provision_outside(settings.database_url, settings.database_app_url), redis_url, ())
    from db.embedded import provision

    server = embedded_postgres(settings)
    tell(say("start.postgres" if server.exists() else "start.postgres_first"))
    urls = provision(server.start())
    if server.relocated is not None:
        notices.append(say("start.relocated", path=server.relocated, asked=server.asked_dir))
    return Stack(urls, redis_url, tuple(notices))


class _Register:
    """Who has the stack open: one file per process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine = folder / f"{os.getpid()}.pid"

    @contextmanager
    def locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with process.locked(self._folder.with_suffix(".lock")):
            yield

    def sign_in(self) -> None:
        process.remember(self._mine, os.getpid())

    def sign_out(self) -> None:
        self._mine.unlink(missing_ok=True)

    def is_empty(self) -> bool:
        live = False
        for signature in self._folder.glob("*.pid"):
            if process.recall(signature) is None:
                signature.unlink(missing_ok=True)
            else:
                live = True
        return not live
