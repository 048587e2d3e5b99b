"""What a conversation left behind as what a scenario starts from and expects. Pure.

What Carol did is expected as she did it; where a person of the clinic did or corrected it, as the person did.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from uuid import UUID

from clinic.conversations.reading import Transcript
from clinic.scenarios.redacting import Cover
from clinic.scenarios.rows import row_told
from clinic.scenarios.saving_store import CaseRow, Done, Somebody, VisitRow, Writer
from clinic.tenants.describing import Names
from clinic.tenants.models import Clinic
from kit import fast_yaml, ptbr

# Cases of Carol's own failing: where a person then did it, doing it is what is right.
_FAILED = frozenset({"not_understood", "failure", "limits", "out_of_scope"})
_LABEL = re.compile(r"(\d{1,2}) de ([^\W\d_]+)(?: de (\d{4}))?\D*?(\d{1,2})h(\d{2})?")
_STANDING = ("booked", "confirmed")
By = Literal["carol", "person"]


@dataclass(frozen=True, slots=True)
class Left:
    """The rows of a conversation, as they are now."""

    writer: Writer
    people: tuple[Somebody, ...]
    visits: tuple[VisitRow, ...]
    cases: tuple[CaseRow, ...]
    writes: tuple[Done, ...]
    since: datetime

    @property
    def names_told(self) -> list[str]:
        """Names that tools were given, as they were told then."""
        summaries = [one.result.get("summary") for one in self.writes]
        return [str(one["person"]) for one in summaries if isinstance(one, Mapping) and one.get("person")]

    def done_to(self, visit_id: UUID, tool: str) -> Done | None:
        """The last time a tool did this to a visit."""
        return next((one for one in reversed(self.writes) if one.entity_id == visit_id and one.tool == tool), None)


@dataclass(frozen=True, slots=True)
class Suggested:
    """A row that is expected, and whose doing it was. `title`: what the scenario may be called after."""

    noun: str
    by: By
    told: str
    title: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies over the clinic: who writes, and what they had."""

    phone: str
    overlay: Mapping[str, Any]
    doubts: tuple[str, ...]


def ground(clinic: Clinic, left: Left, cover: Cover) -> Ground:
    """The people known before, and their visits as they were before."""
    names, phone = Names(clinic), cover.phone(left.writer.phones[0] if left.writer.phones else "")
    keys: dict[UUID, str] = {}
    people: list[dict[str, Any]] = []
    for one in left.people:
        if one.fresh:
            continue
        keys[one.id] = f"pessoa-{len(keys) + 1}"
        person: dict[str, Any] = {"key": keys[one.id], "name": cover.name(one.name)}
        if one.birth_date is not None:
            person["birth_date"] = cover.birth(one.birth_date).isoformat()
        tie = {"phones": [phone]} if one.kind == "self" else {"relationships": [{"contact": phone, "kind": one.kind}]}
        people.append(person | tie)
    visits, doubts = [], []
    for visit in left.visits:
        if visit.later or visit.person_id not in keys or not _described(names, visit):
            continue
        was = _before(clinic, left, visit)
        if was is None:
            doubts.append(_doubt("was_unknown"))
            continue
        starts, status = was
        told = {
            "person": keys[visit.person_id], "service": names.service[visit.service_id],
            "professional": names.professional[visit.professional_id], "unit": names.unit[visit.unit_id],
            "starts": starts, "status": status,
        }  # fmt: skip
        if visit.convenio_id in names.convenio:
            told["convenio"] = names.convenio[visit.convenio_id]
        visits.append(told)
    overlay = {name: rows for name, rows in (("people", people), ("visits", visits)) if rows}
    return Ground(phone, overlay, tuple(dict.fromkeys(doubts)))


def _described(names: Names, visit: VisitRow) -> bool:
    """Whether the clinic still has all that it is made of."""
    return visit.service_id in names.service and visit.professional_id in names.professional and visit.unit_id in names.unit


def _before(clinic: Clinic, left: Left, visit: VisitRow) -> tuple[str, str] | None:
    """(local start, status) of a visit before the conversation; None when nobody can tell."""
    moved = next((one for one in left.writes if one.entity_id == visit.id and one.tool == "move_visit"), None)
    status = "confirmed" if visit.status == "confirmed" else "booked"
    if moved is None:
        return _local(clinic, visit.starts_at), status
    label = str((moved.result.get("summary") or {}).get("from_label") or "")
    found = _LABEL.search(label)
    month = ptbr.month_number(found[2]) if found else None
    if found is None or month is None:
        return None
    start = left.since.astimezone(clinic.zone)
    year = int(found[3]) if found[3] else start.year
    return f"{year:04}-{month:02}-{int(found[1]):02}T{int(found[4]):02}:{found[5] or '00'}", status


