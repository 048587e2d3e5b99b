"""What is wrong with a clinic's reports is looked for, kept, and told to whoever looks after them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from clinic.reports import alerts, alerts_store, desks_store, metrics, metrics_store, telling
from clinic.reports.alerts import Opened
from clinic.reports.metrics import Day
from clinic.tenants.models import Clinic
from db import beats
from db.pool import Pool
from db.session import clinic_session
from kit.log import get_logger

log = get_logger(__name__)


async def look(pool: Pool, clinic: Clinic, *, now: datetime) -> Sequence[Opened]:
    """Opens what is wrong, resolves what is not any more, tells of what is critical; what stands and asks for somebody."""
    thresholds = clinic.policies.reports.thresholds
    beat = await beats.last(pool)
    async with clinic_session(pool, clinic.id) as s:
        # One at a time: two who look at once would tell twice.
        await desks_store.desk(s, lock=True)
        figures = await alerts_store.figures(
            s,
            clinic,
            now,
            stuck_after=timedelta(minutes=thresholds.review_stuck_minutes),
            silent=beat.silent if beat else 0.0,
        )
        opened = await alerts_store.keep(s, alerts.check(figures, thresholds, now))
        told = await telling.tell_alerts(s, clinic)
        await desks_store.checked(s, now)
        standing = await alerts_store.active(s)
    for one in opened:
        log.error("report_alert", kind=one.kind, severity=one.severity, alert_id=str(one.id))
    if told:
        log.info("report_alerts_told", alerts=told)
    return standing


async def close_days(pool: Pool, clinic: Clinic, *, now: datetime) -> Sequence[Day]:
    """Closes the days that are over by the clinic's calendar, those that were missed too."""
    async with clinic_session(pool, clinic.id) as s:
        desk = await desks_store.desk(s)
        first = await metrics_store.first_day(s, clinic.zone) if desk.closed_day is None else None
    closed = []
    for day in metrics.to_close(now, clinic.zone, last=desk.closed_day, first=first):
        async with clinic_session(pool, clinic.id) as s:
            closed.append(await metrics_store.close(s, clinic, day))
            await desks_store.day_closed(s, day)
        log.info("reports_day_closed", clinic_id=str(clinic.id), day=day.isoformat())
    return closed
