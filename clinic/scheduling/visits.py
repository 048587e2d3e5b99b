"""Visits, slots offered and proposals read back, as values. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic.patients import assurance
from clinic.patients.models import Dependant
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
    contact_id: UUID | None = None  # through whom it was booked


def manageable(visits: Iterable[Visit], people: Iterable[Dependant], *, contact_id: UUID) -> tuple[Visit, ...]:
    """Of these visits, those that a contact who speaks for `people` may be told of, move and cancel."""
    who = {person.person_id: person for person in people}
    return tuple(
        visit
        for visit in visits
        if visit.person_id in who
        and assurance.may_manage(who[visit.person_id], contact_id=contact_id, booked_by_contact=visit.contact_id)
    )


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
    held_until: datetime | None = None  # while its time is kept for it; a yes is understood longer


@dataclass(frozen=True, slots=True)
class Hold:
    """A slot kept for a conversation while the patient decides."""

    id: UUID
    service_id: UUID
    slot: Slot
    expires_at: datetime
