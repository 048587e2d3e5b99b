"""Proposing: keep the slot, say what would be done, wait for a yes. Nothing here changes an appointment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from clinic.patients.models import Dependant
from clinic.scheduling import offers_store, service
from clinic.scheduling.errors import PersonBusy, SlotTaken, TooManyVisits
from clinic.scheduling.visits import Offer, ProposalKind, Visit
from clinic.tenants import lookup
from clinic.tenants.models import Convenio, Service
from db.session import Session, clinic_session
from tools import slots, views
from tools.arguments import ProposeCancel, ProposeMove, ProposeVisit
from tools.context import Result, ToolContext, error, visit_handle
from tools.identity import unproved
from tools.once import Done, once
from tools.patients import settle

Keeper = Callable[[Session], Awaitable[Done | Result]]

_YES_WITHIN = timedelta(hours=12)  # the hold ends sooner; a yes within this time is still understood as one


async def propose_visit(ctx: ToolContext, args: ProposeVisit) -> Result:
    """Keeps an offered slot and returns the summary to read back."""
    offer = await offered(ctx, args.slot)
    if offer is None:
        return error("unknown_slot")
    person = await _person(ctx, args.person_name)
    if not isinstance(person, Dependant):
        return person
    one = ctx.clinic.service_by_id[offer.service_id]
    convenio = _convenio(ctx, one, args.convenio)
    if isinstance(convenio, dict):
        return convenio
    price = None if convenio else one.price_cents

    async def keep(s: Session) -> Done:
        await service.require_may_book(s, ctx.clinic, person.person_id, offer.slot, now=ctx.now)
        kept = await service.hold(s, ctx.clinic, one, offer.slot, conversation_id=ctx.desk.lease.conversation_id, now=ctx.now)
        handle = await offers_store.propose(
            s, ctx.desk.lease.conversation_id, ctx.desk.lease.turn_id, ProposalKind.BOOK,
            person_id=person.person_id, offer=offer.handle, hold_id=kept.id,
            convenio_id=convenio.id if convenio else None, price_cents=price,
            now=ctx.now, expires_at=ctx.now + _YES_WITHIN,
        )  # fmt: skip
        shown = _summary(ctx, offer, person.name, convenio, price)
        return Done({"proposal": handle, "kind": "book", "summary": shown}, "hold", kept.id)

    try:
        return await _or_alternatives(ctx, offer, args.slot, "propose_visit", keep)
    except (PersonBusy, TooManyVisits):
        if any(one.person_id == person.person_id for one in ctx.standing.hidden):
            return error("identity_by_person")  # that they are busy then would tell of their visits
        raise


async def propose_move(ctx: ToolContext, args: ProposeMove) -> Result:
    """Keeps another slot for a visit and returns the summary to read back."""
    visit = visit_called(ctx, args.visit)
    offer = await offered(ctx, args.slot)
    if visit is None:
        return await unproved(ctx) or error("unknown_visit")
    if offer is None or offer.service_id != visit.service_id:
        return error("unknown_slot")
    service.require_in_time(ctx.clinic, visit, now=ctx.now)
    one = ctx.clinic.service_by_id[visit.service_id]
    convenio = ctx.clinic.convenio_by_id.get(visit.convenio_id) if visit.convenio_id else None

    async def keep(s: Session) -> Done:
        await service.require_person_free(s, visit.person_id, offer.slot, now=ctx.now, moving=visit)
        kept = await service.hold(
            s, ctx.clinic, one, offer.slot, conversation_id=ctx.desk.lease.conversation_id, now=ctx.now, moving=visit
        )
        handle = await offers_store.propose(
            s, ctx.desk.lease.conversation_id, ctx.desk.lease.turn_id, ProposalKind.MOVE,
            person_id=visit.person_id, offer=offer.handle, hold_id=kept.id, appointment_id=visit.id,
            convenio_id=visit.convenio_id, price_cents=visit.price_cents,
            now=ctx.now, expires_at=ctx.now + _YES_WITHIN,
        )  # fmt: skip
        shown = _summary(ctx, offer, visit.person_name, convenio, visit.price_cents)
        shown["from_label"] = views.moment(ctx.clinic, visit.starts_at, today=ctx.local_now.date())
        return Done({"proposal": handle, "kind": "move", "summary": shown}, "hold", kept.id)

    return await _or_alternatives(ctx, offer, f"{args.visit}:{args.slot}", "propose_move", keep)


async def propose_cancel(ctx: ToolContext, args: ProposeCancel) -> Result:
    """Returns what would be cancelled, to read back."""
    visit = visit_called(ctx, args.visit)
    if visit is None:
        return await unproved(ctx) or error("unknown_visit")
    service.require_in_time(ctx.clinic, visit, now=ctx.now)

    async def note(s: Session) -> Done:
        handle = await offers_store.propose(
            s, ctx.desk.lease.conversation_id, ctx.desk.lease.turn_id, ProposalKind.CANCEL,
            person_id=visit.person_id, appointment_id=visit.id,
            now=ctx.now, expires_at=ctx.now + _YES_WITHIN,
        )  # fmt: skip
        shown = views.visit(ctx.clinic, visit, today=ctx.local_now.date())
        return Done({"proposal": handle, "kind": "cancel", "summary": shown}, "appointment", visit.id)

    key = f"propose_cancel:{args.visit}:{ctx.desk.lease.turn_id}"
    return await once(ctx, tool="propose_cancel", key=key, arguments={"visit": args.visit}, effect=note)


async def _or_alternatives(ctx: ToolContext, offer: Offer, what: str, tool: str, keep: Keeper) -> Result:
    key = f"{tool}:{what}:{ctx.whom.current.person_id if ctx.whom.current else ''}:{ctx.desk.lease.turn_id}"
    try:
        return await once(ctx, tool=tool, key=key, arguments={"slot": offer.handle}, effect=keep)
    except SlotTaken:
        return error("slot_taken", slots=await fresh_slots(ctx, offer))


async def fresh_slots(ctx: ToolContext, offer: Offer) -> list[Result]:
    """Other free times of the same service, nearest to the one that was lost."""
    clinic, one = ctx.clinic, ctx.clinic.service_by_id[offer.service_id]
    wish = service.Wish(service=one, professionals=tuple(p for p in clinic.professionals if p.id in one.professional_ids))
    async with clinic_session(ctx.pool, clinic.id) as s:
        found = await service.find_near(
            s, clinic, wish, offer.slot.starts_at, conversation_id=ctx.desk.lease.conversation_id, now=ctx.now
        )
        return await slots.issue(s, ctx, one.id, found)


async def offered(ctx: ToolContext, handle: str) -> Offer | None:
    """The slot of this handle, if this conversation was shown it and it still lies ahead."""
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        known = await offers_store.offers(s, ctx.desk.lease.conversation_id, now=ctx.now)
    return next((offer for offer in known if offer.handle == handle.strip().upper()), None)


def visit_called(ctx: ToolContext, handle: str) -> Visit | None:
    """The visit of this handle, if it is of someone this contact speaks for."""
    return next((visit for visit in ctx.visits if visit_handle(visit.id) == handle.strip().upper()), None)


async def _person(ctx: ToolContext, name: str | None) -> Dependant | Result:
    if name:
        return await settle(ctx, name, None)
    if ctx.whom.current is not None:
        return ctx.whom.current
    if len(ctx.whom.people) == 1:
        return ctx.whom.people[0]
    if ctx.whom.people:
        return error("ambiguous_person", candidates=[person.name for person in ctx.whom.people])
    return error("needs_name")


def _convenio(ctx: ToolContext, one: Service, words: str | None) -> Convenio | Result | None:
    """The convênio named, None for a private visit, or why it does not serve."""
    if not words or words.strip().casefold() in ("particular", "nenhum", "sem convênio", "sem convenio"):
        return None
    matching = lookup.convenios(ctx.clinic, words)
    if len(matching) != 1:
        return error("unknown_convenio", candidates=[c.name for c in matching or ctx.clinic.convenios])
    if one.id not in matching[0].service_ids:
        covered = [s.name for s in ctx.clinic.services if s.id in matching[0].service_ids]
        return error("convenio_not_covered", convenio=matching[0].name, covered_services=covered)
    return matching[0]


def _summary(ctx: ToolContext, offer: Offer, person: str, convenio: Convenio | None, price: int | None) -> Result:
    return views.summary(
        ctx.clinic, offer.slot, offer.service_id, person=person, convenio=convenio, price_cents=price,
        today=ctx.local_now.date(),
    )  # fmt: skip
