"""One clinic as one document: what a person writes to describe it, in YAML or JSON. `docs/clinic.schema.json` is its picture.

Everything is named by a short key that the author chooses and the rest of the document uses.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from clinic.tenants.document_agenda import BlockPart, PersonPart, VisitPart
from clinic.tenants.document_fields import Clock, Day, Key, Name, Part, Phone, Price, Services, Text, Timezone, Week, Weekday
from clinic.tenants.document_policies import HandoffPart, IdentityPart, LimitsPart, MessagingPart, TeamPart
from clinic.tenants.document_reports import ReportsPart
from clinic.tenants.problems import say

Minutes = Annotated[int, Field(ge=0, le=240)]


class PersonaPart(Part):
    """How Carol speaks for this clinic."""

    name: Name = "Carol"
    """Her name, as she says it."""
    tone: Text = ""
    """How the clinic wants her to sound."""
    greeting: Annotated[Text, Field(max_length=1000)] = ""
    """Said once, at the first message of a contact."""
    restricted_topics: tuple[Name, ...] = ()
    """What she does not talk about."""
    escalation_rules: tuple[Name, ...] = ()
    """When she calls a person of the front desk."""
    notes: Text = ""
    """Anything else she should know."""


class NeverPart(Part):
    """A span in which Carol must never book. Every condition given must hold."""

    weekdays: tuple[Weekday, ...] = ()
    """Only on these weekdays."""
    first_day: Day | None = None
    """From this date on."""
    last_day: Day | None = None
    """Until this date, inclusive."""
    from_time: Clock | None = None
    """From this time of the day (none: from its start)."""
    until_time: Clock | None = None
    """Until this time of the day (none: to its end)."""
    unit: Key | None = None
    """Only at this unit."""
    professional: Key | None = None
    """Only with this professional."""
    service: Key | None = None
    """Only this service."""


class RulesPart(Part):
    """What Carol may offer."""

    min_notice_minutes: Annotated[int, Field(ge=0, le=43_200)] = 120
    """The least time between now and a visit."""
    horizon_days: Annotated[int, Field(ge=1, le=730)] = 60
    """How many days ahead the agenda is open."""
    step_minutes: Annotated[int, Field(ge=5, le=240)] = 15
    """The grid of start times."""
    min_interval_minutes: Minutes = 0
    """What a professional keeps free between two visits, beyond the buffers."""
    cancel_notice_minutes: Annotated[int, Field(ge=0, le=43_200)] = 0
    """Later than this before a visit, only a person moves or cancels it."""
    max_open_visits: Annotated[int, Field(ge=1, le=50)] = 4
    """How many visits ahead one person may have booked through Carol."""
    hold_minutes: Annotated[int, Field(ge=1, le=120)] = 15
    """How long a slot is kept while the patient decides."""
    never: tuple[NeverPart, ...] = ()
    """When Carol must not book, whatever the hours say."""


class UnitPart(Part):
    """A place of the clinic."""

    key: Key
    """The short name used in this document."""
    name: Name
    """As said to patients."""
    address: Name
    """Street, number, neighbourhood, city."""
    phone: Phone | None = None
    """The unit's telephone."""
    directions: Text = ""
    """How to get there, parking, landmarks."""
    hours: Week
    """Opening hours by weekday, local time."""


class PlacePart(Part):
    """A room, or a piece of equipment, of one unit."""

    key: Key
    """The short name used in this document."""
    name: Name
    """As staff call it."""
    unit: Key
    """Where it is."""


class WorkPart(Part):
    """Hours of a professional at one unit."""

    unit: Key
    """Where."""
    room: Key | None = None
    """The room they usually take."""
    valid_from: Day | None = None
    """First day of these hours."""
    valid_until: Day | None = None
    """Last day of these hours."""
    week: Week
    """Hours by weekday, local time."""


class ProfessionalPart(Part):
    """Somebody who sees patients."""

    key: Key
    """The short name used in this document."""
    name: Name
    """As said to patients, title included: Dra. Helena Prado."""
    specialty: Text = ""
    """Specialty."""
    council: Text = ""
    """Council and number: CRM, CRO, CRP, CRN."""
    bio: Text = ""
    """A sentence or two that may be said to patients."""
    hours: tuple[WorkPart, ...] = ()
    """When and where they work."""


class ServicePart(Part):
    """Something patients come for."""

    key: Key
    """The short name used in this document."""
    name: Name
    """As said to patients."""
    aliases: tuple[Name, ...] = ()
    """Other ways patients say it. An alias of two services makes Carol ask which."""
    category: Text = ""
    """A heading to list it under."""
    duration_minutes: Annotated[int, Field(ge=5, le=720)]
    """How long the patient is seen."""
    buffer_before_minutes: Minutes = 0
    """Time kept before, for professional, room and equipment."""
    buffer_after_minutes: Minutes = 0
    """Time kept after, for professional, room and equipment."""
    price: Price = None
    """In reais: 180.00 or "R$ 180,00". None: Carol does not tell a price."""
    price_note: Text = ""
    """Said with the price."""
    description: Text = ""
    """What it is, for patients."""
    preparation: Text = ""
    """What the patient does before coming."""
    notes_for_carol: Text = ""
    """How Carol handles it; never read out."""
    booked_by_carol: bool = True
    """false: only a person books it."""
    professionals: tuple[Key, ...] = ()
    """Who performs it."""
    rooms: tuple[Key, ...] = ()
    """Any one of these rooms; none listed: no room is needed."""
    equipment: tuple[Key, ...] = ()
    """Every one of these, of the unit of the visit."""


