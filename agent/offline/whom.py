"""For whom the visit is, and the read-back that asks the yes."""

from __future__ import annotations

import re
from typing import Any

from agent.offline.acts import Call, Reply, Result, Steps
from agent.offline.handing import hand_over
from agent.offline.lexicon import lexicon
from agent.offline.people import Whom, match_people
from agent.offline.sayable import sayable
from agent.offline.turn import Turn, ending, keep
from agent.offline.understand import Reading
from agent.offline.view import Dialogue, Offer, Person, Service, parse_offers
from agent.offline.words import accented, at_unit, first_name, listing, lower_first, of_kin, offer_lines, the, unit_name
from clinic.patients.names import same

SHOWN = 5  # offers listed at once


def called(r: Reading) -> str:
    """How the third person spoken of is called: "sua irmã", "ela"."""
    if r.whom.word:
        return f"{'sua' if r.whom.word in lexicon()['feminine'] else 'seu'} {accented(r.whom.word)}"
    return "ela" if re.search(r"\b(?:ela|dela)\b", r.folded) else "ele"


def propose(turn: Turn, d: Dialogue, *, offer: Offer | None = None) -> Steps:
    """Hold the chosen slot for the right person and read it back; asks who it is for when that is not known."""
    if d.task == "move":
        return (yield from _propose_move(turn, d))
    d, lead = covered(turn, d)
    if lead:
        return under(lead, (yield from propose(turn, d, offer=offer)))
    if d.name and not d.person and any(same(d.name, name) for name in d.kept_from):
        return ending(turn.say("kept_from_booking"), keep(d, name="", relationship="", kin=""), expect="team")
    person, asking = _person(turn, d, offer)
    if asking:
        return asking
    args: dict[str, Any] = {"slot": d.slot}
    if isinstance(person, Person):
        if any(result.name == "book_visit" for result in turn.view.results):
            args["person_name"] = person.name  # a second visit in one turn: each call counts
        elif person.person != turn.briefing.current_person:
            chosen = yield Call("for_whom", {"person": person.person})
            if "error" in chosen:
                return _ask_name(turn, d, offer)
        if len(d.name.split()) > len(person.name.split()):
            args["person_name"] = d.name  # the same person, under the fuller name just said
    elif d.name and d.relationship not in ("", "self"):
        chosen = yield Call("for_whom", {"name": d.name, "relationship": d.relationship})
        if chosen.get("error") == "heard_name":
            return ending(turn.say("heard_name", name=d.name), keep(d, name=""), expect="name")
        if "error" in chosen:
            return _ask_name(turn, keep(d, name=""), offer)
    elif d.name:
        args["person_name"] = d.name
    if d.convenio not in ("", "particular"):
        args["convenio"] = d.convenio
    result = yield Call("propose_visit", args)
    if "error" in result:
        return _refusal(turn, d, result, offer)
    return ending(read_back(turn, d, result["summary"]), d, expect="confirm")


def _person(turn: Turn, d: Dialogue, offer: Offer | None) -> tuple[Person | None, Reply | None]:
    """(someone known, None), (None, None) when the name said makes a new person, or (None, the question to ask)."""
    people = turn.briefing.people
    itself = next((p for p in people if p.relationship == "self"), None)
    if d.person:
        return next((p for p in people if p.person == d.person), None), None
    if d.name or d.relationship not in ("", "self"):
        known = match_people(Whom(d.name, d.relationship), turn.briefing)
        if d.name and d.relationship:
            known = tuple(p for p in known if p.relationship == d.relationship) or known
        if len(known) == 1:
            return known[0], None
        if len(known) > 1:
            return None, _ask_which(turn, d, known)
        return None, None if d.name else _ask_name(turn, d, offer)
    if d.relationship == "self":
        return itself, None if itself else _ask_name(turn, d, offer)
    if len(people) == 1 and itself:
        return itself, None
    if people:
        return None, _ask_which(turn, d, people)
    return None, _ask_name(turn, d, offer)


def _ask_which(turn: Turn, d: Dialogue, people: tuple[Person, ...]) -> Reply:
    names = tuple(p.name for p in people)
    if len(names) == 1:
        return ending(turn.say("is_it_for", name=first_name(names[0])), d, expect="whom", options=names)
    return ending(turn.say("which_person", options=", ".join(names)), d, expect="whom", options=names)


def _ask_name(turn: Turn, d: Dialogue, offer: Offer | None) -> Reply:
    chosen = offer or next((o for o in turn.briefing.offers if o.slot == d.slot), None)
    lead = ""
    if chosen:
        lead = turn.say(
            "slot_chosen", label=chosen.label, who=f", com {the(chosen.professional)}" if chosen.professional else ""
        )
    service = turn.briefing.service(d.service)
    key = "ask_name"
    if service and service.convenios and not d.convenio:
        key = "ask_name_convenio"
    question = turn.say(f"{key}_kin", kin=of_kin(d.kin)) if d.kin else turn.say(key)
    return ending(f"{lead} {question}".strip(), d, expect="name")


