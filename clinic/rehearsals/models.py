"""What a rehearsal is: a sandbox copied from a clinic, and who may be rehearsed as in it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.patients.models import Dependant
from kit.errors import NotFound


class RehearsalOver(NotFound):
    """This rehearsal is over, or there never was one."""

    code = "rehearsal_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A sandbox. `stale`: the clinic's configuration changed since the copy; `parent_id`: the rehearsal it branched from."""

    id: UUID
    slug: str
    clinic_id: UUID
    clinic_slug: str
    created_at: datetime
    expires_at: datetime
    source_version: int
    stale: bool
    parent_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation of a rehearsal. `person` is the phone or console name to go on as; `name` what is known of them."""

    id: UUID
    person: str
    name: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Someone to rehearse as: how they write (a phone or a console name), for whom, and how many visits lie ahead."""

    person: str
    name: str
    people: tuple[Dependant, ...]
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Branched:
    """A fresh rehearsal as another was before a turn, and what the patient said then."""

    rehearsal_id: UUID
    conversation_id: UUID
    person: str
    said: tuple[str, ...]
    at: datetime
