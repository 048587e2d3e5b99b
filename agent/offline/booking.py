"""Booking: which service, which time, for whom, the read-back. Each step asks one thing and remembers the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from agent.offline import cautions, entities
from agent.offline.acts import Reply, Steps
from agent.offline.choice import pick_name, pick_offers
from agent.offline.slots import search
from agent.offline.spelling import fold
from agent.offline.temporal import When, find_when
from agent.offline.turn import Turn, bookable, ending, keep
from agent.offline.view import Dialogue, Service
from agent.offline.whom import covered, foreign, propose, under
from agent.offline.words import bulleted, numbered, offer_lines

_MANY = 8


def begin(turn: Turn, d: Dialogue) -> Steps:
    """Take in what the message says about a booking and move on to the next thing missing."""
    d = keep(d, task="book") if d.task != "book" else keep(d)
    r = turn.reading
    picked = _picked(turn, d)
    d, candidates = settle_service(turn, fill(turn, d, timed=not picked))
    if r.stranger:
        return ending(unknown_professional(turn, d), d, expect="professional")
    if not d.service and d.expect == "service" and (r.when or r.whom.name):
        default = entities.usual(s for s in turn.briefing.services if not d.options or s.name in d.options)
        d = _switch(turn, d, default) if default else d
    if not d.service:
        again = tuple(s for s in turn.briefing.services if s.name in d.options) if d.expect == "service" else ()
        return ask_service(turn, d, candidates or (again if len(again) < len(bookable(turn.briefing)) else ()))
    service = turn.briefing.service(d.service)
    if service and (why := cautions.held(turn, d, service)):
        return (yield from cautions.answer(turn, d, service, why))
    if service and not service.bookable:
        return ending(turn.say("person_only", service=service.name), d, expect="team", task="")
    d, lead = covered(turn, d)
    if d.then_service and r.each_service:
        lead = f"{turn.say('one_by_one', service=d.service)} {lead}".strip()
    reply = yield from choose(turn, d)
    if r.foreign_convenio and not r.has("convenio") and r.foreign_convenio not in reply.text:
        lead = foreign(turn, service)
    return under(lead, reply) if lead else reply


def fill(turn: Turn, d: Dialogue, *, timed: bool = True) -> Dialogue:
    """The dialogue with every slot the message fills; a new day keeps the part of day asked before."""
    r = turn.reading
    d = keep(d, **_when(turn, d, r.when)) if timed else keep(d)
    if r.professionals and len(r.professionals) == 1:
        d = keep(d, professional=r.professionals[0].name)
    elif r.stranger:
        d = keep(d, professional="")
    if r.unit:
        d = keep(d, unit=r.unit)
    if r.convenio:
        d = keep(d, convenio=r.convenio)
    elif r.foreign_convenio:
        d = keep(d, convenio="particular")
    both = (
        r.whom.relationship and r.has("self") and re.search(r"\b(?:e|mais)\b.{0,8}\b(?:para|p[ro]|minha|meu|o|a)\b", r.folded)
    )
    if both and not r.whom.name:
        d = keep(d, relationship="self", then=r.whom.word)
    elif r.whom.relationship:
        d = keep(d, relationship=r.whom.relationship, kin=r.whom.word, name=r.whom.name or "", person="")
    elif r.whom.name:
        d = keep(d, name=r.whom.name, person="", then_name=r.whom.also or d.then_name,
                 then_when=r.then_when or d.then_when)  # fmt: skip
    elif r.has("self"):
        d = keep(d, relationship="self", name=d.name if d.relationship in ("", "self") else "", person="")
    return d


def _picked(turn: Turn, d: Dialogue) -> bool:
    """Whether the message points at one of the offers, so that its words about time are no new wish."""
    return (
        bool(pick_offers(turn.reading, turn.shown(d), d.shown))
        if d.expect in ("slot", "confirm", "name", "whom", "fix")
        else False
    )


def _when(turn: Turn, d: Dialogue, said: When) -> dict[str, str]:
    if said.day and (said.time or said.names_time):
        return {"day": within(turn, d, said), "time": said.time}
    if said.day:
        return {"day": within(turn, d, said), "time": "" if point(turn, d) and not same_hour(turn) else d.time}
    return {"time": said.time} if said.time else {}


def within(turn: Turn, d: Dialogue, said: When) -> str:
    """The day said; a bare weekday after "semana que vem" is that week's."""
    before = find_when(d.day, turn.briefing.now, turn.briefing.zone).meant if d.day else None
    first, last = (before.first_day, before.last_day) if before else (None, None)
    day = said.meant.first_day
    if spoken_of := _same_number(turn, d, said):
        return spoken_of
    alone = day is not None and day == said.meant.last_day and not re.search(r"\d|hoje|amanha|vem", fold(said.day))
    if not alone or day is None or first is None or last is None or not 1 <= (last - first).days <= 7 or first <= day <= last:
        return said.day
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return next((f"dia {x.day}/{x.month}" for x in days if x.weekday() == day.weekday()), said.day)


