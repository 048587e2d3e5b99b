"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.state import House, house
from db import beats, revision
from jobs.clockwork import LATE
from jobs.queue import redis_answers
from kit.errors import Unavailable

router = APIRouter(tags=["health"])

_PATIENCE = 2.0


class Alive(BaseModel):
    """The process answers."""

    alive: Literal[True] = True


class Ready(BaseModel):
    """Each part that serving depends on. Redis only rings bells: without it things are slower, not broken.

    `clockwork` late: what happens by the clock does not happen, since `clockwork_at`; this process does the most urgent of it.
    `second_reader` (of dangers) degraded: only patterns look for dangers until it loads again, which is tried by itself.
    """

    ready: bool
    database: Literal["ok", "unreachable", "behind"]
    desk: Literal["ok", "stopped", "elsewhere"]
    delivery: Literal["ok", "stopped", "elsewhere"]
    redis: Literal["ok", "unreachable", "none"]
    second_reader: Literal["ok", "degraded", "elsewhere"]
    clockwork: Literal["ok", "late", "unknown"]
    clockwork_at: datetime | None


@router.get("/health")
async def health() -> Alive:
    """200 while the process lives."""
    return Alive()


@router.get("/ready")
async def ready(request: Request, response: Response) -> Ready:
    """200 when it can serve, else 503; either way what each part says."""
    found = house(request)
    database, redis, (clockwork, clockwork_at) = await asyncio.gather(_database(found), _redis(found), _clockwork(found))
    desk, delivery = _running(found.desk), _running(found.delivery)
    good = database == "ok" and "stopped" not in (desk, delivery)
    response.status_code = 200 if good else 503
    second = _reading(found)
    return Ready(
        ready=good,
        database=database,
        desk=desk,
        delivery=delivery,
        redis=redis,
        second_reader=second,
        clockwork=clockwork,
        clockwork_at=clockwork_at,
    )


async def _database(found: House) -> Literal["ok", "unreachable", "behind"]:
    try:
        async with asyncio.timeout(_PATIENCE):
            return "ok" if await revision.current(found.pool) == found.head else "behind"
    except (Unavailable, TimeoutError):
        return "unreachable"


async def _clockwork(found: House) -> tuple[Literal["ok", "late", "unknown"], datetime | None]:
    """How it goes, and when it last gave a sign of life."""
    try:
        async with asyncio.timeout(_PATIENCE):
            beat = await beats.last(found.pool)
    except (Unavailable, TimeoutError):
        return "unknown", None
    if beat is None:
        return "late", None
    return "late" if beat.silent >= LATE else "ok", beat.at


async def _redis(found: House) -> Literal["ok", "unreachable", "none"]:
    if found.settings.redis_url is None:
        return "none"
    return "ok" if await redis_answers(found.settings.redis_url) else "unreachable"


def _reading(found: House) -> Literal["ok", "degraded", "elsewhere"]:
    if found.desk is None:
        return "elsewhere"
    return "ok" if found.watch is not None and found.watch.alive else "degraded"


def _running(part: object) -> Literal["ok", "stopped", "elsewhere"]:
    if part is None:
        return "elsewhere"
    return "ok" if getattr(part, "alive", False) else "stopped"
