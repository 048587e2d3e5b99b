"""What this turn may state, row by row: each with its words, its time and the receipt that made it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from agent import briefing
from agent.guardrails.sources import Did, Source, Trust
from clinic.scheduling.visits import Offer, Visit
from clinic.tenants.models import Clinic
from graphs.state import Turn
from kit import ptbr
from tools import views
from tools.context import visit_handle

_KEPT = 200
_CLINICS: dict[UUID, tuple[int, date, tuple[Source, ...]]] = {}
_DID: Mapping[str, Did] = {"book_visit": "booked", "move_visit": "moved", "cancel_visit": "cancelled"}
_TOLD_APART = frozenset({"slots", "summary", "visits", "passages", "services", "units", "professionals", "convenios", "facts"})
_NOT_OURS = frozenset({"understood", "given", "brief", "receipt", "error", "message", "detail"})


def sources(turn: Turn) -> tuple[Source, ...]:
    """Everything that vouches for a fact in this turn."""
    return (*_results(turn), *_agenda(turn), *_owed(turn), *_people(turn), *of_clinic(turn), *_heard(turn))


def of_clinic(turn: Turn) -> tuple[Source, ...]:
    """The clinic's own rows, worked out once for a version of them and a day."""
    clinic, today = turn.ctx.clinic, turn.ctx.local_now.date()
    version, day, known = _CLINICS.get(clinic.id, (None, None, ()))
    if (version, day) != (clinic.version, today):
        known = tuple(clinic_rows(clinic, turn.ctx.now))
        if len(_CLINICS) >= _KEPT:  # rehearsals come and go
            _CLINICS.clear()
        _CLINICS[clinic.id] = clinic.version, today, known
    return known


def clinic_rows(clinic: Clinic, now: datetime) -> Iterator[Source]:
    """Each row of a clinic, and its coming days as seen at `now`."""
    persona = briefing.persona(clinic)
    texts = (clinic.name, clinic.about, *(f"{name}: {said}" for name, said in clinic.facts.items()), *texts_in(persona))
    yield Source("clinic", "clinic", clinic.id, names=(clinic.name,), texts=texts)
    for service in clinic.services:
        cents = frozenset({service.price_cents} if service.price_cents is not None else ())
        names = (service.name, *service.aliases)
        yield Source(
            "service", "clinic", service.id, cents=cents, names=names, texts=tuple(texts_in(views.service(clinic, service)))
        )
    for professional in clinic.professionals:
        texts = tuple(texts_in(views.professional(clinic, professional)))
        yield Source("professional", "clinic", professional.id, names=(professional.name,), texts=texts)
    for convenio in clinic.convenios:
        texts = (convenio.name, *convenio.aliases, convenio.note)
        yield Source("convenio", "clinic", convenio.id, names=(convenio.name, *convenio.aliases), texts=texts)
    for unit in clinic.units:
        texts = (unit.name, unit.address, unit.phone or "", unit.directions)
        yield Source("unit", "clinic", unit.id, names=(unit.name,), texts=texts)
        yield Source("unit", "hours", unit.id, texts=tuple(views.week(unit.hours)))
    yield from (_day(clinic, view) for view in views.days(clinic, now))


def _day(clinic: Clinic, view: Mapping[str, Any]) -> Source:
    day = date.fromisoformat(view["date"])
    return Source(
        "clinic", "hours", clinic.id, days=frozenset({day}), texts=(f"{view['label']}: {view['hours']}", view["note"])
    )


def _agenda(turn: Turn) -> Iterator[Source]:
    """Visits, offers and what waits for a yes, as they stood when the turn began and stand still."""
    ctx = turn.ctx
    changed = {result.get("visit") for name, result in turn.results if name in ("move_visit", "cancel_visit")}
    for visit in ctx.visits:
        yield _visit(turn, visit, "former" if visit_handle(visit.id) in changed else "visit")
    for offer in ctx.offers:
        yield _offer(turn, offer)
    proposal = ctx.proposal
    if proposal is None or proposal.expires_at <= ctx.now:
        return
    offered = next((one for one in ctx.offers if one.handle == proposal.offer), None)
    if offered is not None:
        person = next((one.name for one in ctx.whom.people if one.person_id == proposal.person_id), "")
        stands = kept(turn)
        yield Source(
            "hold" if stands else "offer",
            "held" if stands else "offered",
            proposal.hold_id if stands else None,
            did="held" if stands else "",
            mark=proposal.handle if stands else offered.handle,
            moments=frozenset({_local(turn, offered.slot.starts_at)}),
            cents=frozenset({proposal.price_cents} if proposal.price_cents is not None else ()),
            names=(*_of_slot(turn, offered), person),
        )


def kept(turn: Turn) -> bool:
    """Whether the time of what waits for a yes is still kept: the yes is understood longer than the time is held."""
    proposal = turn.ctx.proposal
    return proposal is not None and proposal.held_until is not None and proposal.held_until > turn.ctx.now


def _visit(turn: Turn, visit: Visit, trust: Trust) -> Source:
    clinic = turn.ctx.clinic
    named = (
        clinic.professional_by_id.get(visit.professional_id),
        clinic.unit_by_id.get(visit.unit_id),
        clinic.service_by_id.get(visit.service_id),
        clinic.convenio_by_id.get(visit.convenio_id) if visit.convenio_id else None,
    )
    return Source(
        "appointment",
        trust,
        visit.id,
        mark=visit_handle(visit.id),
        moments=frozenset({_local(turn, visit.starts_at)}),
        cents=frozenset({visit.price_cents} if visit.price_cents is not None else ()),
        names=(visit.person_name, *(one.name for one in named if one)),
    )


