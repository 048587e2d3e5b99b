"""Cloud API webhook → events. Pure and total: any JSON value gives a list of events, none raises.

One body holds many entries, changes, messages and statuses: all are read. Since 2026 a person may come without a phone
(`from`, `wa_id` absent) and be known only by a business-scoped id (BSUID, `BR.…`), or without that and only by phone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from channels.base import Alias, AliasKind, DeliveryStatus, Echo, Event, Ignored, Inbound, Moved, Status, TemplateChange
from channels.whatsapp.cloud.content import read
from channels.whatsapp.content import Chatter
from channels.whatsapp.loose_json import identifier, instant, items, mapping, name, without_blanks, words
from kit import phone

_WA_ID = re.compile(r"[0-9]{5,20}", re.ASCII)
_LONG_NUMBER = re.compile(r"[0-9]{7,}", re.ASCII)
_STATUSES = {
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "played": DeliveryStatus.READ,
    "failed": DeliveryStatus.FAILED,
}
_MOVES = frozenset({"system:user_changed_number", "system:customer_changed_number", "system:user_changed_user_id"})
_QUIET_FIELDS = frozenset(
    [
        "account_update",
        "account_alerts",
        "account_review_update",
        "business_capability_update",
        "business_status_update",
        "calls",
        "contacts",
        "flows",
        "history",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "messaging_handovers",
        "partner_solutions",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "smb_app_state_sync",
        "template_category_update",
        "user_id_update",
        "user_preferences",
    ]
)


def parse(body: Any) -> list[Event]:
    """Every event in one webhook body, in the order given; at least one, `Ignored(unknown=True)` for what we never saw."""
    events = [
        event
        for entry in items(mapping(body).get("entry"))
        for change in items(mapping(entry).get("changes"))
        for event in _change(mapping(change), mapping(entry))
    ]
    return events or [Ignored(account=None, reason="not_an_event", unknown=True)]


def _change(change: Mapping[str, Any], entry: Mapping[str, Any]) -> list[Event]:
    field, value = change.get("field"), mapping(change.get("value"))
    account = identifier(mapping(value.get("metadata")).get("phone_number_id"))
    events = list(_events(account, value)) if account is not None else []
    if events:
        return events
    if field == "message_template_status_update" and (decided := _template(value, entry)) is not None:
        return [decided]
    if isinstance(field, str) and field in _QUIET_FIELDS:
        return [Ignored(account=account, reason=f"field:{field}")]
    return [Ignored(account=account, reason="empty_change" if field == "messages" else "unknown_field", unknown=True)]


def _events(account: str, value: Mapping[str, Any]) -> Iterator[Event]:
    contacts = [mapping(contact) for contact in items(value.get("contacts"))]
    for message in items(value.get("messages")):
        yield _inbound(account, mapping(message), contacts)
    for message in items(value.get("message_echoes")):
        yield _echo(account, mapping(message))
    for status in items(value.get("statuses")):
        yield _status(account, mapping(status))
    # On `calls` and the like, errors belong to a thing we already ignore.
    if "messages" in value or "calls" not in value:
        for error in items(value.get("errors")):
            yield Ignored(account=account, reason=f"error:{identifier(mapping(error).get('code')) or 'unknown'}")


@dataclass(frozen=True, slots=True)
class _Person:
    wa_id: str | None
    bsuid: str | None

    @property
    def address(self) -> str | None:
        return self.wa_id or self.bsuid

    @property
    def aliases(self) -> tuple[Alias, ...]:
        e164 = phone.of_wa_id(self.wa_id) if self.wa_id else None
        named = ((AliasKind.PHONE, e164), (AliasKind.WA_ID, self.wa_id), (AliasKind.BSUID, self.bsuid))
        return tuple(Alias(kind, value) for kind, value in named if value)


def _person(wa_id: Any, bsuid: Any) -> _Person:
    digits = identifier(wa_id)
    return _Person(digits if digits and _WA_ID.fullmatch(digits) else None, identifier(bsuid))


def _same(one: _Person, other: _Person) -> bool:
    """Both name one person: some id agrees and none contradicts. Conflicting ids are never joined."""
    if one.bsuid and other.bsuid and one.bsuid != other.bsuid:
        return False
    if one.wa_id and other.wa_id:
        return (phone.of_wa_id(one.wa_id) or one.wa_id) == (phone.of_wa_id(other.wa_id) or other.wa_id)
    return bool(one.bsuid and one.bsuid == other.bsuid)


def _sender(message: Mapping[str, Any], contacts: list[Mapping[str, Any]]) -> tuple[_Person, Mapping[str, Any]]:
    """Who wrote, completed from the contact card that agrees with the message; an anonymous message takes a lone card."""
    stated = _person(message.get("from"), message.get("from_user_id"))
    cards = [(_person(card.get("wa_id"), card.get("user_id")), card) for card in contacts]
    if stated.address is None and len(cards) == 1:
        return cards[0]
    match = next((pair for pair in cards if _same(stated, pair[0])), None)
    if match is None:
        return stated, {}
    return _Person(stated.wa_id or match[0].wa_id, stated.bsuid or match[0].bsuid), match[1]


def _inbound(account: str, message: Mapping[str, Any], contacts: list[Mapping[str, Any]]) -> Event:
    content = read(message)
    if isinstance(content, Chatter):
        moved = _moved(account, message) if content.reason in _MOVES else None
        return moved or Ignored(account=account, reason=content.reason, unknown=content.unknown)
    person, card = _sender(message, contacts)
    provider_id = identifier(message.get("id"))
    if provider_id is None or person.address is None:
        return Ignored(account=account, reason="no_id" if provider_id is None else "no_sender", unknown=True)
    profile = mapping(card.get("profile"))
    known = without_blanks(
        username=name(profile.get("username")),
        parent_bsuid=identifier(message.get("from_parent_user_id")) or identifier(card.get("parent_user_id")),
    )
    return Inbound(
        account=account,
        provider_id=provider_id,
        aliases=person.aliases,
        reply_to=person.address,
        kind=content.kind,
        text=content.text,
        display_name=name(profile.get("name")),
        sent_at=instant(message.get("timestamp")),
        choice_id=content.choice_id,
        quoted_id=content.quoted_id,
        payload={**known, **content.payload},
    )


def _moved(account: str, message: Mapping[str, Any]) -> Event | None:
    """A person's new number or id. `from` is the old number; a new number brings a new id, and both old ones may be told."""
    change, provider_id = mapping(message.get("system")), identifier(message.get("id"))
    before_id = change.get("previous_user_id") or message.get("from_user_id")
    number = change.get("wa_id") if change.get("type") != "user_changed_user_id" else change.get("wa_id") or message.get("from")
    after = _person(number, change.get("user_id"))
    before = _person(message.get("from"), before_id if before_id != change.get("user_id") else None)
    if provider_id is None or before.address is None or after.address is None or before == after:
        return None
    at = instant(message.get("timestamp"))
    return Moved(
        account=account,
        provider_id=provider_id,
        before=before.aliases,
        after=after.aliases,
        reply_to=after.address,
        at=at,
    )