def _same_number(turn: Turn, d: Dialogue, said: When) -> str:
    """The date on the table that a bare "dia 28" says again, its month told; "" when there is none."""
    found = re.fullmatch(r"\D*\bdia (\d{1,2})\D*", fold(said.day))
    if found is None or re.search(r"\b(?:do|de|desse|deste) (?:mes|\w{3,})", fold(said.day)):
        return ""
    before = find_when(d.day, turn.briefing.now, turn.briefing.zone).meant if d.day else None
    dates = [o.starts_at.date() for o in turn.shown(d)]
    dates = [before.first_day, *dates] if before and before.first_day and before.first_day == before.last_day else dates
    return next((f"dia {day.day}/{day.month}" for day in dates if day.day == int(found.group(1))), "")


def same_hour(turn: Turn) -> bool:
    """ "Quinta tem nesse horário?": another day, the hour stays."""
    said = re.search(r"(\bnao\b.{0,25})?\b(?:n?ess[ea]|n?est[ea]|mesm[oa]) (?:mesm[oa] )?hor(?:a|ario)\b", turn.reading.folded)
    return said is not None and not said.group(1)


def settle_service(turn: Turn, d: Dialogue) -> tuple[Dialogue, tuple[Service, ...]]:
    """(dialogue with its service when it is certain, else the services it may be)."""
    r, b = turn.reading, turn.briefing
    found = r.services
    if d.hint and d.expect == "service" and not d.options:
        hinted = entities.find_services(f"{d.hint} {r.text}", b)
        found = hinted.services if hinted.sure or not found else found
    if d.expect == "service" and d.options:
        picked = pick_name(r, d.options)
        narrowed = entities.find_services(r.text, b, among=d.options).services
        found = tuple(s for s in b.services if s.name == picked) if picked else narrowed or found
    performed = entities.services_of(d.professional, b) if d.professional else ()
    performed = tuple(s for s in performed if s.bookable) or performed
    if len(found) > 1 and performed:
        found = tuple(s for s in found if s in performed) or found
    if len(found) > 1 and performed:  # "consulta com a Dra. Helena" is not her return visit nor her check-up
        named = tuple(s for s in found if entities.general(s.name) and entities.general(s.name) == entities.general(r.text))
        found = named if len(named) == 1 else found
    if len(found) > 1 and d.unit:
        found = tuple(s for s in found if not s.units or d.unit in s.units) or found
    if len(found) > 1 and not re.search(r"retorn|volta|mostrar", r.folded):
        found = tuple(s for s in found if not fold(s.name).startswith("retorno")) or found
    kind = found[0] if len(found) == 1 else b.service(d.service or d.topic) if not found or len(found) > 1 else None
    younger = entities.for_children(kind, b) if kind and entities.of_a_child(r.text) else None
    if younger and (len(found) < 2 or younger in found):
        found = (younger,)
    asked = d.expect == "service" and d.options
    if not found and not d.service and d.topic and (not asked or d.topic in d.options):
        found = tuple(s for s in b.services if s.name == d.topic and (not performed or s in performed))
    if not found and performed and (not d.service or d.service not in {s.name for s in performed}):
        found = performed
    if not found and not d.service and len(bookable(b)) == 1:
        found = bookable(b)
    if len(found) == 2 and r.each_service and all(s.bookable for s in found):
        return keep(_switch(turn, d, found[0]), then_service=found[1].name), ()
    if len(found) == 1:
        return _switch(turn, d, found[0]), ()
    if len(found) > 1 and d.service in {s.name for s in found}:
        return d, ()
    return (keep(d, service="") if found else d), found


