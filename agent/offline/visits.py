"""Visits already in the agenda: telling, moving, cancelling, and the patient who says "vou sim"."""

from __future__ import annotations

import re
from datetime import timedelta

from agent.offline.acts import Call, Reply, Steps
from agent.offline.asking import asked
from agent.offline.booking import choose, fill, same_hour
from agent.offline.choice import pick_name, position
from agent.offline.handing import hand_over
from agent.offline.papers import relevant
from agent.offline.reminding import remind
from agent.offline.spelling import fold
from agent.offline.temporal import WEEKDAYS, find_when
from agent.offline.turn import Turn, ending, keep
from agent.offline.view import Dialogue, Visit, parse_visits
from agent.offline.whom import under
from agent.offline.words import at_unit, bulleted, first_name, lower_first, numbered, the
from clinic.patients.names import same

_STILL = re.compile(r"\b(?:continu[ao]|segue|sigo|ainda|mantid[oa]|de pe|valendo|confirmad[oa]|nao (?:cancel|desmarc)aram)\b")


def line(turn: Turn, visit: Visit, *, person: bool) -> str:
    parts = [visit.service, visit.label]
    text = ", ".join(p for p in parts if p)
    if visit.professional:
        text += f", com {the(visit.professional)}"
    if visit.unit and len(turn.briefing.units) > 1:
        text += f", {at_unit(visit.unit)}"
    return f"{text} ({_called(turn, visit)})" if person and visit.person else text


def _called(turn: Turn, visit: Visit) -> str:
    """The first name, or the whole one where two people of this contact share it."""
    first = first_name(visit.person)
    alone = len({v.person for v in _visits(turn) if first_name(v.person) == first}) < 2
    return first if alone else visit.person


def lines(turn: Turn, visits: tuple[Visit, ...]) -> list[str]:
    several = len({v.person for v in visits}) > 1
    return [line(turn, v, person=several) for v in visits]


def tell(turn: Turn, d: Dialogue) -> Steps:
    """What is booked for the people of this contact."""
    result = yield Call("my_visits")
    visits = parse_visits(result.get("visits") or ()) if "error" not in result else turn.briefing.visits
    if not visits:
        return ending(turn.say("no_visits"), d, expect="want_book")
    wanted = tuple(v for v in visits if _asked(turn, v))
    visits = wanted or visits
    dated = tuple(v for v in visits if _on_that_day(turn, v))
    visits = dated or (tuple(v for v in visits if v.visit == d.visit and not d.task and not wanted) or visits)
    if _STILL.search(turn.reading.folded):
        several = (
            bulleted(lines(turn, visits)) if len(visits) > 1 else line(turn, visits[0], person=_other_person(turn, visits[0]))
        )
        text = turn.say("still_booked" if len(visits) == 1 else "still_booked_all", options=several)
        return ending(f"{text}\n\n{remind(turn, d)}".strip(), d)
    if len(visits) == 1:
        v = visits[0]
        d = d if d.task else keep(d, visit=v.visit)
        text = turn.say("one_visit", visit=line(turn, v, person=_other_person(turn, v)))
    else:
        text = turn.say("visits", options=bulleted(lines(turn, visits)))
    open_question = remind(turn, d)
    return ending(f"{text}\n\n{open_question}".strip(), d)


def _on_that_day(turn: Turn, visit: Visit) -> bool:
    when = turn.reading.when
    named = WEEKDAYS[visit.starts_at.weekday()] in fold(when.day)
    return when.names_day and (when.covers_day(visit.starts_at.date()) or named)


def _other_person(turn: Turn, visit: Visit) -> bool:
    return any(p.name == visit.person and p.relationship != "self" for p in turn.briefing.people)


def _asked(turn: Turn, visit: Visit) -> bool:
    r = turn.reading
    if r.whom.name and same(r.whom.name, visit.person):
        return True
    if not (r.whom.name or r.whom.relationship) and re.search(r"\b(?:minha|meu)\b", r.wished) and not r.services:
        return any(p.name == visit.person and p.relationship == "self" for p in turn.briefing.people)
    kin = {p.name for p in turn.briefing.people if r.whom.relationship and p.relationship == r.whom.relationship}
    return visit.person in kin or (len(r.services) == 1 and visit.service == r.services[0].name)


def _which(turn: Turn, d: Dialogue, visits: tuple[Visit, ...]) -> Visit | None:
    """The visit meant: the only one, the one named, or the one picked from the list just shown."""
    by_handle = {v.visit: v for v in visits}
    if d.visit in by_handle and d.expect != "visit" and d.task:
        return by_handle[d.visit]
    if len(visits) == 1:
        return visits[0]
    r = turn.reading
    if d.expect == "visit":
        index = position(r.folded, len(visits), weekdays=[v.starts_at.weekday() for v in visits])
        if index is not None:
            return visits[index]
    left = [v for v in visits if _asked(turn, v)] or list(visits)
    left = [v for v in left if v.visit in r.leaves] or left
    if r.professionals:
        left = [v for v in left if v.professional in {p.name for p in r.professionals}] or left
    if r.when and not r.leaves:
        dated = [v for v in left if r.when.names_day and r.when.covers_day(v.starts_at.date())]
        dated = dated or [v for v in left if _on_that_day(turn, v)]  # "a de segunda" is the Monday in the agenda
        left = dated or left
        left = [v for v in left if r.when.point == v.starts_at.time()] or left
    if len(left) > 1 and d.expect == "visit":
        named = pick_name(r, lines(turn, tuple(left)))
        left = [v for v in left if line(turn, v, person=False) == named] or left
    told = [v for v in left if v.visit == d.visit] if not d.task else []  # the one just spoken of
    return left[0] if len(left) == 1 else told[0] if told else None


