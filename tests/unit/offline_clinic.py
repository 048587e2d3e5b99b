"""A clinic in memory that answers the tools as the contract says, and a driver that loops model and tools as the graph does."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.offline import OfflineModel
from agent.offline.spelling import fold
from clinic.conversations import consent
from clinic.patients import names
from clinic.scheduling.when import When, resolve
from kit import fast_yaml, ptbr

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 24, 9, 30)
_WEEK = ["segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo"]
_CALLS = 6


def clinics() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("offline_clinics.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = fast_yaml.load(text)
    return loaded


@dataclass
class Desk:
    """One conversation with one clinic: rows, handles, history, and everything the model did."""

    clinic: dict[str, Any]
    model: OfflineModel
    people: list[dict[str, str]] = field(default_factory=list)
    visits: list[dict[str, Any]] = field(default_factory=list)
    offers: list[dict[str, Any]] = field(default_factory=list)
    history: list[BaseMessage] = field(default_factory=list)
    dialogue: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=list)  # of the last turn
    cases: list[dict[str, Any]] = field(default_factory=list)
    current: str | None = None
    proposal: dict[str, Any] | None = None
    pending: dict[str, Any] | None = None
    lost: set[str] = field(default_factory=set)  # "2026-11-26T10:00" someone else takes before this patient does
    said: list[str] = field(default_factory=list)

    def say(self, text: str) -> str:
        """One patient turn; the reply."""
        self.calls, self.pending = [], None
        self.said.append(text)
        head = SystemMessage(content="…", additional_kwargs={"briefing": copy.deepcopy(self.briefing())})
        messages: list[BaseMessage] = [head, *self.history[-20:], HumanMessage(content=text)]
        while True:
            answer = self.model.invoke(messages)
            assert isinstance(answer, AIMessage)
            messages.append(answer)
            if not answer.tool_calls:
                break
            assert len(self.calls) < _CALLS, f"too many calls: {[c[0] for c in self.calls]}"
            for call in answer.tool_calls:
                result = getattr(self, call["name"])(**call["args"])
                self.calls.append((call["name"], call["args"], result))
                messages.append(
                    ToolMessage(json.dumps(result, ensure_ascii=False), tool_call_id=call["id"] or "", name=call["name"])
                )
        self.dialogue = json.loads(json.dumps(answer.additional_kwargs["dialogue"]))
        reply = answer.text
        if any(str(r["summary"]["label"]) in reply for _, _, r in self.calls if r.get("proposal")):
            self.proposal = self.pending
        self.history += [HumanMessage(content=text), AIMessage(content=reply)]
        return reply

    def briefing(self) -> dict[str, Any]:
        days = [NOW.date() + timedelta(days=n) for n in range(14)]
        return {
            "clinic": self.clinic["clinic"], "persona": self.clinic["persona"], "now": NOW.isoformat(timespec="minutes"),
            "today": NOW.date().isoformat(), "weekday": "terça-feira", "zone": "America/Sao_Paulo",
            "days": [self._day(d) for d in days],
            "units": self.clinic["units"], "services": self.clinic["services"], "professionals": self.clinic["professionals"],
            "convenios": self.clinic["convenios"], "contact": {"display_name": None, "first_contact": not self.history},
            "people": self.people, "current_person": self.current, "visits": self.visits, "offers": self.offers,
            "proposal": self.proposal, "cases": self.cases, "dialogue": self.dialogue,
        }  # fmt: skip

    def _day(self, day: date) -> dict[str, str]:
        return {"date": day.isoformat(), "label": ptbr.day(day, today=NOW.date()), "hours": self._hours(day), "note": ""}

    def _hours(self, day: date) -> str:
        if day.weekday() == 6 or (day.weekday() == 5 and "sábado" not in " ".join(self.clinic["units"][0]["hours"])):
            return "fechado"
        return "das 8h às 12h" if day.weekday() == 5 else "das 8h às 18h"

    # ── the tools ─────────────────────────────────────────────────────────────────────────────────────────────
    def find_slots(
        self, service: str, when: str = "", professional: str = "", unit: str = "", visit: str = ""
    ) -> dict[str, Any]:
        one = next((s for s in self.clinic["services"] if s["name"] == service), None)
        if one is None:
            return {"error": "unknown_service", "message": "…", "candidates": [s["name"] for s in self.clinic["services"]]}
        if not one.get("bookable", True):
            return {"error": "person_only", "message": "…"}
        if professional and professional not in one["professionals"]:
            return {"error": "not_performed", "message": "…", "candidates": one["professionals"]}
        wish = resolve(when, now=NOW.replace(tzinfo=ZONE), zone=ZONE) or When()
        if wish.invalid:
            return {"error": "bad_date", "message": "…"}
        every = [
            s
            for s in self._free(one)
            if not (professional and s["professional"] != professional) and not (unit and s["unit"] != unit)
        ]
        fitting = [s for s in every if _fits(s, wish)]
        exact = bool(fitting)
        slots = _varied(fitting) if exact else sorted(every, key=lambda s: _distance(s, wish))[:4]
        slots = sorted(slots, key=lambda s: str(s["starts_at"]))
        issued = [self._issue(one, s) for s in slots]
        note = "" if exact else "Não há horário livre como pedido."
        return {
            "service": service,
            "understood": when,
            "exact": exact,
            "slots": issued,
            "reason": None if exact else "full",
            "note": note,
        }

    def propose_visit(self, slot: str, person_name: str = "", convenio: str = "") -> dict[str, Any]:
        offer = next((o for o in self.offers if o["slot"] == slot), None)
        if offer is None:
            return {"error": "unknown_slot", "message": "…"}
        if person_name:
            settled = self.for_whom(name=person_name)
            if "error" in settled:
                return settled
        if self.current is None and not self.people:
            return {"error": "needs_name", "message": "…"}
        person = next((p for p in self.people if p["person"] == self.current), self.people[0])
        service = next(s for s in self.clinic["services"] if s["name"] == offer["service"])
        if convenio and convenio not in service["convenios"]:
            return {"error": "convenio_not_covered", "message": "…", "covered_services": []}
        if offer["starts_at"] in self.lost:
            self.clinic["taken"].append(f"{offer['starts_at']} {offer['professional']}")
            self.offers.remove(offer)
            return {
                "error": "slot_taken",
                "message": "…",
                "slots": [self._issue(service, s) for s in _varied(list(self._free(service)))[:3]],
            }
        unit = next(u for u in self.clinic["units"] if u["name"] == offer["unit"])
        summary = {**{k: v for k, v in offer.items() if k != "slot"}, "person": person["name"], "address": unit["address"],
                   "price": None if convenio else service["price"], "price_note": "", "convenio": convenio or None,
                   "preparation": service.get("preparation", ""), "minutes": service["duration_minutes"]}  # fmt: skip
        return self._propose("book", summary)

    def propose_move(self, visit: str, slot: str) -> dict[str, Any]:
        row, offer = self._visit(visit), next((o for o in self.offers if o["slot"] == slot), None)
        if row is None or offer is None:
            return {"error": "unknown_slot" if row else "unknown_visit", "message": "…"}
        if row.get("late"):
            return {"error": "too_late", "message": "…"}
        summary = {
            **{k: v for k, v in offer.items() if k != "slot"},
            "person": row["person"],
            "from_label": row["label"],
            "address": "",
            "preparation": "",
        }
        return self._propose("move", {**summary, "visit": visit})

    def propose_cancel(self, visit: str) -> dict[str, Any]:
        row = self._visit(visit)
        if row is None:
            return {"error": "unknown_visit", "message": "…"}
        if row.get("late"):
            return {"error": "too_late", "message": "…"}
        return self._propose("cancel", dict(row))

    def book_visit(self, proposal: str) -> dict[str, Any]:
        held = self._agreed(proposal, "book")
        if "error" in held:
            return held
        summary = held["summary"]
        row = {k: summary[k] for k in ("person", "service", "professional", "unit", "starts_at", "label")}
        row |= {"visit": f"V{len(self.visits) + 1}", "status": "booked", "convenio": summary["convenio"]}
        self.visits.append(row)
        self.proposal = None
        return {"booked": True, "visit": row["visit"], "receipt": "r1", "summary": summary}

    def move_visit(self, proposal: str) -> dict[str, Any]:
        held = self._agreed(proposal, "move")
        if "error" in held:
            return held
        row = self._visit(held["summary"]["visit"])
        assert row is not None
        row |= {k: held["summary"][k] for k in ("starts_at", "label", "professional", "unit")}
        self.proposal = None
        return {"moved": True, "visit": row["visit"], "receipt": "r2", "summary": held["summary"]}

    def cancel_visit(self, proposal: str) -> dict[str, Any]:
        held = self._agreed(proposal, "cancel")
        if "error" in held:
            return held
        self.visits = [v for v in self.visits if v["visit"] != held["summary"]["visit"]]
        self.proposal = None
        return {"cancelled": True, "receipt": "r3", "summary": held["summary"]}

    def my_visits(self) -> dict[str, Any]:
        return {"visits": self.visits}

    def for_whom(self, person: str = "", name: str = "", relationship: str = "") -> dict[str, Any]:
        known = next((p for p in self.people if p["person"] == person or (name and names.same(p["name"], name))), None)
        if known is None:
            if not name or not names.was_said(name, self.said):
                return {"error": "name_not_said", "message": "…"}
            kind = relationship or ("other" if any(p["relationship"] == "self" for p in self.people) else "self")
            known = {"person": f"P{len(self.people) + 1}", "name": names.tidy(name), "relationship": kind}
            self.people.append(known)
        if person and name and names.corrects(name, known["name"]):
            known["name"] = names.tidy(name)
        self.current = known["person"]
        return dict(known)

    def search_knowledge(self, question: str) -> dict[str, Any]:
        words = fold(question)
        found = [d for d in self.clinic["documents"] if any(k in words for k in d["keys"])]
        return {"found": bool(found), "passages": [{**d, "score": 0.9} for d in found]}

    def escalate(self, kind: str, brief: str) -> dict[str, Any]:
        self.cases.append({"case": 12, "kind": kind, "until": "hoje até as 14h30"})
        return {"case": 12, "until": "hoje até as 14h30", "open_now": True}

    # ── what the tools share ──────────────────────────────────────────────────────────────────────────────────
    def _visit(self, handle: str) -> dict[str, Any] | None:
        return next((v for v in self.visits if v["visit"] == handle), None)

    def _propose(self, kind: str, summary: dict[str, Any]) -> dict[str, Any]:
        number = int(self.proposal["proposal"][1:]) + 1 if self.proposal else 1
        self.pending = {"proposal": f"A{number}", "kind": kind, "summary": summary}
        return self.pending

    def _agreed(self, handle: str, kind: str) -> dict[str, Any]:
        if not self.proposal or self.proposal["proposal"] != handle or self.proposal["kind"] != kind:
            return {"error": "unknown_proposal", "message": "…"}
        at = datetime.fromisoformat(self.proposal["summary"]["starts_at"])
        if not consent.affirms([self.said[-1]], to=kind, at=at):
            return {"error": "needs_yes", "message": "…"}
        return self.proposal

    def _issue(self, service: dict[str, Any], slot: dict[str, Any]) -> dict[str, Any]:
        for known in self.offers:
            if all(known[k] == slot[k] for k in ("starts_at", "professional", "unit")) and known["service"] == service["name"]:
                return known
        at = datetime.fromisoformat(slot["starts_at"])
        self.offers.append(
            {**slot, "slot": f"S{len(self.offers) + 1}", "service": service["name"], "label": ptbr.moment(at, today=NOW.date())}
        )
        return self.offers[-1]

    def _free(self, service: dict[str, Any]) -> Iterator[dict[str, Any]]:
        busy = {f"{v['starts_at']} {v['professional']}" for v in self.visits} | set(self.clinic["taken"])
        for ahead in range(30):
            day = NOW.date() + timedelta(days=ahead)
            for p in self.clinic["professionals"]:
                if p["name"] not in service["professionals"] or _WEEK[day.weekday()] not in p["days"]:
                    continue
                for half in range(16, 35):
                    at = datetime.combine(day, time(half // 2, 30 * (half % 2)))
                    free = f"{at.isoformat(timespec='minutes')} {p['name']}" not in busy
                    if free and at > NOW + timedelta(hours=2) and not 24 <= half < 26:
                        yield {"professional": p["name"], "unit": p["units"][0], "starts_at": at.isoformat(timespec="minutes")}


def _fits(slot: dict[str, Any], wish: When) -> bool:
    at = datetime.fromisoformat(slot["starts_at"])
    day, clock = at.date(), at.time()
    if (
        (wish.first_day and day < wish.first_day)
        or (wish.last_day and day > wish.last_day)
        or (wish.dates and day not in wish.dates)
    ):
        return False
    if (wish.weekdays and day.weekday() not in wish.weekdays) or day in wish.not_dates:
        return False
    if wish.from_time is None and wish.until_time is None and wish.at:
        return clock in (wish.at, *wish.or_at)
    return not (wish.from_time and clock < wish.from_time) and not (wish.until_time and clock >= wish.until_time)


def _distance(slot: dict[str, Any], wish: When) -> float:
    at = datetime.fromisoformat(slot["starts_at"])
    wanted = datetime.combine(wish.first_day or NOW.date(), wish.at or wish.from_time or time(8))
    return abs((at - wanted).total_seconds())


def _varied(slots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most five, spread over days and hours."""
    if len(slots) <= 5:
        return slots
    return [slots[i * (min(len(slots), 24) - 1) // 4] for i in range(5)]


def digits(text: str) -> list[str]:
    return re.findall(r"\d+", text)
