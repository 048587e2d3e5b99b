"""What one turn shows the offline model: the briefing, the history and what the tools said, as frozen values. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.offline.sayable import sayable


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    aliases: tuple[str, ...] = ()
    category: str = ""
    minutes: int = 0
    price: str | None = None
    price_note: str = ""
    description: str = ""
    preparation: str = ""
    notes: str = ""
    professionals: tuple[str, ...] = ()
    convenios: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    bookable: bool = True


@dataclass(frozen=True, slots=True)
class Professional:
    name: str
    specialty: str = ""
    units: tuple[str, ...] = ()
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    name: str
    address: str = ""
    phone: str = ""
    directions: str = ""
    hours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Convenio:
    name: str
    aliases: tuple[str, ...] = ()
    note: str = ""
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    label: str
    hours: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    slot: str
    label: str
    starts_at: datetime
    service: str = ""
    professional: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    person: str
    name: str
    relationship: str = "other"


@dataclass(frozen=True, slots=True)
class Visit:
    visit: str
    person: str
    service: str
    professional: str
    unit: str
    starts_at: datetime
    label: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What Carol remembers of the negotiation between two turns. Empty strings mean "not said"."""

    task: str = ""  # book | move | cancel
    expect: str = ""  # what the last question asked for
    service: str = ""
    professional: str = ""
    unit: str = ""
    day: str = ""  # the patient's words for the day
    time: str = ""  # the patient's words for the time of day
    convenio: str = ""  # "particular" or a convênio
    name: str = ""
    relationship: str = ""
    kin: str = ""  # the family word said: "filha"
    declined: str = ""  # the proposal that got a no
    then_name: str = ""  # someone known who comes after
    then_when: str = ""  # and when, in the patient's words
    then_service: str = ""  # what is booked after
    then: str = ""  # the family word of who comes after: "pra mim e pro meu marido"
    person: str = ""
    visit: str = ""
    slot: str = ""
    shown: tuple[str, ...] = ()
    options: tuple[str, ...] = ()  # names the last question offered to choose from
    hint: str = ""  # a word too general to choose a service alone ("consulta")
    misses: int = 0
    about: str = ""  # the fact last asked, so that "e amanhã?" is understood
    topic: str = ""  # the service last talked about, booked or not
    apart: str = ""  # what the last words refused ("visits" of others, "orders", …), so that insisting is understood
    kept_from: tuple[str, ...] = ()  # asked about in vain, being nobody's of this contact: never registered by these names

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Dialogue:
        known = {f.name for f in fields(cls)}
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in raw.items() if k in known and v is not None
        }
        return cls(**values)

    def dump(self) -> dict[str, Any]:
        pairs = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: list(value) if isinstance(value, tuple) else value for name, value in pairs if value}


@dataclass(frozen=True, slots=True)
class Briefing:
    clinic: str
    facts: dict[str, str]
    about: str
    persona: str
    restricted: tuple[str, ...]
    now: datetime
    zone: str
    days: tuple[Day, ...]
    units: tuple[Unit, ...]
    services: tuple[Service, ...]
    professionals: tuple[Professional, ...]
    convenios: tuple[Convenio, ...]
    contact_name: str
    first_contact: bool
    people: tuple[Person, ...]
    current_person: str
    visits: tuple[Visit, ...]
    offers: tuple[Offer, ...]
    proposal: dict[str, Any] | None
    cases: tuple[dict[str, Any], ...]

    def service(self, name: str) -> Service | None:
        return next((s for s in self.services if s.name == name), None)

    def professional(self, name: str) -> Professional | None:
        return next((p for p in self.professionals if p.name == name), None)


@dataclass(frozen=True, slots=True)
class ToolResult:
    name: str
    args: dict[str, Any]
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TurnView:
    briefing: Briefing
    text: str
    dialogue: Dialogue = Dialogue()
    history: tuple[tuple[str, str], ...] = ()  # ("patient" | "clinic", text), oldest first
    results: tuple[ToolResult, ...] = ()
    asked_again: bool = False  # a reply of this turn was refused and another one is wanted


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value or ())


def _when(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=None)


def parse_service(raw: dict[str, Any]) -> Service:
    return Service(
        name=raw["name"], aliases=_texts(raw.get("aliases")), category=raw.get("category") or "",
        minutes=int(raw.get("duration_minutes") or 0), price=raw.get("price"), price_note=sayable(raw.get("price_note") or ""),
        description=sayable(raw.get("description") or ""), preparation=sayable(raw.get("preparation") or ""),
        notes=raw.get("notes") or "", professionals=_texts(raw.get("professionals")),
        convenios=_texts(raw.get("convenios")), units=_texts(raw.get("units")), bookable=raw.get("bookable", True),
    )  # fmt: skip


def parse_offers(raw: Sequence[dict[str, Any]], service: str = "") -> tuple[Offer, ...]:
    return tuple(
        Offer(
            slot=o["slot"], label=o["label"], starts_at=_when(o["starts_at"]), service=o.get("service") or service,
            professional=o.get("professional") or "", unit=o.get("unit") or "",
        )
        for o in raw
    )  # fmt: skip


