"""A database that is somebody else's: slow, silent, killed, or not there; and nothing of ours stays in it."""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import timedelta
from typing import Any

import pytest

from channels.primecare.base import (
    SourceDown,
    SourceSlow,
)
from channels.primecare.schema import MySqlConfig
from channels.primecare.session import prepare
from channels.primecare.sources import config_of
from kit.errors import Unavailable
from tests.sources.asking import busy, failure, idle
from tests.sources.worlds import NOON, Database, Given, mark, run


async def test_a_statement_that_takes_too_long_is_ended_by_the_server(primecare: Database) -> None:
    primecare.put(*(Given(str(n), NOON) for n in range(5)))
    primecare.run("CREATE VIEW lentos AS SELECT * FROM relatorios WHERE SLEEP(20) = 0")
    source = primecare.source(statement_seconds=0.3, tables={"table": "lentos"})
    told = await failure(source)
    assert isinstance(told, SourceSlow) and isinstance(told, Unavailable)
    assert await idle(primecare)


@pytest.mark.parametrize(
    ("version", "limit"),
    [
        ("10.11.18-MariaDB-0+deb12u1", ("SET SESSION max_statement_time = %s", (7.5,))),
        ("5.5.5-10.4.1-MARIADB", ("SET SESSION max_statement_time = %s", (7.5,))),
        ("8.0.36", ("SET SESSION max_execution_time = %s", (7500,))),
    ],
)
def test_each_kind_of_server_is_told_the_limit_in_its_own_words(version: str, limit: tuple[str, tuple[float]]) -> None:
    """There is no MySQL here: what it would be sent is looked at, and its manual is believed."""
    sent_to = Listening(version)
    config = config_of({"kind": "mysql", "host": "h", "database": "d", "user": "u", "password": "p", "statement_seconds": 7.5})
    assert isinstance(config, MySqlConfig)
    prepare(sent_to, config)
    assert limit in sent_to.said and ("SET SESSION TRANSACTION READ ONLY", None) in sent_to.said


class Listening:
    """A connection that notes what it is told."""

    def __init__(self, version: str) -> None:
        self.said: list[tuple[str, Any]] = []
        self._version = version

    def get_server_info(self) -> str:
        return self._version

    def cursor(self, kind: object) -> Listening:
        return self

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *error: object) -> None: ...

    def execute(self, sql: str, values: Any = None) -> None:
        self.said.append((sql, values))


async def test_a_server_that_says_nothing_more_is_slow(primecare: Database) -> None:
    primecare.put(Given("1", NOON))
    primecare.run("CREATE VIEW lentos AS SELECT * FROM relatorios WHERE SLEEP(20) = 0")
    source = primecare.source(read_seconds=0.5, statement_seconds=60, tables={"table": "lentos"})
    assert isinstance(await failure(source), SourceSlow)
    for (connection,) in primecare.server.run(
        "SELECT id FROM information_schema.processlist WHERE db = '" + primecare.name + "' AND info LIKE '%SLEEP%lentos%'"
    ):
        primecare.server.run(f"KILL {connection}")


async def test_a_server_that_never_greets_is_down(primecare: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        source = primecare.source(port=mute.getsockname()[1], connect_seconds=0.3, read_seconds=0.3)
        assert isinstance(await failure(source), SourceDown | SourceSlow)


async def test_something_that_is_no_database_is_down(primecare: Database) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as web:
        port = web.sockets[0].getsockname()[1]
        assert isinstance(
            await failure(primecare.source(port=port, connect_seconds=1, read_seconds=1)), SourceDown | SourceSlow
        )


async def test_a_name_that_does_not_resolve_is_down(primecare: Database) -> None:
    assert isinstance(await failure(primecare.source(host="banco.invalid")), SourceDown)


async def test_a_server_killed_while_it_is_read_is_down_and_nothing_is_lost(mortal: Database) -> None:
    mortal.put(*(Given(f"{n:03}", NOON - timedelta(minutes=n)) for n in range(200)))
    mortal.run("CREATE VIEW lentos AS SELECT *, SLEEP(0.05) AS nada FROM relatorios WHERE SLEEP(0.02) = 0")
    source = mortal.source(tables={"table": "lentos"})
    first = await source.closed_since(mark(NOON), NOON, 5)
    reading = asyncio.create_task(source.closed_since(first.next, NOON, 150))
    await busy(mortal)
    os.kill(mortal.server.pid, 9)
    with pytest.raises(SourceDown):
        await reading
    with pytest.raises(SourceDown):
        await source.check()
    mortal.server.stop()
    mortal.server.start()
    again = await run(mortal.source(), first.next, NOON)
    assert len(first.reports) + len(again.ids) == 200


async def test_no_connection_stays(primecare: Database) -> None:
    """Nor is one broken off, which a server's log would complain of at each run."""
    primecare.put(*(Given(str(n), NOON) for n in range(20)))
    before = primecare.server.run("SHOW GLOBAL STATUS LIKE 'Aborted_clients'")
    await run(primecare.source(), mark(NOON), NOON, 3)
    assert await idle(primecare)
    assert primecare.server.run("SHOW GLOBAL STATUS LIKE 'Aborted_clients'") == before
