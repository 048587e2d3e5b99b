"""Facts from the clinic's own tables, as the briefing gives them: prices, convênios, people, services. Never a guess."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.offline import entities
from agent.offline.lexicon import lexicon
from agent.offline.sayable import sayable
from agent.offline.spelling import alike, content, fold
from agent.offline.temporal import WEEKDAYS
from agent.offline.turn import Turn
from agent.offline.view import Dialogue, Professional, Service
from agent.offline.words import bulleted, listing, lower_first, the, unit_name

_LIST = 14


def asked_services(turn: Turn, d: Dialogue) -> tuple[Service, ...]:
    """The services the question is about: named now, else the one being talked about."""
    r, b = turn.reading, turn.briefing
    performed = tuple(s for s in b.services if any(p.name in s.professionals for p in r.professionals))
    current = d.service or d.topic
    if r.services and not r.sure_service and current in {s.name for s in r.services}:
        return tuple(s for s in r.services if s.name == current)  # "o valor da sessão?", of the one being arranged
    if r.services:
        return tuple(s for s in r.services if s in performed) or r.services
    if performed:
        return performed
    return tuple(s for s in b.services if s.name == current)


def price(turn: Turn, d: Dialogue) -> str:
    named = bool(turn.reading.services or turn.reading.professionals)
    services = asked_services(turn, d) if named or not _foreign(turn) else ()
    if not services and not _foreign(turn):
        services = turn.briefing.services
    kind = entities.general(turn.reading.text)
    if kind and len(services) > 1:
        services = tuple(s for s in services if entities.general(s.name) == kind) or services
    if len(services) == 1:
        return _one_price(turn, services[0])
    if not services:
        return ""
    lines = [_price_line(turn, s) for s in services[:_LIST]]
    return turn.say("prices", options=bulleted(lines))


def _foreign(turn: Turn) -> bool:
    """Whether the question names something that no table of ours has ("quanto custa o botox?")."""
    price_words = set(lexicon()["price_words"])
    words = [w for w in content(turn.reading.text) if w not in price_words and len(w) > 3]
    noise = set(lexicon()["not_services"])
    known = noise | {w for u in turn.briefing.units for w in content(u.name)} | set(content(turn.reading.convenio))
    return "tabela" not in turn.reading.folded and any(w not in known and not turn.reading.when for w in words)


def _price_line(turn: Turn, service: Service) -> str:
    free = service.price_note and not re.search(r"[1-9]", service.price or "")
    amount = lower_first(str(service.price_note)).rstrip(".") if free else service.price or turn.say("price_on_request")
    return f"{service.name}: {amount}"


def _one_price(turn: Turn, service: Service) -> str:
    name = lower_first(service.name)
    note = service.price_note.strip()
    free = bool(service.price) and not re.search(r"[1-9]", service.price or "")
    if free and note:
        return turn.say("price_note", service=service.name, note=lower_first(note))
    if free:
        return turn.say("price_free", service=service.name)
    if not service.price:
        return (
            turn.say("price_note", service=service.name, note=lower_first(note))
            if note
            else turn.say("price_none", service=name)
        )
    text = turn.say("price", service=name, price=service.price)
    text = f"{text} {note}" if note else text
    said = turn.reading.convenio
    if said and said != "particular":
        return text if turn.reading.has("convenio") else f"{text}\n{_one_convenio(turn, said, service)}"
    return f"{text} {turn.say('price_convenios', convenios=listing(service.convenios))}" if service.convenios else text


def discount(turn: Turn, d: Dialogue) -> str:
    """What the clinic wrote about discounts; else that there is none to give here, beside the price asked about."""
    written = next((text for text in turn.briefing.facts.values() if "descont" in fold(text)), "")
    if written:
        return written
    found = asked_services(turn, d)
    cost = f"{_one_price(turn, found[0])}\n\n" if len(found) == 1 else ""
    return cost + turn.say("no_discount")


def convenio(turn: Turn, d: Dialogue) -> str:
    r, b = turn.reading, turn.briefing
    spoken_of = d.service or (d.topic if d.about in ("price", "convenio") else "")
    about = r.services[0] if len(r.services) == 1 else b.service(spoken_of) if spoken_of else None
    if r.convenio and r.convenio != "particular":
        return _one_convenio(turn, r.convenio, about)
    if not b.convenios:
        return turn.say("no_convenios")
    if r.foreign_convenio:
        text = turn.say("foreign_convenio", name=r.foreign_convenio)
        return f"{text} {_ours(turn)}"
    if about and about.convenios:
        return turn.say("service_convenios", service=lower_first(about.name), convenios=listing(about.convenios))
    if about:
        return turn.say("service_no_convenio", service=lower_first(about.name))
    return _ours(turn)


def _ours(turn: Turn) -> str:
    names = [c.name for c in turn.briefing.convenios]
    return turn.say("our_convenios" if len(names) > 1 else "our_convenio", convenios=listing(names))


def _one_convenio(turn: Turn, name: str, about: Service | None) -> str:
    plan = next(c for c in turn.briefing.convenios if c.name == name)
    covered = plan.services or tuple(s.name for s in turn.briefing.services if name in s.convenios)
    note = f" {sayable(plan.note)}" if plan.note else ""
    if about and (name in about.convenios or about.name in covered):
        return turn.say("convenio_covers", convenio=name, service=lower_first(about.name)) + note
    if about:
        few = 0 < len(covered) <= 3
        rest = turn.say("convenio_covers_only", options=listing([lower_first(s) for s in covered])) if few else ""
        particular = turn.say("particular_price", price=about.price) if about.price else ""
        text = turn.say("not_covered_fact", convenio=name, service=lower_first(about.name), price=particular)
        return f"{text} {rest or note.strip()}".strip()
    if covered and len(covered) < len(turn.briefing.services):
        return turn.say("convenio_yes_for", convenio=name, options=bulleted(covered[:_LIST])) + note.replace(" ", "\n", 1)
    return turn.say("convenio_yes", convenio=name) + note


def services(turn: Turn, d: Dialogue) -> str:
    every = turn.briefing.services
    groups: dict[str, list[str]] = {}
    for service in every:
        groups.setdefault(service.category or "", []).append(service.name)
    if len(groups) > 1 and "" not in groups:
        lines = [f"*{category}*: {', '.join(names)}" for category, names in groups.items()]
        return turn.say("services", options="\n".join(lines))
    return turn.say("services", options=bulleted([s.name for s in every]))


def offers_service(turn: Turn, d: Dialogue) -> str:
    """ "Vocês fazem X?": yes with who and how much; "" when X is not in the tables (then the papers are asked)."""
    found = turn.reading.services
    if not found or not _covered(turn, found):
        return ""
    if len(found) > 1:
        return turn.say("we_do_several", options=bulleted([_price_line(turn, s) for s in found[:_LIST]]))
    service = found[0]
    amount = turn.say("we_do_price", price=service.price) if service.price else ""
    who = turn.say("we_do_who", names=listing([the(p) for p in service.professionals])) if service.professionals else ""
    note = service.price_note.strip()
    said = (turn.say("we_do", service=service.name, who=f" {who}" if who else ""), amount, note)
    return " ".join(part for part in said if part)


def _covered(turn: Turn, found: Sequence[Service]) -> bool:
    """Whether every telling word asked belongs to the services found: "harmonização facial" is no "limpeza facial"."""
    known = [w for s in found for text in (s.name, *s.aliases, s.category) for w in content(text)]
    noise = {*lexicon()["not_services"], *lexicon()["fields"]}
    said = [w for w in content(turn.reading.text) if len(w) > 3 and w not in noise]
    return all(any(alike(w, x) for x in known) for w in said)


def service_info(turn: Turn, d: Dialogue) -> str:
    found = asked_services(turn, d)
    if len(found) != 1 or not found[0].description:
        return ""
    service = found[0]
    length = turn.say("lasts", minutes=service.minutes) if service.minutes else ""
    return f"{service.description.strip()} {length}".strip()


def duration(turn: Turn, d: Dialogue) -> str:
    found = [s for s in asked_services(turn, d) if s.minutes]
    if len(found) == 1:
        return turn.say("duration", service=lower_first(found[0].name), minutes=found[0].minutes)
    if found and len(found) <= _LIST:
        return turn.say(
            "durations", options=bulleted([turn.say("line_minutes", service=s.name, minutes=s.minutes) for s in found])
        )
    return ""


def preparation(turn: Turn, d: Dialogue) -> str:
    """What the service asks for beforehand; "" when the tables do not say."""
    found = asked_services(turn, d)
    if not found and turn.briefing.visits:
        booked = {v.service for v in turn.briefing.visits}
        found = tuple(s for s in turn.briefing.services if s.name in booked)
    with_words = [s for s in found if s.preparation.strip()]
    if len(with_words) == 1 and len(found) == 1:
        return turn.say(
            "preparation", service=lower_first(found[0].name), preparation=lower_first(found[0].preparation.strip())
        )
    if with_words and len(found) > 1 and len(with_words) <= 4:
        return "\n".join(f"*{s.name}*: {s.preparation.strip()}" for s in with_words)
    return ""


def untold(turn: Turn, d: Dialogue) -> str:
    """What to say of a price or a preparation that neither tables nor papers tell; "" when neither was asked."""
    if turn.reading.has("price"):
        return turn.say("price_unknown_service")
    found = asked_services(turn, d) if turn.reading.has("preparation") else ()
    return turn.say("no_preparation", service=found[0].name) if len(found) == 1 else ""


def professionals(turn: Turn, d: Dialogue) -> str:
    """Who works here, or who performs the service asked about."""
    b, r = turn.briefing, turn.reading
    if r.professionals:
        return "\n".join(_about(turn, p) for p in r.professionals)
    found = r.services or entities.services_in_field(r.text, b)
    if not found and re.search(r"\b(?:isso|esse|essa|me atende|vai me|faria)\b", r.folded):
        found = asked_services(turn, d)
    if len(found) == 1 and found[0].professionals:
        names = listing([the(p) for p in found[0].professionals])
        return turn.say("who_does", service=lower_first(found[0].name), names=names)
    if found:
        names_of = {p: None for s in found for p in s.professionals}
        chosen = [p for p in b.professionals if p.name in names_of]
        return turn.say("who_team", options=bulleted([_line(p) for p in chosen])) if chosen else ""
    return turn.say("who_team", options=bulleted([_line(p) for p in b.professionals])) if b.professionals else ""


def _line(p: Professional) -> str:
    return f"{p.name}, {lower_first(p.specialty)}" if p.specialty else p.name


def professional_days(turn: Turn, d: Dialogue) -> str:
    if turn.reading.stranger:
        names = bulleted([_line(p) for p in turn.briefing.professionals])
        return turn.say("no_such_professional", name=turn.reading.stranger.title(), options=names)
    service = turn.briefing.service(d.service or d.topic)
    meant = (d.professional,) if d.professional else service.professionals if service else ()
    spoken_of = (p for p in turn.briefing.professionals if p.name in meant)
    return "\n".join(_about(turn, p) for p in turn.reading.professionals or spoken_of)


def _about(turn: Turn, p: Professional) -> str:
    units = listing([unit_name(u) for u in p.units]) if len(turn.briefing.units) > 1 and p.units else ""
    where = turn.say("in_units", units=units) if units else ""
    field = f", {lower_first(p.specialty)}," if p.specialty else ""
    if not p.days:
        return turn.say("works_here", name=p.name, field=field, where=where)
    days = listing(p.days)
    asked = [w for w in content(turn.reading.when.day) if any(alike(w, x.split("-")[0]) for x in WEEKDAYS)]
    if asked:
        works = any(alike(asked[0], content(day)[0]) for day in p.days if content(day))
        key = "works_that_day" if works else "not_that_day"
        return turn.say(key, name=sentence(the(p.name)), field=field, days=days, where=where)
    return turn.say("works_days", name=sentence(the(p.name)), field=field, days=days, where=where)


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
