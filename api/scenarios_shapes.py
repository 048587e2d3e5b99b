"""The JSON of a clinic's own scenarios, and of the drafts they begin as."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.conversations import Signed


class OwnOut(BaseModel):
    """A clinic's own scenario, in brief. `version` grows with each change."""

    key: str
    title: str
    critical: bool
    tags: list[str]
    came_from: Literal["conversation", "import", "console"]
    conversation: UUID | None
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    archived_at: datetime | None
    archived_by: str | None


class OwnWhole(OwnOut):
    """With its document, `carol.scenario/v1` (what is default is left out)."""

    scenario: dict[str, Any]


class OwnList(BaseModel):
    """By key."""

    items: list[OwnOut]


class Put(Signed):
    """The scenario instead of the one there. `version`: the one that was read, 0 for a new one; null writes over anything.

    `conversation`: the draft came from it; then `confirmed` must be true: a person read it and no patient is in it.
    """

    model_config = ConfigDict(extra="forbid")

    scenario: dict[str, Any]
    version: Annotated[int | None, Field(ge=0)] = None
    conversation: UUID | None = None
    confirmed: bool = False


class Import(Signed):
    """Scenarios as YAML text, at most 1 MB. All are written, or none."""

    text: str


class Imported(BaseModel):
    """Keys that are new, and keys whose scenario was written over."""

    new: list[str]
    changed: list[str]


class MistakeOut(BaseModel):
    """What is wrong with a scenario, by its field (`patient.turns.2.say`; empty: the whole). In a 422 `bad_scenarios` they
    are listed as `mistakes`."""

    scenario: str
    field: str
    problem: str


class DraftAsked(BaseModel):
    """Which conversation to make a scenario of, from message to message (both included); null: from its first, to its last."""

    model_config = ConfigDict(extra="forbid")

    conversation: UUID
    first: UUID | None = None
    last: UUID | None = None


class ReplacedOut(BaseModel):
    """Something personal that was replaced, for a person to check. `what`: name, phone, cpf, email, birth_date, address,
    convenio_number, link or number; `known`: the clinic knows it as somebody's, else it only looked like it."""

    what: str
    was: str
    now: str
    times: int
    known: bool


class SuggestedOut(BaseModel):
    """A row that the scenario expects. `by`: carol (she did it) or person (somebody put it right); `told`: in words."""

    noun: str
    by: Literal["carol", "person"]
    told: str


class DraftTurn(BaseModel):
    """A turn of the draft beside the messages it was made of. `original` is personal: it is shown, and never stored."""

    said: list[str]
    original: list[str]
    messages: list[UUID]
    agrees: bool


class HeardOut(BaseModel):
    """Something the patient wrote, from or to which a draft may be made. `used`: it is in this one. Shown, and never stored."""

    id: UUID
    text: str
    at: datetime
    used: bool


class DraftOut(BaseModel):
    """A scenario made of a conversation; nothing is stored. `heard`: all that the patient wrote, the oldest first. `doubts`:
    what a person has to look at, in words; `mistakes`: why it cannot be stored as it is. Whoever stores it (PUT) confirms
    that no patient is in it."""

    conversation: UUID
    heard: list[HeardOut]
    scenario: dict[str, Any]
    turns: list[DraftTurn]
    replaced: list[ReplacedOut]
    suggested: list[SuggestedOut]
    doubts: list[str]
    mistakes: list[MistakeOut]
