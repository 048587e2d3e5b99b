"""Whether a claimed message may leave now, and its place in the pace of its wire. Within one transaction."""

from __future__ import annotations

from datetime import timedelta

from channels.base import Capabilities
from clinic.conversations.outgoing import leaving, leaving_store, outbox, statuses, withholding
from clinic.conversations.outgoing.leaving import Cancel, Hold, Leave, Refuse, Standing
from clinic.conversations.outgoing.outbox import Claimed
from clinic.reports import sending as reports
from clinic.reports.sends_store import KEY as REPORT
from clinic.tenants import rails_store
from clinic.tenants.models import Clinic
from clinic.tenants.policies import Template
from db.session import Session
from jobs import pacing
from jobs.pacing import Rate
from kit.log import get_logger

log = get_logger(__name__)

# What the platform says of a template when it refuses to send it.
_TEMPLATES = {"132001": "missing", "132007": "rejected", "132015": "paused", "132016": "disabled"}


async def may_leave(s: Session, clinic: Clinic, claimed: Claimed, wire: Capabilities) -> bool:
    """False: it was put aside, cancelled or failed, and whoever must know of it will."""
    if claimed.unanswered and await outbox.overtaken(s, claimed):
        log.info("send_cancelled", code="person_spoke")
        await _end(s, claimed, "cancelled", "person_spoke")
        return False
    if claimed.dedupe_key.startswith(REPORT) and (why := await reports.unwelcome(s, claimed.id)) is not None:
        log.info("send_cancelled", code=why)
        await _end(s, claimed, "cancelled", why)
        return False
    if wire.window is None and not claimed.proactive and claimed.expires_at is None:
        return True
    standing = await leaving_store.standing(s, claimed.conversation_id, claimed.account_id)
    template = None if leaving.is_open(standing, wire.window) else await _template(s, clinic, claimed, wire)
    said = leaving.verdict(
        claimed,
        standing,
        window=wire.window,
        templates=template is not None,
        messaging=clinic.policies.messaging,
        zone=clinic.zone,
    )
    match said:
        case Leave():
            return True
        case Hold():
            await _hold(s, claimed, standing, said, template)
        case Cancel():
            log.info("send_cancelled", code=said.code)
            if await _end(s, claimed, "cancelled", said.code) and said.owed:
                await statuses.report_failure(s, clinic, claimed.conversation_id, now=standing.now)
        case Refuse():
            log.error("send_given_up", code=said.code, attempt=claimed.attempts)
            if await _end(s, claimed, statuses.FAILED, said.code):
                await statuses.report_failure(s, clinic, claimed.conversation_id, now=standing.now)
    return False


async def _template(s: Session, clinic: Clinic, claimed: Claimed, wire: Capabilities) -> Template | None:
    report = claimed.dedupe_key.startswith(REPORT)
    return await withholding.template_for(s, clinic, claimed.account_id, report=report) if wire.templates else None


async def _hold(s: Session, claimed: Claimed, standing: Standing, hold: Hold, template: Template | None) -> None:
    code = "window_closed" if hold.why == leaving.WINDOW else "quiet_hours"
    due_in = hold.until - standing.now
    if not await outbox.put_back(s, claimed, status="queued", due_in=due_in, error_code=code, tried=False, held=hold.why):
        return
    log.info("send_held", code=code, until=hold.until.isoformat())
    if hold.why == leaving.WINDOW and template is not None:
        await withholding.ask_to_write(
            s,
            template,
            standing,
            conversation_id=claimed.conversation_id,
            account_id=claimed.account_id,
            reply_to=claimed.reply_to,
            report=claimed.dedupe_key.startswith(REPORT),
        )


async def _end(s: Session, claimed: Claimed, status: str, code: str) -> bool:
    return await outbox.put_back(s, claimed, status=status, due_in=timedelta(0), error_code=code, tried=False)


async def place(s: Session, claimed: Claimed, wire: Capabilities, rate: Rate | None, *, pace: float) -> float | None:
    """Seconds until it may leave, its place taken; None: it waits in its row, or the claim is no longer ours.

    `pace` is the part of what the wire asks for that is kept.
    """
    wait = 0.0
    if pace and wire.pair_rate:
        wait = pacing.pair_wait(await leaving_store.ages(s, claimed), wire.pair_rate * pace)
        if wait > pacing.NAP:
            await _later(s, claimed, wait)
            return None
    if pace and rate is not None:
        taken, queue = await rails_store.reserve(
            s, claimed.account_id, per_second=rate.per_second / pace, burst=rate.burst, most=pacing.NAP
        )
        if not taken:
            await _later(s, claimed, queue)
            return None
        wait = max(wait, queue)
    return wait if await outbox.give(s, claimed, wait=wait) else None


async def _later(s: Session, claimed: Claimed, wait: float) -> None:
    status = "unknown" if claimed.was == "unknown" else "queued"
    due_in = timedelta(seconds=wait)
    await outbox.put_back(s, claimed, status=status, due_in=due_in, error_code="paced", tried=False)


async def note_template(s: Session, claimed: Claimed, code: str) -> None:
    """Remembers that the platform takes this template no more, so that the next patient is not asked with it."""
    template = claimed.content.get("template")
    if (state := _TEMPLATES.get(code)) is None or not isinstance(template, dict):
        return
    name, language = str(template.get("name", "")), str(template.get("language", ""))
    await rails_store.note_template(s, claimed.account_id, name=name, language=language, state=state, reason=code, at=None)
