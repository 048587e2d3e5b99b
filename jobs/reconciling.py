"""At night, what was said against what is: clinic by clinic, a day once, days that were missed too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from uuid import UUID

from agent.guardrails.grounding import stated
from clinic.conversations.cases import case_store, handoff
from clinic.conversations.commitments import reconciling, reconciling_store
from clinic.conversations.commitments.ledger import Entry, state
from clinic.conversations.commitments.reconciling import OF_VISITS, Finding, Report
from clinic.conversations.models import CaseKind
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db import system
from db.pool import Pool
from db.session import Session, clinic_session
from kit import fast_yaml
from kit.errors import CarolError
from kit.ids import is_sandbox
from kit.log import get_logger

log = get_logger(__name__)

AT_NIGHT = time(3)
_MOST_DAYS = 7  # caught up after an outage


async def reconcile_due(pool: Pool, *, now: datetime, most_days: int = _MOST_DAYS) -> int:
    """Reconciles, of every clinic, the days that ended before its last three in the morning; how many.

    Rehearsals promise nothing, and are left out.
    """
    done = 0
    for clinic_id, _, _ in await system.clinics(pool):
        try:
            clinic = await clinic_for(pool, clinic_id)
            for day in await _due(pool, clinic, now=now, most_days=most_days):
                done += await reconcile(pool, clinic, day, now=now) is not None
        except CarolError as error:  # one clinic keeps no other waiting
            log.warning("not_reconciled", clinic_id=str(clinic_id), error=error.code)
    return done


async def _due(pool: Pool, clinic: Clinic, *, now: datetime, most_days: int) -> list[date]:
    last = (now.astimezone(clinic.zone) - timedelta(hours=AT_NIGHT.hour)).date() - timedelta(days=1)
    days = [last - timedelta(days=back) for back in reversed(range(most_days))]
    async with clinic_session(pool, clinic.id) as s:
        first = (await reconciling_store.since(s)).astimezone(clinic.zone).date()
        done = await reconciling_store.done_days(s, days)
    return [day for day in days if day >= first and day not in done]


async def reconcile(pool: Pool, clinic: Clinic, day: date, *, now: datetime, again: bool = False) -> Report | None:
    """Compares one day of a clinic, and writes the report. None: it is done, or another process is at it."""
    if is_sandbox(clinic.id):
        return None
    async with clinic_session(pool, clinic.id) as s:
        if not await reconciling_store.begin(s, day, again=again):
            return None
    report = Report()
    async with clinic_session(pool, clinic.id) as s:
        await _compare(s, clinic, day, report, now=now)
        report.cased = await _ask(s, clinic, report.broken, now=now)
        broken = len(report.broken)
        await reconciling_store.finish(s, day, checked=report.checked, broken=broken, report=report.as_json())
    codes = report.as_json()["codes"]
    if broken:
        log.error("promises_broken", clinic_id=str(clinic.id), day=day.isoformat(), broken=broken, codes=codes)
    log.info("reconciled", clinic_id=str(clinic.id), day=day.isoformat(), checked=report.checked, broken=broken)
    return report


async def _compare(s: Session, clinic: Clinic, day: date, report: Report, *, now: datetime) -> None:
    start = datetime.combine(day, time(0), clinic.zone)
    end = datetime.combine(day + timedelta(days=1), time(0), clinic.zone)
    await _judge(s, clinic, await reconciling_store.ahead(s, start), report, now=now)
    after: UUID | None = None
    while page := await reconciling_store.of_day(s, start, end, after=after):
        await _judge(s, clinic, page, report, now=now)
        after = page[-1].id
    report.findings += await reconciling_store.booked_not_told(s, start, end)
    report.findings += await reconciling_store.done_not_told(s, start, end)
    for message_id, conversation_id, words in await reconciling_store.without_lines(s, start, end):
        if any(stated(words, day)):
            found = Finding(code="said_without_ledger", conversation_id=conversation_id, message_id=message_id)
            report.findings.append(found)


async def _judge(s: Session, clinic: Clinic, entries: Sequence[Entry], report: Report, *, now: datetime) -> None:
    doubtful = reconciling.doubtful(entries, at=now)
    told = await reconciling_store.told_since(s, [one.id for one in doubtful]) if doubtful else frozenset()
    for entry in entries:
        report.count(entry, state(entry, at=now))
        found = reconciling.finding(entry, told=told, version=clinic.version, at=now)
        if found is not None:
            report.findings.append(found)


async def _ask(s: Session, clinic: Clinic, broken: Sequence[Finding], *, now: datetime) -> list[str]:
    """A case for each broken finding about a visit, once however many nights find it; what they are about."""
    asked = {finding.about: finding for finding in broken if finding.code in OF_VISITS}
    known = await reconciling_store.cased(s, list(asked)) if asked else set()
    for about, finding in asked.items():
        if about not in known:
            await case_store.open_case(
                s,
                finding.conversation_id,
                CaseKind.FAILURE,
                reason=f"ledger:{finding.code}",
                brief=_briefs()[finding.code],
                due_at=handoff.deadline(clinic, CaseKind.FAILURE, now=now),
                at=now,
            )
    return list(asked)


@cache
def _briefs() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(
        files("clinic.conversations.commitments").joinpath("reconciling.yaml").read_text("utf-8")
    )
    return loaded
