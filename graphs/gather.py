"""The first half of a turn: is it safe, for whom is it, what is known. Nodes and their small decisions; no model."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from langchain_core.messages import BaseMessage
from langgraph.runtime import Runtime

from agent import briefing as brief
from agent import marks
from agent.context import conversation_messages
from agent.guardrails import incoming
from agent.guardrails.families import Said
from agent.guardrails.leaving import Leaving, leaving
from agent.texts import text
from clinic.conversations.cases import case_store, handoff
from clinic.conversations.dangers import red_flags, warned_store
from clinic.conversations.lanes import recent_store
from clinic.conversations.lanes.spending import Limit
from clinic.conversations.lanes.turns import Decision, Human, Silence, decide
from clinic.conversations.models import CaseKind, OpenCase, Outcome, Owner
from clinic.patients import store as patients
from clinic.patients.models import RelationshipKind
from db.session import clinic_session
from graphs import danger, families, identity, limits
from graphs.state import State, Turn
from kit import ptbr
from kit.text import strip_hidden
from tools import views
from tools.context import person_handle
from tools.visits import summary_of

_LIMITED = {Limit.TURNS: "limit_turns", Limit.DAY: "limit_day", Limit.MONTH: "limit_month"}
_WARNED = timedelta(minutes=10)
_HEARD = frozenset({"text", "choice", "image", "video", "document", "contact", "location"})


async def screen(state: State, runtime: Runtime[Turn]) -> State:
    """Safety before anything else: red flags, limits, a wish to leave or to speak only with people."""
    turn, began = runtime.context, perf_counter()
    decision = decide(turn.desk)
    said = type(decision).__name__.lower()
    flag = next((message.red_flag for message in turn.desk.pending if message.red_flag), None)
    flag = flag or next((f"{one.kind}:{one.code}" for one in await _second_look(turn)), None)
    if flag and not danger.overruled(turn):
        turn.note("screen", "screen", began, decision=said, flag=flag)
        return await _emergency(turn, flag)
    limit = None if isinstance(decision, Silence) else limits.reached(turn)
    update = await _screened(turn, decision, limit if limits.stops(turn) else None)
    turn.note("screen", "screen", began, decision=said, case=turn.case, limit=limit)
    return update


async def _screened(turn: Turn, decision: Decision, limit: Limit | None) -> State:
    if isinstance(decision, Silence):
        turn.outcome = Outcome.SILENT
        return {"reply": ""}
    if turn.ctx.standing.colleague:
        return await _colleague(turn)
    insisted = danger.follow(turn)
    if insisted is not None and not isinstance(decision, Human) and not _fixed_wish(turn):
        turn.beside = await _beside(turn)
        return _fixed(turn, insisted)
    if limit and not _wishes_to_leave(turn):
        if any(case.kind is CaseKind.LIMITS for case in turn.desk.cases):
            turn.outcome = Outcome.SILENT  # it was said; a person goes on from there
            return {"reply": ""}
        return await limited(turn, limit)
    if isinstance(decision, Human):
        return await _person_only(turn, again=True)
    said = "\n".join(turn.ctx.said_now)
    if incoming.wants_human_only(said):
        async with clinic_session(turn.ctx.pool, turn.ctx.clinic.id) as s:
            await patients.note_human_only(s, turn.desk.contact.id)
        return await _person_only(turn, again=False)
    if (answered := await families.heard(turn)) is not None:
        return await _family(turn, answered)
    turn.leaving = leaving(turn.desk.contact, turn.ctx.said_now, now=turn.ctx.now)
    if turn.leaving not in (None, Leaving.DROP):
        return _fixed(turn, text(turn.leaving.value))
    if (answer := await identity.verdict(turn)) is not None:
        return await _who(turn, answer)
    if not said.strip():
        return await _wordless(turn)
    turn.beside = await _beside(turn)
    return {}


async def _family(turn: Turn, said: Said) -> State:
    """Somebody of a family writes back to a report: what asks for more than thanks is a person's."""
    if said not in (Said.QUESTION, Said.STRANGER):
        return _fixed(turn, text(said.value))
    kind = CaseKind.MEDICAL if said is Said.QUESTION else CaseKind.IDENTITY
    known = any(case.kind is kind for case in turn.desk.cases)
    case = await ensure_case(turn, kind, reason=said.value, brief="\n".join(turn.ctx.said_now))
    name = f"{said.value}_again" if known and said is Said.QUESTION else said.value
    return _fixed(turn, text(name, until=until(turn, case), case=case.number))