class ConvenioPart(Part):
    """A health plan the clinic accepts. Paying privately is no convênio."""

    key: Key
    """The short name used in this document."""
    name: Name
    """As patients say it."""
    aliases: tuple[Name, ...] = ()
    """Other names of it."""
    note: Text = ""
    """Conditions, in words for patients."""
    services: Services
    """The services it covers, or "all"."""


class HolidayPart(Part):
    """A day that is closed, or open only from `opens` to `closes`."""

    date: Day
    """The day."""
    name: Name
    """Its name."""
    unit: Key | None = None
    """Only this unit (none: all of them)."""
    opens: Clock | None = None
    """Open from, when not closed all day."""
    closes: Clock | None = None
    """Open until, when not closed all day."""

    @model_validator(mode="after")
    def _both_or_none(self) -> HolidayPart:
        if (self.opens is None) != (self.closes is None):
            raise ValueError(say("holiday_half"))
        if self.opens and self.closes and self.closes <= self.opens:
            raise ValueError(say("holiday_backwards"))
        return self


class ChannelPart(Part):
    """The clinic's side of a wire. The console always exists under the clinic's slug."""

    kind: Literal["cloud", "evolution", "console"]
    """Cloud API, Evolution API, or our own pages and terminal."""
    external_id: Name
    """phone_number_id (cloud), instance name (evolution), or a name of your own (console)."""
    credentials: dict[str, Text] = {}
    """What the channel asks for. A value env:NAME is read from the environment when used."""


class ClinicPart(Part):
    """The clinic itself."""

    slug: Key
    """Its name in addresses and commands. Loading the same slug again updates that clinic."""
    name: Name
    """As said to patients."""
    timezone: Timezone
    """Name of its time zone, such as America/Sao_Paulo."""
    about: Text = ""
    """What it is, in a few sentences for patients."""
    demo: bool = False
    """true: invented, for demonstrations."""
    facts: dict[Key, Text] = {}
    """Plain facts by name, such as pagamento, estacionamento, documentos."""


class ClinicDocument(Part):
    """A clinic: all that Carol needs to work for it."""

    model_config = ConfigDict(title="Clinic document")

    clinic: ClinicPart
    """Name, time zone and plain facts."""
    persona: PersonaPart = PersonaPart()
    """How Carol speaks for it."""
    rules: RulesPart = RulesPart()
    """Notice, horizon, grid, and when she must not book."""
    limits: LimitsPart = LimitsPart()
    """What she may spend."""
    messaging: MessagingPart = MessagingPart()
    """Quiet hours, the second wire, messages approved beforehand."""
    team: TeamPart = TeamPart()
    """Who is told when a patient waits for a person."""
    identity: IdentityPart = IdentityPart()
    """How long a silence makes a number doubtful."""
    handoff: HandoffPart = HandoffPart()
    """Whether Carol answers again where the team went silent."""
    units: Annotated[tuple[UnitPart, ...], Field(min_length=1)]
    """Its places."""
    rooms: tuple[PlacePart, ...] = ()
    """Rooms."""
    equipment: tuple[PlacePart, ...] = ()
    """Equipment that only one visit at a time can use."""
    professionals: tuple[ProfessionalPart, ...] = ()
    """Who sees patients."""
    services: tuple[ServicePart, ...] = ()
    """What patients come for."""
    convenios: tuple[ConvenioPart, ...] = ()
    """Health plans."""
    national_holidays: tuple[Annotated[int, Field(ge=2000, le=2100)], ...] = ()
    """Years whose Brazilian national holidays are closed, movable ones included."""
    holidays: tuple[HolidayPart, ...] = ()
    """Other days closed or short; on a national holiday, this wins."""
    blocks: tuple[BlockPart, ...] = ()
    """Time off and maintenance."""
    channels: tuple[ChannelPart, ...] = ()
    """Where its messages come from."""
    people: tuple[PersonPart, ...] = ()
    """Patients it knows."""
    visits: tuple[VisitPart, ...] = ()
    """Visits it has already."""
    reports: ReportsPart = ReportsPart()
    """Shift reports to families."""
    knowledge: Text | None = None
    """A folder of documents, relative to this one."""


def json_schema() -> dict[str, Any]:
    """The published JSON Schema of a clinic document."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ClinicDocument.model_json_schema()}
