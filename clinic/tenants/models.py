"""A clinic as it describes itself: read once per version, shared by every turn. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.tenants.policies import Policies


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Local wall clock, half-open. Weekday 0 is Monday."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Unit:
    id: UUID
    name: str
    address: str
    phone: str | None = None
    directions: str = ""
    hours: tuple[OpenHours, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    id: UUID
    unit_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Equipment:
    id: UUID
    unit_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class WorkHours:
    """When a professional works at a unit; local wall clock, within the dates when given (inclusive)."""

    unit_id: UUID
    weekday: int
    opens: time
    closes: time
    room_id: UUID | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Professional:
    id: UUID
    name: str
    specialty: str = ""
    council: str = ""
    bio: str = ""
    hours: tuple[WorkHours, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    id: UUID
    name: str
    duration_minutes: int
    aliases: tuple[str, ...] = ()
    category: str = ""
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    price_cents: int | None = None
    price_note: str = ""
    description: str = ""
    preparation: str = ""
    notes_for_carol: str = ""
    booked_by_carol: bool = True
    professional_ids: tuple[UUID, ...] = ()
    room_ids: tuple[UUID, ...] = ()  # any one of these; empty: none needed
    equipment_ids: tuple[UUID, ...] = ()  # every one of these


@dataclass(frozen=True, slots=True)
class Convenio:
    id: UUID
    name: str
    aliases: tuple[str, ...] = ()
    note: str = ""
    service_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Holiday:
    """Closed all day, or open only from `opens` to `closes`; for one unit or for all."""

    day: date
    name: str
    unit_id: UUID | None = None
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, slots=True)
class NeverBook:
    """A span in which Carol must never book. Every condition given must hold; times are local and half-open."""

    weekdays: tuple[int, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    from_time: time | None = None
    until_time: time | None = None
    unit_id: UUID | None = None
    professional_id: UUID | None = None
    service_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    min_notice_minutes: int = 120
    horizon_days: int = 60
    step_minutes: int = 15
    min_interval_minutes: int = 0
    cancel_notice_minutes: int = 0  # later than this before a visit, only a person moves or cancels
    max_open_visits: int = 4  # per person, so that one phone cannot empty the agenda
    hold_minutes: int = 15
    never: tuple[NeverBook, ...] = ()


@dataclass(frozen=True, slots=True)
class Persona:
    name: str = "Carol"
    tone: str = ""  # how the clinic wants her to sound
    greeting: str = ""  # said once, at the first message of a contact
    restricted_topics: tuple[str, ...] = ()
    escalation_rules: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True)
class Clinic:
    """Everything a turn needs to know of a clinic. `version` changes whenever any of it does."""

    id: UUID
    slug: str
    name: str
    timezone: str
    version: int
    about: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    persona: Persona = Persona()
    rules: Rules = Rules()
    policies: Policies = field(default_factory=Policies)
    is_demo: bool = False
    sandbox_of: UUID | None = None  # the clinic this rehearsal was copied from
    units: tuple[Unit, ...] = ()
    rooms: tuple[Room, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    professionals: tuple[Professional, ...] = ()
    services: tuple[Service, ...] = ()
    convenios: tuple[Convenio, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    # What the clinic has left behind but old visits still name: never offered, found by id only.
    former_units: tuple[Unit, ...] = ()
    former_professionals: tuple[Professional, ...] = ()
    former_services: tuple[Service, ...] = ()
    former_convenios: tuple[Convenio, ...] = ()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def unit_by_id(self) -> dict[UUID, Unit]:
        return {unit.id: unit for unit in (*self.units, *self.former_units)}

    @cached_property
    def professional_by_id(self) -> dict[UUID, Professional]:
        return {professional.id: professional for professional in (*self.professionals, *self.former_professionals)}

    @cached_property
    def service_by_id(self) -> dict[UUID, Service]:
        return {service.id: service for service in (*self.services, *self.former_services)}

    @cached_property
    def convenio_by_id(self) -> dict[UUID, Convenio]:
        return {convenio.id: convenio for convenio in (*self.convenios, *self.former_convenios)}
