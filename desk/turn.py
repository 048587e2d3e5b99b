"""One turn, from a claimed lane to an adopted reply. The only place where the conversation's steps meet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

import structlog
from langchain_core.runnables import RunnableConfig

from agent.brain import Brain
from agent.guardrails.dangers import SecondReader
from agent.guardrails.leaving import Leaving
from agent.models import Brains
from clinic.conversations.dangers import fresh_store
from clinic.conversations.dangers.fresh import Danger, fresh
from clinic.conversations.lanes import lane_store, receipt_store, spending_store, turns
from clinic.conversations.lanes.spending import Spent
from clinic.conversations.models import Desk, Fenced, Lease, Outcome, Owner, Receipt, Story, TurnResult
from clinic.patients import store as patients
from clinic.patients.assurance import Standing
from clinic.patients.models import Dependant
from clinic.reports import recipients
from clinic.scheduling import offers_store
from clinic.scheduling import store as agenda
from clinic.scheduling.visits import Offer, Proposal, Visit
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db.checkpoints import Draft, DraftSaver, adopt, config_of, open_draft
from db.pool import Pool
from db.session import Session, clinic_session
from desk import failing, knowing, ledger
from desk.picking import in_words
from desk.reply import compose
from desk.telling import told_as_it_goes
from graphs.conversation import Conversation, compile_conversation
from graphs.state import Limits, State, Turn
from kit.clock import business_now, utc_now
from kit.errors import Unavailable
from kit.ids import is_sandbox
from tools.context import Passages, ToolContext, Whom

log = structlog.get_logger(__name__)

_AGAIN = timedelta(seconds=1)  # a superseded turn waits this much for the rest of the burst


@dataclass(frozen=True, slots=True, kw_only=True)
class Minds:
    """What every turn shares: models, documents, limits."""

    brains: Brains
    library: Passages | None
    limits: Limits
    lease: timedelta
    second: SecondReader | None = None  # of dangers; without it the patterns stand alone


@dataclass(frozen=True, slots=True)
class _Start:
    desk: Desk
    standing: Standing
    draft: Draft
    visits: tuple[Visit, ...]
    offers: tuple[Offer, ...]
    proposal: Proposal | None
    whom: tuple[Dependant, ...]
    receipts: tuple[Receipt, ...]
    spent: Spent
    danger: Danger | None


async def take_turn(pool: Pool, minds: Minds, clinic_id: UUID, conversation_id: UUID) -> Outcome | None:
    """Claims the lane if it is due, thinks, and adopts the result. None: it was not ours to take.

    Whatever goes wrong, the lane is freed and due again later, or set aside with a case after too many tries.
    """
    clinic = await clinic_for(pool, clinic_id)
    start = await _started(pool, clinic, conversation_id, minds.lease)
    if start is None:
        return None
    lease = start.desk.lease
    structlog.contextvars.bind_contextvars(turn=str(lease.turn_id), conversation=str(conversation_id))
    beat = asyncio.create_task(_keep(pool, clinic_id, lease, minds.lease))
    turn: Turn | None = None
    try:
        turn = await _begin(pool, minds, clinic, start)
        result, read_back = await _think(pool, turn, start)
        return await _adopt(pool, clinic, start, result, read_back, turn.leaving)
    except Fenced:
        log.info("turn_fenced")
        async with clinic_session(pool, clinic_id) as s:
            await lane_store.let_go(s, lease, turn.story if turn else Story())
        return None
    except Exception as error:  # a turn must never take the desk down: it is set back, and tried again
        log.error("turn_failed", error=type(error).__name__, exc_info=True)
        await failing.fail(pool, clinic, start.desk, turn.story if turn else Story(), error)
        return None
    finally:
        beat.cancel()
        with suppress(asyncio.CancelledError):
            await beat
        structlog.contextvars.unbind_contextvars("turn", "conversation")


async def _started(pool: Pool, clinic: Clinic, conversation_id: UUID, lease: timedelta) -> _Start | None:
    """The claimed lane, unless nothing good can come of it: it is then counted, or given up."""
    try:
        start = await _claim(pool, clinic, conversation_id, lease)
    except Unavailable:
        raise
    except Exception as error:  # what cannot be read would be claimed again at once, and for ever
        log.error("turn_not_begun", conversation=str(conversation_id), error=type(error).__name__, exc_info=True)
        await failing.fail_unread(pool, clinic, conversation_id, error, lease=lease)
        return None
    if start is not None and start.desk.attempts > turns.MAX_ATTEMPTS:
        await failing.abandon(pool, clinic, start.desk)
        return None
    return start


async def _claim(pool: Pool, clinic: Clinic, conversation_id: UUID, lease: timedelta) -> _Start | None:
    async with clinic_session(pool, clinic.id) as s:
        taken = await lane_store.claim(s, conversation_id, lease=lease)
        if taken is None:
            return None
        loaded = await lane_store.load(s, taken)
        now = business_now(loaded.clock_at)
        may = await knowing.known(s, clinic, loaded, now=now)
        desk = may.desk
        await offers_store.inherit(s, conversation_id, taken.turn_id)
        proposal = may.proposal(await offers_store.open_proposal(s, conversation_id))
        return _Start(
            desk=desk,
            standing=may.standing,
            draft=await open_draft(s, conversation_id, desk.checkpoint_id),
            visits=may.visits(await agenda.open_visits(s, [p.person_id for p in desk.people], after=now)),
            offers=tuple(await offers_store.offers(s, conversation_id, now=now)),
            proposal=proposal,
            whom=may.whom(proposal),
            receipts=tuple(await receipt_store.unsaid(s, conversation_id, heard_from=desk.contact.heard_from)),
            spent=await spending_store.spent(
                s,
                desk.contact.id,
                but=taken.turn_id,
                zone=clinic.timezone,
                month=clinic.policies.limits.reais_per_month is not None,
            ),
            danger=await _danger(s, loaded, now),
        )


async def _danger(s: Session, desk: Desk, now: datetime) -> Danger | None:
    """Of the conversation and whoever writes in it: a doubt about who that is makes nobody safer."""
    if not any(case.urgent for case in desk.cases):
        return None
    return fresh(await fresh_store.alarms(s, desk.lease.conversation_id), desk.history, now=now)


async def _keep(pool: Pool, clinic_id: UUID, lease: Lease, extend: timedelta) -> None:
    """Extends the lease while the turn thinks. Once it is lost there is nothing to extend."""
    while True:
        await asyncio.sleep(extend.total_seconds() / 3)
        async with clinic_session(pool, clinic_id) as s:
            if not await lane_store.heartbeat(s, lease, extend=extend):
                return


async def _begin(pool: Pool, minds: Minds, clinic: Clinic, start: _Start) -> Turn:
    desk = start.desk
    now = business_now(desk.clock_at)
    said = turns.said([in_words(message, desk.menu, start.offers) for message in desk.pending])
    before = turns.said([message for message in desk.history if message.author == "patient"])
    ctx = ToolContext(
        pool=pool,
        clinic=clinic,
        desk=desk,
        now=now,
        whom=Whom(list(start.whom)),
        standing=start.standing,
        library=minds.library,
        visits=start.visits,
        offers=start.offers,
        proposal=start.proposal,
        said_now=said,
        said_ever=(*before, *said),
        **_spoken(desk),
    )
    brain, offline = await _speaker(minds.brains, clinic, desk)
    return Turn(
        ctx=ctx,
        desk=desk,
        brain=brain,
        limits=minds.limits,
        second=minds.second,
        offline=offline,
        receipts=start.receipts,
        spent=start.spent,
        danger=start.danger,
        watched=is_sandbox(clinic.id),
    )


def _spoken(desk: Desk) -> dict[str, Any]:
    """Whether any of the patient's words are a transcript, and what vouches for a name that one of them says."""
    every = (*desk.history, *desk.pending)
    vouched = tuple(message.text for message in every if not message.heard and message.text.strip())
    return {"spoken": any(message.heard for message in every), "vouched": vouched}


