"""What pages read of conversations and agenda: the JSON shapes that several routes share."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel


class PersonOut(BaseModel):
    """For whom a contact speaks. `relationship`: self, child, parent, spouse, relative, caregiver, other."""

    id: UUID
    name: str
    relationship: str


class ContactOut(BaseModel):
    """Who writes. `name` is what we know or they call themselves, empty when neither; `address` the phone or console name."""

    id: UUID
    name: str
    address: str
    people: list[PersonOut]


class CaseOut(BaseModel):
    """What a person of the clinic owes this conversation. `status`: open, or taken by `owner_name`."""

    id: UUID
    case: int
    status: Literal["open", "taken"]
    owner_name: str | None
    kind: str
    urgent: bool
    due_at: datetime


class MediaOut(BaseModel):
    """A file that came with a message; once it is `ready` its bytes are at /api/media/{id}?clinic=.

    `status`: waiting (being fetched or heard), ready, refused (not a file we take) or failed (it could not be had).
    `problem`: why it was not kept, or not heard: too_large, not_taken, broken, gone, unreachable, too_long, no_ears,
    not_heard or no_words. `transcript`: what was made out of a voice note; it is the message's text too.
    """

    id: UUID
    media_type: str
    name: str
    bytes: int
    kind: str = ""  # audio, image, video, document, sticker
    status: str = "ready"
    transcript: str | None = None
    problem: str | None = None


class CommitmentOut(BaseModel):
    """Something a message says, and the row that stands behind it. `kind`: visit, moment, price, name, address, promise or
    other; `said` its words there. `entity`: appointment, hold, offer, service, professional, unit, person, case, document,
    clinic or heard (the patient said it); `receipt`: of the tool that made the row.

    `state`, as the row is now: stands, changed, gone, kept or late.
    """

    id: UUID
    kind: str
    said: str
    entity: str | None
    entity_id: UUID | None
    receipt: UUID | None
    state: Literal["stands", "changed", "gone", "kept", "late"]


class OptionOut(BaseModel):
    """Something to choose. `chosen`: the patient picked it, by a tap or in words."""

    label: str
    description: str
    chosen: bool


class MenuOut(BaseModel):
    """What a message offered to choose from. `shown`: as buttons, as numbers under the text, or only in the text itself."""

    shown: Literal["buttons", "numbers", "text"]
    options: list[OptionOut]


class LineOut(BaseModel):
    """One message. `status`: queued, sending, sent, delivered, read, failed, unknown or cancelled; null for the patient's.

    `turn`: the turn that said it (ours) or answered it (theirs; null while it waits). `by`: the person of the clinic who
    wrote it. `receipts`: what stands behind a promise in it; `commitments`: all that it says, each with its row.
    `why`: it waits until the patient writes (window) or until the morning (quiet), or the code of what kept it from
    arriving; `until`: when what waits so leaves, or is dropped. `other_wire`: another wire of the clinic said it, its own
    being down, of the kind `wire` (evolution, cloud; null when it is the conversation's own).
    """

    id: UUID
    seq: int
    author: Literal["patient", "carol", "person", "automatic"]
    by: str | None
    kind: str
    text: str
    at: datetime
    status: str | None
    turn: UUID | None
    media: MediaOut | None
    receipts: list[UUID]
    commitments: list[CommitmentOut] = []
    red_flag: str | None
    why: str | None = None
    until: datetime | None = None
    other_wire: bool = False
    wire: str | None = None
    menu: MenuOut | None = None


class ReceiptOut(BaseModel):
    """Something a tool did: the row is the proof. `entity`: appointment, hold, case or person; `entity_id` its row."""

    id: UUID
    turn: UUID
    tool: str
    at: datetime
    result: dict[str, Any]
    entity: str | None
    entity_id: UUID | None


class TurnBrief(BaseModel):
    """How a turn went. `status`: running, adopted, superseded or failed; `outcome`: spoke, silent, handed_over, emergency
    or held."""

    id: UUID
    status: str
    outcome: str | None
    model: str | None
    started_at: datetime
    seconds: float | None
    tokens_in: int
    tokens_out: int
    cost_brl: Decimal


class PassageOut(BaseModel):
    """A passage that a search considered. `used`: it passed the threshold and was given to the model."""

    id: UUID
    document: UUID
    source: str
    title: str
    heading: str
    text: str
    score: float
    dense: float
    lexical: float
    used: bool


class ProblemOut(BaseModel):
    """Why a reply was refused: a kind of ours, and the words at fault."""

    kind: str
    excerpt: str


class AttemptOut(BaseModel):
    """One try of one model. `outcome` is ok, repaired, or what went wrong."""

    model: str
    outcome: str
    ms: int
    detail: str = ""


class GivenOut(BaseModel):
    """One message as the model was given it. `role`: system, patient, carol, tool."""

    role: str
    text: str


class StepOut(BaseModel):
    """One step of a turn, in order; what does not belong to its kind is null or empty.

    `step` is screen, red_flag, identify, think, tool, check, reply, hold, handed_over or human_only; `node` the state of the
    graph it ran in.
    `at_ms` counts from the start of the turn, `ms` is what it took.
    """

    step: str
    node: str | None = None
    at_ms: float | None = None
    ms: float | None = None
    # screen and red_flag
    decision: str | None = None  # speak, silence, human
    flag: str | None = None
    limit: str | None = None  # turns_per_hour, reais_per_contact_day, reais_per_month: it stops all but a rehearsal
    case: int | None = None
    # identify
    person: str | None = None  # the name it settled on
    people: int | None = None
    visits: int | None = None
    # think
    model: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_estimated: bool = False
    cost_brl: Decimal | None = None  # null: the price is not known
    asked: list[str] = []  # tools it asked for
    said: str | None = None  # the reply it drafted
    understood: dict[str, Any] | None = None  # what the offline model read in the message
    attempts: list[AttemptOut] = []
    repaired: bool = False
    given: list[GivenOut] = []  # kept in rehearsals only
    # tool
    tool: str | None = None
    effect: str | None = None  # read, write
    arguments: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    receipt: UUID | None = None
    passages: list[PassageOut] = []
    threshold: float | None = None
    # check
    ok: bool | None = None
    problems: list[ProblemOut] = []


class TurnOut(TurnBrief):
    """A turn with its whole story, and the messages it answered and said."""

    conversation: UUID
    limits: dict[str, int] = {}
    steps: list[StepOut]
    answered: list[UUID]
    replies: list[UUID]
