"""Which revision the database is at, asked as the app role asks everything."""

from __future__ import annotations

import psycopg

from db.pool import Pool
from kit.errors import Unavailable


async def current(pool: Pool) -> str | None:
    """The applied revision, or None when the schema is not there. Raises Unavailable."""
    try:
        async with pool.connection() as connection:
            row = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise Unavailable(f"database: {type(error).__name__}") from error
    return str(row["version_num"]) if row else None
