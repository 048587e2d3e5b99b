"""One turn's decision: facts asked are answered first, then the task in hand moves one step, or what was open is recalled."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import replace

from agent.offline import also, booking, cautions, confirm, facts, handing, papers, places, refusing, smalltalk, visits
from agent.offline.acts import Act, Call, Reply, Result, Steps, replay
from agent.offline.choice import pick_name
from agent.offline.reminding import remind
from agent.offline.spelling import content
from agent.offline.turn import Turn, ending, forget, keep
from agent.offline.understand import Reading
from agent.offline.view import Dialogue, TurnView, parse_days
from agent.offline.whom import called, propose
from agent.offline.words import Voice

_FACTS: dict[str, Callable[[Turn, Dialogue], str]] = {
    "services": facts.services, "offers_service": facts.offers_service, "service_info": facts.service_info,
    "discount": facts.discount, "price": facts.price, "convenio": facts.convenio, "professionals": facts.professionals,
    "professional_days": facts.professional_days, "duration": facts.duration, "preparation": facts.preparation,
    "hours": places.hours, "address": places.address, "parking": places.parking, "phone": places.phone,
    "payment": places.payment,
}  # fmt: skip
_PAPERS = frozenset(
    [
        "knowledge",
        "exam_results",
        "prescription",
        "parking",
        "payment",
        "preparation",
        "service_info",
        "phone",
        "address",
        "hours",
    ]
)


_CALLS = re.compile(r"\bcham(?:a|e|ar|em)\b")  # where the team was offered beside a time
_FEW = 4  # words that carry meaning
_DECLINES = re.compile(r"^\W*nao\W*$|\b(?:precisa|obrigad|valeu|chama|equipe|deixa|quero|agora nao)")


def decide(view: TurnView, reading: Reading) -> Act:
    """The next tool call of this turn, whose words were understood so, or its reply. Same view, same act."""
    turn = Turn(view, reading, Voice(len(view.history)))
    return replay(_policy(turn), view.results)


def _policy(turn: Turn) -> Steps:
    view, reading = turn.view, turn.reading
    d = replace(view.dialogue, apart="", kept_from=refusing.kept(turn))
    if view.asked_again:
        return ending(turn.say("plain_retry"), d, expect="team")
    if not view.text.strip():
        return ending(turn.say("no_text"), d)
    minded = turn.briefing.service(d.service) if d.task == "book" and not reading.services else None
    if minded and reading.refuses in ("", "medical") and (why := cautions.held(turn, d, minded)) and why.desk:
        return (yield from cautions.answer(turn, d, minded, why))
    if reading.refuses:
        refusal = yield from refusing.refuse(turn, d)
        besides = also.told(turn, _FACTS)
        return Reply(f"{besides}\n\n{refusal.text}", refusal.dialogue) if besides else refusal
    d = _topic(turn, d)
    written = yield from _answer_facts(turn, d)
    answered = written.text
    reply = yield from _step(turn, d, written)
    text = "\n\n".join(part for part in (answered, reply.text) if part)
    facts_asked = [intent for intent in _FACTS if intent in reading.intents]
    about = facts_asked[-1] if answered and facts_asked else ""
    about = about or ("my_visits" if reading.has("my_visits") else "")
    return Reply(_greeted(turn, text, bool(answered)), replace(reply.dialogue, about=about, kept_from=d.kept_from))


def _greeted(turn: Turn, text: str, answered: bool) -> str:
    """A greeting is returned before the answer, except to a new contact, whom the clinic greets by itself."""
    if not turn.reading.has("greet") or turn.briefing.first_contact or turn.view.history:
        return text
    if not (answered or turn.reading.subjects):
        return text
    return f"{smalltalk.hello(turn)} {text}"


def _topic(turn: Turn, d: Dialogue) -> Dialogue:
    r = turn.reading
    if r.sure_service and len(r.services) == 1 and not r.has("medical"):
        d = keep(d, topic=r.services[0].name, misses=d.misses)
    if r.whom.name and not d.task and re.search(r"\b(?:me chamo|meu nome|sou|aqui e)\b", r.folded):
        d = keep(d, name=r.whom.name, misses=d.misses)
    if len(r.professionals) == 1 and not d.task:
        d = keep(d, professional=r.professionals[0].name, misses=d.misses)
    return d


def _answer_facts(turn: Turn, d: Dialogue) -> Generator[Call, Result, papers.Written]:
    """Every fact asked in the message, in the order a receptionist would say them; or what stands written near them."""
    r = turn.reading
    if r.has("hours") and r.when.names_day and not any(r.when.covers_day(day.date) for day in turn.briefing.days):
        told = yield Call("clinic_facts", {"topic": "hours", "about": r.when.day})
        turn = turn.knowing(parse_days(told.get("days") or ()))
    told = {intent: text for intent, answer in _FACTS.items() if intent in r.intents if (text := answer(turn, d))}
    wanted = r.intents & (_PAPERS | {"price"})
    unknown = r.has("offers_service") and not r.has("book", "availability", "my_visits")
    if r.has("knowledge") or (not told and (wanted or unknown)):
        found = yield from papers.find(turn, told, facts.asked_services(turn, d))
        return found if found.text else replace(found, near=found.near or facts.untold(turn, d))
    parts = list(told.values())
    if told and "parking" in r.intents - told.keys():
        parts.append(turn.say("no_parking"))
    if told and "payment" in r.intents - told.keys():
        parts.append(turn.say("no_payment"))
    return papers.Written("\n\n".join(dict.fromkeys(parts)))


def _step(turn: Turn, d: Dialogue, written: papers.Written) -> Steps:
    r, proposal, answered = turn.reading, turn.pending(d), written.text
    if r.has("late"):
        return (yield from visits.late(turn, d))
    if r.has("call_other"):
        return ending(turn.say("call_other", who=called(r)), d)
    if proposal and r.has("person"):  # "ok" to the team's answer is no yes to what was read back
        d = keep(d, declined=str(proposal["proposal"]))
    if r.guessed and r.has("person", "complaint"):
        return ending(turn.say("offer_team"), d, expect="team")
    if d.expect == "team" and r.has("yes") and r.has("person") and not r.has("complaint"):
        return (yield from handing.hand_over(turn, d, "not_understood" if d.misses else "other"))
    if r.has("person", "complaint"):
        kind = "complaint" if r.has("complaint") else "person_asked"
        return (yield from handing.hand_over(turn, d, kind, "handed_complaint" if kind == "complaint" else "handed"))
    if proposal and not _elsewhere(r):
        return (yield from confirm.answer(turn, d, proposal))
    if d.expect == "confirm" and not proposal and d.task == "book" and d.service and r.has("yes") and not r.subjects:
        fresh_offer = yield from booking.begin(turn, keep(d, slot="", expect="", shown=()))
        return Reply(f"{turn.say('proposal_gone')}\n\n{fresh_offer.text}", fresh_offer.dialogue)
    open_question = yield from _open_question(turn, d)
    if open_question:
        return open_question
    if r.has("my_visits") and not r.has("cancel", "move") and not r.guessed:
        return (yield from visits.tell(turn, d))
    if r.has("cancel") and not (d.task == "book" and not turn.briefing.visits):
        return (yield from visits.cancel(turn, d))
    if r.has("move") or (d.task == "move" and _advances(turn, d, answered)):
        return (yield from visits.move(turn, d))
    if r.has("my_visits"):
        return (yield from visits.tell(turn, d))
    if d.task == "cancel" and d.expect == "visit" and (r.when or r.services or not r.subjects):
        return (yield from visits.cancel(turn, d))
    if r.has("drop", "cancel") and d.task:
        return ending(turn.say("dropped"), forget(d))
    if r.has("medical") and not r.has("book", "availability"):
        d = booking.fill(turn, d, timed=False) if r.whom.relationship else d
        return ending(turn.say("medical"), d, expect="want_book", apart="medical")
    if r.has("keep") and not r.subjects and not d.task and turn.briefing.visits:
        return visits.present(turn, d)
    if _only_whom(r) and d.expect in ("slot", "service", "when") and d.task == "book":
        return ending(f"{turn.say('noted')} {remind(turn, d)}", booking.fill(turn, d))
    if d.task == "book" and d.expect in ("slot", "when") and _refuses(turn):
        return ending(turn.say("other_when"), d, expect="when", day="", time="", slot="")
    if r.has("book", "availability") or (d.task == "book" and _advances(turn, d, answered)):
        return (yield from booking.begin(turn, d))
    fresh = not (d.task or d.expect not in ("", "want_book") or answered or r.subjects or r.has("thanks", "bye"))
    vague = not (r.when.point or r.when.meant.first_day == r.when.meant.last_day) and len(content(r.text)) > _FEW
    if fresh and ((r.when and not vague) or (r.whom.relationship and d.topic)):
        return (yield from booking.begin(turn, d))
    if answered and r.has("exam_results", "prescription") and not d.task:
        return ending(turn.say("pass_it_on"), d, expect="team")
    if answered:
        return ending(remind(turn, d), d)
    return (yield from _talk(turn, d, written.near))


def _elsewhere(r: Reading) -> bool:
    """A message about something else than the proposal read back: answered, and the question asked again."""
    other = r.subjects & {"medical", "my_visits", "robot", "who_are_you", "joke", "insult"}
    return bool(other) and not r.has("yes", "no")


def _open_question(turn: Turn, d: Dialogue) -> Generator[Call, Result, Reply | None]:
    """The answer to a yes-or-no question Carol left open, else None."""
    r = turn.reading
    if r.has("retry") and d.task:
        return (yield from _again(turn, d))
    if d.expect == "team":
        if r.has("yes") and not r.subjects and not (r.when or r.services or r.professionals):
            return (yield from handing.hand_over(turn, d, "not_understood" if d.misses else "other"))
        if r.has("no") and not r.subjects and not r.when and (d.misses < 2 or _DECLINES.search(r.folded)):
            return ending(turn.say("fine_no_team"), d, expect="")
    if d.expect == "want_book" and r.whom.name and not r.subjects:
        return ending(turn.say("only_this_number"), d, expect="team")
    if d.expect == "want_book" and not r.subjects:
        if r.has("yes") and _CALLS.search(r.folded):
            return (yield from handing.hand_over(turn, d, "other"))
        if r.has("yes"):
            return (yield from booking.begin(turn, keep(d, expect="")))
        if r.has("no"):
            return ending(turn.say("fine"), forget(d))
    moving = r.has("move") and bool(turn.briefing.visits)  # "e muda a consulta pra quarta" is about another one
    if d.expect == "rebook" and not moving and (r.has("yes", "move") or r.when):
        return (yield from booking.begin(turn, keep(d, task="book", expect="", service=d.topic)))
    if d.expect == "rebook" and r.has("no", "thanks"):
        return ending(turn.say("fine"), forget(d))
    if d.expect == "particular":
        if r.has("yes", "particular") or r.convenio:
            d = keep(d, convenio=r.convenio or "particular", expect="confirm")
            return (yield from propose(turn, d) if d.slot else booking.begin(turn, d))
        if r.has("no") and not r.subjects:
            return ending(turn.say("dropped"), forget(d))
    if d.expect == "whom" and d.options and not r.subjects:
        return (yield from _whom_answer(turn, d))
    return None


def _again(turn: Turn, d: Dialogue) -> Steps:
    """ "Tenta de novo": what was being done is taken up where it failed."""
    proposal = turn.briefing.proposal
    if proposal and proposal["kind"] == d.task and proposal["proposal"] != d.declined:
        return (yield from confirm.answer(turn, keep(d, expect="confirm"), proposal))
    again = {"move": visits.move, "cancel": visits.cancel}.get(d.task, booking.begin)
    return (yield from again(turn, keep(d, expect="")))


def _whom_answer(turn: Turn, d: Dialogue) -> Generator[Call, Result, Reply | None]:
    r, people = turn.reading, turn.briefing.people
    name = pick_name(r, d.options) or (d.options[0] if len(d.options) == 1 and r.has("yes") else "")
    if r.whom.relationship and not name:
        kin = [p for p in people if p.relationship == r.whom.relationship and p.name in d.options]
        name = kin[0].name if len(kin) == 1 else ""
    if r.has("self") and not name:
        name = next((p.name for p in people if p.relationship == "self"), "")
    chosen = next((p for p in people if p.name == name), None)
    if chosen:
        d = keep(d, person=chosen.person, name="", options=(), convenio=r.convenio or d.convenio)
        return (yield from propose(turn, d))
    if r.whom.name or r.whom.relationship or r.has("self", "no"):
        filled = keep(booking.fill(turn, d), options=())
        if not filled.name and not filled.relationship:
            filled = keep(filled, relationship="other")
        return (yield from propose(turn, filled))
    return None


def _advances(turn: Turn, d: Dialogue, answered: str) -> bool:
    """Whether the message moves the task in hand: it fills a slot, picks an offer or reacts to one."""
    r = turn.reading
    filled = bool(r.when or r.whom.name or r.whom.relationship or r.professionals or r.unit or r.convenio or r.foreign_convenio)
    if r.services and (not answered or d.expect == "service"):
        filled = True
    if answered:  # "aceita Unimed?" and "a Dra. Ana atende que dia?" ask, they do not fill
        return (bool(r.when) and r.has("availability")) or (
            d.expect == "slot" and bool(r.when) and not r.has("hours", "professional_days")
        )
    if filled or r.stranger:
        return True
    if d.task == "move" and booking.same_hour(turn):
        return True
    reacts = r.has("later", "earlier", "sooner", "any_slot", "earliest", "latest", "refuse", "self", "particular")
    if d.expect in ("name", "whom") and d.shown and _short_pick(r):
        return True
    if d.expect == "slot":
        return reacts or r.has("yes") or _short_pick(r)
    if d.expect == "service":
        return _short_pick(r) or bool(d.options and pick_name(r, d.options))
    return bool(reacts and d.expect)


def _only_whom(r: Reading) -> bool:
    """The message says who, or how it is paid, and nothing about when or what."""
    paid = r.convenio and not r.has("convenio")  # "aceita Amil?" asks, it does not choose
    said = bool(r.whom.name or r.whom.relationship or r.has("self") or paid)
    return said and not (r.when or r.services or r.professionals or r.unit) and not _short_pick(r) and not (r.intents & _PICKS)


_PICKS = frozenset(["yes", "later", "earlier", "sooner", "any_slot", "earliest", "latest", "refuse", "availability"])


def _refuses(turn: Turn) -> bool:
    """ "Nenhum desses", "outro dia": nothing offered serves and nothing else was said."""
    r = turn.reading
    hinted = r.when or r.professionals or r.unit or r.services or r.stranger
    return (
        r.has("refuse", "no")
        and not hinted
        and not r.has("later", "earlier", "sooner", "earliest", "latest", "any_slot", "yes")
    )


def _short_pick(r: Reading) -> bool:
    return bool(re.search(r"\d|primeir|segund|terceir|quart|quint|ultim", r.folded)) and len(content(r.text)) <= 8


def _talk(turn: Turn, d: Dialogue, near: str) -> Steps:
    """Everything that is neither a fact nor a task; at last, the honest "não entendi"."""
    r = turn.reading
    if near and not r.has("business"):
        return ending(turn.say("near", text=near), d, expect="team")
    if r.has("knowledge", "offers_service", "exam_results", "prescription", "business", "price") or (r.subjects & _PAPERS):
        return ending(turn.say(smalltalk.not_found_key(r)), d, expect="team")
    said = smalltalk.reply(turn, d)
    if said:
        return said
    if d.task and d.expect == "name" and re.search(r"\bnomes?\b|\b(?:prefiro|precisa|quero) (?:nao|mesmo)\b", r.folded):
        return ending(turn.say("name_why"), d)
    if d.task and d.expect == "name" and r.has("no", "yes"):
        return ending(turn.say("name_first"), d)
    if d.expect == "slot" and r.has("no"):
        return ending(turn.say("other_when"), d, expect="when")
    if r.question and content(r.text) and not r.guessed:
        found = yield from papers.find(turn, {}, facts.asked_services(turn, d))
        reminder = remind(turn, d)
        if found.text:
            return ending("\n\n".join(p for p in (found.text, reminder) if p), d)
        return ending(turn.say("near", text=found.near) if found.near else turn.say("not_found"), d, expect="team")
    return (yield from _not_understood(turn, d))


def _not_understood(turn: Turn, d: Dialogue) -> Steps:
    """First a plain request to rephrase, then the offer of a person, then the person."""
    misses = d.misses + 1
    if misses >= 3:
        return (yield from handing.hand_over(turn, d, "not_understood", "handed_lost"))
    if misses == 2:
        return Reply(turn.say("lost_twice"), keep(d, misses=misses, expect="team"))
    reminder = remind(turn, d)
    text = turn.say("lost_in_task") + "\n\n" + reminder if reminder else turn.say("lost")
    return Reply(text, keep(d, misses=misses))
