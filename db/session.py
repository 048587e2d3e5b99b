"""The only way to a clinic's data: one transaction that sees one clinic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from db.pool import Connection, Pool
from kit.errors import Unavailable

Params = Mapping[str, Any]


class Session:
    """One open transaction of one clinic. Stores run their SQL through it; it never outlives its `async with`."""

    __slots__ = ("clinic_id", "connection")

    def __init__(self, connection: Connection, clinic_id: UUID) -> None:
        self.connection = connection
        self.clinic_id = clinic_id

    async def execute(self, query: LiteralString, params: Params | None = None) -> int:
        """Runs a statement; returns how many rows it touched."""
        return (await self.connection.execute(query, params)).rowcount

    async def many(self, query: LiteralString, rows: list[dict[str, Any]]) -> None:
        """Runs a statement once per row, pipelined."""
        if rows:
            async with self.connection.cursor() as cursor:
                await cursor.executemany(query, rows)

    async def one(self, query: LiteralString, params: Params | None = None) -> DictRow | None:
        """The first row, or None."""
        return await (await self.connection.execute(query, params)).fetchone()

    async def all(self, query: LiteralString, params: Params | None = None) -> list[DictRow]:
        """Every row."""
        return await (await self.connection.execute(query, params)).fetchall()

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """What is executed inside goes out without waiting for each answer; no result may be read before the end.

        The first error is raised at the end of the block, and undoes the transaction as ever.
        """
        async with self.connection.pipeline():
            yield

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A nested transaction: what fails inside leaves the outer one usable."""
        async with self.connection.transaction():
            yield


@asynccontextmanager
async def clinic_session(pool: Pool, clinic_id: UUID) -> AsyncIterator[Session]:
    """Opens a transaction that sees only `clinic_id`; commits at the end, rolls back on any error.

    Raises Unavailable when Postgres cannot be reached.
    """
    try:
        async with pool.connection() as connection, _transaction(connection, clinic_id):
            yield Session(connection, clinic_id)
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise Unavailable(f"database: {type(error).__name__}") from error


@asynccontextmanager
async def _transaction(connection: Connection, clinic_id: UUID) -> AsyncIterator[None]:
    """Begins and names the clinic in one message; `connection.transaction()` would wait for the server twice."""
    try:
        # The hexadecimal digits of an id, and nothing else, may enter the text: a message of two statements has no parameters.
        begin = f"BEGIN; SELECT set_config('app.clinic_id', '{clinic_id.hex}', true)"
        await connection.execute(begin.encode(), prepare=False)
        yield
    except BaseException:
        with suppress(psycopg.Error):  # a lost connection has rolled back by itself, and the pool drops it
            await connection.rollback()
        raise
    await connection.commit()
