"""Finding free times in the patient's own words. The words become dates here, in code; the model never works one out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from clinic.scheduling import offers_store, service, when
from clinic.scheduling.models import Reason, Slot
from clinic.scheduling.search import Found
from clinic.tenants import lookup
from clinic.tenants.models import Clinic, Professional, Service
from db.session import Session, clinic_session
from kit import ptbr
from tools import notes, views
from tools.arguments import FindSlots
from tools.context import Result, ToolContext, error, visit_handle


async def find_slots(ctx: ToolContext, args: FindSlots) -> Result:
    """Up to five free times for a service, with handles; the nearest ones and the reason when the wish cannot be met."""
    wish = _wish(ctx, args)
    if isinstance(wish, dict):
        return wish
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        found = await service.find(s, ctx.clinic, wish, conversation_id=ctx.desk.lease.conversation_id, now=ctx.now)
        issued = await issue(s, ctx, wish.service.id, found.slots)
    return {
        "service": wish.service.name,
        "understood": describe(wish.when, ctx) if wish.when else "",
        "exact": found.exact,
        "slots": issued,
        "reason": _reason(found),
        "note": _note(ctx, found),
    }


async def issue(s: Session, ctx: ToolContext, service_id: UUID, slots: tuple[Slot, ...]) -> list[Result]:
    """Gives the slots handles in this conversation and shows them."""
    lease = ctx.desk.lease
    offers = await offers_store.issue(s, lease.conversation_id, lease.turn_id, service_id, slots, now=ctx.now)
    return [views.offer(ctx.clinic, offer, today=ctx.local_now.date()) for offer in offers]


def _wish(ctx: ToolContext, args: FindSlots) -> service.Wish | Result:
    clinic = ctx.clinic
    chosen = which_service(clinic, args.service)
    if isinstance(chosen, dict):
        return chosen
    who = which_professionals(clinic, chosen, args.professional)
    if isinstance(who, dict):
        return who
    unit_id: UUID | None = None
    if args.unit:
        units = lookup.units(clinic, args.unit)
        if len(units) != 1:
            return error("unknown_unit", candidates=[unit.name for unit in units or clinic.units])
        unit_id = units[0].id
    asked = when.resolve(args.when, now=ctx.now, zone=clinic.zone) if args.when else None
    if asked is not None and asked.invalid:
        return error("bad_date", given=asked.invalid)
    moving = None
    if args.visit:
        visit = next((visit for visit in ctx.visits if visit_handle(visit.id) == args.visit), None)
        if visit is None:
            return error("unknown_visit")
        service.require_in_time(clinic, visit, now=ctx.now)
        moving = visit.id
    return service.Wish(service=chosen, professionals=who, unit_id=unit_id, when=asked, moving=moving)


def which_service(clinic: Clinic, words: str) -> Service | Result:
    """The one bookable service these words mean, or an answer that says why there is none."""
    matching = lookup.services(clinic, words)
    if not matching:
        return error("unknown_service", candidates=[one.name for one in clinic.services if one.booked_by_carol])
    if len(matching) > 1:
        return error("ambiguous_service", candidates=[one.name for one in matching])
    if not matching[0].booked_by_carol or not matching[0].professional_ids:
        return error("person_only", service=matching[0].name)
    return matching[0]


def which_professionals(clinic: Clinic, chosen: Service, words: str | None) -> tuple[Professional, ...] | Result:
    """Who does it; narrowed to the named one when a name was said."""
    able = [p for p in clinic.professionals if p.id in chosen.professional_ids]
    if not words:
        return tuple(able)
    named = lookup.professionals(clinic, words)
    if not named:
        return error("unknown_professional", candidates=[p.name for p in able])
    fitting = tuple(p for p in named if p in able)
    return fitting or error("not_performed", candidates=[p.name for p in able])


def describe(asked: when.When, ctx: ToolContext) -> str:
    """What was understood, to be read back: "terça, 24 de novembro, das 12h às 18h"."""
    today = ctx.local_now.date()
    parts: list[str] = []
    if asked.first_day and asked.first_day == asked.last_day:
        parts.append(ptbr.day(asked.first_day, today=today))
    elif asked.first_day and asked.last_day:
        parts.append(notes.say("days", first=_short(asked.first_day, today), last=_short(asked.last_day, today)))
    if asked.weekdays and not (asked.first_day and asked.first_day == asked.last_day):
        parts.append(notes.either([ptbr.weekday_name(n) for n in asked.weekdays]))
    if asked.at:
        parts.append(ptbr.at(asked.at))
    elif asked.from_time or asked.until_time:
        parts.append(ptbr.span(asked.from_time, asked.until_time))
    return ", ".join(parts)


def _short(day: date, today: date) -> str:
    return ptbr.day(day, today=today)


_REASONS = {
    Reason.BUSY: "full",
    Reason.NO_ROOM: "full",
    Reason.NO_EQUIPMENT: "full",
    Reason.OFF_GRID: "full",
}


def _reason(found: Found) -> str | None:
    if found.exact and found.slots:
        return None
    return _REASONS.get(found.reason, found.reason.value) if found.reason else "full"


def _note(ctx: ToolContext, found: Found) -> str:
    """A fact the patient can be told about why."""
    reason = _reason(found)
    if reason is None:
        return ""
    if found.day is None:
        return notes.say("none_in_those_days")
    today = ctx.local_now.date()
    holiday = next((h for h in ctx.clinic.holidays if h.day == found.day), None)
    short = ptbr.span(holiday.opens, holiday.closes) if holiday and reason == "holiday" else ""
    day, on_day = ptbr.day(found.day, today=today), ptbr.on_day(found.day, today=today)
    return notes.say(
        "reason_short_day" if short else f"reason_{reason}",
        day=day, on_day=on_day, On_day=on_day[0].upper() + on_day[1:], holiday=holiday.name if holiday else "", hours=short,
    )  # fmt: skip
