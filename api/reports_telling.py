"""Rows of reports as the API tells them, instants on the clinic's wall clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from api.instants import local_fields
from api.reports_shapes import (
    PipelineRunOut,
    ReportAlert,
    ReportBrief,
    ReportDay,
    ReportDraftOut,
    ReportPatternOut,
    ReportRecipientOut,
    ReportSendOut,
    ReportStepOut,
    ReportWaiting,
    ReportWhole,
)
from clinic.reports import telling
from clinic.reports.alerts import Opened
from clinic.reports.metrics import Day
from clinic.reports.models import Draft, Pattern, Report
from clinic.reports.patterns import name_of
from clinic.reports.reviewing import no_use_writing, waits_however_long
from clinic.reports.runs import Run
from clinic.reports.views import Family, ReportView, Send

_ENDS = 4  # digits of a phone that tell it apart for who knows it


def brief(report: Report, zone: ZoneInfo) -> ReportBrief:
    """A report in a list."""
    return ReportBrief.model_validate(_fields(report, zone))


def whole(view: ReportView, drafts: list[Draft], zone: ZoneInfo, *, varies: bool) -> ReportWhole:
    """A report with all that stands behind it; `drafts` in the place of the view's. `varies`: of whoever writes."""
    return ReportWhole.model_validate(
        {
            **_fields(view.report, zone),
            "no_use_writing": no_use_writing(view.report, view.drafts, varies=varies),
            "drafts": [_draft(one, zone, stands=one.id == view.report.draft_id) for one in drafts],
            "patterns": [_pattern(one) for one in view.patterns],
            "steps": [ReportStepOut.model_validate(local_fields(one, zone)) for one in view.steps],
            "sends": [_send(one, zone) for one in view.sends],
            "recipients": [_recipient(one) for one in view.family],
        }
    )


def run(found: Run, zone: ZoneInfo) -> PipelineRunOut:
    """A run."""
    return PipelineRunOut.model_validate(local_fields(found, zone))


def day(found: Day) -> ReportDay:
    """A day in figures."""
    return ReportDay.model_validate(found, from_attributes=True)


def alert(found: Opened, zone: ZoneInfo) -> ReportAlert:
    """An alert in words."""
    said = telling.said(found)
    return ReportAlert.model_validate({**local_fields(found, zone), "title": said.title, "action": said.action})


def waiting(counts: dict[str, int]) -> ReportWaiting:
    """What is on its way, from how many reports are in each state."""

    def count(*states: str) -> int:
        return sum(counts.get(one, 0) for one in states)

    return ReportWaiting(
        writing=count("pending", "processing"),
        review=count("review", "failed"),
        leaving=count("approved", "fallback"),
        send_failed=count("send_failed"),
    )


def _fields(report: Report, zone: ZoneInfo) -> dict[str, object]:
    fields = local_fields(report, zone)
    return {**fields, "review_due_at": None} if waits_however_long(report) else fields


def _draft(one: Draft, zone: ZoneInfo, *, stands: bool) -> ReportDraftOut:
    fields = local_fields(one, zone)
    return ReportDraftOut.model_validate({**fields, "digest": one.digest, "stands": stands}, from_attributes=True)


def _pattern(one: Pattern) -> ReportPatternOut:
    name = "" if one.kind == "trend" else name_of(one.key)
    return ReportPatternOut.model_validate(
        {"kind": one.kind, "key": one.key, "name": name, "severity": one.severity, "span": one.span, "details": one.details},
        from_attributes=True,
    )


def _send(one: Send, zone: ZoneInfo) -> ReportSendOut:
    fields = local_fields(one, zone)
    why = None if one.arrived else one.held or one.error_code
    more = {"conversation": one.conversation_id, "why": why, "may_have_arrived": one.may_have_arrived}
    return ReportSendOut.model_validate({**fields, **more})


def _recipient(one: Family) -> ReportRecipientOut:
    ends = (one.phone or "")[-_ENDS:]
    return ReportRecipientOut(contact_id=one.contact_id, name=one.name, phone_ends=ends, barred=one.barred)