async def _think(pool: Pool, turn: Turn, start: _Start) -> tuple[TurnResult, Sequence[str]]:
    config = {**config_of(start.draft), "recursion_limit": turn.limits.recursion}
    async with told_as_it_goes(pool, turn):
        final = await _conversation().ainvoke(State(), cast(RunnableConfig, config), context=turn, durability="exit")
    return compose(turn, final.get("reply", ""), checkpoint_id=start.draft.new_id)


async def _speaker(brains: Brains, clinic: Clinic, desk: Desk) -> tuple[Brain, bool]:
    """Who speaks, and whether that is the demonstration model. Only a rehearsal is heard when it asks for another one."""
    asked = desk.pending[-1].mind if desk.pending and is_sandbox(clinic.id) else None
    return await brains.asked_for(asked)


@cache
def _conversation() -> Conversation:
    """The graph, compiled once: what belongs to a turn comes with its context and its config."""
    return compile_conversation(DraftSaver())


async def _note_leaving(s: Session, desk: Desk, leaving: Leaving | None, now: datetime) -> None:
    """With the words that say so, or not at all: what was never asked cannot be answered."""
    if leaving in (None, Leaving.ALREADY):
        return
    if leaving in (Leaving.REPORTS_OUT, Leaving.REPORTS_STRANGER):
        by = recipients.THEMSELVES if leaving is Leaving.REPORTS_OUT else recipients.STRANGER
        await recipients.revoke(s, desk.contact.id, by=by, now=now)
    if leaving is Leaving.REPORTS_IN:
        await recipients.restore(s, desk.contact.id, now=now)
    out = now if leaving is Leaving.OUT else None
    await patients.note_leaving(s, desk.contact.id, asked_at=now if leaving is Leaving.ASK else None, opted_out_at=out)


