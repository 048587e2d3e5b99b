"""One report is written: claimed, thought about with no transaction open, and put down by whoever still holds it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic
from uuid import UUID

from clinic.reports import service
from clinic.reports.views import Outcome, Work
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db.pool import Pool
from db.session import clinic_session
from jobs.reports_works import Mind
from kit.errors import CarolError, Conflict, Unavailable
from kit.log import bound, get_logger

log = get_logger(__name__)

WRITE_SECONDS = 75.0  # for one report, all its rounds; a task has ninety
LEASE = timedelta(seconds=WRITE_SECONDS + 15)
AGAIN = timedelta(seconds=60)  # until a report whose model was down is tried again


async def write(pool: Pool, mind: Mind, clinic_id: UUID, report_id: UUID) -> bool:
    """Writes a report that waits for it; whether it was ours and ended. What goes wrong with it is its own matter."""
    with bound(clinic_id=str(clinic_id), report_id=str(report_id)):
        try:
            return await _write(pool, mind, clinic_id, report_id)
        except Conflict as error:  # another worker has it, or it was corrected meanwhile
            log.info("report_lost", code=error.code)
            return False


async def _write(pool: Pool, mind: Mind, clinic_id: UUID, report_id: UUID) -> bool:
    clinic = await clinic_for(pool, clinic_id)
    async with clinic_session(pool, clinic_id) as s:
        work = await service.claim(s, clinic, report_id, lease=LEASE)
    if work is None:
        return False
    began = monotonic()
    try:
        outcome = await _thought(mind, clinic, work)
    except Unavailable as error:
        async with clinic_session(pool, clinic_id) as s:
            await service.give_back(s, work, after=AGAIN, error_code=error.code)
        log.warning("report_given_back", code=error.code)
        return False
    async with clinic_session(pool, clinic_id) as s:
        report = await service.finish(s, clinic, work, outcome)
    log.info(
        "report_written",
        state=report.state.value,
        rounds=len(outcome.drafts),
        code=outcome.error_code,
        ms=round((monotonic() - began) * 1e3),
    )
    return True


async def _thought(mind: Mind, clinic: Clinic, work: Work) -> Outcome:
    """What came of it. A defect of ours fails this report, which a person then sees; it keeps no other waiting."""
    began = monotonic()
    try:
        async with asyncio.timeout(WRITE_SECONDS):
            return await mind.write(clinic, work)
    except TimeoutError as error:
        raise Unavailable("writing took too long") from error
    except Unavailable:
        raise
    except CarolError as error:
        code = error.code
    except Exception as error:
        log.error("writer_broke", error=type(error).__name__, exc_info=True)
        code = "writer_broke"
    return Outcome(approved=False, drafts=(), ms=round((monotonic() - began) * 1e3), error_code=code)
