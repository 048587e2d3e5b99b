"""The words every wire is translated into. No I/O here: a channel parses into these and sends from these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


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
    payload: Mapping[str, Any] = field(default_factory=dict)  # small extras: media id, mime, coordinates


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


Event = Inbound | Echo | Status | Ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One text to one address. `reference` is the outbox id, sent along where the wire can echo it."""

    to: str
    text: str
    reference: str


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


class Sender(Protocol):
    """A provider client. Only `jobs.delivery` may hold one."""

    async def send(self, message: Outgoing) -> SendResult: ...