def read_back(turn: Turn, d: Dialogue, summary: dict[str, Any]) -> str:
    """Every field of the proposal, line by line, and the question."""
    where = (summary.get("unit") or "") if len(turn.briefing.units) > 1 else ""
    lines = [f"*{summary['service']}*", str(summary["label"])]
    lines.append(", ".join(x for x in (summary.get("professional"), unit_name(where) if where else "") if x))
    lines.append(turn.say("line_person", name=summary["person"]))
    price, convenio = summary.get("price"), summary.get("convenio")
    if convenio:
        lines.append(turn.say("line_convenio", convenio=convenio))
    elif price and (re.search(r"[1-9]", str(price)) or not summary.get("price_note")):
        lines.append(turn.say("line_price", price=price))
    if summary.get("price_note") and not convenio:
        lines.append(sayable(str(summary["price_note"])))
    text = turn.say("read_back", lines="\n".join(f"• {line}" for line in lines if line))
    service = turn.briefing.service(str(summary["service"]))
    if not convenio and not d.convenio and service and service.convenios:
        text = f"{text} {turn.say('hint_convenio')}"
    if turn.reading.foreign_convenio and not convenio:
        text = f"{turn.say('foreign_convenio', name=turn.reading.foreign_convenio)}\n\n{text}"
    return text


def _refusal(turn: Turn, d: Dialogue, result: Result, offer: Offer | None) -> Reply:
    candidates = [str(c) for c in result.get("candidates") or ()]
    match result["error"]:
        case "needs_name" | "name_not_said":
            return _ask_name(turn, keep(d, name=""), offer)
        case "slot_taken" | "expired" | "unknown_slot":
            return taken(turn, d, result)
        case "convenio_not_covered":
            return _uncovered(turn, d)
        case "unknown_convenio":
            listed = ", ".join(candidates or [c.name for c in turn.briefing.convenios])
            return ending(turn.say("unknown_convenio", options=listed), d, convenio="", expect="particular")
        case "person_busy":
            return ending(turn.say("person_busy"), d, slot="", expect="when")
        case "too_many_visits":
            return ending(turn.say("too_many_visits"), d, expect="team")
        case _:
            return ending(turn.say("tool_failed"), d, expect="team")


def covered(turn: Turn, d: Dialogue) -> tuple[Dialogue, str]:
    """(dialogue, "") when the convênio said covers the service; else the dialogue as particular and the words that say so."""
    service = turn.briefing.service(d.service)
    if service is None or d.convenio in ("", "particular", *service.convenios):
        return d, ""
    price = turn.say("particular_price", price=service.price) if service.price else ""
    text = turn.say("not_covered_fact", convenio=d.convenio, service=d.service, price=price)
    return keep(d, convenio="particular"), text


def foreign(turn: Turn, service: Service | None) -> str:
    """That the convênio said is none of the clinic's, and how the service may be had."""
    text = turn.say("foreign_convenio", name=turn.reading.foreign_convenio)
    ours = listing(service.convenios if service else [c.name for c in turn.briefing.convenios])
    price = turn.say("particular_price", price=service.price) if service and service.price else ""
    rest = turn.say("our_convenios", convenios=ours) if ours and not service else ""
    if service and ours:
        rest = turn.say("service_convenios", service=service.name, convenios=ours)
    return " ".join(part for part in (text, rest, price) if part)


def under(lead: str, reply: Reply) -> Reply:
    """`reply` with a paragraph before it."""
    return Reply(f"{lead}\n\n{reply.text}".strip(), reply.dialogue)


def _uncovered(turn: Turn, d: Dialogue) -> Reply:
    service = turn.briefing.service(d.service)
    price = turn.say("particular_price", price=service.price) if service and service.price else ""
    return ending(turn.say("not_covered", convenio=d.convenio, service=d.service, price=price), d, expect="particular")


def taken(turn: Turn, d: Dialogue, result: Result) -> Reply:
    """The slot went to someone else: an apology and what is still free."""
    offers = parse_offers(result.get("slots") or (), d.service)[:SHOWN]
    d = keep(d, slot="", shown=tuple(o.slot for o in offers))
    if not offers:
        return ending(turn.say("slot_taken_none"), d, expect="when")
    return ending(turn.say("slot_taken", options=offer_lines(offers)), d, expect="slot")


def _propose_move(turn: Turn, d: Dialogue) -> Steps:
    result = yield Call("propose_move", {"visit": d.visit, "slot": d.slot})
    if result.get("error") in ("slot_taken", "unknown_slot", "expired"):
        return taken(turn, d, result)
    if result.get("error") in ("too_late", "person_only"):
        return (yield from hand_over(turn, d, "other", "handed_move"))
    if "error" in result:
        return ending(turn.say("tool_failed"), d, expect="team")
    s = result["summary"]
    who = f", com {the(s['professional'])}" if s.get("professional") else ""
    where = f", {at_unit(s['unit'])}" if s.get("unit") and len(turn.briefing.units) > 1 else ""
    text = turn.say("read_back_move", service=lower_first(s["service"]), before=s.get("from_label", ""), label=s["label"],
                    who=who, where=where, person=first_name(s.get("person", "")))  # fmt: skip
    return ending(text, d, expect="confirm")
