"""Reports to families as the API takes and gives them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.conversations import Signed
from clinic.reports.models import Severity, Shift, State
from clinic.reports.runs import Stage

Light = Literal["good", "attention", "urgent"]
Reason = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]


class ReportBrief(BaseModel):
    """A report in a list. `review_due_at`: until then somebody may decide, then the fallback text goes; null where it waits
    however long. `approved_how`: reviewer, person, timeout or rejected."""

    id: UUID
    person_name: str
    caregiver: str
    shift: Shift
    day: date
    revision: int
    state: State
    version: int
    severity: Severity | None
    review_reason: str | None
    review_since: datetime | None
    review_due_at: datetime | None
    error_code: str | None
    approved_how: str | None
    approved_by: str | None
    closed_at: datetime
    queued_at: datetime | None
    sent_at: datetime | None


class ReportPage(BaseModel):
    """`next`: give it as `cursor` for the ones after these; null at the end. `counts`: all of the clinic's, by state.
    `quiet_until`: nothing leaves before then; null outside the quiet hours."""

    items: list[ReportBrief]
    next: int | None
    counts: dict[State, int]
    quiet_until: datetime | None


class ReportSpan(BaseModel):
    """Characters [start, end) of a text, counted as code points."""

    start: int
    end: int


class ReportTraced(BaseModel):
    """A statement of a draft and the place of the report it rests on; null: nothing was found."""

    draft: ReportSpan
    source: ReportSpan | None
    kind: str
    critical: bool


class ReportProblem(BaseModel):
    """Why a draft should not go. `quote`: of the draft, or of the report when it was left out. `why`: a model's words."""

    code: str
    quote: str
    critical: bool
    by: str
    why: str


class ReportDraftOut(BaseModel):
    """One version. `author`: writer, person or fallback. `digest`: of these very words, which an approval is of.
    `stands`: it is what would go now. A person's words are checked when they are read."""

    id: UUID
    round: int
    author: str
    by: str
    at: datetime | None
    text: str
    digest: str
    model: str
    ms: int
    stands: bool
    problems: list[ReportProblem]
    traced: list[ReportTraced]


class ReportPatternOut(BaseModel):
    """What stands out. `name`: as staff are told."""

    kind: str
    key: str
    name: str
    severity: Severity
    span: ReportSpan
    details: dict[str, Any]


class ReportStepOut(BaseModel):
    """Who moved it. `hand`: worker, person, clock, sender or source; `why`: a code, or what a person wrote."""

    at: datetime
    was: State | None
    became: State
    hand: str
    by: str
    why: str


class ReportSendOut(BaseModel):
    """The message to one of the family. `status`: of the outbox; `why`: it has not arrived, a code (window and quiet are
    waits); `until`: when what waits leaves or is dropped."""

    contact_id: UUID
    name: str
    conversation: UUID
    status: str
    why: str | None
    until: datetime | None
    at: datetime
    sent_at: datetime | None
    may_have_arrived: bool


class ReportRecipientOut(BaseModel):
    """Somebody in the list of the family. `phone_ends`: the last digits; empty: none is known. `barred`: why nothing goes to
    them now: not_asked, revoked, opted_out, doubted or no_phone; null: it does."""

    contact_id: UUID
    name: str
    phone_ends: str
    barred: str | None


class ReportWhole(ReportBrief):
    """A report with its source and all that was written and done. Spans of the source count in `source_text`. `no_use_writing`:
    why writing it again would change nothing: report_empty, report_order, report_person or same_words; null: it may help."""

    source_text: str
    no_use_writing: str | None
    processed_ms: int | None
    drafts: list[ReportDraftOut]
    patterns: list[ReportPatternOut]
    steps: list[ReportStepOut]
    sends: list[ReportSendOut]
    recipients: list[ReportRecipientOut]


class ReportAct(Signed):
    """`version`: of the report as it was read."""

    version: int


class ReportEdit(ReportAct):
    """Other words for the family; they wait for an approval."""

    text: Annotated[str, Field(min_length=1, max_length=8000)]


class ReportApprove(ReportAct):
    """`digest`: of the draft that was read."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ReportRefuse(ReportAct):
    """`why`: for the team, and for the writer when it is written again."""

    why: Reason


class PipelineRunOut(BaseModel):
    """A run of reports. `stage`: where it is; `errors`: a code by stage. Counts are of reports, times milliseconds."""

    id: UUID
    trigger: Literal["scheduled", "manual"]
    asked_by: str
    status: Literal["running", "completed", "failed"]
    stage: Stage
    skip_sync: bool
    skip_send: bool
    sync_count: int
    sync_broken: int
    process_approved: int
    process_failed: int
    notify_count: int
    send_success: int
    send_failed: int
    duration_ms: int | None
    sync_ms: int | None
    process_ms: int | None
    notify_ms: int | None
    send_ms: int | None
    errors: dict[str, str]
    error_stage: str | None
    error_code: str | None
    started_at: datetime
    completed_at: datetime | None


class ReportDay(BaseModel):
    """A day of the clinic's calendar, in reports. `approved`: without a person; rates in percent, null of nothing."""

    day: date
    total: int
    approved: int
    person: int
    failed: int
    fallback: int
    sent: int
    send_failed: int
    avg_process_ms: int | None
    approval_rate: float | None
    fallback_rate: float | None
    closed: bool


class ReportAlert(BaseModel):
    """Something that is wrong, and what to do about it, in Portuguese."""

    id: UUID
    kind: str
    severity: Literal["info", "warning", "critical"]
    title: str
    action: str
    opened_at: datetime
    resolved_at: datetime | None
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismissed_why: str | None
    notified_at: datetime | None


class ReportWaiting(BaseModel):
    """Reports that are on their way now, whenever they came."""

    writing: int
    review: int
    leaving: int
    send_failed: int


class ReportToday(BaseModel):
    """The day so far. `light`: what the approval rate means; `target` and `least`: from where it is as hoped for, and from
    where an alert is opened, percent."""

    today: ReportDay
    light: Light | None
    target: float
    least: float
    waiting: ReportWaiting
    alerts: list[ReportAlert]


class ReportHistory(BaseModel):
    """The last days, oldest first, today the last."""

    days: list[ReportDay]


class ReportDeskOut(BaseModel):
    """Whether reports run here. `connected`: a source is configured. `synced_at`: it last answered; `error`: why it did not
    since, `errors` times in a row. `clock_stopped_at`: nothing has happened by itself since then; null while it does.
    `held`: messages that the quiet hours keep, until `held_until`."""

    connected: bool
    hours: list[time]
    review_minutes: int
    next_run_at: datetime | None
    synced_at: datetime | None
    checked_at: datetime | None
    error: str | None
    errors: int
    running: PipelineRunOut | None
    held: int
    held_until: datetime | None
    clock_stopped_at: datetime | None


class ReportRunAsked(Signed):
    """`dry_run`: only tells what a run would do."""

    skip_sync: bool = False
    skip_send: bool = False
    dry_run: bool = False


class ReportForeseen(BaseModel):
    """What a run would do now; `errors`: a code by stage."""

    new: int
    corrected: int
    broken: int
    write: int
    review: int
    send: int
    errors: dict[str, str]


class ReportRunAnswer(BaseModel):
    """The run that began, or what one would do."""

    run: PipelineRunOut | None = None
    foreseen: ReportForeseen | None = None


class AlertDismissal(Signed):
    """`why`: for whoever asks later."""

    why: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
