"""Reports to families for staff: how they run, what waits for a person, each beside its source.

Changes are told as `report`, `pipeline` and `alert` by /api/events.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import reports_telling as telling
from api.clinics import clinic_called
from api.conversations import Slug
from api.instants import local_fields
from api.reports_shapes import (
    AlertDismissal,
    PipelineRunOut,
    ReportAct,
    ReportAlert,
    ReportApprove,
    ReportDeskOut,
    ReportEdit,
    ReportForeseen,
    ReportHistory,
    ReportPage,
    ReportRefuse,
    ReportRunAnswer,
    ReportRunAsked,
    ReportToday,
    ReportWhole,
)
from api.state import house
from clinic.conversations.outgoing.leaving import quiet_until
from clinic.reports import alerts_store, desks_store, metrics_store, queue_store, runs_store, sending, service
from clinic.reports.metrics import TARGET, light
from clinic.reports.models import Report, State
from clinic.reports.runs import NoDesk
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db import beats
from db.session import Session, clinic_session
from jobs import reports_asking
from jobs.clockwork import LATE
from jobs.reports_looking import look
from kit.clock import utc_now
from kit.text import strip_hidden

router = APIRouter(prefix="/api/reports", tags=["reports"])


async def _clinic(request: Request, slug: str) -> Clinic:
    pool = house(request).pool
    return await clinic_for(pool, await clinic_called(pool, slug))


@router.get("")
async def reports(
    request: Request,
    clinic: Slug,
    state: Annotated[list[State] | None, Query()] = None,
    day: date | None = None,
    order: Literal["newest", "deadline"] = "newest",
    cursor: Annotated[int | None, Query(ge=0, lt=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 40,
) -> ReportPage:
    """Reports, the newest first; in these states, of shifts that began on this day. `order` deadline: those in these states,
    of whatever day, the one to decide about first first."""
    found = await _clinic(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        if order == "deadline":
            page = await service.by_deadline(s, states=state or (), limit=limit, skip=cursor or 0)
        else:
            page = await service.listed(s, states=state or (), day_from=day, day_to=day, limit=limit, before=cursor)
        counts = await queue_store.counts(s)
    return ReportPage(
        items=[telling.brief(one, found.zone) for one in page.reports],
        next=page.before,
        counts={State(name): amount for name, amount in counts.items()},
        quiet_until=quiet_until(utc_now(), found.policies.messaging, found.zone),
    )


# --- how reports run ----------------------------------------------------------------------------------------------------


@router.get("/desk")
async def desk(request: Request, clinic: Slug) -> ReportDeskOut:
    """Whether the source answers, when the next run is, and the one under way."""
    found = await _clinic(request, clinic)
    policies = found.policies.reports
    async with clinic_session(house(request).pool, found.id) as s:
        try:
            kept = await desks_store.desk(s)
        except NoDesk:
            kept = None
        running = await runs_store.running(s)
        held = await sending.held(s, found, now=utc_now())
    beat = await beats.last(house(request).pool)
    known = local_fields(kept, found.zone) if kept else {}
    return ReportDeskOut(
        connected=kept is not None and policies.source is not None,
        hours=list(policies.hours),
        review_minutes=policies.review_minutes,
        next_run_at=known.get("next_run_at"),
        synced_at=known.get("synced_at"),
        checked_at=known.get("checked_at"),
        error=known.get("error_code"),
        errors=known.get("errors", 0),
        running=telling.run(running, found.zone) if running else None,
        held=held.messages if held else 0,
        held_until=held.until if held else None,
        clock_stopped_at=beat.at.astimezone(found.zone) if beat and beat.silent >= LATE else None,
    )


@router.get("/metrics/today")
async def today(request: Request, clinic: Slug) -> ReportToday:
    """The day so far, what is on its way now, and the alerts that ask for somebody."""
    found = await _clinic(request, clinic)
    least = found.policies.reports.thresholds.approval
    async with clinic_session(house(request).pool, found.id) as s:
        day = await metrics_store.today(s, found, utc_now())
        counts, standing = await queue_store.counts(s), await alerts_store.active(s)
    return ReportToday(
        today=telling.day(day),
        light=light(day.approval_rate, least=least),
        target=max(TARGET, least),
        least=least,
        waiting=telling.waiting(counts),
        alerts=[telling.alert(one, found.zone) for one in standing],
    )


@router.get("/metrics/history")
async def history(request: Request, clinic: Slug, days: Annotated[int, Query(ge=1, le=92)] = 7) -> ReportHistory:
    """The last days in figures; those that are over are as they were closed."""
    found = await _clinic(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        known = await metrics_store.history(s, found, utc_now(), days=days)
    return ReportHistory(days=[telling.day(one) for one in known])


@router.get("/metrics/pipeline-runs")
async def runs(request: Request, clinic: Slug, limit: Annotated[int, Query(ge=1, le=100)] = 10) -> list[PipelineRunOut]:
    """Runs, the newest first."""
    found = await _clinic(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        return [telling.run(one, found.zone) for one in await runs_store.listed(s, limit=limit)]


@router.get("/metrics/alerts")
async def alerts(request: Request, clinic: Slug, over: bool = False) -> list[ReportAlert]:
    """What is wrong and asks for somebody, the worst first; `over`: also what went away or was dismissed."""
    found = await _clinic(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        kept = await (alerts_store.listed(s) if over else alerts_store.active(s))
    return [telling.alert(one, found.zone) for one in kept]


@router.post("/alerts/check")
async def check_alerts(request: Request, clinic: Slug) -> list[ReportAlert]:
    """Looks for what is wrong now. 404 `no_report_desk`."""
    found = await _clinic(request, clinic)
    return [telling.alert(one, found.zone) for one in await look(house(request).pool, found, now=utc_now())]


@router.post("/alerts/{alert_id}/dismiss")
async def dismiss(request: Request, alert_id: UUID, clinic: Slug, asked: AlertDismissal) -> ReportAlert:
    """Somebody knows of it: it asks for nobody until it went away and came back. 409 `alert_over`."""
    found = await _clinic(request, clinic)
    async with clinic_session(house(request).pool, found.id) as s:
        kept = await alerts_store.dismiss(s, alert_id, by=service.signed(asked.by), why=strip_hidden(asked.why))
        return telling.alert(kept, found.zone)


@router.post("/run", status_code=202)
async def run(request: Request, response: Response, clinic: Slug, asked: ReportRunAsked) -> ReportRunAnswer:
    """Begins a run, which workers take up at once. 409 `pipeline_running` when one is under way; 404 `no_report_desk`.

    With `dry_run` the answer is a 200 that tells what one would do, and nothing is written.
    """
    found, pool = await _clinic(request, clinic), house(request).pool
    skips = {"skip_sync": asked.skip_sync, "skip_send": asked.skip_send}
    if asked.dry_run:
        told = await reports_asking.would_do(pool, house(request).settings, found, **skips)
        response.status_code = 200
        return ReportRunAnswer(foreseen=_foreseen(told))
    begun = await reports_asking.run_now(pool, found.id, by=service.signed(asked.by), **skips)
    return ReportRunAnswer(run=telling.run(begun, found.zone))


# --- one report ---------------------------------------------------------------------------------------------------------


@router.get("/{report_id}")
async def report(request: Request, report_id: UUID, clinic: Slug) -> ReportWhole:
    """A report beside its source, with what was written, done and sent."""
    return await _whole(request, clinic, report_id)


@router.post("/{report_id}/edit")
async def edit(request: Request, report_id: UUID, clinic: Slug, asked: ReportEdit) -> ReportWhole:
    """Other words, checked again, which wait for an approval. 409 `report_changed`, `report_state`; 422 `bad_text`."""
    do = partial(service.edit, text=asked.text, by=asked.by, version=asked.version)
    return await _whole(request, clinic, report_id, do=do)


@router.post("/{report_id}/approve")
async def approve(request: Request, report_id: UUID, clinic: Slug, asked: ReportApprove) -> ReportWhole:
    """These words may go to who agrees now. 409 `report_changed`, `report_state`, `not_approved` for other words."""
    do = partial(service.approve, by=asked.by, version=asked.version, digest=asked.digest)
    return await _whole(request, clinic, report_id, do=do, ring=reports_asking.decided)


@router.post("/{report_id}/reject")
async def reject(request: Request, report_id: UUID, clinic: Slug, asked: ReportRefuse) -> ReportWhole:
    """Nothing of it goes: the fallback text does. 409 `report_changed`, `report_state`."""
    do = partial(service.reject, by=asked.by, why=asked.why, version=asked.version)
    return await _whole(request, clinic, report_id, do=do, ring=reports_asking.decided)


@router.post("/{report_id}/regenerate")
async def regenerate(request: Request, report_id: UUID, clinic: Slug, asked: ReportRefuse) -> ReportWhole:
    """It is written anew at once, by a writer who reads `why`. 409 `report_changed`, `report_state`."""
    do = partial(service.regenerate, by=asked.by, why=asked.why, version=asked.version)
    told = await _whole(request, clinic, report_id, do=do)
    found = await _clinic(request, clinic)
    await reports_asking.written_again(found.id, report_id)
    return told


@router.post("/{report_id}/retry")
async def retry(request: Request, report_id: UUID, clinic: Slug, asked: ReportAct) -> ReportWhole:
    """It is sent again to whom it surely did not reach. 409 `report_changed`, `report_state`."""
    do = partial(service.retry_send, by=asked.by, version=asked.version)
    return await _whole(request, clinic, report_id, do=do, ring=reports_asking.decided)


async def _whole(
    request: Request,
    slug: str,
    report_id: UUID,
    *,
    do: Callable[[Session, Clinic, UUID], Awaitable[Report]] | None = None,
    ring: Callable[[], Awaitable[None]] | None = None,
) -> ReportWhole:
    """The report as it stands once `do` is done; who waits for that is rung once it is committed."""
    clinic = await _clinic(request, slug)
    async with clinic_session(house(request).pool, clinic.id) as s:
        if do is not None:
            await do(s, clinic, report_id)
        view = await service.read(s, report_id)
        drafts = list(view.drafts)
        if view.draft is not None and view.draft.author == "person":
            from jobs.reports_checking import checked  # the writer's room costs half a second to import

            problems, traced = await checked(s, clinic, view.report, view.draft.text)
            looked = replace(view.draft, problems=problems, traced=traced)
            drafts = [looked if one.id == looked.id else one for one in drafts]
    if ring is not None:
        await ring()
    return telling.whole(view, drafts, clinic.zone, varies=not house(request).settings.offline)


def _foreseen(told: dict[str, dict[str, int]]) -> ReportForeseen:
    sync, process, notify, send = (told[name] for name in ("sync", "process", "notify", "send"))
    return ReportForeseen(
        new=sync["new"],
        corrected=sync["corrected"],
        broken=sync["broken"],
        write=process["pending"],
        review=notify["failed"],
        send=send["ready"],
        errors={name: str(code) for name, code in told["errors"].items()},
    )
