"""The stream of changes over a real server: who hears what, what is missed is said, and it never holds a stop back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
import uvicorn

from api import changes
from api.app import create_app
from api.changes import Change, Changes
from db.embedded import Urls
from db.pool import Pool
from db.session import clinic_session
from kit import process
from kit.ids import new_id
from tests.flows.served import add_clinic, settings_for

ROOT = Path(__file__).parents[2]


class Stream:
    """An open stream, read event by event."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, seconds: float = 5.0) -> tuple[str, dict[str, Any]]:
        """The next event's name and data; a comment is ("", {})."""
        async with asyncio.timeout(seconds):
            name, data = "", {}
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    data = json.loads(line[6:])
                elif line.startswith(":"):
                    name = "comment"
                elif not line:
                    return name, data
        return "end", {}

    async def silent(self, seconds: float = 0.4) -> bool:
        """Whether nothing comes; the stream cannot be read further."""
        with suppress(TimeoutError):
            await self.next(seconds)
            return False
        return True


class Server:
    """The app over real sockets, in this loop."""

    def __init__(self, app: Any, http: httpx.AsyncClient) -> None:
        self.app, self.http = app, http

    @property
    def pool(self) -> Pool:
        found: Pool = self.app.state.house.pool
        return found

    @asynccontextmanager
    async def stream(self, slug: str) -> AsyncIterator[Stream]:
        async with self.http.stream("GET", "/api/events", params={"clinic": slug}) as answer:
            assert answer.status_code == 200
            found = Stream(answer)
            assert await found.next() == ("ready", {})
            yield found


@pytest.fixture
async def server(database: Urls, tmp_path: Path) -> AsyncIterator[Server]:
    async with running(database, tmp_path) as found:
        yield found


@asynccontextmanager
async def running(database: Urls, home: Path, **values: Any) -> AsyncIterator[Server]:
    app = create_app(settings_for(database, **values), desk=False, delivery=False)
    port = process.free_port(home)
    serving = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    task = asyncio.create_task(serving.serve())
    for _ in range(500):
        if serving.started:
            break
        await asyncio.sleep(0.02)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:
        yield Server(app, http)
    serving.should_exit = True
    await task


async def say_case(pool: Pool, clinic: UUID) -> UUID:
    """A conversation with a case, in one commit; returns the conversation."""
    ids = {name: new_id() for name in ("account", "contact", "conversation", "case")} | {"clinic": clinic}
    async with clinic_session(pool, clinic) as s:
        await s.execute(
            """INSERT INTO channel_accounts (clinic_id, id, kind, external_id)
               VALUES (%(clinic)s, %(account)s, 'console', %(external)s)""",
            ids | {"external": str(ids["account"])},
        )
        await s.execute("INSERT INTO contacts (clinic_id, id) VALUES (%(clinic)s, %(contact)s)", ids)
        await s.execute(
            """INSERT INTO conversations (clinic_id, id, account_id, contact_id, reply_to)
               VALUES (%(clinic)s, %(conversation)s, %(account)s, %(contact)s, 'x')""",
            ids,
        )
        for case in (ids["case"], new_id()):
            await s.execute(
                """INSERT INTO cases (clinic_id, id, conversation_id, kind, reason, due_at, opened_at)
                   VALUES (%(clinic)s, %(case)s, %(conversation)s, %(kind)s, 'test', now(), now())""",
                ids | {"case": case, "kind": "other" if case == ids["case"] else "complaint"},
            )
    return ids["conversation"]


async def test_a_commit_is_heard_once_by_its_clinic_alone(server: Server) -> None:
    one, two = await add_clinic(server.pool, "uma", {}), await add_clinic(server.pool, "duas", {})
    async with server.stream("uma") as mine, server.stream("uma") as again, server.stream("duas") as other:
        conversation = await say_case(server.pool, one)
        told = {"what": "case", "conversation": str(conversation), "turn": None}
        assert await mine.next() == ("changed", told)
        assert await again.next() == ("changed", told)
        assert await mine.silent()
        assert await other.silent()
    async with server.stream("duas") as other:
        await say_case(server.pool, two)
        assert (await other.next())[0] == "changed"


async def test_proxies_neither_keep_nor_hold_it(server: Server) -> None:
    await add_clinic(server.pool, "uma", {})
    async with server.stream("uma") as stream:
        headers = stream.answer.headers
        assert headers["content-type"].startswith("text/event-stream")
        assert headers["x-accel-buffering"] == "no"
        assert "no-store" in headers["cache-control"]
        assert headers["x-request-id"]


async def test_an_idle_stream_is_kept_open_by_comments(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.1)
    await add_clinic(server.pool, "uma", {})
    async with server.stream("uma") as stream:
        assert await stream.next() == ("comment", {})


async def test_an_unknown_clinic_is_a_404_before_any_stream(server: Server) -> None:
    answer = await server.http.get("/api/events", params={"clinic": "nenhuma"})
    assert (answer.status_code, answer.json()["code"]) == (404, "clinic_not_found")