def _template(value: Mapping[str, Any], entry: Mapping[str, Any]) -> Event | None:
    title, language = name(value.get("message_template_name")), name(value.get("message_template_language"))
    state = words(value.get("event"), 64).lower()
    if title is None or language is None or not state:
        return None
    reason = words(value.get("reason"), 200)
    return TemplateChange(
        business=identifier(entry.get("id")),
        name=title,
        language=language,
        state=state,
        reason=None if reason in ("", "NONE") else reason,
        at=instant(entry.get("time")),
    )


def _echo(account: str, message: Mapping[str, Any]) -> Event:
    content = read(message)
    if isinstance(content, Chatter):
        return Ignored(account=account, reason=content.reason, unknown=content.unknown)
    person = _person(message.get("to"), message.get("to_user_id"))
    provider_id = identifier(message.get("id"))
    if provider_id is None or person.address is None:
        return Ignored(account=account, reason="no_id" if provider_id is None else "no_recipient", unknown=True)
    return Echo(
        account=account,
        provider_id=provider_id,
        aliases=person.aliases,
        text=content.text,
        kind=content.kind,
        sent_at=instant(message.get("timestamp")),
    )


def _status(account: str, record: Mapping[str, Any]) -> Event:
    provider_id, state = identifier(record.get("id")), record.get("status")
    if provider_id is None or not isinstance(state, str):
        return Ignored(account=account, reason="no_status", unknown=True)
    status = _STATUSES.get(state)
    if status is None:
        return Ignored(account=account, reason="status:unknown", unknown=True)
    error = next((mapping(item) for item in items(record.get("errors"))), {})
    detail = _LONG_NUMBER.sub("#", words(error.get("title"), 200) or words(error.get("message"), 200))
    return Status(
        account=account,
        provider_id=provider_id,
        status=status,
        reference=identifier(record.get("biz_opaque_callback_data")),
        error_code=identifier(error.get("code")),
        error_detail=detail or None,
        at=instant(record.get("timestamp")),
    )
