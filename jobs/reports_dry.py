"""What a run of reports would do now. Reads the source and the rows; writes nothing, asks no model, sends nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any

from channels.primecare.base import Mark, SourceSlow
from clinic.reports import desks_store, loose_store, queue_store
from clinic.reports.digests import source_digest
from clinic.tenants.models import Clinic
from db.session import clinic_session
from jobs.reports_stages import NoSource
from jobs.reports_works import Works
from kit.errors import CarolError

_PAGE, _PAGE_SECONDS, _MANY = 200, 30.0, 10_000


async def foresee(works: Works, clinic: Clinic, *, now: datetime, skip_sync: bool, skip_send: bool) -> dict[str, Any]:
    """The counts of a run's summary, as they would begin: a report not written yet may still be refused."""
    errors: dict[str, str] = {}
    told: Counter[str] = Counter()
    if not skip_sync:
        try:
            told = await _told(works, clinic, now)
        except CarolError as error:
            errors["sync"] = error.code
            works.tell("failed", code=error.code, why=str(error))
    async with clinic_session(works.pool, clinic.id) as s:
        write = len(await queue_store.to_write(s, limit=_MANY))
        failed = len(await queue_store.failed(s, limit=_MANY))
        send = 0 if skip_send else len(await queue_store.to_send(s, limit=_MANY))
    works.tell("foreseen", new=told["new"], write=write + told["new"] + told["corrected"], review=failed, send=send)
    return {
        "dry_run": True,
        "clinic": clinic.slug,
        "timestamp": now.isoformat(),
        "sync": {"new": told["new"], "corrected": told["corrected"], "same": told["same"], "broken": told["broken"]},
        "process": {"pending": write + told["new"] + told["corrected"]},
        "notify": {"failed": failed},
        "send": {"ready": send},
        "errors": errors,
    }


async def _told(works: Works, clinic: Clinic, now: datetime) -> Counter[str]:
    source = works.source_of(clinic)
    if source is None:
        raise NoSource
    async with clinic_session(works.pool, clinic.id) as s:
        desk = await desks_store.desk(s)
    mark = Mark(desk.mark_closed_at, desk.mark_id) if desk.mark_closed_at else None
    told: Counter[str] = Counter()
    while True:
        try:
            async with asyncio.timeout(_PAGE_SECONDS):
                page = await source.closed_since(mark, now, _PAGE)
        except TimeoutError as error:
            raise SourceSlow from error
        async with clinic_session(works.pool, clinic.id) as s:
            known = await loose_store.known(s, [one.external_id for one in page.reports])
        for one in page.reports:
            kept = known.get(one.external_id)
            told["new" if kept is None else "same" if kept == source_digest(one) else "corrected"] += 1
        told["broken"] += len(page.broken)
        if not page.more:
            return told
        mark = page.next