async def test_a_locked_console_streams_to_a_session_alone(database: Urls, tmp_path: Path) -> None:
    async with running(database, tmp_path, operator_password="senha-da-recepcao") as server:
        await add_clinic(server.pool, "uma", {})
        answer = await server.http.get("/api/events", params={"clinic": "uma"})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
        await server.http.post("/api/session", json={"password": "senha-da-recepcao"})
        async with server.stream("uma") as stream:
            assert stream.answer.status_code == 200


async def test_after_postgres_was_lost_everything_is_read_again(server: Server, database: Urls) -> None:
    clinic = await add_clinic(server.pool, "uma", {})
    async with server.stream("uma") as stream:
        async with await psycopg.AsyncConnection.connect(database.superuser, autocommit=True) as admin:
            gone = await admin.execute(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE query = 'LISTEN carol_changes' AND datname = current_database()"""
            )
            assert gone.rowcount == 1
        assert await stream.next() == ("ready", {})
        await say_case(server.pool, clinic)
        assert (await stream.next())[0] == "changed"


async def test_a_page_that_left_is_forgotten(server: Server) -> None:
    clinic = await add_clinic(server.pool, "uma", {})
    ear: Changes = server.app.state.house.changes
    async with server.stream("uma"):
        assert clinic in ear._listeners
    for _ in range(100):
        if clinic not in ear._listeners:
            break
        await asyncio.sleep(0.02)
    assert clinic not in ear._listeners


async def test_a_slow_page_reads_again_instead_of_filling_memory() -> None:
    ear, clinic = Changes("unused"), new_id()
    with ear.listener(clinic) as listener:
        told = listener.told()
        assert await anext(told) is None
        for _ in range(changes.MOST_WAITING + 1):
            listener.add(Change(what="message", conversation=new_id(), turn=None))
        assert await anext(told) is None
        ear.leave()
        assert [each async for each in told] == []


async def test_what_nobody_here_understands_is_passed_over() -> None:
    ear, clinic = Changes("unused"), new_id()
    with ear.listener(clinic) as listener:
        told = listener.told()
        await anext(told)
        for payload in ("", "{", json.dumps({"clinic": str(clinic), "what": "weather", "conversation": None, "turn": None})):
            ear._tell(payload)
        ear._tell(json.dumps({"clinic": str(clinic), "what": "agenda", "conversation": None, "turn": None}))
        assert await anext(told) == [Change(what="agenda", conversation=None, turn=None)]


@pytest.fixture
def api(database: Urls, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    """The API as it is started anywhere, without a limit on how long it waits for open answers."""
    port = process.free_port(tmp_path)
    outside = ("CAROL_", "DATABASE_", "REDIS_", "OPENAI_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(outside)}
    env |= {"DATABASE_URL": database.app, "CAROL_HOME": str(tmp_path), "CAROL_LOG_FORMAT": "json", "CAROL_ENV": "test"}
    command = [sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", "--port", str(port), "--no-access-log"]
    log = tmp_path / "api.log"
    with log.open("wb") as sink:
        started = subprocess.Popen(command, cwd=ROOT, env=env, stdout=sink, stderr=subprocess.STDOUT)
    try:
        yield started, f"http://127.0.0.1:{port}", log
    finally:
        if started.poll() is None:
            started.kill()
        started.wait()


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
async def test_an_open_stream_holds_no_stop_back(
    api: tuple[subprocess.Popen[bytes], str, Path], database: Urls, asked: signal.Signals
) -> None:
    started, url, log = api
    async with httpx.AsyncClient(base_url=url, timeout=10) as http:
        for _ in range(300):
            with suppress(httpx.TransportError):
                if (await http.get("/ready")).status_code == 200:
                    break
            await asyncio.sleep(0.1)
        async with await psycopg.AsyncConnection.connect(database.superuser, autocommit=True) as admin:
            await admin.execute("INSERT INTO clinics (id, slug, name, timezone) VALUES (%s, 'uma', 'Uma', 'UTC')", [new_id()])
        async with http.stream("GET", "/api/events", params={"clinic": "uma"}) as answer:
            stream = Stream(answer)
            assert await stream.next() == ("ready", {})
            started.send_signal(asked)
            assert await stream.next() == ("end", {})
            await asyncio.to_thread(started.wait, 20)  # one that is held back waits for as long as we read
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    streams = [line for line in lines if line.get("route") == "/api/events"]
    assert [line["status"] for line in streams] == [200]
    assert not [line for line in lines if line.get("level") == "error"]


async def test_the_graph_is_the_compiled_one(server: Server) -> None:
    drawn = (await server.http.get("/api/graph")).json()
    assert {"__start__", "screen", "think", "act", "check", "__end__"} <= set(drawn["nodes"])
    assert ["__start__", "screen", False] in drawn["edges"]
    assert ["think", "act", True] in drawn["edges"]
    assert ["act", "think", False] in drawn["edges"]
