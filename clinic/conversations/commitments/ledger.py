"""The ledger's entries: what a message of ours promises, and whether it still stands. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from clinic.conversations.models import Commitment
from kit.text import plain


class State(StrEnum):
    """What became of something said. `changed`: the row says otherwise now; `gone`: it is over, or there is no such row."""

    STANDS = "stands"
    CHANGED = "changed"
    GONE = "gone"
    KEPT = "kept"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The row behind an entry as it is at this moment; what does not belong to its entity is None."""

    exists: bool
    starts_at: datetime | None = None
    status: str | None = None
    expires_at: datetime | None = None
    accepted: bool = False
    cents: int | None = None
    name: str | None = None
    due_at: datetime | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger as it was written, and the row behind it now."""

    id: UUID
    conversation_id: UUID
    message_id: UUID
    turn_id: UUID | None
    kind: str
    said: str
    means: Mapping[str, Any]
    entity: str | None
    entity_id: UUID | None
    receipt_id: UUID | None
    at: datetime
    now: Now


def of_case(text: str, case_id: UUID, number: int, due_at: datetime) -> Commitment:
    """The promise of a fixed text that tells of a case: the words around its number, and by when somebody answers."""
    sentences = [piece for piece in text.replace("\n", ". ").split(". ") if str(number) in piece]
    means = {"case": number, "due_at": due_at.isoformat()}
    return Commitment(0, "promise", (sentences or [text])[0].strip()[:300], means, "case", case_id)


def state(entry: Entry, *, at: datetime) -> State:
    """Whether what was said still stands at this instant."""
    now = entry.now
    if entry.entity_id is None and entry.entity in ("appointment", "hold", "case", "service"):
        return State.GONE if entry.entity == "hold" else State.STANDS
    match entry.entity:
        case "appointment":
            return _visit(entry)
        case "hold":
            return State.KEPT if now.accepted else State.STANDS if now.expires_at and now.expires_at > at else State.GONE
        case "offer":
            return _offer(entry, at)
        case "case":
            return _case(now, at)
        case "service":
            if not now.exists:
                return State.GONE
            said = entry.means.get("cents")
            return State.CHANGED if said is not None and entry.kind == "price" and now.cents != said else State.STANDS
        case "professional" | "unit" | "person":
            return _named(entry)
    return State.STANDS


def _visit(entry: Entry) -> State:
    now = entry.now
    if not now.exists:
        return State.GONE
    if entry.means.get("did") == "cancelled":
        return State.STANDS if now.status == "cancelled" else State.CHANGED
    if now.status == "cancelled":
        return State.GONE
    said = None if entry.means.get("former") or entry.kind != "visit" else entry.means.get("starts_at")
    if said is not None and datetime.fromisoformat(said) != now.starts_at:
        return State.CHANGED
    if entry.kind == "price" and now.cents is not None and entry.means.get("cents") not in (None, now.cents):
        return State.CHANGED
    return State.KEPT if now.status == "completed" else State.STANDS


def _offer(entry: Entry, at: datetime) -> State:
    starts_at = entry.means.get("starts_at")
    return State.GONE if starts_at and datetime.fromisoformat(starts_at) <= at else State.STANDS


def _case(now: Now, at: datetime) -> State:
    if not now.exists:
        return State.GONE
    if now.answered_at is not None:
        return State.KEPT if now.due_at is None or now.answered_at <= now.due_at else State.LATE
    return State.LATE if now.due_at is not None and now.due_at < at else State.STANDS


def _named(entry: Entry) -> State:
    now = entry.now
    if not now.exists:
        return State.GONE
    said = entry.means.get("name") if entry.kind == "name" else None
    return State.CHANGED if said and now.name and not _same(str(said), now.name) else State.STANDS


def _same(said: str, name: str) -> bool:
    """Whether all words said are of that name."""
    return set(plain(said).split()) <= {*plain(name).replace(".", "").split(), *plain(name).split()}
