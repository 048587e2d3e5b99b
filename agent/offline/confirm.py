"""After a read-back: the yes that books, moves or cancels; the correction; the change of mind."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import Any

from agent.offline.acts import Call, Result, Steps
from agent.offline.booking import begin, fill, same_hour
from agent.offline.choice import pick_offers
from agent.offline.handing import hand_over
from agent.offline.people import kin_relationship
from agent.offline.reminding import ask_again
from agent.offline.sayable import sayable
from agent.offline.slots import search
from agent.offline.turn import Turn, ending, forget, keep
from agent.offline.view import Dialogue, parse_offers
from agent.offline.whom import propose, taken, under
from agent.offline.words import at_unit, first_name, lower_first, of_kin, the
from clinic.patients.names import corrects, same

_VERBS = {"book": "book_visit", "move": "move_visit", "cancel": "cancel_visit"}


def answer(turn: Turn, d: Dialogue, proposal: dict[str, Any]) -> Steps:
    """What the message does to a proposal already read back."""
    r, kind, summary = turn.reading, str(proposal["kind"]), proposal.get("summary") or {}
    if kind == "cancel" and (r.has("move") or (r.when and not r.has("yes", "retry") and not _own_time(turn, summary))):
        visit = d.visit or _visit_of(turn, summary)
        moved = keep(d, task="move", visit=visit, expect="", service=str(summary.get("service") or ""),
                     professional=str(summary.get("professional") or ""))  # fmt: skip
        from agent.offline.visits import move

        return (yield from move(turn, moved))
    declined = str(proposal["proposal"])
    changed = kind != "cancel" and _changes(turn, d, summary)
    if kind != "cancel" and r.has("drop", "cancel") and not (changed and _names_another(turn, summary)):
        return ending(turn.say("dropped"), forget(d), declined=declined)
    if kind == "cancel" and (r.has("keep") or (r.has("no", "drop") and not r.has("cancel"))):
        return ending(turn.say("kept_visit"), forget(d), declined=declined, visit=d.visit)
    if kind != "cancel" and r.has("wait") and not (r.has("yes") or r.when):
        return ending(turn.say("take_your_time"), d)
    if changed:
        return (yield from _correct(turn, d, kind, summary))
    if r.has("yes") and d.expect == "fix":
        return ending(ask_again(turn, kind, summary), d, expect="confirm")
    if r.has("yes") or (kind == "cancel" and r.has("cancel")):
        return (yield from _commit(turn, d, kind, proposal))
    if r.has("wait"):
        return ending(turn.say("take_your_time"), d)
    if r.has("no", "refuse", "correction"):
        return ending(turn.say("what_to_change"), d, expect="fix")
    return ending(ask_again(turn, kind, summary), d, expect="confirm")


def _visit_of(turn: Turn, summary: dict[str, Any]) -> str:
    fitting = [v.visit for v in turn.briefing.visits if v.label == summary.get("label")]
    return fitting[0] if fitting else ""


def _changes(turn: Turn, d: Dialogue, summary: dict[str, Any]) -> bool:
    """Whether the message says something the read-back does not."""
    r = turn.reading
    if r.has("later", "earlier", "refuse") and not r.has("yes"):
        return True
    if r.professionals and summary.get("professional") not in {p.name for p in r.professionals}:
        return True
    if r.stranger or (r.unit and r.unit != summary.get("unit")):
        return True
    if r.services and summary.get("service") not in {s.name for s in r.services} and (r.sure_service or not r.question):
        return True
    if r.whom.name and _renames(r.whom.name, str(summary.get("person", ""))):
        return True
    if r.whom.relationship and r.whom.relationship != d.relationship and not r.whom.name:
        return True
    said = r.convenio if r.convenio != "particular" else ""
    if r.convenio and said != (summary.get("convenio") or ""):
        return True
    return bool(r.when) and not _same_time(turn, summary)


def _own_time(turn: Turn, summary: dict[str, Any]) -> bool:
    """Whether the time said is the visit's own: "cancela a de amanhã"."""
    at, when = datetime.fromisoformat(str(summary["starts_at"])).replace(tzinfo=None), turn.reading.when
    return when.names_day and when.covers_day(at.date()) and when.point in (None, at.time())


def _names_another(turn: Turn, summary: dict[str, Any]) -> bool:
    """Whether the message names another time, professional or service to have instead, and does not only refuse this one."""
    r = turn.reading
    meant = r.when.meant
    another_time = bool(meant.first_day or meant.weekdays or meant.at or meant.from_time or meant.until_time)
    return bool((another_time and not _same_time(turn, summary)) or r.professionals or r.sure_service)


def _renames(said: str, read_back: str) -> bool:
    """Another person's name, or more of the same one ("é Thaís Lemos Barbosa")."""
    return not same(said, read_back) or len(said.split()) > len(read_back.split())


def _same_time(turn: Turn, summary: dict[str, Any]) -> bool:
    """Whether the time said is the one read back ("sim, terça às 15h")."""
    if "starts_at" not in summary:
        return False
    own = parse_offers([{**summary, "slot": "", "label": str(summary.get("label", ""))}])
    return bool(pick_offers(turn.reading, own))


def _correct(turn: Turn, d: Dialogue, kind: str, summary: dict[str, Any]) -> Steps:
    r = turn.reading
    d = keep(d, task=kind, service=d.service or str(summary.get("service", "")), expect="confirm")
    other_time = r.when or r.professionals or r.unit or r.services or r.stranger or r.has("later", "earlier", "refuse")
    if other_time:
        at = str(summary.get("starts_at", ""))[11:16] if same_hour(turn) else ""
        d = keep(d, slot="", time=f"às {at}" if at else d.time)
        if kind == "move":
            from agent.offline.visits import move

            return (yield from move(turn, d))
        return (yield from begin(turn, d))
    d = yield from _called_right(turn, fill(turn, d), str(summary.get("person", "")))
    return (yield from propose(turn, d))


