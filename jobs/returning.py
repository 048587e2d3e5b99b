"""Conversations that the team left come back to Carol by the clock, in clinics that want it so."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from clinic.conversations.handover import takeover
from clinic.tenants.service import clinic_for
from db import system
from db.pool import Pool
from db.session import clinic_session
from kit.errors import CarolError, Unavailable
from kit.log import bound, get_logger

log = get_logger(__name__)


async def return_left(pool: Pool) -> int:
    """Gives back to Carol what the team was silent in for as long as their clinic says; how many conversations.

    A rehearsal is left alone. A conversation or a clinic in which that cannot be done keeps no other waiting.
    """
    came = 0
    for clinic_id, _, _ in await system.clinics(pool):
        with bound(clinic_id=str(clinic_id)):
            try:
                came += await _of(pool, clinic_id)
            except Unavailable:
                raise
            except CarolError as error:
                log.warning("clinic_not_looked_at", error=error.code)
            except Exception as error:
                log.error("returning_broke", error=type(error).__name__, exc_info=True)
    return came


async def _of(pool: Pool, clinic_id: UUID) -> int:
    minutes = (await clinic_for(pool, clinic_id)).policies.handoff.return_after_minutes
    if minutes is None:
        return 0
    after = timedelta(minutes=minutes)
    async with clinic_session(pool, clinic_id) as s:
        left = await takeover.silent(s, after=after)
    return sum([await _one(pool, clinic_id, conversation_id, after) for conversation_id in left])


async def _one(pool: Pool, clinic_id: UUID, conversation_id: UUID, after: timedelta) -> bool:
    with bound(conversation=str(conversation_id)):
        try:
            async with clinic_session(pool, clinic_id) as s:
                came = await takeover.return_silent(s, conversation_id, after=after)
        except Unavailable:
            raise
        except CarolError as error:
            log.warning("conversation_not_returned", error=error.code)
            return False
        except Exception as error:  # one conversation's defect must not hold the others; its row is still there
            log.error("conversation_not_returned", error=type(error).__name__, exc_info=True)
            return False
        if came:
            log.info("conversation_came_back")
        return came
