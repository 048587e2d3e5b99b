"""What a person does with a report, and what the clock does when nobody does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from clinic.reports import recipients_store, sends_store, states, store, subjects_store, texts
from clinic.reports.holding import is_urgent
from clinic.reports.models import Draft, NotApproved, NotNow, OtherVersion, Report, State
from clinic.reports.states import By
from clinic.tenants.models import Clinic
from db.session import Session
from kit.clock import utc_now
from kit.ids import new_id
from kit.text import strip_hidden

OTHER_NAME = "other_name"  # a report that may be of somebody else: only a person lets anything of it go
PERSON_ONLY = "report_person"  # a death, who wants to die, harm by others: not even the fallback text goes by itself
# What a report is, whoever writes about it.
_OF_THE_REPORT = frozenset({"report_empty", "report_order", PERSON_ONLY})


def waits_however_long(report: Report) -> bool:
    """Whether no time-out lets the fallback text of this one go."""
    return not {OTHER_NAME, PERSON_ONLY}.isdisjoint((report.review_reason, report.error_code))


def within(clinic: Clinic) -> timedelta:
    """How long a report waits for a person."""
    return timedelta(minutes=clinic.policies.reports.review_minutes)


async def to_review(s: Session, clinic: Clinic, report_id: UUID, *, now: datetime) -> Report | None:
    """A failed report waits for a person, until the clinic's `review_minutes` from `now`. None: it is not failed."""
    report = await store.locked(s, report_id)
    if report.state is not State.FAILED:
        return None
    return await _review(s, clinic, report, By.CLOCK, reason=report.error_code or "failed", now=now)


async def time_out(s: Session, clinic: Clinic, report_id: UUID, *, now: datetime) -> Report | None:
    """Nobody decided in time: the fallback text goes instead, to who agrees now. None: it does not wait, or not long enough.

    One that may be of somebody else, or tells what only a person may, waits for a person however long.
    """
    report = await store.locked(s, report_id)
    late = report.review_due_at is not None and report.review_due_at <= now
    if report.state is not State.REVIEW or not late or waits_however_long(report):
        return None
    return await _fall_back(s, clinic, report, By.CLOCK, how="timeout", by="", why="timeout", now=now)


async def edit(s: Session, clinic: Clinic, report_id: UUID, *, text: str, by: str, version: int) -> Report:
    """Other words, which then wait for somebody's approval, whatever was approved. Raises OtherVersion, NotNow, BadText.

    Who edits has the clinic's `review_minutes` anew. What waits to leave is taken back; once something left, it is too late.
    """
    report = await _seen(s, report_id, version)
    if report.state is not State.REVIEW:
        states.step(report.state, State.REVIEW, By.PERSON)
        if report.queued_at is not None and not await sends_store.withdraw(s, report_id, error_code="edited"):
            raise NotNow
    words = texts.checked(text, report, await recipients_store.names_of_others(s, report.person_id))
    draft = Draft(id=new_id(), round=report.round, author="person", text=words, by=signed(by))
    await store.keep_drafts(s, report_id, [draft])
    now = utc_now()
    if report.state is State.REVIEW:
        await store.note_step(s, report_id, State.REVIEW, State.REVIEW, By.PERSON, by=signed(by), why="edited")
    else:
        await _review(s, clinic, report, By.PERSON, reason="edited", now=now, by=signed(by))
    await store.stand(s, report_id, draft, due_at=now + within(clinic))
    return await store.report(s, report_id)


async def approve(s: Session, clinic: Clinic, report_id: UUID, *, by: str, version: int, digest: str) -> Report:
    """These words (`digest` is of what the person read) may go to who agrees now. Raises OtherVersion, NotNow, NotApproved,
    BadText."""
    report = await _seen(s, report_id, version)
    states.step(report.state, State.APPROVED, By.PERSON)
    draft = await store.draft(s, report.draft_id) if report.draft_id else None
    if report.state is not State.REVIEW or draft is None or draft.digest != digest:
        raise NotApproved
    texts.checked(draft.text, report, await recipients_store.names_of_others(s, report.person_id))
    contacts = [one.contact_id for one in await recipients_store.agreeing(s, report.person_id)]
    if OTHER_NAME in (report.review_reason, report.error_code):
        source = await store.source(s, report_id)
        await subjects_store.rename(s, source.subject_id, source.subject_name)
    await store.approve(s, report_id, State.APPROVED, draft, contacts, how="person", by=signed(by))
    await store.note_step(s, report_id, report.state, State.APPROVED, By.PERSON, by=signed(by))
    return await store.report(s, report_id)


