"""Evolution webhook → events. Pure and total: any JSON value gives a list of events, none raises.

The envelope's `sender` is the owner of the instance, never the patient, and `date_time` is a local time that claims to be
UTC: order comes from the message's own seconds. Reasons of `Ignored` are stable strings (`group`, `qrcode`, …).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from channels.base import DeliveryStatus, Echo, Event, Ignored, Inbound, LinkChange, LinkState, Status
from channels.whatsapp.content import Chatter, Content
from channels.whatsapp.evolution import jids
from channels.whatsapp.evolution.content import read
from channels.whatsapp.loose_json import identifier, instant, integer, items, mapping, name, words

_ACK_NAMES = ("ERROR", "PENDING", "SERVER_ACK", "DELIVERY_ACK", "READ", "PLAYED")  # by Baileys' numbers, 0 to 5
_ACKS = {
    "ERROR": DeliveryStatus.FAILED,
    "SERVER_ACK": DeliveryStatus.SENT,
    "DELIVERY_ACK": DeliveryStatus.DELIVERED,
    "READ": DeliveryStatus.READ,
    "PLAYED": DeliveryStatus.READ,
}
_LINKS: Mapping[str, Mapping[str, LinkState]] = {
    "CONNECTION_UPDATE": {
        "open": LinkState.OPEN,
        "connecting": LinkState.CONNECTING,
        "close": LinkState.CLOSED,
        "refused": LinkState.CLOSED,  # its QR code was not read thirty times
    },
    "STATUS_INSTANCE": {"open": LinkState.OPEN, "connecting": LinkState.CONNECTING, "closed": LinkState.CLOSED},
}
_ENDED = {"LOGOUT_INSTANCE": "logout", "REMOVE_INSTANCE": "removed"}
# Nothing for Carol in these; the first part of the reason is fixed, the second is read from `data` where a field is named.
_QUIET: Mapping[str, tuple[str, str | None]] = {
    "CALL": ("call", "status"),
    "QRCODE_UPDATED": ("qrcode", None),
    "MESSAGES_DELETE": ("deleted", None),
    "MESSAGES_SET": ("history", None),
} | {
    event: (event.lower(), None)
    for event in [
        "APPLICATION_STARTUP",
        "SEND_MESSAGE_UPDATE",
        "CONTACTS_SET",
        "CONTACTS_UPSERT",
        "CONTACTS_UPDATE",
        "PRESENCE_UPDATE",
        "CHATS_SET",
        "CHATS_UPSERT",
        "CHATS_UPDATE",
        "CHATS_DELETE",
        "GROUPS_UPSERT",
        "GROUPS_UPDATE",
        "GROUP_UPDATE",
        "GROUP_PARTICIPANTS_UPDATE",
        "LABELS_EDIT",
        "LABELS_ASSOCIATION",
        "TYPEBOT_START",
        "TYPEBOT_CHANGE_STATUS",
        "INSTANCE_CREATE",
        "INSTANCE_DELETE",
    ]
}
_WORD = re.compile(r"[a-z_]{1,32}", re.ASCII)


def parse(body: Any) -> list[Event]:
    """Every event in one webhook body, in the order given; at least one, `Ignored(unknown=True)` for what we never saw."""
    envelopes = body if isinstance(body, list) else [body]
    return [event for envelope in envelopes for event in _envelope(envelope)] or [_unknown(None, "not_an_event")]


def _envelope(envelope: Any) -> list[Event]:
    fields = mapping(envelope)
    raw_event = fields.get("event")
    event = re.sub(r"[.-]", "_", raw_event).upper() if isinstance(raw_event, str) else ""
    account = identifier(fields.get("instance"))
    if not event or account is None:
        return [_unknown(account, "not_an_event")]
    if event in _QUIET:
        return [_quiet(account, event, fields.get("data"))]
    if event in _ENDED:
        return [LinkChange(account=account, state=LinkState.CLOSED, reason=_ENDED[event])]
    if event in _LINKS:
        return [_link(account, event, fields.get("data"))]
    reader = _READERS.get(event)
    if reader is None:
        return [_unknown(account, "unknown_event")]
    owner = jids.phone_digits(fields.get("sender"))
    found = [reader(account, owner, mapping(item)) for item in _records(fields.get("data"))]
    return found or [_unknown(account, "no_data")]


def _records(data: Any) -> list[Any]:
    nested = mapping(data).get("messages")  # Baileys' own batch, forwarded as it is by some builds
    return items(nested) if isinstance(nested, list) and "key" not in data else items(data)


def _quiet(account: str, event: str, data: Any) -> Ignored:
    head, field = _QUIET[event]
    if field is None:
        return Ignored(account=account, reason=head)
    detail = next((mapping(item).get(field) for item in items(data)), None)
    known = isinstance(detail, str) and _WORD.fullmatch(detail)
    return Ignored(account=account, reason=f"{head}:{detail if known else 'unknown'}")


def _link(account: str, event: str, data: Any) -> Event:
    """A drop that mends itself tells `connecting` alone; `close` means logged out or banned."""
    head, field, code = (
        ("connection", "state", "statusReason")
        if event == "CONNECTION_UPDATE"
        else ("instance", "status", "disconnectionReasonCode")
    )
    told = next((mapping(item) for item in items(data)), {})
    said = told.get(field)
    state = _LINKS[event].get(said) if isinstance(said, str) else None
    if state is None:
        return Ignored(account=account, reason=f"{head}:unknown")
    number = integer(told.get(code))
    return LinkChange(account=account, state=state, reason=f"{head}:{said}", code=None if number is None else str(number))


def _upsert(account: str, owner: str | None, data: Mapping[str, Any]) -> Event:
    return _message(account, owner, data, mine=mapping(data.get("key")).get("fromMe") is True)


def _sent(account: str, owner: str | None, data: Mapping[str, Any]) -> Event:
    return _message(account, owner, data, mine=True)


def _message(account: str, owner: str | None, data: Mapping[str, Any], *, mine: bool) -> Event:
    key = mapping(data.get("key"))
    if reason := jids.crowd(key.get("remoteJid")):
        return Ignored(account=account, reason=reason)
    content = read(data.get("messageType"), data.get("message"), data.get("contextInfo"))
    if isinstance(content, Chatter):
        return Ignored(account=account, reason=content.reason, unknown=content.unknown)
    person = jids.other_side({**data, **key}, mine=mine)
    provider_id = _own_id(identifier(key.get("id")), content)
    if person is None or provider_id is None:
        return _unknown(account, "no_sender" if person is None else "no_id")
    if mine and owner is not None and person.address == owner:
        return Ignored(account=account, reason="note_to_self")
    sent_at = instant(data.get("messageTimestamp"))
    if mine:
        return _echo(account, provider_id, person, content, sent_at)
    return Inbound(
        account=account,
        provider_id=provider_id,
        aliases=person.aliases,
        reply_to=person.address,
        kind=content.kind,
        text=content.text,
        display_name=name(data.get("pushName")),
        sent_at=sent_at,
        choice_id=content.choice_id,
        quoted_id=content.quoted_id,
        payload=_payload(content, key),
    )


def _payload(content: Content, key: Mapping[str, Any]) -> Mapping[str, Any]:
    """A file is asked for by the key of its message; an edited caption brings none: the first message had it."""
    file = content.payload.get("file")
    if file is None:
        return content.payload
    rest = {name: value for name, value in content.payload.items() if name != "file"}
    if "edits" in rest:
        return rest
    named = {"id": identifier(key.get("id")), "remoteJid": words(key.get("remoteJid"), 200), "fromMe": False}
    return {**rest, "file": {**file, "source": {**file["source"], "key": named}}}


def _echo(account: str, provider_id: str, person: jids.Person, content: Content, sent_at: datetime | None) -> Echo:
    return Echo(
        account=account,
        provider_id=provider_id,
        aliases=person.aliases,
        text=content.text,
        kind=content.kind,
        sent_at=sent_at,
    )


def _own_id(key_id: str | None, content: Content) -> str | None:
    """An edit is told twice (upsert and edited) and must keep one id of its own, apart from the message it edits."""
    if (original := content.payload.get("edits")) is None:
        return key_id
    return f"{original}:edit:{content.payload.get('edited_at') or key_id}"


def _edited(account: str, owner: str | None, data: Mapping[str, Any]) -> Event:
    """`data` is Baileys' protocolMessage. Its key is written from the editor's own side: `fromMe` says nothing of us and
    `remoteJid` may be the clinic. Only a key that names somebody else is believed; the upsert of the edit tells the rest."""
    key = mapping(data.get("key"))
    if key.get("fromMe") is not False or jids.phone_digits(key.get("remoteJid")) in (None, owner):
        return Ignored(account=account, reason="edited")
    record = {"key": key, "messageType": "protocolMessage", "message": {"protocolMessage": data}}
    return _message(account, owner, {**record, "messageTimestamp": data.get("timestampMs")}, mine=False)


def _update(account: str, owner: str | None, data: Mapping[str, Any]) -> Event:
    """Flat since 2.x (`keyId`, `status`); before, `{key, update: {status}}`. `messageId` is a database id: never matched."""
    key, change = mapping(data.get("key")), mapping(data.get("update"))
    if reason := jids.crowd(data.get("remoteJid") or key.get("remoteJid")):
        return Ignored(account=account, reason=reason)
    provider_id = identifier(data.get("keyId")) or identifier(key.get("id"))
    ack = data.get("status") if "status" in data else change.get("status")
    rank = integer(ack)
    if rank is not None and 0 <= rank < len(_ACK_NAMES):
        ack = _ACK_NAMES[rank]
    if provider_id is None or not isinstance(ack, str):
        return _unknown(account, "no_status")
    if (data.get("fromMe") if "fromMe" in data else key.get("fromMe")) is False:
        return Ignored(account=account, reason="status_of_inbound")
    status = _ACKS.get(ack.upper())
    if status is None:
        # DELETED was reported for plain edits up to 2.3.6; PENDING says nothing new.
        quiet = ack.upper() in ("PENDING", "DELETED")
        return Ignored(account=account, reason=f"status:{ack.lower()}" if quiet else "status:unknown", unknown=not quiet)
    failed = status is DeliveryStatus.FAILED
    return Status(account=account, provider_id=provider_id, status=status, error_code="ERROR" if failed else None)


def _unknown(account: str | None, reason: str) -> Ignored:
    return Ignored(account=account, reason=reason, unknown=True)


_READERS: Mapping[str, Callable[[str, str | None, Mapping[str, Any]], Event]] = {
    "MESSAGES_UPSERT": _upsert,
    "SEND_MESSAGE": _sent,
    "MESSAGES_EDITED": _edited,
    "MESSAGES_UPDATE": _update,
}
