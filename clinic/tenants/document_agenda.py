"""The part of a clinic document that moves: time off, patients and the visits they have already."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, WithJsonSchema, model_validator

from clinic.tenants.document_fields import Clock, Day, Key, Name, Part, Phone, Text, Weekday
from clinic.tenants.problems import say


class MomentPart(Part):
    """A local instant: fixed, or counted from the day the document is loaded so that a demo agenda never ages."""

    at: datetime | None = None
    """A fixed local date and time."""
    days: Annotated[int, Field(ge=-365, le=365)] = 0
    """Days from the day of loading; negative for the past."""
    weekday: Weekday | None = None
    """The first such weekday from then on (for the past: backwards)."""
    time: Clock | None = None
    """Local time of day."""

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, value: Any) -> Any:
        if isinstance(value, datetime):
            return {"at": value}
        if not isinstance(value, str):
            return value
        try:
            return {"at": datetime.fromisoformat(value.strip())}
        except ValueError as error:
            raise ValueError(say("moment", given=value)) from error

    @model_validator(mode="after")
    def _one_way(self) -> MomentPart:
        if (self.at is None) == (self.time is None):
            raise ValueError(say("moment_one_way"))
        if self.at is not None and self.at.tzinfo is not None:
            raise ValueError(say("moment_offset"))
        return self


Moment = Annotated[
    MomentPart,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {
                    "type": "object",
                    "required": ["time"],
                    "additionalProperties": False,
                    "properties": {
                        "days": {"type": "integer", "description": "Days from the day of loading; negative for the past."},
                        "weekday": {"type": "string", "description": "The first such weekday from then on."},
                        "time": {"type": "string", "description": "Local time of day."},
                    },
                },
            ]
        }
    ),
]


class BlockPart(Part):
    """Time off, maintenance, a meeting: what is taken is not offered."""

    model_config = ConfigDict(validate_by_name=True)

    professional: Key | None = None
    """Who is away."""
    room: Key | None = None
    """The room that is taken."""
    equipment: Key | None = None
    """The equipment that is taken."""
    starts: Moment = Field(alias="from")
    """From, local."""
    ends: Moment = Field(alias="to")
    """Until, local."""
    reason: Text = ""
    """For staff; never told to patients."""


class AliasPart(Part):
    """How a wire knows a person, beside the phone."""

    kind: Literal["wa_id", "lid", "bsuid", "console"]
    """Which kind of name it is."""
    value: Name
    """The name, as the wire writes it."""


class RelationshipPart(Part):
    """Who else may speak for a person."""

    contact: Phone
    """The phone of who speaks for them."""
    kind: Literal["child", "parent", "spouse", "relative", "caregiver", "other"]
    """What this person is to the owner of that phone: the child of the mother who writes is `child`."""


class PersonPart(Part):
    """A patient."""

    key: Key
    """The short name used in this document."""
    name: Name
    """Full name."""
    birth_date: Day | None = None
    """Date of birth."""
    phones: tuple[Phone, ...] = ()
    """Their own phones."""
    aliases: tuple[AliasPart, ...] = ()
    """Other names of their own contact."""
    relationships: tuple[RelationshipPart, ...] = ()
    """Phones of others that speak for them."""


class VisitPart(Part):
    """A visit that exists already."""

    key: Key | None = None
    """A stable name; without it, one is made of person, service and start."""
    person: Key
    """Who comes."""
    service: Key
    """What for."""
    professional: Key
    """Who sees them."""
    unit: Key | None = None
    """Where; needed only when the professional's hours leave a doubt."""
    room: Key | None = None
    """In which room (none: the first that is free among the service's)."""
    convenio: Key | None = None
    """Through which convênio (none: privately)."""
    starts: Moment
    """When it starts, local."""
    status: Literal["booked", "confirmed", "cancelled", "completed", "no_show"] = "booked"
    """How it stands."""
