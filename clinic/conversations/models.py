"""The words of a conversation: what arrives, what is said, whose turn it is. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from clinic.patients.models import Contact, ContactAlias, Dependant
from kit.errors import Conflict, Unavailable

GIVEN_BACK = "given_back"  # the kind of a line where a person gave the conversation back: its text is for staff and Carol
CAME_BACK = "came_back"  # the same where nobody gave it back: the team was silent for too long; its text is for staff


class Owner(StrEnum):
    CAROL = "carol"
    PERSON = "person"


class Author(StrEnum):
    PATIENT = "patient"
    CAROL = "carol"
    PERSON = "person"  # someone of the clinic
    AUTOMATIC = "automatic"


class CaseKind(StrEnum):
    EMERGENCY = "emergency"
    SELF_HARM = "self_harm"
    PERSON_ASKED = "person_asked"
    NOT_UNDERSTOOD = "not_understood"
    OUT_OF_SCOPE = "out_of_scope"
    MEDICAL = "medical"
    OPT_OUT = "opt_out"
    FAILURE = "failure"
    COMPLAINT = "complaint"
    IDENTITY = "identity"
    LIMITS = "limits"
    OTHER = "other"


class Outcome(StrEnum):
    """How an adopted turn ended."""

    SPOKE = "spoke"
    SILENT = "silent"
    HANDED_OVER = "handed_over"
    EMERGENCY = "emergency"
    HELD = "held"  # every model failed: a holding message and a case


class Fenced(Conflict):
    """This holder's lease is over: another one took the lane."""

    code = "fenced"


class ContactGone(Unavailable):
    """Whoever writes was erased since they were recognised: said again, they are somebody new."""

    code = "contact_gone"


class Superseded(Conflict):
    """A newer message came while Carol was thinking: the draft is dropped, its receipts stay."""

    code = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message from a person, as a wire delivered it."""

    account_id: UUID
    provider_id: str
    aliases: tuple[ContactAlias, ...]  # most trusted first, at least one
    reply_to: str
    text: str
    kind: str = "text"
    display_name: str | None = None
    sent_at: datetime | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    clock_at: datetime | None = None  # pins the conversation's clock; None: the machine's


@dataclass(frozen=True, slots=True)
class QuietWindow:
    """How long Carol waits for more before she answers; seconds. `cap` counts from the first unanswered message.

    `finished`: how long after a message that reads as all there was to say; never longer than `seconds`.
    """

    seconds: float
    cap: float
    finished: float = float("inf")


@dataclass(frozen=True, slots=True)
class Stored:
    conversation_id: UUID
    message_id: UUID
    seq: int
    new: bool  # False: the wire delivered it before
    red_flag: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """The file of a message. `status`: waiting, ready, refused or failed; `problem`: why it could not be kept or heard."""

    kind: str  # audio | image | video | document | sticker
    status: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    id: UUID
    seq: int
    author: Author
    kind: str
    text: str
    at: datetime
    red_flag: str | None = None
    request_id: str | None = None
    answered: bool = True
    mind: str | None = None  # the model a rehearsal asks for; means nothing elsewhere
    heard: bool = False  # the text is what was made out of a voice note: the patient's words, perhaps not quite
    again: int = 0  # how often it was opened again after it had been answered
    file: Attachment | None = None
    choice: str | None = None  # id of the button or row that was tapped

    @property
    def name(self) -> str:
        """Another one each time it is opened again: what is said to it is said once."""
        return f"{self.seq}.{self.again}" if self.again else str(self.seq)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to take one turn. It is over when the fence moves, whatever the holder believes."""

    conversation_id: UUID
    turn_id: UUID
    token: UUID
    fence: int


CaseStatus = Literal["open", "taken", "resolved"]


@dataclass(frozen=True, slots=True)
class OpenCase:
    id: UUID
    number: int
    kind: CaseKind
    urgent: bool
    due_at: datetime
    status: Literal["open", "taken"] = "open"
    owner_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a person owes a patient. `due_at`: as last promised, after `slips` times of telling the patient that it takes
    longer; `answered_at`: when a person first wrote to the patient after it was opened; `level`: how far up the ladder
    the team was told."""

    id: UUID
    number: int
    conversation_id: UUID
    kind: CaseKind
    urgent: bool
    reason: str
    status: CaseStatus
    owner_name: str | None
    opened_at: datetime
    due_at: datetime
    taken_at: datetime | None
    answered_at: datetime | None
    resolved_by: str | None
    resolution: str
    slips: int
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Case):
    """A case as whoever keeps it needs it. `told`: the patient was told of it by the turn that opened it.
    `climbs`: the next level of the team is to be told now."""

    slips_at: datetime | None
    climbs: bool
    told: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a tool did, kept: the row is the proof."""

    id: UUID
    turn_id: UUID
    tool: str
    effect: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    entity: str | None
    entity_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything of a conversation that a turn starts from."""

    lease: Lease
    contact: Contact
    people: tuple[Dependant, ...]
    owner: Owner
    account_id: UUID
    reply_to: str
    clock_at: datetime | None
    waiting_since: datetime | None
    attempts: int
    checkpoint_id: str | None
    history: tuple[Message, ...]  # answered ones, oldest first, bounded
    pending: tuple[Message, ...]  # unanswered ones, oldest first
    cases: tuple[OpenCase, ...]
    first_contact: bool
    menu: Mapping[str, Any] | None = None  # what the last thing we said offered to choose from, as its send kept it

    @property
    def covered_seq(self) -> int:
        """The newest message this turn answers."""
        return self.pending[-1].seq if self.pending else 0


@dataclass(frozen=True, slots=True)
class Story:
    """How a turn went so far: its steps, who thought, what it spent."""

    trace: tuple[Mapping[str, Any], ...] = ()
    model: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost_brl: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Commitment:
    """Something a reply says, and the row that stands behind it. `bubble` counts the replies; `means` is JSON.

    `kind` and `entity` are the ledger's; without an id the receipt tells it.
    """

    bubble: int
    kind: str
    said: str
    means: Mapping[str, Any]
    entity: str
    entity_id: UUID | None = None
    receipt_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnResult:
    """What a finished turn leaves behind."""

    outcome: Outcome
    replies: tuple[str, ...]
    story: Story = Story()
    checkpoint_id: str | None = None
    told_ai: bool = False  # the replies carry the AI disclosure
    author: Author = Author.CAROL
    menu: Mapping[str, Any] | None = None  # what the last reply offers to choose from: `{"options": [{"id", "label"}…]}`
    must_say: bool = False  # said even when a person owns the conversation or something newer came (192, 188)
    commitments: tuple[Commitment, ...] = ()  # what the replies say, for the ledger
