"""Bells rung through Redis, as typed one-liners. A bell that cannot be rung is logged and forgotten: the rows are the truth."""

from __future__ import annotations

import asyncio

import redis.asyncio as redis
from redis.exceptions import RedisError

from kit.errors import Unavailable
from kit.log import get_logger

log = get_logger(__name__)

_PATIENCE = 0.5  # seconds


async def ring_delivery() -> bool:
    """Something may be due to be sent. False: nobody heard."""
    return await _ring("delivery.due")


async def redis_answers(url: str) -> bool:
    """Whether the Redis behind the bells answers a PING."""
    client = redis.from_url(url, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE)
    try:
        async with asyncio.timeout(2 * _PATIENCE):
            return bool(await client.ping())
    except (RedisError, OSError, TimeoutError):
        return False
    finally:
        await client.aclose()


async def _ring(task: str) -> bool:
    try:
        async with asyncio.timeout(2 * _PATIENCE):
            await asyncio.to_thread(_send, task)
    except (Unavailable, TimeoutError) as error:
        log.warning("bell_not_rung", task=task, error=type(error).__name__)
        return False
    return True


def _send(task: str) -> None:
    from jobs.app import send  # Celery costs half a second to import

    send(task)