def _offer(turn: Turn, offer: Offer) -> Source:
    moments = frozenset({_local(turn, offer.slot.starts_at)})
    return Source("offer", "offered", mark=offer.handle, moments=moments, names=_of_slot(turn, offer))


def _of_slot(turn: Turn, offer: Offer) -> tuple[str, ...]:
    clinic = turn.ctx.clinic
    return (
        clinic.professional_by_id[offer.slot.professional_id].name,
        clinic.unit_by_id[offer.slot.unit_id].name,
        clinic.service_by_id[offer.service_id].name,
    )


def _local(turn: Turn, at: datetime) -> datetime:
    return at.astimezone(turn.ctx.clinic.zone).replace(tzinfo=None)


def instant(local: str) -> datetime:
    """The clinic's wall clock of a meaning ("2026-11-24T15:00")."""
    return datetime.fromisoformat(local)


def _owed(turn: Turn) -> Iterator[Source]:
    for case in (*turn.desk.cases, *turn.owed):
        until = ptbr.until(case.due_at.astimezone(turn.ctx.clinic.zone), now=turn.ctx.local_now)
        moments = frozenset({_local(turn, case.due_at)})
        yield Source("case", "owed", case.id, mark=str(case.number), moments=moments, texts=(until,))


def _people(turn: Turn) -> Iterator[Source]:
    for person in turn.ctx.whom.people:
        yield Source("person", "person", person.person_id, names=(person.name,))


def _heard(turn: Turn) -> Iterator[Source]:
    """The patient's own words, and the name they gave themselves in their profile."""
    name = turn.desk.contact.display_name
    if name:
        yield Source("heard", "heard", names=(name,))
    understood = (str(result["understood"]) for _, result in turn.results if result.get("understood"))
    yield from (Source("heard", "heard", texts=(said,)) for said in (*turn.ctx.said_ever, *understood))


def _results(turn: Turn) -> Iterator[Source]:
    """What tools answered: times found, what was read back or done, cases opened, passages; and what else they said."""
    inherited = len(turn.receipts)
    for at, (tool, result) in enumerate(turn.results):
        receipt = UUID(result["receipt"]) if result.get("receipt") else None
        if at < inherited:
            receipt = turn.receipts[at].id
        if "error" not in result:
            yield from _done(turn, tool, result, receipt, fresh=at >= inherited)
        for view in result.get("slots", ()):
            yield _found(view, "offer", "offered", mark=view["slot"])
        for view in result.get("visits", ()):
            known = next((one.id for one in turn.ctx.visits if visit_handle(one.id) == view["visit"]), None)
            yield _found(view, "appointment", "visit", id=known, mark=view["visit"])
        if "days" in result:
            yield from (_day(turn.ctx.clinic, view) for view in result["days"])
        told = {key: said for key, said in result.items() if key not in _TOLD_APART | _NOT_OURS | {"days"}}
        if texts := tuple(texts_in(told)):
            yield Source("clinic", "hours", turn.ctx.clinic.id, texts=texts)
    for search in turn.ctx.searches:
        for passage in search.passages:
            texts = (f"{passage.title}\n{passage.heading}\n{passage.content}",)
            yield Source("document", "document", passage.document_id, mark=str(passage.id), texts=texts)


def _done(turn: Turn, tool: str, result: Mapping[str, Any], receipt: UUID | None, *, fresh: bool) -> Iterator[Source]:
    summary = result.get("summary")
    if tool in _DID and isinstance(summary, Mapping):
        trust: Trust = "former" if tool == "cancel_visit" else "visit"
        yield _found(summary, "appointment", trust, receipt=receipt, did=_DID[tool], mark=str(result.get("visit", "")))
        if summary.get("from_label"):
            yield Source("appointment", "former", receipt=receipt, did=_DID[tool], texts=(str(summary["from_label"]),))
    elif tool.startswith("propose_") and isinstance(summary, Mapping) and (fresh or kept(turn)):
        mark = str(result["proposal"])
        if result.get("kind") == "cancel":
            yield _found(summary, "appointment", "visit", receipt=receipt, mark=mark)
        else:
            yield _found(summary, "hold", "held", receipt=receipt, did="held", mark=mark)
        if summary.get("from_label"):
            yield Source("appointment", "former", receipt=receipt, texts=(str(summary["from_label"]),))
    elif tool == "escalate":
        yield Source("case", "owed", receipt=receipt, mark=str(result["case"]), texts=(str(result["until"]),))


def _found(
    view: Mapping[str, Any],
    entity: str,
    trust: Trust,
    *,
    id: UUID | None = None,
    receipt: UUID | None = None,
    did: Did = "",
    mark: str = "",
) -> Source:
    """A time as a tool showed it."""
    named = ("person", "service", "professional", "unit", "convenio")
    return Source(
        entity,
        trust,
        id,
        receipt=receipt,
        did=did,
        mark=mark,
        moments=frozenset({datetime.fromisoformat(view["starts_at"])}),
        names=tuple(str(view[key]) for key in named if view.get(key)),
        texts=tuple(str(view[key]) for key in ("address", "price", "price_note", "preparation") if view.get(key)),
    )


def texts_in(item: Any) -> Iterator[str]:
    """Every string inside a JSON value but the empty ones, keys left out."""
    if isinstance(item, str):
        if item:
            yield item
    elif isinstance(item, Mapping):
        for value in item.values():
            yield from texts_in(value)
    elif isinstance(item, (list, tuple)):
        for value in item:
            yield from texts_in(value)
