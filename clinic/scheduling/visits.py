"""Visits, slots offered and proposals read back, as values. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic.scheduling.models import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An appointment of a person."""

    id: UUID
    person_id: UUID
    person_name: str
    service_id: UUID
    professional_id: UUID
    unit_id: UUID
    room_id: UUID | None
    convenio_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    price_cents: int | None
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot shown to a conversation, under the handle the model may name."""

    handle: str
    service_id: UUID
    slot: Slot


class ProposalKind(StrEnum):
    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What waits for the patient's yes. It counts only when the turn that read it back was adopted."""

    handle: str
    kind: ProposalKind
    turn_id: UUID
    read_back: bool
    offer: str | None
    hold_id: UUID | None
    appointment_id: UUID | None
    person_id: UUID
    convenio_id: UUID | None
    price_cents: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A slot kept for a conversation while the patient decides."""

    id: UUID
    service_id: UUID
    slot: Slot
    expires_at: datetime
