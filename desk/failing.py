"""A turn that failed: set back and tried again, or given up. Then the patient is told, a person owes an answer and a dead
letter keeps what it was about."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog

from agent.texts import text
from clinic.conversations.cases import case_store, handoff
from clinic.conversations.commitments import ledger
from clinic.conversations.lanes import dead_letters_store, lane_store, turns
from clinic.conversations.models import Author, CaseKind, Desk, Fenced, Lease, Outcome, Story, TurnResult
from clinic.tenants.models import Clinic
from db.pool import Pool
from db.session import Session, clinic_session
from kit import ptbr
from kit.clock import business_now

log = structlog.get_logger(__name__)

ABANDONED = "abandoned"  # the process died each time: nobody was left to say of what


async def fail(pool: Pool, clinic: Clinic, desk: Desk, story: Story, error: Exception) -> None:
    """Frees the lane of a turn that raised: due again later, or given up once it was tried too often."""
    name, dead = type(error).__name__, desk.attempts >= turns.MAX_ATTEMPTS
    with suppress(Fenced):
        async with clinic_session(pool, clinic.id) as s:
            due_in = turns.retry_after(desk.attempts)
            newer = await _newer(s, desk)
            await lane_store.set_back(s, desk.lease, story, error=name, due_in=due_in, dead=dead)
            if dead:
                await _give_up(s, clinic, desk, error=name, newer=newer)


async def abandon(pool: Pool, clinic: Clinic, desk: Desk) -> None:
    """Gives up a turn whose processes died under it, before it takes another one along."""
    with suppress(Fenced):
        async with clinic_session(pool, clinic.id) as s:
            newer = await _newer(s, desk)
            await lane_store.set_back(s, desk.lease, Story(), error=ABANDONED, due_in=timedelta(0), dead=True)
            await _give_up(s, clinic, desk, error=ABANDONED, newer=newer)


async def fail_unread(pool: Pool, clinic: Clinic, conversation_id: UUID, error: Exception, *, lease: timedelta) -> None:
    """Counts a turn that could not even be begun, so that it comes to an end like any other."""
    async with clinic_session(pool, clinic.id) as s:
        taken = await lane_store.claim(s, conversation_id, lease=lease)
        if taken is None:
            return
        attempts = await lane_store.attempts(s, taken)
        name, dead = type(error).__name__, attempts >= turns.MAX_ATTEMPTS
        await lane_store.set_back(s, taken, Story(), error=name, due_in=turns.retry_after(attempts), dead=dead)
        if dead:
            await _give_up_unread(s, clinic, taken, attempts=attempts, error=name)


async def _newer(s: Session, desk: Desk) -> bool:
    """Whether something came, or was heard, while this turn ran; asked while it runs, with the lane locked."""
    await lane_store.still_ours(s, desk.lease)
    return await lane_store.newer_than(s, desk.lease.conversation_id, desk.covered_seq)


async def _give_up(s: Session, clinic: Clinic, desk: Desk, *, error: str, newer: bool) -> None:
    """Too many tries: a person gets the case, and the patient is told so instead of nothing. Danger is answered as ever."""
    now = business_now(desk.clock_at)
    flag = next((message.red_flag for message in desk.pending if message.red_flag), None)
    kind = CaseKind(flag.split(":")[0]) if flag else CaseKind.FAILURE
    case = await case_store.open_case(
        s,
        desk.lease.conversation_id,
        kind,
        reason=flag or "turn_failed",
        brief="\n".join(message.text for message in desk.pending),
        due_at=handoff.deadline(clinic, kind, now=now),
        at=now,
        turn_id=desk.lease.turn_id,
    )
    until = ptbr.until(case.due_at.astimezone(clinic.zone), now=now.astimezone(clinic.zone))
    key = "holding" if flag is None else "violence" if flag.endswith(":violence") else kind.value
    outcome = Outcome.HELD if flag is None else Outcome.EMERGENCY
    words = text(key, until=until, case=case.number)
    owed = (ledger.of_case(words, case.id, case.number, case.due_at),)
    result = TurnResult(outcome=outcome, replies=(words,), author=Author.AUTOMATIC, commitments=owed)
    await lane_store.say(s, desk, result, clock=now, given_up=True)
    await lane_store.mark_answered(s, desk, answers=turns.answered(desk, desk.owner, outcome))
    await _keep(s, desk.lease, attempts=desk.attempts, error=error)
    if newer:
        await lane_store.wake(s, desk.lease.conversation_id)  # what came meanwhile is not what failed


async def _give_up_unread(s: Session, clinic: Clinic, lease: Lease, *, attempts: int, error: str) -> None:
    """Nothing of the conversation could be read: at least a person knows, and the lane troubles nobody else."""
    now = business_now(None)
    await case_store.open_case(
        s,
        lease.conversation_id,
        CaseKind.FAILURE,
        reason="turn_failed",
        brief="",
        due_at=handoff.deadline(clinic, CaseKind.FAILURE, now=now),
        at=now,
        turn_id=lease.turn_id,
    )
    await _keep(s, lease, attempts=attempts, error=error)


async def _keep(s: Session, lease: Lease, *, attempts: int, error: str) -> None:
    letter = await dead_letters_store.write(s, lease, attempts=attempts, error=error)
    log.error("dead_letter", dead_letter=str(letter), conversation=str(lease.conversation_id), error=error, attempts=attempts)
