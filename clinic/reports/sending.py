"""An approved report leaves: the approved words, to whom they were approved for, once, by the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from clinic.conversations.outgoing import outbox
from clinic.conversations.outgoing.leaving import quiet_until
from clinic.reports import recipients_store, sends_store, states, store
from clinic.reports.models import NotApproved, Report, State
from clinic.reports.reviewing import within
from clinic.reports.sends_store import KEY
from clinic.reports.states import By
from clinic.reports.views import Send
from clinic.tenants.models import Clinic
from db.session import Session

STALE = timedelta(hours=48)  # what waited longer for the quiet hours or the family would mislead
CHANGED, NOBODY = "recipients_changed", "no_recipient"
_TAKEN_BACK = frozenset({"opted_out", "consent_revoked", "moved_away", "erased"})  # by them, not by a failure


async def queue(s: Session, clinic: Clinic, report_id: UUID, *, now: datetime) -> int:
    """Puts an approved or fallback report's messages into the outbox; how many. 0: it is not to be sent (any more).

    Where who agrees is no longer who it was approved for, it goes to review ("recipients_changed"); where nobody does it
    is send_failed ("no_recipient"). Called twice it sends once. Raises NotApproved where the words are not the approved
    ones, which no verb of ours makes so.
    """
    report = await store.locked(s, report_id)
    if report.state not in states.SENDABLE or report.queued_at is not None:
        return 0
    readers = {one.contact_id for one in await recipients_store.agreeing(s, report.person_id)}
    if not readers:
        await _end(s, report, State.SEND_FAILED, NOBODY)
        return 0
    if readers != report.approved_contacts:
        states.step(report.state, State.REVIEW, By.SENDER)
        await store.to_review(s, report_id, reason=CHANGED, since=now, within=within(clinic))
        await store.note_step(s, report_id, report.state, State.REVIEW, By.SENDER, why=CHANGED)
        return 0
    draft = await store.draft(s, report.draft_id) if report.draft_id else None
    if draft is None or draft.digest != report.approved_digest:
        raise NotApproved
    before = {one.contact_id: one for one in await sends_store.sends(s, report_id)}
    queued = [await _queue(s, report, contact, draft.text, before.get(contact), now=now) for contact in sorted(readers)]
    await sends_store.note_queued(s, report_id)
    return sum(queued)


async def _queue(s: Session, report: Report, contact_id: UUID, text: str, before: Send | None, *, now: datetime) -> bool:
    if before is not None and before.may_have_arrived:
        return False
    to = await sends_store.address(s, contact_id)
    if to is None:
        return False
    attempt = before.attempt + 1 if before else 1
    async with s.together():
        message_id = await sends_store.say(s, report.id, to, text, at=now)
        await outbox.enqueue(
            s,
            conversation_id=to.conversation_id,
            message_id=message_id,
            account_id=to.account_id,
            reply_to=to.reply_to,
            dedupe_key=f"{KEY}{report.id}:{contact_id}" + (f":{attempt}" if attempt > 1 else ""),
            proactive=True,
            expires_at=now + STALE,
        )
        await sends_store.prove(s, report.id, contact_id, message_id, digest=report.approved_digest or "", attempt=attempt)
    return True


@dataclass(frozen=True, slots=True)
class Held:
    """How many messages of reports wait for the end of the quiet hours, and when that is."""

    messages: int
    until: datetime


async def held(s: Session, clinic: Clinic, *, now: datetime) -> Held | None:
    """What the quiet hours hold now; None outside them, or where nothing waits."""
    until = quiet_until(now, clinic.policies.messaging, clinic.zone)
    messages = await sends_store.waiting(s) if until is not None else 0
    return Held(messages, until) if until is not None and messages else None


async def settle(s: Session, report_id: UUID) -> Report | None:
    """What the outbox knows of a report's messages becomes its state: sent, or send_failed. None: nothing new.

    Sent: each of them left, but for whoever took their consent back meanwhile. An outbox row that is unknown is no end.
    """
    report = await store.locked(s, report_id)
    if report.queued_at is None or report.state not in (*states.SENDABLE, State.SENT, State.SEND_FAILED):
        return None
    sends = await sends_store.sends(s, report_id)
    if any(not one.over for one in sends):
        return None
    became, code = ended(sends)
    if became is report.state:
        return None
    await _end(s, report, became, code)
    return await store.report(s, report_id)


def ended(sends: tuple[Send, ...]) -> tuple[State, str | None]:
    """What these, all over, amount to, and why when not all arrived."""
    wanted = [one for one in sends if one.arrived or one.error_code not in _TAKEN_BACK]
    if not wanted:
        return State.SEND_FAILED, NOBODY
    failed = [one for one in wanted if not one.arrived]
    if not failed:
        return State.SENT, None
    return State.SEND_FAILED, failed[0].error_code or "failed"


async def _end(s: Session, report: Report, became: State, code: str | None) -> None:
    states.step(report.state, became, By.SENDER)
    await sends_store.note_end(s, report.id, became, error_code=code)
    await store.note_step(s, report.id, report.state, became, By.SENDER, why=code or "")


async def unwelcome(s: Session, outbox_id: UUID) -> str | None:
    """Why a queued report may not leave after all, a code: asked at the instant of the send. None: it may."""
    return await sends_store.unwelcome(s, outbox_id)
