"""Promises that slip are found by the clock: the patient hears of it before they have to ask."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from clinic.conversations.handover import promising
from clinic.conversations.handover.promising import Kept
from clinic.tenants.service import clinic_for
from db import system
from db.pool import Pool
from db.session import clinic_session
from kit.errors import CarolError, Unavailable
from kit.log import bound, get_logger

log = get_logger(__name__)

_AT_ONCE = 200


async def slipping(pool: Pool, *, now: datetime) -> int:
    """Looks at every promise whose moment came; how many patients were told. One that cannot be keeps no other waiting."""
    told = 0
    for clinic_id, case_id in await system.slipping_cases(pool, now=now, limit=_AT_ONCE):
        with bound(clinic_id=str(clinic_id), case_id=str(case_id)):
            try:
                told += await _look(pool, clinic_id, case_id, now)
            except Unavailable:
                raise
            except CarolError as error:
                log.warning("promise_not_looked_at", error=error.code)
            except Exception as error:  # one case's defect must not hide the others; its row is still there
                log.error("promise_broke", error=type(error).__name__, exc_info=True)
    return told


async def _look(pool: Pool, clinic_id: UUID, case_id: UUID, now: datetime) -> bool:
    clinic = await clinic_for(pool, clinic_id)
    async with clinic_session(pool, clinic_id) as s:
        kept = await promising.look(s, clinic, case_id, now=now)
    if kept is not Kept.FINE:
        log.error("promise_slipped", patient_told=kept is Kept.TOLD)
    return kept is Kept.TOLD
