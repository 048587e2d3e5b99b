"""Who writes to the clinic, and for whom. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class RelationshipKind(StrEnum):
    SELF = "self"
    CHILD = "child"
    PARENT = "parent"
    SPOUSE = "spouse"
    RELATIVE = "relative"
    CAREGIVER = "caregiver"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ContactAlias:
    """One way a wire names a contact: (kind, value). The phone is only one of them, and may be missing."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Contact:
    id: UUID
    display_name: str | None
    opted_out_at: datetime | None
    human_only: bool
    told_ai_at: datetime | None
    last_seen_at: datetime | None = None  # by the conversation's clock; during a turn, what it was before this turn's messages
    doubt: str | None = None  # why we are not sure that it is still them: see assurance.py
    heard_from: int | None = None  # seq of a message: what was said before is not theirs to see
    assured_until: datetime | None = None
    opt_out_asked_at: datetime | None = None  # they were asked whether they want no more automatic messages


@dataclass(frozen=True, slots=True)
class Dependant:
    """A person this contact may speak for, themselves included."""

    person_id: UUID
    name: str
    relationship: RelationshipKind
    birth_date: date | None = None
    consented: bool = False  # to this contact managing all of their visits
