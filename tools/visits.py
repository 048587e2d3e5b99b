"""Doing what was proposed: only after it was read back in an earlier reply, and only on the patient's own yes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from clinic.conversations import consent
from clinic.conversations.lanes import receipt_store
from clinic.patients.models import RelationshipKind
from clinic.scheduling import offers_store, service, store
from clinic.scheduling.errors import SlotTaken, UnknownVisit
from clinic.scheduling.visits import Hold, Offer, Proposal, ProposalKind, Visit, manageable
from db.session import Session, clinic_session
from tools import views
from tools.arguments import BookVisit, CancelVisit, MoveVisit, MyVisits
from tools.context import Result, ToolContext, error, visit_handle
from tools.identity import unproved
from tools.once import Done, once
from tools.proposals import fresh_slots, offered

Effect = Callable[[Session], Awaitable[Done | Result]]


async def my_visits(ctx: ToolContext, args: MyVisits) -> Result:
    """The visits still to come of everyone this contact speaks for, as far as they manage them."""
    if (refused := await unproved(ctx)) is not None:
        return refused
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        found = await store.open_visits(s, [person.person_id for person in ctx.whom.people], after=ctx.now)
    own = manageable(found, ctx.whom.people, contact_id=ctx.desk.contact.id)
    return {"visits": [views.visit(ctx.clinic, visit, today=ctx.local_now.date()) for visit in own]}


async def book_visit(ctx: ToolContext, args: BookVisit) -> Result:
    """Books what was read back."""
    proposal = _agreed(ctx, args.proposal, ProposalKind.BOOK)
    if isinstance(proposal, dict):
        return await _done_before(ctx, "book_visit", args.proposal) or proposal
    offer = await offered(ctx, proposal.offer or "")
    if offer is None:
        return error("expired")

    async def book(s: Session) -> Done:
        visit_id = await service.book(
            s, ctx.clinic, await _kept(s, ctx, proposal, offer),
            person_id=proposal.person_id, convenio_id=proposal.convenio_id, price_cents=proposal.price_cents,
            conversation_id=ctx.desk.lease.conversation_id, contact_id=ctx.desk.contact.id, now=ctx.now,
        )  # fmt: skip
        await offers_store.accept(s, ctx.desk.lease.conversation_id, proposal.handle)
        shown = summary_of(ctx, proposal, offer)
        return Done({"booked": True, "visit": visit_handle(visit_id), "summary": shown}, "appointment", visit_id)

    return await _do(ctx, "book_visit", proposal, offer, book)


async def move_visit(ctx: ToolContext, args: MoveVisit) -> Result:
    """Moves what was read back, in the same row."""
    proposal = _agreed(ctx, args.proposal, ProposalKind.MOVE)
    if isinstance(proposal, dict):
        return await _done_before(ctx, "move_visit", args.proposal) or proposal
    visit, offer = _visit(ctx, proposal), await offered(ctx, proposal.offer or "")
    if visit is None:
        return error("unknown_visit")
    if offer is None:
        return error("expired")

    async def move(s: Session) -> Done:
        await service.move(s, ctx.clinic, visit, await _kept(s, ctx, proposal, offer, moving=visit), now=ctx.now)
        await offers_store.accept(s, ctx.desk.lease.conversation_id, proposal.handle)
        shown = summary_of(ctx, proposal, offer)
        shown["from_label"] = views.moment(ctx.clinic, visit.starts_at, today=ctx.local_now.date())
        return Done({"moved": True, "visit": visit_handle(visit.id), "summary": shown}, "appointment", visit.id)

    return await _do(ctx, "move_visit", proposal, offer, move)


async def cancel_visit(ctx: ToolContext, args: CancelVisit) -> Result:
    """Cancels what was read back, and frees its time."""
    proposal = _agreed(ctx, args.proposal, ProposalKind.CANCEL)
    if isinstance(proposal, dict):
        return await _done_before(ctx, "cancel_visit", args.proposal) or proposal
    visit = _visit(ctx, proposal)
    if visit is None:
        return error("unknown_visit")

    async def cancel(s: Session) -> Done:
        await service.cancel(s, ctx.clinic, visit, now=ctx.now)
        await offers_store.accept(s, ctx.desk.lease.conversation_id, proposal.handle)
        shown = views.visit(ctx.clinic, visit, today=ctx.local_now.date())
        return Done({"cancelled": True, "visit": visit_handle(visit.id), "summary": shown}, "appointment", visit.id)

    return await _do(ctx, "cancel_visit", proposal, None, cancel)


def _agreed(ctx: ToolContext, handle: str, kind: ProposalKind) -> Proposal | Result:
    """The open proposal of this handle, if the patient saw it and said yes in the words of this turn."""
    proposal = ctx.proposal
    if proposal is None or proposal.handle != handle.strip().upper() or proposal.kind is not kind:
        return error("unknown_proposal")
    if not proposal.read_back:
        return error("not_read_back")
    if not consent.affirms(ctx.said_now, to=kind.value, at=_at(ctx, proposal), whose=_whose(ctx, proposal)):
        return error("needs_yes")
    if proposal.expires_at <= ctx.now:
        return error("unknown_proposal")
    return proposal


def _at(ctx: ToolContext, proposal: Proposal) -> datetime | None:
    """When the visit would be, or is, on the clinic's wall clock."""
    offer, visit = next((one for one in ctx.offers if one.handle == proposal.offer), None), _visit(ctx, proposal)
    starts_at = offer.slot.starts_at if offer else visit.starts_at if visit else None
    return starts_at.astimezone(ctx.clinic.zone) if starts_at else None


