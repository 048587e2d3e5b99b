"""A wire's words in the clinic's: what is heard by webhook and what its history tells are stored the same way. Pure."""

from __future__ import annotations

from uuid import UUID

from channels.base import Alias, AliasKind, Echo, Inbound
from clinic.conversations.handover.takeover import Said
from clinic.conversations.models import Arrival
from clinic.patients.models import ContactAlias

# A number is recycled, an id given by the business platform is not: when they disagree the id is believed.
_TRUST = (AliasKind.BSUID, AliasKind.PHONE, AliasKind.WA_ID, AliasKind.LID, AliasKind.CONSOLE)
_ADDRESSES = (AliasKind.WA_ID, AliasKind.LID, AliasKind.BSUID, AliasKind.PHONE)


def arrival_of(event: Inbound, account_id: UUID, *, request_id: str | None) -> Arrival:
    """A patient's message, to be stored."""
    extras = {"choice_id": event.choice_id, "quoted_id": event.quoted_id}
    return Arrival(
        account_id=account_id,
        provider_id=event.provider_id,
        aliases=aliases_of(event.aliases),
        reply_to=event.reply_to,
        text=event.text,
        kind=event.kind,
        display_name=event.display_name,
        sent_at=event.sent_at,
        payload={**event.payload, **{name: value for name, value in extras.items() if value}},
        request_id=request_id,
    )


def said_of(event: Echo, account_id: UUID, *, request_id: str | None) -> Said:
    """What the clinic's side said outside Carol, or our own send coming back."""
    return Said(
        account_id=account_id,
        provider_id=event.provider_id,
        aliases=aliases_of(event.aliases),
        reply_to=_address(event.aliases),
        kind=event.kind,
        text=event.text,
        sent_at=event.sent_at,
        request_id=request_id,
    )


def aliases_of(aliases: tuple[Alias, ...]) -> tuple[ContactAlias, ...]:
    """As a contact is recognised by: the most trusted first."""
    ranked = sorted(aliases, key=lambda alias: _TRUST.index(alias.kind))
    return tuple(ContactAlias(alias.kind.value, alias.value) for alias in ranked)


def _address(aliases: tuple[Alias, ...]) -> str:
    """Where to write to the person of an echo, which names no address of its own."""
    ranked = sorted(aliases, key=lambda alias: _ADDRESSES.index(alias.kind))
    return ranked[0].value.removeprefix("+")
