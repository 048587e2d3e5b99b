"""A report is written by one worker at a time, and what a worker who lost it has written counts for nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from clinic.reports import claiming_store, findings_store, recipients_store, states, store, subjects_store, texts
from clinic.reports.holding import held
from clinic.reports.models import BadText, Draft, Lost, Problem, Report, State
from clinic.reports.reviewing import OTHER_NAME, within
from clinic.reports.states import By
from clinic.reports.taking import is_them
from clinic.reports.views import Outcome, Work
from clinic.tenants.models import Clinic
from db.session import Session
from kit.clock import utc_now

MOST = 3  # workers that may die over one report
HISTORY = 9  # reports of the same person that a writer may look back on: with this one the window of history.yaml
DIED = "worker_died"


async def claim(s: Session, clinic: Clinic, report_id: UUID, *, lease: timedelta) -> Work | None:
    """A pending report, or one whose worker died, is ours for `lease`. None: it is neither, or not to be tried yet.

    After three workers that died it is failed ("worker_died") and not given to a fourth.
    """
    free = await claiming_store.free(s, report_id)
    if free is None:
        return None
    if free.state is State.PROCESSING and free.attempts >= MOST:
        await store.to_failed(s, report_id, error_code=DIED)
        await store.note_step(s, report_id, free.state, State.FAILED, By.CLOCK, why=DIED)
        return None
    async with s.together():
        if free.state is State.PROCESSING:
            await store.note_step(s, report_id, free.state, State.PENDING, By.CLOCK, why=DIED)
        token = await claiming_store.take(s, report_id, lease=lease)
        await store.note_step(s, report_id, State.PENDING, State.PROCESSING, By.WORKER)
    report = await store.report(s, report_id)
    ranges = await subjects_store.limits(s, clinic, report.person_id, report.day)
    findings, history = await findings_store.remembered(s, report, ranges, limit=HISTORY)
    return Work(
        report=report,
        source=await store.source(s, report_id),
        person_name=report.person_name,
        caregiver=report.caregiver,
        findings=findings,
        history=history,
        ranges=ranges,
        token=token,
        attempts=free.attempts + 1,
        asked=await claiming_store.asked(s, report_id),
    )


async def finish(s: Session, clinic: Clinic, work: Work, outcome: Outcome) -> Report:
    """Keeps what was written: approved for exactly the last draft's words and who agrees now, or failed. Raises Lost.

    What names another family's relative, or still has a critical problem, is failed whatever the outcome says. What is urgent
    waits for a person ("urgent"), as does a correction of something that was sent ("corrected"): see `holding`.
    """
    report = await _ours(s, work)
    drafts = list(outcome.drafts)
    approved, code = outcome.approved and bool(drafts), outcome.error_code
    if not await _theirs(s, work):
        approved, code = False, OTHER_NAME
    if approved:
        drafts[-1] = await _looked_over(s, report, drafts[-1])
        approved = not any(problem.critical for problem in drafts[-1].problems)
    contacts = [one.contact_id for one in await recipients_store.agreeing(s, report.person_id)] if approved else []
    async with s.together():
        await store.keep_drafts(s, report.id, drafts)
        if outcome.patterns:  # of one that broke, what was found when it was taken stays
            await findings_store.replace(s, report, outcome.patterns, known=work.findings.patterns)
        await store.note_processed(s, report.id, ms=outcome.ms)
        if not approved:
            code = code or ("bad_text" if outcome.approved else "refused")
            became, why = State.FAILED, code
            if drafts:
                await store.stand(s, report.id, drafts[-1])
            await store.to_failed(s, report.id, error_code=code)
        elif reason := held(clinic, report, outcome.patterns or work.findings.patterns):
            became, why = State.REVIEW, reason
            await store.stand(s, report.id, drafts[-1])
            await store.to_review(s, report.id, reason=reason, since=utc_now(), within=within(clinic))
        else:
            became, why = State.APPROVED, ""
            await store.approve(s, report.id, became, drafts[-1], contacts, how="reviewer", by="")
        states.step(State.PROCESSING, became, By.WORKER)
        await store.note_step(s, report.id, State.PROCESSING, became, By.WORKER, why=why)
    return await store.report(s, report.id)


async def give_back(s: Session, work: Work, *, after: timedelta, error_code: str) -> None:
    """What it needs is down: pending again, not before `after`, and this was no attempt. Raises Lost."""
    report = await _ours(s, work)
    await claiming_store.give_back(s, report.id, after=after, error_code=error_code)
    await store.note_step(s, report.id, State.PROCESSING, State.PENDING, By.WORKER, why=error_code)


async def _ours(s: Session, work: Work) -> Report:
    """As it was claimed: whoever moves it takes it from us."""
    if not await claiming_store.holds(s, work.report.id, work.token):
        raise Lost
    return work.report


async def _theirs(s: Session, work: Work) -> bool:
    subject = await subjects_store.subject(s, work.source.subject_id)
    return subject is not None and subject.person_id == work.report.person_id and is_them(subject, work.source.subject_name)


async def _looked_over(s: Session, report: Report, draft: Draft) -> Draft:
    """The last word before an approval: a text that could not go to this family has a problem."""
    others = await recipients_store.names_of_others(s, report.person_id)
    strangers = texts.strangers(draft.text, report, others)
    problems = [Problem("other_person", quote=name) for name in strangers]
    try:
        texts.checked(draft.text, report, ())
    except BadText:
        problems.append(Problem("bad_text"))
    return replace(draft, problems=(*draft.problems, *problems))
