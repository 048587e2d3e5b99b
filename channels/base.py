"""The words every wire is translated into. No I/O here: a channel parses into these and sends from these."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from kit.errors import CarolError, Unavailable


class AliasKind(StrEnum):
    """How a wire names a person. A contact has a set of these; the phone is only one of them."""

    PHONE = "phone"  # E.164 with the Brazilian ninth digit restored: our canonical key
    WA_ID = "wa_id"  # the digits the provider uses, verbatim (what we send to)
    LID = "lid"  # WhatsApp's hidden id on unofficial rails
    BSUID = "bsuid"  # business-scoped user id on the Cloud API
    CONSOLE = "console"  # our own pages and terminal


@dataclass(frozen=True, slots=True)
class Alias:
    kind: AliasKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A message from a person to the clinic."""

    account: str  # the clinic's side of the wire: phone_number_id (Cloud) or instance name (Evolution)
    provider_id: str
    aliases: tuple[Alias, ...]  # at least one; phone first when known
    reply_to: str  # the address to answer, verbatim for this provider
    kind: str  # text | image | audio | video | document | sticker | location | contact | reaction | choice | unsupported
    text: str = ""  # what was written, chosen or captioned; "" when the message carries no words
    display_name: str | None = None  # untrusted: the person typed it in their own profile
    sent_at: datetime | None = None  # the provider's instant, aware
    choice_id: str | None = None  # id of the button or row picked
    quoted_id: str | None = None
    # Small extras (coordinates, cards, adverts). A file that came with it is in `payload["file"]`: `kind`, `media_type`,
    # `name`, `bytes`, `seconds`, `voice` as the wire claims, and `source`, which `Sender.fetch` takes. Never its bytes.
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A message the clinic's own side sent outside Carol: a person answered from the phone (or our own send came back)."""

    account: str
    provider_id: str
    aliases: tuple[Alias, ...]  # of the patient
    text: str = ""
    kind: str = "text"
    sent_at: datetime | None = None


class DeliveryStatus(StrEnum):
    """What the provider says of a message of ours. Monotone except `failed`; they arrive out of order."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    account: str
    provider_id: str
    status: DeliveryStatus
    reference: str | None = None  # our outbox id, when the wire echoes it
    error_code: str | None = None
    error_detail: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Understood, and nothing for Carol to do (groups, broadcasts, protocol chatter); or unknown, then `unknown=True`."""

    account: str | None
    reason: str
    unknown: bool = False


class LinkState(StrEnum):
    """Whether a wire is connected to WhatsApp, as far as its server knows: it may say open and be wrong."""

    OPEN = "open"
    CONNECTING = "connecting"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChange:
    """The wire's own connection to WhatsApp changed."""

    account: str
    state: LinkState
    reason: str  # the event and the provider's word for it: `connection:close`, `instance:closed`, `logout`
    code: str | None = None  # the provider's code: 401 logged out, 403 banned


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange:
    """The platform decided about a template of the business, which may have several numbers: it names no account."""

    account: None = None
    business: str | None  # the platform's id of the business (WABA)
    name: str
    language: str
    state: str  # approved | rejected | paused | disabled | …, lower case
    reason: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The wire says that one person changed their number or id. The old one may be somebody else's soon."""

    account: str
    provider_id: str
    before: tuple[Alias, ...]
    after: tuple[Alias, ...]
    reply_to: str  # the new address
    at: datetime | None = None


Event = Inbound | Echo | Status | LinkChange | TemplateChange | Moved | Ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing to choose. `id` comes back as `Inbound.choice_id`; a label has at most 24 characters, a description 72."""

    id: str
    label: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Choices under a text: real buttons where the wire shows them, a numbered list where it does not. At most ten."""

    options: tuple[Option, ...]
    button: str = "Ver opções"  # opens the list, when there are more than three
    numbered: bool = True  # False: shown only where there are buttons, as for a plain yes or no


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCall:
    """A message approved beforehand, with its parameters in order. The text beside it is what it will read like."""

    name: str
    language: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file; the text beside it is its caption."""

    kind: str  # image | document | audio | video
    media_type: str
    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Somebody's name and number."""

    name: str
    phone: str  # E.164


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """An emoji on a message of theirs; "" takes it back."""

    provider_id: str
    emoji: str


Content = Menu | TemplateCall | File | Place | Card | Reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to one address. `reference` is the outbox id, sent along where the wire can echo it.

    `text` is always what the patient reads; `content` is what goes with it, or in whose form it goes. With a template, a
    place, a card or a reaction the text itself does not travel: it tells our own pages what was sent.
    """

    to: str
    text: str
    reference: str
    content: Content | None = None
    quotes: str | None = None  # provider id of the message it answers


class SendOutcome(StrEnum):
    SENT = "sent"  # the provider accepted it
    RETRY = "retry"  # surely not sent; try later
    FAILED = "failed"  # surely not sent and never will be
    UNKNOWN = "unknown"  # may have been sent: reconcile before any resend


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    outcome: SendOutcome
    provider_id: str | None = None
    error_code: str | None = None
    error_detail: str | None = None  # never holds personal data or secrets
    retry_after: float | None = None  # seconds
    alarm: bool = False  # an operator must act (bad key, unpaid account, unlicensed server)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a wire can do, so that whoever speaks through it need not know which one it is."""

    buttons: bool = False  # a menu is shown as buttons; otherwise as a numbered text
    templates: bool = False
    window: timedelta | None = None  # how long after the patient's last message free text is taken; None: always
    history: bool = False  # it can be asked what was said: unanswered sends are found, gaps are audited
    echoes_reference: bool = False  # its statuses carry our reference
    pair_rate: float = 0.0  # seconds to keep between two messages to one person, in the long run


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that came with a message. `media_type` is what the wire claims."""

    data: bytes = field(repr=False)
    media_type: str
    name: str = ""


class MediaGone(CarolError):
    """The wire has this file no more, or will never give it. Retrying is of no use."""

    code = "media_gone"


class MediaTooLarge(CarolError):
    """Larger than we take."""

    code = "media_too_large"


class TooMuch(Unavailable):
    """More was said in this span than is told at once: ask for a shorter one."""

    code = "too_much_history"


class Sender(Protocol):
    """A provider client. Only `jobs` may hold one."""

    capabilities: Capabilities

    async def send(self, message: Outgoing) -> SendResult: ...

    async def mark_read(self, to: str, provider_id: str, *, typing: bool) -> None:
        """Shows the patient that it was read, and that somebody writes. A courtesy: never raises."""
        ...

    async def fetch(self, source: Mapping[str, Any], *, most: int) -> Fetched:
        """The file of `payload["file"]["source"]`, of at most `most` bytes. Raises MediaGone, MediaTooLarge or Unavailable."""
        ...

    async def find(self, message: Outgoing, *, since: datetime, but: Collection[str] = ()) -> str | None:
        """The provider id of a send whose answer never came, if the wire's history has it. None: it has not.

        `since` is when it was first tried. `but` are ids of other messages of ours, which may have the same words.

        Raises Unavailable when the wire cannot tell (no history, or no answer).
        """
        ...

    async def history(self, *, since: datetime, until: datetime) -> list[Event]:
        """What the wire says was said in this span, oldest first.

        Raises TooMuch when it is more than is asked for at once, Unavailable when the wire cannot tell.
        """
        ...

    async def state(self) -> LinkState:
        """Whether the wire is connected. Never raises: UNKNOWN."""
        ...