def parse_visits(raw: Sequence[dict[str, Any]]) -> tuple[Visit, ...]:
    return tuple(
        Visit(
            visit=v["visit"], person=v.get("person") or "", service=v.get("service") or "",
            professional=v.get("professional") or "", unit=v.get("unit") or "", starts_at=_when(v["starts_at"]),
            label=v["label"], status=v.get("status") or "",
        )
        for v in raw
    )  # fmt: skip


def parse_days(raw: Sequence[dict[str, Any]]) -> tuple[Day, ...]:
    return tuple(Day(date.fromisoformat(d["date"]), d["label"], d.get("hours") or "", d.get("note") or "") for d in raw)


def parse_briefing(raw: dict[str, Any]) -> Briefing:
    clinic, persona, contact = (raw.get(k) or {} for k in ("clinic", "persona", "contact"))
    return Briefing(
        clinic=clinic.get("name") or "",
        facts={str(k): sayable(str(v)) for k, v in (clinic.get("facts") or {}).items()},
        about=clinic.get("about") or "",
        persona=persona.get("name") or "Carol",
        restricted=_texts(persona.get("restricted_topics")),
        now=_when(raw["now"]),
        zone=raw.get("zone") or "America/Sao_Paulo",
        days=parse_days(raw.get("days") or ()),
        units=tuple(
            Unit(u["name"], u.get("address") or "", u.get("phone") or "", u.get("directions") or "", _texts(u.get("hours")))
            for u in raw.get("units") or ()
        ),
        services=tuple(parse_service(s) for s in raw.get("services") or ()),
        professionals=tuple(
            Professional(p["name"], p.get("specialty") or "", _texts(p.get("units")), _texts(p.get("days")))
            for p in raw.get("professionals") or ()
        ),
        convenios=tuple(
            Convenio(c["name"], _texts(c.get("aliases")), c.get("note") or "", _texts(c.get("services")))
            for c in raw.get("convenios") or ()
        ),
        contact_name=contact.get("display_name") or "",
        first_contact=bool(contact.get("first_contact")),
        people=tuple(Person(p["person"], p["name"], p.get("relationship") or "other") for p in raw.get("people") or ()),
        current_person=raw.get("current_person") or "",
        visits=parse_visits(raw.get("visits") or ()),
        offers=parse_offers(raw.get("offers") or ()),
        proposal=raw.get("proposal") or None,
        cases=tuple(raw.get("cases") or ()),
    )


def _words(message: BaseMessage) -> str:
    typed = message.additional_kwargs.get("words")  # without the marks of a voice note or a file
    if isinstance(typed, str):
        return typed
    return message.content if isinstance(message.content, str) else message.text


def _results(messages: Sequence[BaseMessage]) -> tuple[ToolResult, ...]:
    calls: dict[str, tuple[str, dict[str, Any]]] = {}
    results = []
    for message in messages:
        if isinstance(message, AIMessage):
            calls.update({c["id"] or "": (c["name"], dict(c["args"])) for c in message.tool_calls})
        elif isinstance(message, ToolMessage):
            name, args = calls.get(message.tool_call_id, (message.name or "", {}))
            try:
                payload = json.loads(_words(message))
            except ValueError:
                payload = {"error": "unreadable", "message": _words(message)}
            results.append(ToolResult(name, args, payload if isinstance(payload, dict) else {"value": payload}))
    return tuple(results)


def read_view(messages: Sequence[BaseMessage]) -> TurnView:
    """The turn in `messages`. Raises ValueError when no SystemMessage carries a briefing."""
    raw = next(
        (m.additional_kwargs["briefing"] for m in messages
         if isinstance(m, SystemMessage) and "briefing" in m.additional_kwargs), None,
    )  # fmt: skip
    if raw is None:
        raise ValueError("no briefing in the system message")
    said = [m for m in messages if not isinstance(m, SystemMessage)]
    last = max((i for i, m in enumerate(said) if isinstance(m, HumanMessage)), default=-1)
    after = said[last + 1 :]
    refused = any(isinstance(m, AIMessage) and not m.tool_calls for m in after)
    if last >= 0:
        place = max(i for i, m in enumerate(messages) if isinstance(m, HumanMessage))
        refused = refused or any(isinstance(m, SystemMessage) for m in messages[place + 1 :])
    history = tuple(
        ("patient" if isinstance(m, HumanMessage) else "clinic", _words(m))
        for m in said[: max(last, 0)]
        if isinstance(m, HumanMessage) or (isinstance(m, AIMessage) and _words(m))
    )
    return TurnView(
        briefing=parse_briefing(raw),
        text=_words(said[last]) if last >= 0 else "",
        dialogue=Dialogue.parse(raw.get("dialogue") or {}),
        history=history,
        results=_results(after),
        asked_again=refused,
    )