def _switch(turn: Turn, d: Dialogue, service: Service) -> Dialogue:
    if service.name == d.service:
        return d
    said = bool(turn.reading.professionals)
    keeps = said or d.professional in service.professionals
    return keep(d, service=service.name, topic=service.name, slot="", shown=(), options=(),
                professional=d.professional if keeps else "")  # fmt: skip


def ask_service(turn: Turn, d: Dialogue, candidates: Sequence[Service]) -> Reply:
    if candidates and len(candidates) <= _MANY:
        names = [s.name for s in candidates]
        text = turn.say("which_of", options=numbered(names))
        return ending(text, d, expect="service", options=tuple(names))
    services = [s.name for s in candidates or bookable(turn.briefing)]
    r = turn.reading
    said = (r.when.day, r.when.time, r.whom.name, r.convenio, r.unit, *(p.name for p in r.professionals))
    foreign = not candidates and not r.stranger and entities.leftover(r.text, said)
    if len(services) <= _MANY:
        key = "not_ours" if foreign else "noted_which" if d.expect == "service" else "which_service"
        text = turn.say(key, options=numbered(services))
        return ending(text, d, expect="service", options=tuple(services), hint="")
    fields = list(dict.fromkeys(s.category or s.name for s in candidates or bookable(turn.briefing)))[:_MANY]
    hint = entities.general(turn.reading.text)
    return ending(turn.say("which_field", options=bulleted(fields)), d, expect="service", options=(), hint=hint)


def unknown_professional(turn: Turn, d: Dialogue) -> str:
    service = turn.briefing.service(d.service)
    names = service.professionals if service else tuple(p.name for p in turn.briefing.professionals)
    return turn.say("no_such_professional", name=turn.reading.stranger.title(), options=bulleted(names[:_MANY]))


def choose(turn: Turn, d: Dialogue) -> Steps:
    """A slot among those shown when the message picks one, else a new search."""
    r = turn.reading
    offers = tuple(o for o in turn.shown(d) if not o.service or o.service == d.service)
    if offers and d.expect in ("slot", "confirm", "name", "whom", "fix"):
        picked = pick_offers(r, offers, d.shown)
        if len(picked) == 1:
            d = keep(d, slot=picked[0].slot, professional=d.professional)
            return (yield from propose(turn, d))
        if picked and len({o.starts_at for o in picked}) == 1:
            return ending(turn.say("which_slot", options=offer_lines(picked)), d, expect="slot",
                          shown=tuple(o.slot for o in picked))  # fmt: skip
        if d.expect == "slot" and r.has("yes") and not r.when and not r.has("later", "earlier", "refuse"):
            if len(offers) == 1:
                return (yield from propose(turn, keep(d, slot=offers[0].slot)))
            return ending(turn.say("which_slot", options=offer_lines(offers)), d, expect="slot")
    if d.slot and not _wants_other_time(turn):
        return (yield from propose(turn, d))
    return (yield from search(turn, keep(_relative(turn, d, [o.starts_at.hour for o in offers]), slot="")))


def _wants_other_time(turn: Turn) -> bool:
    r = turn.reading
    return bool(r.when or r.professionals or r.unit) or r.has("later", "earlier", "sooner", "refuse", "no", "availability")


def _relative(turn: Turn, d: Dialogue, hours: Sequence[int]) -> Dialogue:
    """ "Mais tarde" and "mais cedo" measured against the hours just shown; "outro dia" frees the day."""
    r = turn.reading
    if r.when.time or not hours:
        return d
    if r.has("later"):
        latest = max(hours)
        return keep(d, time="a tarde" if latest < 12 else f"depois das {min(latest + 1, 18)}h")
    if r.has("earlier"):
        earliest = min(hours)
        return keep(d, time="de manha" if earliest >= 12 else f"antes das {earliest}h")
    if r.has("refuse", "no") and not r.when and not r.professionals:
        other_day = "dia" in r.folded or "data" in r.folded
        return keep(d, day="" if other_day else d.day, time="" if point(turn, d) else d.time)
    return d


def point(turn: Turn, d: Dialogue) -> bool:
    """Whether the time asked before was one exact hour."""
    return bool(d.time) and find_when(d.time, turn.briefing.now, turn.briefing.zone).point is not None
