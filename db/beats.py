"""When the clockwork (beat, and a worker that takes what it rings) last went: a row that it moves, and whoever looks reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg

from db.pool import Pool
from kit.errors import Unavailable

# A schema that is behind has no such table yet.
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege)


@dataclass(frozen=True, slots=True)
class Beat:
    """The last sign of life: when, and how many seconds ago by the database's clock."""

    at: datetime
    silent: float


async def note(pool: Pool) -> None:
    """It goes, now."""
    try:
        async with pool.connection() as connection:
            await connection.execute(
                """INSERT INTO beats (name, at) VALUES ('clockwork', clock_timestamp())
                   ON CONFLICT (name) DO UPDATE SET at = excluded.at"""
            )
    except _AWAY as error:
        raise Unavailable(f"database: {type(error).__name__}") from error


async def silent_for(pool: Pool) -> float:
    """Seconds since it last went; where it never did, since the database was made. Raises Unavailable."""
    beat = await last(pool)
    return beat.silent if beat else float("inf")


async def last(pool: Pool) -> Beat | None:
    """When it last went; where it never did, when the database was made. Raises Unavailable."""
    try:
        async with pool.connection() as connection:
            cursor = await connection.execute(
                """SELECT at, greatest(extract(epoch FROM clock_timestamp() - at), 0)::float AS silent
                   FROM beats WHERE name = 'clockwork'"""
            )
            row = await cursor.fetchone()
    except _AWAY as error:
        raise Unavailable(f"database: {type(error).__name__}") from error
    return Beat(row["at"], row["silent"]) if row else None