async def _colleague(turn: Turn) -> State:
    """Somebody of the team answers the number that tells them of patients: they are told once a day where to answer, and no
    model reads it. A danger they write of is taken as anybody's."""
    words = text("colleague", clinic=turn.ctx.clinic.name)
    today = turn.ctx.now.astimezone(turn.ctx.clinic.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    async with clinic_session(turn.ctx.pool, turn.ctx.clinic.id) as s:
        told = await recent_store.was_said(s, turn.desk.lease.conversation_id, words, since=today)
    if told:
        turn.outcome = Outcome.SILENT
        return {"reply": ""}
    return _fixed(turn, words)


async def _beside(turn: Turn) -> str:
    """What code adds to an answer to words: that what came with them is not heard (yet), and who hears it; or not opened."""
    if any(marks.unheard(message) for message in turn.desk.pending):
        case = await ensure_case(turn, CaseKind.OTHER, reason="audio", brief="audio")
        return text("audio_beside", until=until(turn, case), case=case.number)
    if any(marks.hearing(message) for message in turn.desk.pending):
        return text("audio_still_beside")
    return text("file_unopened_beside") if any(marks.unopened(message) for message in turn.desk.pending) else ""


def _shown(turn: Turn) -> list[str]:
    """What waits as a model reads it: words that were spoken and files it cannot see are marked."""
    # Of a flood only the newest words are read.
    worded = [message for message in turn.desk.pending if message.text.strip()]
    words = dict(zip((message.id for message in worded[::-1]), turn.ctx.said_now[::-1], strict=False))
    said = [
        (message, words.get(message.id, "")) for message in turn.desk.pending if message.id in words or message not in worded
    ]
    return [shown for message, text in said if (shown := marks.marked(message, incoming.clean(text)))]


async def _who(turn: Turn, answer: identity.Answer) -> State:
    """Somebody we doubt is asked who they are, told how that went, or left to a person."""
    if answer == "ask" and all(one.relationship is not RelationshipKind.SELF for one in turn.ctx.standing.hidden):
        return _fixed(turn, text("identity_ask_patient"))  # a mother is asked for her child's, which is what we have
    if answer != "by_person":
        return _fixed(turn, text(f"identity_{answer}"))
    case = await ensure_case(turn, CaseKind.IDENTITY, reason="not_proved", brief="")
    turn.outcome = Outcome.HELD
    return _fixed(turn, text("identity_by_person", until=until(turn, case), case=case.number))


def _wishes_to_leave(turn: Turn) -> bool:
    """A wish that code honours without a model is honoured over any limit, once."""
    said, contact = "\n".join(turn.ctx.said_now), turn.desk.contact
    return (not contact.human_only and incoming.wants_human_only(said)) or (
        contact.opted_out_at is None and leaving(contact, turn.ctx.said_now, now=turn.ctx.now) in (Leaving.ASK, Leaving.OUT)
    )


def _fixed_wish(turn: Turn) -> bool:
    """A wish about being written to at all, which code answers in words of its own also while there is danger."""
    wish = leaving(turn.desk.contact, turn.ctx.said_now, now=turn.ctx.now)
    return wish not in (None, Leaving.DROP) or incoming.wants_human_only("\n".join(turn.ctx.said_now))


async def limited(turn: Turn, limit: Limit) -> State:
    """Too much was spent: the patient is told so, and a person owes the answer."""
    case = await ensure_case(turn, CaseKind.LIMITS, reason=limit.value, brief="\n".join(turn.ctx.said_now))
    turn.outcome = Outcome.HELD
    return _fixed(turn, text(_LIMITED[limit], until=until(turn, case), case=case.number))


def after_screen(state: State, runtime: Runtime[Turn]) -> str:
    """Where a screened turn goes: a fixed text or silence ends it, else it is understood."""
    if runtime.context.outcome is Outcome.SILENT:
        return "handed_over"
    if "reply" in state:
        return "human_only" if runtime.context.outcome is Outcome.HANDED_OVER else "reply"
    return "identify"


async def identify(state: State, runtime: Runtime[Turn]) -> State:
    """Settles for whom the conversation speaks, and writes down everything the model may use."""
    turn, began = runtime.context, perf_counter()
    whom = turn.ctx.whom
    whom.current = whom.called(state.get("person", "")) or _only_one(turn)
    turn.briefing = _briefing(turn, json.loads(state.get("dialogue") or "{}"))
    messages: list[BaseMessage] = conversation_messages(
        turn.briefing, turn.desk.history, [incoming.clean(said) for said in turn.ctx.said_now], turn.receipts, _shown(turn)
    )
    for receipt in turn.receipts:
        turn.results.append((receipt.tool, receipt.result))
    person = whom.current.name if whom.current else None
    turn.note("identify", "identify", began, person=person, people=len(whom.people), visits=len(turn.ctx.visits))
    return {"messages": messages, "rewritten": False}


def _only_one(turn: Turn) -> Any:
    """The contact themselves; or the only person they speak for."""
    people = turn.ctx.whom.people
    own = [person for person in people if person.relationship is RelationshipKind.SELF]
    return own[0] if own else people[0] if len(people) == 1 else None


def _briefing(turn: Turn, dialogue: dict[str, Any]) -> dict[str, Any]:
    ctx, clinic, today = turn.ctx, turn.ctx.clinic, turn.ctx.local_now.date()
    current = ctx.whom.current
    return {
        "clinic": {
            "name": clinic.name,
            "slug": clinic.slug,
            "about": clinic.about,
            "facts": dict(clinic.facts),
            "demo": clinic.is_demo,
        },
        "persona": brief.persona(clinic),
        "now": ctx.local_now.strftime("%Y-%m-%dT%H:%M"),
        "today": today.isoformat(),
        "weekday": ptbr.weekday(today),
        "zone": clinic.timezone,
        **clinic_views(turn),
        "contact": {"display_name": turn.desk.contact.display_name, "first_contact": turn.desk.first_contact},
        "people": [
            {"person": person_handle(p.person_id), "name": p.name, "relationship": p.relationship.value}
            for p in ctx.whom.people
        ],
        "current_person": person_handle(current.person_id) if current else None,
        "visits": [views.visit(clinic, visit, today=today) for visit in ctx.visits],
        "offers": [views.offer(clinic, offer, today=today) for offer in ctx.offers],
        "proposal": _proposal(turn),
        "cases": brief.cases(clinic, turn.desk.cases, ctx.now),
        "dialogue": dialogue,
    }


_VIEWS_MOST = 200
_VIEWS: dict[UUID, tuple[int, date, dict[str, Any]]] = {}


def clinic_views(turn: Turn) -> dict[str, Any]:
    """The part of a briefing that only changes with the clinic's configuration and day: worked out once for both."""
    clinic, today = turn.ctx.clinic, turn.ctx.local_now.date()
    version, day, known = _VIEWS.get(clinic.id, (None, None, {}))
    if (version, day) != (clinic.version, today):
        known = {
            "days": views.days(clinic, turn.ctx.now),
            "units": [views.unit(one) for one in clinic.units],
            "services": [views.service(clinic, one) for one in clinic.services],
            "professionals": [views.professional(clinic, one) for one in clinic.professionals],
            "convenios": [views.convenio(clinic, one) for one in clinic.convenios],
        }
        if len(_VIEWS) >= _VIEWS_MOST:  # rehearsals come and go
            _VIEWS.clear()
        _VIEWS[clinic.id] = clinic.version, today, known
    return known


def _proposal(turn: Turn) -> dict[str, Any] | None:
    """What waits for a yes, as it was read back; one that nobody was shown does not count."""
    ctx, proposal = turn.ctx, turn.ctx.proposal
    if proposal is None or not proposal.read_back or proposal.expires_at <= ctx.now:
        return None
    visit = next((v for v in ctx.visits if v.id == proposal.appointment_id), None)
    offer = next((o for o in ctx.offers if o.handle == proposal.offer), None)
    if proposal.kind == "cancel":
        summary = views.visit(ctx.clinic, visit, today=ctx.local_now.date()) if visit else None
    else:
        summary = summary_of(ctx, proposal, offer) if offer else None
    if summary is None:
        return None
    if proposal.kind == "move" and visit:
        summary["from_label"] = views.moment(ctx.clinic, visit.starts_at, today=ctx.local_now.date())
    return {"proposal": proposal.handle, "kind": proposal.kind.value, "summary": summary}


async def _emergency(turn: Turn, flag: str) -> State:
    began = perf_counter()
    found = [found for said in turn.ctx.said_now for found in red_flags.read_all(strip_hidden(said))] or await _second_look(
        turn
    )
    kinds: set[str] = {one.kind for one in found} or {flag.split(":")[0]}
    kind = CaseKind.EMERGENCY if "emergency" in kinds else CaseKind.SELF_HARM
    words = "emergency_and_self_harm" if len(kinds) > 1 else "violence" if _only_violence(found) else kind.value
    case = await ensure_case(turn, kind, reason=flag, brief="\n".join(turn.ctx.said_now))
    turn.outcome, turn.must_say = Outcome.EMERGENCY, True
    if await _warned(turn, words):
        turn.note("red_flag", "screen", began, flag=flag, case=case.number)
        # The person who answers has the case; between their words the same text over and over would only be in the way.
        return _fixed(turn, "" if turn.desk.owner is Owner.PERSON else text(f"{words}_again", case=case.number))
    turn.note("red_flag", "screen", began, flag=flag, case=case.number, said=words)
    return _fixed(turn, text(words, case=case.number))


async def _warned(turn: Turn, words: str) -> bool:
    """Whether all that this text says was said a few minutes ago, and is not known to have failed."""
    async with clinic_session(turn.ctx.pool, turn.ctx.clinic.id) as s:
        lately = await warned_store.warned(s, turn.desk.lease.conversation_id, since=turn.ctx.now - _WARNED)
    return words in lately or (words in ("emergency", "self_harm") and "emergency_and_self_harm" in lately)


async def _second_look(turn: Turn) -> list[red_flags.RedFlag]:
    """What the second reader finds in the newest words: a turn may begin before the watch came by."""
    if turn.second is None:
        return []
    return [flag for said in turn.ctx.said_now[-4:] for flag in await asyncio.to_thread(turn.second.read, said)]


def _only_violence(found: list[red_flags.RedFlag]) -> bool:
    """Violence alone calls for the police and the help lines; with anything else the ambulance comes first."""
    return bool(found) and all(one.code == "violence" for one in found)


async def _person_only(turn: Turn, *, again: bool) -> State:
    case = await ensure_case(turn, CaseKind.PERSON_ASKED, reason="human_only", brief="\n".join(turn.ctx.said_now))
    turn.outcome = Outcome.HANDED_OVER
    return _fixed(turn, text("human_only_again" if again else "human_only", until=until(turn, case), case=case.number))


async def _wordless(turn: Turn) -> State:
    """A message without words: honest about what cannot be heard or seen, and a person gets the file."""
    kinds = {message.kind for message in turn.desk.pending}
    if "audio" in kinds:
        case = await ensure_case(turn, CaseKind.OTHER, reason="audio", brief=", ".join(sorted(kinds)))
        return _fixed(turn, text("audio", until=until(turn, case), case=case.number))
    if turn.desk.pending and all(marks.unopened(message) for message in turn.desk.pending):
        return _fixed(turn, text("file_unopened"))
    if kinds & _HEARD:
        case = await ensure_case(turn, CaseKind.OTHER, reason="media", brief=", ".join(sorted(kinds)))
        return _fixed(turn, text("media", until=until(turn, case), case=case.number))
    return _fixed(turn, text("unsupported"))


async def ensure_case(turn: Turn, kind: CaseKind, *, reason: str, brief: str) -> OpenCase:
    """An open case of this kind, with its deadline in the clinic's real hours; committed before it is spoken of."""
    async with clinic_session(turn.ctx.pool, turn.ctx.clinic.id) as s:
        case = await case_store.open_case(
            s,
            turn.desk.lease.conversation_id,
            kind,
            reason=reason,
            brief=brief,
            due_at=handoff.deadline(turn.ctx.clinic, kind, now=turn.ctx.now),
            at=turn.ctx.now,
            turn_id=turn.desk.lease.turn_id,
        )
    turn.case = case.number
    turn.owed.append(case)
    return case


def until(turn: Turn, case: OpenCase) -> str:
    """By when a person answers, in words."""
    return ptbr.until(case.due_at.astimezone(turn.ctx.clinic.zone), now=turn.ctx.local_now)


def _fixed(turn: Turn, words: str) -> State:
    turn.automatic = True
    return {"reply": words}