def _called_right(turn: Turn, d: Dialogue, read_back: str) -> Generator[Call, Result, Dialogue]:
    """The dialogue once whoever was read back has the name now said, where it only corrects theirs."""
    said = turn.reading.whom
    known = [one for one in turn.briefing.people if one.name == read_back]
    if not said.name or said.relationship or len(known) != 1 or not corrects(said.name, read_back):
        return d
    result = yield Call("for_whom", {"person": known[0].person, "name": said.name})
    return keep(d, person=known[0].person, name="") if same(str(result.get("name", "")), said.name) else d


def _commit(turn: Turn, d: Dialogue, kind: str, proposal: dict[str, Any]) -> Steps:
    result = yield Call(_VERBS[kind], {"proposal": proposal["proposal"]})
    if "error" in result:
        return (yield from _not_committed(turn, d, kind, proposal, result))
    summary = result.get("summary") or proposal.get("summary") or {}
    if kind == "cancel":
        text = turn.say("cancelled", service=lower_first(str(summary.get("service", ""))), label=summary.get("label", ""))
        return ending(text, forget(d), expect="rebook", topic=str(summary.get("service", "")))
    if kind == "book" and d.then_name and d.then_when:
        return (yield from _next_one(turn, d, summary))
    text = _done(turn, kind, summary)
    if d.then:
        waiting = Dialogue(task="book", service=d.service, topic=d.service, kin=d.then, relationship=kin_relationship(d.then))
        return ending(f"{text}\n\n{turn.say('next_person', kin=of_kin(d.then))}", waiting, expect="when")
    if d.then_name or d.then_service:
        name = d.then_name or str(summary.get("person", ""))
        waiting = Dialogue(task="book", service=d.then_service or d.service, name=name, convenio=d.convenio, day=d.day)
        waiting = keep(waiting, topic=waiting.service, then_service="" if d.then_service else d.then_service)
        asks = turn.say("next_name", name=first_name(name)) if d.then_name else turn.say("next_service", service=d.then_service)
        return ending(f"{text}\n\n{asks}", waiting, expect="when")
    return ending(text, forget(d))


def _next_one(turn: Turn, d: Dialogue, summary: dict[str, Any]) -> Steps:
    """What was booked, in few words, and at once the time asked for whoever comes after: each has a read-back of its own."""
    named = {"name": first_name(str(summary.get("person", ""))), "next": first_name(d.then_name)}
    waiting = Dialogue(task="book", service=d.service, topic=d.service, name=d.then_name, convenio=d.convenio, day=d.then_when,
                       professional=d.professional, unit=d.unit)  # fmt: skip
    return under(turn.say("booked_one", service=str(summary["service"]), **named), (yield from search(turn, waiting)))


def _done(turn: Turn, kind: str, summary: dict[str, Any]) -> str:
    name = first_name(str(summary.get("person", "")))
    who = f", com {the(summary['professional'])}" if summary.get("professional") else ""
    where = at_unit(summary["unit"]) if summary.get("unit") and len(turn.briefing.units) > 1 else ""
    address = summary.get("address") or ""
    place = turn.say("place", where=where or turn.say("here"), address=address) if address else ""
    fields = {"name": name, "service": lower_first(str(summary["service"])), "label": summary["label"], "who": who}
    other = any(p.name == summary.get("person") and p.relationship != "self" for p in turn.briefing.people)
    key = ("booked" if kind == "book" else "moved") + ("_other" if other else "")
    parts = [turn.say(key, **fields), place]
    if summary.get("preparation"):
        parts.append(turn.say("remember_preparation", preparation=lower_first(sayable(str(summary["preparation"])))))
    return "\n".join(p for p in parts if p) + "\n\n" + turn.say("booked_end")


def _not_committed(turn: Turn, d: Dialogue, kind: str, proposal: dict[str, Any], result: Result) -> Steps:
    match result["error"]:
        case "expired" | "slot_taken" if result.get("slots"):
            return under(_still_stands(turn, kind, proposal), taken(turn, keep(d, task=kind), result))
        case "needs_yes" | "not_read_back":
            return ending(ask_again(turn, kind, proposal.get("summary") or {}), d, expect="confirm")
        case "expired" | "unknown_proposal" | "slot_taken" if kind == "move":
            return (yield from _move_again(turn, d, proposal))
        case "expired" | "unknown_proposal" | "slot_taken" if d.service and kind != "cancel":
            return (yield from begin(turn, keep(d, slot="", task=kind, expect="")))
        case "too_late" | "person_only":
            return (yield from hand_over(turn, d, "other", "handed_move"))
        case _:
            return ending(turn.say("tool_failed"), d, expect="team")


def _still_stands(turn: Turn, kind: str, proposal: dict[str, Any]) -> str:
    """That a change which failed left the visit where it was; "" of anything else."""
    summary = proposal.get("summary") or {}
    if kind != "move":
        return ""
    return turn.say("still_stands", service=str(summary.get("service", "")), label=str(summary.get("from_label", "")))


def _move_again(turn: Turn, d: Dialogue, proposal: dict[str, Any]) -> Steps:
    """Other times for the same visit: a change that failed never becomes a second visit."""
    from agent.offline.visits import move

    return under(_still_stands(turn, "move", proposal), (yield from move(turn, keep(d, task="move", slot="", expect=""))))
