"""What was said of a day against what is: which lines of the ledger are broken, and how. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.conversations.commitments.ledger import Entry, State, state

# Broken: a patient was told what is not so, or not told what is. The others are counted, and nobody is woken for them.
BROKEN = frozenset(
    {
        "visit_changed_silently",  # moved or cancelled, and neither Carol nor a person of the clinic wrote since
        "visit_unknown",  # there is no such visit
        "not_cancelled",  # said to be cancelled, and it stands
        "price_differs",  # not the price of the row, under the same configuration
        "never_answered",  # a person was promised by an hour, and nobody wrote
        "unknown",  # a person, professional, unit, service or case that there is not
        "said_without_ledger",  # a fact in a reply of Carol's, and no line of the ledger
        "booked_not_told",  # a visit that Carol booked, and no message that reached the patient says so
        "done_not_told",  # moved, cancelled or passed on, and no message says so
    }
)
OF_VISITS = frozenset({"visit_changed_silently", "visit_unknown", "not_cancelled", "booked_not_told"})
KEPT = 500  # findings in a report; all are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line or row that is not as it should be, by ids and codes only."""

    code: str
    conversation_id: UUID
    entity: str | None = None
    entity_id: UUID | None = None
    commitment_id: UUID | None = None
    message_id: UUID | None = None
    receipt_id: UUID | None = None

    @property
    def broken(self) -> bool:
        """Whether a patient was misled by it."""
        return self.code in BROKEN

    @property
    def about(self) -> str:
        """What it is about, the same from night to night."""
        return f"{self.code}:{self.entity_id or self.commitment_id or self.message_id}"


@dataclass(slots=True)
class Report:
    """What a night found. `states` counts lines by kind and state; `cased`: findings a person was asked to look at."""

    checked: int = 0
    states: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    cased: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[Finding]:
        """Those that misled a patient."""
        return [finding for finding in self.findings if finding.broken]

    def count(self, entry: Entry, found: State) -> None:
        """Notes that a line was looked at."""
        self.checked += 1
        self.states[f"{entry.kind}.{found.value}"] += 1

    def as_json(self) -> dict[str, Any]:
        """For `reconciliations.report`."""
        nested: dict[str, dict[str, int]] = {}
        for name, count in sorted(self.states.items()):
            kind, _, found = name.partition(".")
            nested.setdefault(kind, {})[found] = count
        return {
            "states": nested,
            "codes": dict(sorted(Counter(finding.code for finding in self.findings).items())),
            "findings": [_json(finding) for finding in self.findings[:KEPT]],
            "cased": self.cased,
        }


def _json(finding: Finding) -> Mapping[str, str]:
    said = {
        "code": finding.code,
        "conversation": finding.conversation_id,
        "entity": finding.entity,
        "entity_id": finding.entity_id,
        "commitment": finding.commitment_id,
        "message": finding.message_id,
        "receipt": finding.receipt_id,
    }
    return {name: str(value) for name, value in said.items() if value is not None}


def doubtful(entries: Iterable[Entry], *, at: datetime) -> list[Entry]:
    """The lines about visits that no longer say what is: fine only if the patient was told."""
    return [one for one in entries if one.entity == "appointment" and state(one, at=at) in (State.CHANGED, State.GONE)]


def finding(entry: Entry, *, told: frozenset[UUID], version: int, at: datetime) -> Finding | None:
    """What is wrong with a line, if anything. `told`: lines whose patient was told of the change since."""
    code = _code(entry, state(entry, at=at), told=told, version=version)
    if code is None:
        return None
    return Finding(
        code=code,
        conversation_id=entry.conversation_id,
        entity=entry.entity,
        entity_id=entry.entity_id,
        commitment_id=entry.id,
        message_id=entry.message_id,
        receipt_id=entry.receipt_id,
    )


def _code(entry: Entry, now: State, *, told: frozenset[UUID], version: int) -> str | None:
    if entry.entity == "appointment":
        return _visit_code(entry, now, told)
    if entry.entity == "case":
        if now is State.LATE:
            return "answered_late" if entry.now.answered_at else "never_answered"
        return "unknown" if now is State.GONE else None
    if entry.entity in ("service", "professional", "unit", "person") and now is not State.STANDS:
        if now is State.GONE:
            return "unknown"
        return "price_differs" if entry.kind == "price" and entry.means.get("version") == version else "row_changed"
    return None


def _visit_code(entry: Entry, now: State, told: frozenset[UUID]) -> str | None:
    if now not in (State.CHANGED, State.GONE) or entry.id in told or entry.kind not in ("visit", "price"):
        return None
    if entry.kind == "price":
        return "price_differs" if now is State.CHANGED else None
    if not entry.now.exists:
        return "visit_unknown"
    return "not_cancelled" if entry.means.get("did") == "cancelled" else "visit_changed_silently"