def expected(clinic: Clinic, left: Left, cover: Cover) -> tuple[dict[str, Any], tuple[Suggested, ...]]:
    """`expect` of the scenario, and why."""
    state: dict[str, dict[str, list[Any]]] = {}
    suggested: list[Suggested] = []

    def add(noun: str, how: str, row: Mapping[str, Any], one: Suggested) -> None:
        state.setdefault(noun, {}).setdefault(how, []).append(dict(row))
        suggested.append(one)

    called = {one.id: cover.name(one.name) for one in left.people}
    for visit in left.visits:
        _visit(clinic, left, visit, called, add)
    for person in left.people:
        if person.fresh and _kept(left, person):
            by: By = "carol" if _as_told(left, person) else "person"
            row = {"name": called[person.id]}
            add("people", "inserted", row, Suggested("people", by, row_told("people", "added", None, row)))
    put_right = any(one.by == "person" for one in suggested)
    for case in left.cases:
        row_ = {"kind": case.kind, "urgent": case.urgent}
        told = Suggested("cases", "carol", row_told("cases", "added", None, row_), "case")
        if case.kind in _FAILED and put_right:
            state.setdefault("cases", {}).setdefault("optional", []).append(row_)
        else:
            add("cases", "inserted", row_, told)
    if left.writer.opted_out:
        change = {"was": {"opted_out": False}, "now": {"opted_out": True}}
        told = Suggested("contacts", "carol", row_told("contacts", "changed", change["was"], change["now"]), "opted_out")
        add("contacts", "updated", change, told)
    return {"state": state}, tuple(suggested)


def _visit(clinic: Clinic, left: Left, visit: VisitRow, called: Mapping[UUID, str], add: Any) -> None:
    service = clinic.service_by_id.get(visit.service_id)
    if service is None or visit.person_id not in called:
        return
    about = {"person": called[visit.person_id], "service": service.name}
    if visit.later:
        booked = left.done_to(visit.id, "book_visit")
        standing = visit.status in _STANDING
        if not standing:
            return  # made and given up again: nothing is left of it
        row = {**about, **_where(clinic, visit), "starts": _local(clinic, visit.starts_at), "status": "booked"}
        by: By = "carol" if booked and _same(clinic, booked, visit) else "person"
        add("visits", "inserted", row, Suggested("visits", by, row_told("visits", "added", None, row), "booked", service.name))
        return
    was = _before(clinic, left, visit)
    start, cancelled = _local(clinic, visit.starts_at), left.done_to(visit.id, "cancel_visit")
    moved = left.done_to(visit.id, "move_visit")
    if visit.status == "cancelled" and was is not None:
        change = {"was": {**about, "starts": was[0]}, "now": {"status": "cancelled"}}
        told = row_told("visits", "changed", change["was"], {"status": "cancelled"})
        add(
            "visits",
            "updated",
            change,
            Suggested("visits", "carol" if cancelled else "person", told, "cancelled", service.name),
        )
    elif was is not None and was[0] != start:
        change = {"was": {**about, "starts": was[0]}, "now": {"starts": start}}
        by = "carol" if moved and _same(clinic, moved, visit) else "person"
        told = row_told("visits", "changed", change["was"], {"starts": start})
        add("visits", "updated", change, Suggested("visits", by, told, "moved", service.name))


def _where(clinic: Clinic, visit: VisitRow) -> dict[str, Any]:
    professional, convenio = clinic.professional_by_id.get(visit.professional_id), None
    if visit.convenio_id is not None:
        convenio = clinic.convenio_by_id.get(visit.convenio_id)
    told = {"professional": professional.name} if professional else {}
    return told | ({"convenio": convenio.name} if convenio else {})


def _same(clinic: Clinic, done: Done, visit: VisitRow) -> bool:
    """Whether the visit still is as the tool said."""
    told = done.result.get("summary") or {}
    professional = clinic.professional_by_id.get(visit.professional_id)
    return told.get("starts_at") == _local(clinic, visit.starts_at) and (
        professional is None or told.get("professional") in (None, professional.name)
    )


def _kept(left: Left, person: Somebody) -> bool:
    """Whether something is left of them: people are registered when something is kept for them."""
    return any(visit.person_id == person.id for visit in left.visits) or person.name in left.names_told


def _as_told(left: Left, person: Somebody) -> bool:
    told = left.names_told
    return not told or person.name in told


def words(whole: Transcript, turns: Collection[UUID | None]) -> dict[str, Any]:
    """Where no row tells it: the prices that Carol said, which must be said again."""
    said = [
        line.said
        for entry in whole.entries
        if entry.turn_id in turns and entry.status is not None
        for line in whole.ledger.get(entry.id, ())
        if line.kind == "price"
    ]
    amounts = dict.fromkeys(found[0] for text in said if (found := re.search(r"\d[\d.]*(?:,\d{2})?", text)))
    return {"must_say": [{"all": [amount]} for amount in amounts]} if amounts else {}


def _local(clinic: Clinic, at: datetime) -> str:
    return at.astimezone(clinic.zone).strftime("%Y-%m-%dT%H:%M")


def _doubt(key: str) -> str:
    return str(_words()["doubts"][key])


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.scenarios").joinpath("saving.yaml").read_text("utf-8"))
    return loaded