async def reject(s: Session, clinic: Clinic, report_id: UUID, *, by: str, why: str, version: int) -> Report:
    """Nothing of it goes: the fallback text does. Raises OtherVersion, NotNow."""
    report = await _seen(s, report_id, version)
    if report.state is not State.REVIEW:
        raise NotNow
    said = strip_hidden(why).strip()
    return await _fall_back(s, clinic, report, By.PERSON, how="rejected", by=signed(by), why=said, now=utc_now())


async def regenerate(s: Session, clinic: Clinic, report_id: UUID, *, by: str, why: str, version: int) -> Report:
    """It is written anew; the writer reads `why`. Raises OtherVersion, NotNow."""
    report = await _seen(s, report_id, version)
    states.step(report.state, State.PENDING, By.PERSON)
    await store.to_pending(s, report_id, at_once=True)
    await store.note_step(s, report_id, report.state, State.PENDING, By.PERSON, by=signed(by), why=strip_hidden(why).strip())
    return await store.report(s, report_id)


def no_use_writing(report: Report, drafts: Sequence[Draft], *, varies: bool) -> str | None:
    """Why having it written again would change nothing: the report itself (its code), or "same_words" where the writer says
    the same of the same report (not `varies`) and has said it. None: it may come out otherwise."""
    known = (report.review_reason, report.error_code)
    if (why := next((code for code in known if code in _OF_THE_REPORT), None)) is not None:
        return why
    return "same_words" if not varies and any(one.author == "writer" for one in drafts) else None


async def retry_send(s: Session, clinic: Clinic, report_id: UUID, *, by: str, version: int) -> Report:
    """Tried again where the wire surely did not take it; what went stays gone. Raises OtherVersion, NotNow."""
    report = await _seen(s, report_id, version)
    if report.state is not State.SEND_FAILED or report.approved_how is None:
        raise NotNow
    became = State.FALLBACK if report.approved_how in ("timeout", "rejected") else State.APPROVED
    states.step(report.state, became, By.PERSON)
    await sends_store.again(s, report_id, became)
    await store.note_step(s, report_id, report.state, became, By.PERSON, by=signed(by), why="again")
    return await store.report(s, report_id)


def signed(by: str) -> str:
    """A name as it is shown: one line, nothing hidden."""
    return " ".join(strip_hidden(by).split())[:60]


async def _seen(s: Session, report_id: UUID, version: int) -> Report:
    """The report as the person saw it, locked. Raises NoReport, OtherVersion."""
    report = await store.locked(s, report_id)
    if report.version != version:
        raise OtherVersion
    return report


async def _review(s: Session, clinic: Clinic, report: Report, hand: By, *, reason: str, now: datetime, by: str = "") -> Report:
    states.step(report.state, State.REVIEW, hand)
    await store.to_review(s, report.id, reason=reason, since=now, within=within(clinic))
    await store.note_step(s, report.id, report.state, State.REVIEW, hand, by=by, why=reason)
    return await store.report(s, report.id)


async def _fall_back(
    s: Session, clinic: Clinic, report: Report, hand: By, *, how: str, by: str, why: str, now: datetime
) -> Report:
    states.step(report.state, State.FALLBACK, hand)
    words = texts.fallback(
        report,
        clinic=clinic.name,
        own=clinic.policies.reports.fallback,
        today=now.astimezone(clinic.zone).date(),
        urgent=is_urgent(clinic, report.severity),
    )
    draft = Draft(id=new_id(), round=report.round, author="fallback", text=words, by=by)
    await store.keep_drafts(s, report.id, [draft])
    contacts = [one.contact_id for one in await recipients_store.agreeing(s, report.person_id)]
    await store.approve(s, report.id, State.FALLBACK, draft, contacts, how=how, by=by)
    await store.note_step(s, report.id, report.state, State.FALLBACK, hand, by=by, why=why)
    return await store.report(s, report.id)
