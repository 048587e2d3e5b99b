"""Hearing what Postgres tells (NOTIFY), over a connection that is made again whenever it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, LiteralString

import psycopg

from kit.log import get_logger

log = get_logger(__name__)

_AGAIN = 1.0  # seconds
# A server that vanished without a word (a machine that went off) is noticed within half a minute.
_ALIVE: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "connect_timeout": 10,
}


async def hear(url: str, channel: LiteralString) -> AsyncIterator[str | None]:
    """What is told on `channel`, for ever. None, first and after each lost connection: what was told before is not known."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True, **_ALIVE) as connection:
                await connection.execute(f"LISTEN {channel}")
                yield None
                async for notice in connection.notifies():
                    yield notice.payload
        except psycopg.Error as error:
            log.warning("listens_again", channel=channel, error=type(error).__name__)
        await asyncio.sleep(_AGAIN)
