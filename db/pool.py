"""The connection pool of the app role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]

APP_ROLE = "carol_app"


async def _drop_privileges(connection: Connection) -> None:
    """Gives up the owner's rights when all we were given is the owner's login (a managed database with one role)."""
    cursor = await connection.execute("SELECT current_user AS role")
    row = await cursor.fetchone()
    if row and row["role"] != APP_ROLE:
        await connection.execute("SET ROLE carol_app")


def create_pool(app_url: str, *, max_size: int = 20, name: str = "carol") -> Pool:
    """A closed pool over `app_url`; open it with `await pool.open()` inside the running loop.

    Rows are dicts. Connections are autocommit: only `clinic_session` and `system_session` open transactions.
    """
    configure: Callable[[Connection], Awaitable[None]] = _drop_privileges
    kwargs: dict[str, Any] = {"autocommit": True, "row_factory": dict_row, "application_name": name}
    # jit costs hundreds of milliseconds on the slot query: performance.md section 8
    kwargs["options"] = "-c jit=off -c timezone=UTC -c statement_timeout=15s -c idle_in_transaction_session_timeout=30s"
    return AsyncConnectionPool(
        app_url, kwargs=kwargs, min_size=1, max_size=max_size, open=False, configure=configure, name=name
    )
