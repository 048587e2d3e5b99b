"""Free times: asking the agenda for them and offering them in a short numbered list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.offline.acts import Call, Reply, Result, Steps
from agent.offline.handing import hand_over
from agent.offline.temporal import find_when
from agent.offline.turn import Turn, ending, keep
from agent.offline.view import Dialogue, Offer, parse_offers
from agent.offline.whom import SHOWN, propose, under
from agent.offline.words import at_unit, bulleted, listing, lower_first, numbered, offer_lines, sentence_case, the


def search(turn: Turn, d: Dialogue, *, lead: str = "") -> Steps:
    """Free times for what the dialogue holds, offered; straight to the read-back when the asked one exists alone."""
    d, only = _where_it_is(turn, d)
    if only:
        return under(only, (yield from search(turn, d, lead=lead)))
    args: dict[str, Any] = {"service": d.service}
    when = " ".join(part for part in (d.day, d.time) if part)
    extras = {"when": when, "professional": d.professional, "unit": d.unit, "visit": d.visit}
    args |= {key: value for key, value in extras.items() if value}
    result = yield Call("find_slots", args)
    if d.visit and result.get("error") in ("too_late", "person_only"):
        return (yield from hand_over(turn, d, "other", "handed_move"))
    if "error" in result:
        return _refusal(turn, d, result)
    offers = parse_offers(result.get("slots") or (), d.service)
    moving = next((v for v in turn.briefing.visits if v.visit == d.visit), None)
    if moving:  # the very time the patient wants to leave is no offer
        offers = tuple(o for o in offers if o.starts_at != moving.starts_at)
    if not offers:
        note = str(result.get("note") or "")
        text = turn.say("no_slots_noted", note=note) if note else turn.say("no_slots", service=lower_first(d.service))
        return ending(text, d, expect="team", shown=())
    exact = bool(result.get("exact"))
    d = keep(d, shown=tuple(o.slot for o in offers[:SHOWN]), slot="", options=())
    asked = _asked_for(turn, d, offers) if exact else ()
    if len(asked) == 1:
        return (yield from propose(turn, keep(d, slot=asked[0].slot), offer=asked[0]))
    return _offer(turn, d, offers[:SHOWN], result, lead)


def _where_it_is(turn: Turn, d: Dialogue) -> tuple[Dialogue, str]:
    """(dialogue, "") where the unit asked for has what is sought; else the dialogue without it and where it is had."""
    service = turn.briefing.service(d.service)
    if not d.unit or service is None:
        return d, ""
    performers = [
        p for p in turn.briefing.professionals if p.name in ((d.professional,) if d.professional else service.professionals)
    ]
    units = {u for p in performers for u in p.units} & (set(service.units) or {u.name for u in turn.briefing.units})
    if not units or d.unit in units:
        return d, ""
    where = listing([at_unit(u.name) for u in turn.briefing.units if u.name in units])
    if d.professional:
        return keep(d, unit=""), turn.say("not_in_unit_of", name=sentence_case(the(d.professional)), units=where)
    return keep(d, unit=""), turn.say("not_in_unit", service=sentence_case(d.service), units=where)


def _asked_for(turn: Turn, d: Dialogue, offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """The offers at the very day and hour asked; () when the patient left either open."""
    asked = find_when(" ".join(p for p in (d.day, d.time) if p), turn.briefing.now, turn.briefing.zone)
    if asked.point is None or not asked.names_day or len({o.starts_at.date() for o in offers}) > 1:
        return ()
    return tuple(o for o in offers if asked.covers(o.starts_at))


def _offer(turn: Turn, d: Dialogue, offers: Sequence[Offer], result: Result, lead: str) -> Reply:
    professionals = {o.professional for o in offers if o.professional}
    units = {o.unit for o in offers if o.unit}
    who = f", com {the(next(iter(professionals)))}" if len(professionals) == 1 else ""
    where = f", {at_unit(next(iter(units)))}" if len(units) == 1 and len(turn.briefing.units) > 1 else ""
    fields = {
        "service": lower_first(d.service),
        "who": who,
        "where": where,
        "near": who.lstrip(","),
        "options": offer_lines(offers),
    }
    note = str(result.get("note") or "").strip()
    if result.get("exact", True):
        key = "offer_one" if len(offers) == 1 else "offer_again" if _same_place(turn, offers) else "offer"
        text = turn.say(key, **fields)
        text = f"{note}\n{text}" if note else text
    else:
        text = turn.say("offer_nearest", note=note or turn.say("none_then"), **fields)
    return ending("\n\n".join(part for part in (lead, text) if part), d, expect="slot")


def _same_place(turn: Turn, offers: Sequence[Offer]) -> bool:
    """Whether these are for the very service, professional and unit of the list shown just before."""
    said = turn.view.dialogue
    before = turn.shown(said)
    return said.expect == "slot" and {_where(o) for o in before} == {_where(o) for o in offers} and len(before) > 0


def _where(offer: Offer) -> tuple[str, str, str]:
    return offer.service, offer.professional, offer.unit


def _refusal(turn: Turn, d: Dialogue, result: Result) -> Reply:
    candidates = tuple(str(c) for c in result.get("candidates") or ())
    match result["error"]:
        case "unknown_service" | "ambiguous_service" if candidates:
            return ending(
                turn.say("which_of", options=numbered(candidates)), d, service="", expect="service", options=candidates
            )
        case "unknown_professional" | "not_performed" if candidates:
            text = turn.say(
                "not_performed",
                name=sentence_case(the(d.professional)),
                service=lower_first(d.service),
                options=bulleted(candidates),
            )
            return ending(text, d, professional="", expect="professional", options=candidates)
        case "person_only":
            return ending(turn.say("person_only", service=d.service), d, task="", expect="team")
        case "bad_date" | "invalid_date":
            return ending(turn.say("bad_date"), d, day="", time="", expect="when")
        case _:
            return ending(turn.say("tool_failed"), d, expect="team")
