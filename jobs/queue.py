"""Bells rung through Redis, as typed one-liners. A bell that cannot be rung is logged and forgotten: the rows are the truth."""

from __future__ import annotations

import asyncio
from uuid import UUID

import redis.asyncio as redis
from redis.exceptions import RedisError

from kit.errors import Invalid, Unavailable
from kit.log import get_logger

log = get_logger(__name__)

_PATIENCE = 0.5  # seconds


async def ring_delivery() -> bool:
    """Something may be due to be sent. False: nobody heard."""
    return await _ring("delivery.due")


async def ring_report(clinic_id: UUID, report_id: UUID) -> bool:
    """A report waits to be written. False: nobody heard."""
    return await _ring("reports.write", str(clinic_id), str(report_id))


async def ring_run(clinic_id: UUID, run_id: UUID) -> bool:
    """A run of reports waits for somebody to go on with it. False: nobody heard."""
    return await _ring("reports.run", str(clinic_id), str(run_id))


async def ring_reports() -> bool:
    """Something was decided about reports that need not wait for the clock. False: nobody heard."""
    return await _ring("reports.tick")


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


async def _ring(task: str, *ids: str) -> bool:
    try:
        async with asyncio.timeout(2 * _PATIENCE):
            await asyncio.to_thread(_send, task, *ids)
    except (Invalid, Unavailable, TimeoutError) as error:  # Invalid: this process has no Redis at all
        log.warning("bell_not_rung", task=task, error=type(error).__name__)
        return False
    return True


def _send(task: str, *ids: str) -> None:
    from jobs.app import send  # Celery costs half a second to import

    send(task, *ids)