async def _adopt(
    pool: Pool, clinic: Clinic, start: _Start, result: TurnResult, read_back: Sequence[str], leaving: Leaving | None
) -> Outcome | None:
    """Reply, receipts' turn, checkpoint and lane in one transaction, only if the fence holds and nothing newer came."""
    desk = start.desk
    now = business_now(desk.clock_at)
    async with clinic_session(pool, clinic.id) as s:
        owner = await lane_store.still_ours(s, desk.lease)
        newer = await lane_store.newer_than(s, desk.lease.conversation_id, desk.covered_seq)
        if not result.must_say:
            if owner is Owner.PERSON and desk.owner is Owner.CAROL:
                await lane_store.close_turn(s, desk, result, status="superseded")
                await lane_store.release(s, desk.lease, checkpoint_id=None, due_in=None)
                return None
            if newer and _may_wait(desk):
                await lane_store.close_turn(s, desk, result, status="superseded")
                await lane_store.release(s, desk.lease, checkpoint_id=None, due_in=_AGAIN, more=True)
                log.info("turn_superseded")
                return None
        if result.outcome is Outcome.SILENT:
            await lane_store.close_turn(s, desk, result, status="adopted")
            if owner is Owner.CAROL:  # a person's conversation keeps what waits for them
                await lane_store.mark_answered(s, desk)
            await lane_store.release(s, desk.lease, checkpoint_id=None, due_in=None, more=newer)
            return Outcome.SILENT
        answers = turns.answered(desk, owner, result.outcome)
        async with s.together():
            await lane_store.close_turn(s, desk, result, status="adopted")
            await lane_store.say(s, desk, result, clock=now, answers=answers)
            await lane_store.mark_answered(s, desk, answers=answers)
            await patients.note_seen(s, desk.contact.id, now)
            await offers_store.drop_unread(s, desk.lease.conversation_id, desk.lease.turn_id, read_back=list(read_back))
            await _note_leaving(s, desk, leaving, now)
            if result.told_ai:
                await patients.note_told_ai(s, desk.contact.id, now)
            await lane_store.release(s, desk.lease, checkpoint_id=result.checkpoint_id, due_in=None, more=newer)
            await adopt(s, start.draft)
        await ledger.require_backed(s, clinic, desk, result)
    log.info("turn_adopted", outcome=result.outcome.value, replies=len(result.replies))
    return result.outcome


def _may_wait(desk: Desk) -> bool:
    """A burst is answered together, but a patient who never stops typing still gets an answer."""
    return desk.waiting_since is None or utc_now() - desk.waiting_since < turns.MAX_SUPERSEDED