def _whose(ctx: ToolContext, proposal: Proposal) -> consent.Whose | None:
    """For whom the visit is, beside whomever else this contact may mean."""
    person = next((one for one in ctx.whom.people if one.person_id == proposal.person_id), None)
    if person is None:
        return None
    itself = person.relationship is RelationshipKind.SELF
    namesake = person.name.split()[:1]  # "a da Ana" may then be the one who writes
    others = (
        one.name
        for one in ctx.whom.people
        if one is not person and (one.relationship is not RelationshipKind.SELF or one.name.split()[:1] == namesake)
    )
    return consent.Whose(person.name, itself, tuple(others))


async def _done_before(ctx: ToolContext, tool: str, handle: str) -> Result | None:
    """What this conversation already did under that handle: asking again is told the same, and changes nothing."""
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        key = f"{tool}:{handle.strip().upper()}"
        earlier = await receipt_store.find(s, ctx.desk.lease.conversation_id, key, heard_from=ctx.desk.contact.heard_from)
    return {**earlier.result, "receipt": str(earlier.id)} if earlier else None


async def _do(ctx: ToolContext, tool: str, proposal: Proposal, offer: Offer | None, effect: Effect) -> Result:
    try:
        return await once(
            ctx, tool=tool, key=f"{tool}:{proposal.handle}", arguments={"proposal": proposal.handle}, effect=effect
        )
    except SlotTaken:
        return error("slot_taken", slots=await fresh_slots(ctx, offer) if offer else [])
    except UnknownVisit:
        return error("unknown_visit")


async def _kept(s: Session, ctx: ToolContext, proposal: Proposal, offer: Offer, moving: Visit | None = None) -> Hold:
    """The hold that stands, or a new one on the same slot when it ran out while the patient was thinking."""
    kept = await store.hold(s, proposal.hold_id) if proposal.hold_id else None
    if kept is not None and kept.expires_at > ctx.now:
        return kept
    return await service.hold(
        s, ctx.clinic, ctx.clinic.service_by_id[offer.service_id], offer.slot,
        conversation_id=ctx.desk.lease.conversation_id, now=ctx.now, moving=moving,
    )  # fmt: skip


def _visit(ctx: ToolContext, proposal: Proposal) -> Visit | None:
    return next((visit for visit in ctx.visits if visit.id == proposal.appointment_id), None)


def summary_of(ctx: ToolContext, proposal: Proposal, offer: Offer) -> Result:
    """The summary of a proposal as it was read back."""
    person = next((p.name for p in ctx.whom.people if p.person_id == proposal.person_id), "")
    convenio = ctx.clinic.convenio_by_id.get(proposal.convenio_id) if proposal.convenio_id else None
    return views.summary(
        ctx.clinic, offer.slot, offer.service_id, person=person, convenio=convenio,
        price_cents=proposal.price_cents, today=ctx.local_now.date(),
    )  # fmt: skip
