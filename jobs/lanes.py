"""Lanes looked after by the clock: late ones are told aloud, and those whose due time was lost are due again."""

from __future__ import annotations

from clinic.conversations.lanes import lane_watch_store
from db import system
from db.pool import Pool
from db.session import clinic_session
from kit.log import get_logger

log = get_logger(__name__)

LATE_SECONDS = 60.0
LOST_SECONDS = 60.0  # a message this old should be answered, or its turn due


async def late_lanes(pool: Pool, *, seconds: float = LATE_SECONDS) -> int:
    """Logs an alarm for lanes due longer than `seconds` that nobody holds; how many."""
    late = await system.late_lanes(pool, seconds=seconds)
    if late:
        log.error("lanes_late", lanes=len(late), oldest=str(late[0][1]), seconds=seconds)
    return len(late)


async def lost_lanes(pool: Pool, *, after: float = LOST_SECONDS) -> int:
    """Makes due, clinic by clinic, what waits for an answer and is due at no time; how many lanes. There should be none.

    A rehearsal is left alone: what was undone in it must not be answered.
    """
    rung = 0
    for clinic_id, _, _ in await system.clinics(pool):
        async with clinic_session(pool, clinic_id) as s:
            rung += await lane_watch_store.ring_lost(s, after=after)
    if rung:
        log.error("lanes_lost", lanes=rung)
    return rung