def _visits(turn: Turn) -> tuple[Visit, ...]:
    return turn.briefing.visits


def cancel(turn: Turn, d: Dialogue) -> Steps:
    """Read back the cancellation of the visit meant; the same message leaves the door open to a new date."""
    visits = _visits(turn)
    if not visits:
        return ending(turn.say("nothing_to_cancel"), d, expect="team", task="")
    every = len(visits) > 1 and re.search(r"\b(?:tudo|tod[oa]s|as duas|os dois)\b", turn.reading.folded)
    visit = None if every else _which(turn, d if d.task in ("", "cancel") else keep(d, visit=""), visits)
    if visit is None:
        text = turn.say("which_cancel_first" if every else "which_cancel", options=numbered(lines(turn, visits)))
        return ending(text, d, task="cancel", expect="visit")
    result = yield Call("propose_cancel", {"visit": visit.visit})
    if result.get("error") in ("too_late", "person_only"):
        return (yield from hand_over(turn, d, "other", "handed_cancel"))
    if "error" in result:
        return ending(turn.say("tool_failed"), d, expect="team")
    who = f", com {the(visit.professional)}" if visit.professional else ""
    person = f" de {_called(turn, visit)}," if _other_person(turn, visit) else " de"
    text = turn.say("read_back_cancel", service=visit.service, label=visit.label, who=who, person=person)
    return ending(text, Dialogue(task="cancel", visit=visit.visit, expect="confirm", service=visit.service))


def move(turn: Turn, d: Dialogue) -> Steps:
    """Find the visit, offer new times for it, read the change back."""
    visits = _visits(turn)
    if not visits:
        return ending(turn.say("nothing_to_move"), d, expect="want_book", task="")
    fresh = d.task != "move"
    visit = _which(turn, keep(d, visit="") if fresh and d.task else d, visits)
    if visit is None:
        text = turn.say("which_move", options=numbered(lines(turn, visits)))
        asked = fill(turn, keep(Dialogue(), task="move"))
        return ending(text, asked, expect="visit", visit="")
    if fresh or d.visit != visit.visit:
        wanted = d if d.task == "move" else Dialogue()
        d = keep(wanted, task="move", visit=visit.visit, service=visit.service, professional=visit.professional,
                 expect="", slot="", shown=())  # fmt: skip
        d = _only_new_date(turn, d, visit)
    else:
        d = fill(turn, d)
    r = turn.reading
    if fresh and r.when.names_time and not r.when.names_day:  # "passar pras 11h", "pra de tarde": the same day
        d = keep(d, day=f"dia {visit.starts_at.day}/{visit.starts_at.month}")
    elif fresh and r.has("earlier", "later") and not d.time and (not r.when or not d.day):
        side = "antes" if r.has("earlier") else "depois"
        d = keep(d, day=f"dia {visit.starts_at.day}/{visit.starts_at.month}", time=f"{side} das {visit.starts_at.hour}h")
    if same_hour(turn) or re.search(r"\bmesmo dia\b", r.folded):
        d = keep(d, day=_that_weekday(turn, visit, d.day))
    if same_hour(turn):
        d = keep(d, time=f"às {visit.starts_at.hour}h{visit.starts_at.minute:02d}", slot="")
    return (yield from choose(turn, d))


def _that_weekday(turn: Turn, visit: Visit, said: str) -> str:
    """The visit's own weekday in the week said: "mesma hora da semana que vem"."""
    meant = find_when(said, turn.briefing.now, turn.briefing.zone).meant if said else None
    if (
        meant is None
        or meant.first_day is None
        or meant.last_day is None
        or not 4 <= (meant.last_day - meant.first_day).days <= 6
    ):
        return said
    days = (meant.first_day + timedelta(days=n) for n in range((meant.last_day - meant.first_day).days + 1))
    return next((f"dia {day.day}/{day.month}" for day in days if day.weekday() == visit.starts_at.weekday()), said)


def _only_new_date(turn: Turn, d: Dialogue, visit: Visit) -> Dialogue:
    """The dialogue with the date said, unless it is the visit's own ("remarcar a de terça")."""
    when = turn.reading.when
    own = when.names_day and when.covers_day(visit.starts_at.date()) and when.point in (None, visit.starts_at.time())
    bare = when.meant.first_day == when.meant.last_day and not (when.names_time and when.point is None)
    return fill(turn, d, timed=not (own and bare))


def late(turn: Turn, d: Dialogue) -> Steps:
    """Who comes late hears what is written about it, and the team hears of them: whether it can wait is the team's word."""
    found = yield Call("search_knowledge", {"question": turn.say("late_question")})
    noted = (text for name, text in turn.briefing.facts.items() if "atras" in fold(name))  # tables win over documents
    told = next(noted, "") or next(
        (str(p.get("text") or "") for p in found.get("passages") or () if "atras" in fold(str(p.get("text") or ""))), ""
    )
    reply = yield from hand_over(turn, d, "other", "handed_late")
    quoted = relevant(told, asked(turn.say("late_question")))
    return under(quoted, reply) if quoted else reply


def present(turn: Turn, d: Dialogue) -> Reply:
    """ "Vou sim": the next visit, as it stands in the agenda."""
    visits = _visits(turn)
    if not visits:
        return ending(turn.say("no_visits"), d, expect="want_book")
    visit = min(visits, key=lambda v: v.starts_at)
    return ending(turn.say("see_you", visit=lower_first(line(turn, visit, person=False))), d)
