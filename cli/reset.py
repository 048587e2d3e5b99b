"""`carol reset`: deletes what lies in CAROL_HOME, after asking, and only when nobody uses it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from cli.messages import say
from cli.stack import Places, embedded_postgres, embedded_valkey, others_use, stop_embedded
from kit import process
from kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from kit.settings import Settings

FOLDERS = ("logs", "run", "beat", "cache", "media")
FILES = ("postgres.log", "postgres.lock", "valkey.log", "valkey.lock")


def run(settings: Settings, *, ask: Callable[[str], bool]) -> str:
    """What was done, as a sentence. Raises Invalid when the data is in use or lies outside."""
    places = Places(settings.home)
    if settings.database_url is not None:
        raise Invalid(say("reset.outside", home=settings.home))
    if not settings.home.exists():
        return say("reset.nothing", home=settings.home)
    if not ask(say("reset.ask", home=settings.home)):
        return say("reset.kept")
    try:
        with process.locked(places.up_lock, wait=False):
            if others_use(settings):
                raise Invalid(say("reset.in_use"))
            stop_embedded(settings)  # orphans of a killed parent
            embedded_postgres(settings).erase()
            embedded_valkey(settings).erase()
            # By name: a CAROL_HOME that points at the wrong folder must not cost what else is there.
            for folder in FOLDERS:
                shutil.rmtree(settings.home / folder, ignore_errors=True)
            for file in FILES:
                (settings.home / file).unlink(missing_ok=True)
    except process.Busy:
        url = places.up_url.read_text().strip() if places.up_url.exists() else settings.base_url
        raise Invalid(say("reset.running", url=url)) from None
    if not any(settings.home.iterdir()):
        settings.home.rmdir()
    return say("reset.done", home=settings.home)
