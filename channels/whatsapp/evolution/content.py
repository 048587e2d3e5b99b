"""The body of an Evolution (Baileys) message, across releases 2.1 to 2.4, as `Content` or `Chatter`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from channels.whatsapp.content import Chatter, Content
from channels.whatsapp.loose_json import (
    decimal,
    identifier,
    instant,
    integer,
    items,
    mapping,
    name,
    octets,
    without_blanks,
    words,
)

_WRAPPERS = frozenset(
    [
        "ephemeralMessage",
        "viewOnceMessage",
        "viewOnceMessageV2",
        "viewOnceMessageV2Extension",
        "documentWithCaptionMessage",
        "editedMessage",
        "deviceSentMessage",
        "groupMentionedMessage",
        "botInvokeMessage",
        "lottieStickerMessage",
    ]
)
_CHATTER = frozenset(
    [
        "albumMessage",
        "senderKeyDistributionMessage",
        "fastRatchetKeySenderKeyDistributionMessage",
        "encReactionMessage",
        "keepInChatMessage",
        "pinInChatMessage",
        "messageContextInfo",
        "placeholderMessage",
        "secretEncryptedMessage",
        "callLogMesssage",
        "messageHistoryBundle",
        "pollResultSnapshotMessage",
        "stickerSyncRmrMessage",
        "unknown",
    ]
)
_UNREADABLE = frozenset(
    [
        "pollCreationMessage",
        "pollCreationMessageV2",
        "pollCreationMessageV3",
        "eventMessage",
        "productMessage",
        "orderMessage",
        "groupInviteMessage",
        "templateMessage",
        "listMessage",
        "buttonsMessage",
        "interactiveMessage",
        "highlyStructuredMessage",
        "invoiceMessage",
        "sendPaymentMessage",
        "requestPaymentMessage",
        "scheduledCallCreationMessage",
        "stickerPackMessage",
    ]
)
_VCARD_PHONE = re.compile(r"^[^\r\n:]*TEL[^\r\n:]*:([^\r\n]{3,40})", re.IGNORECASE | re.MULTILINE)
_LAYERS = 6  # wrappers seen nested in the wild: three

Reading = Content | Chatter


def read(message_type: Any, message: Any, context: Any = None) -> Reading:
    """What `data.message` says. `message_type` decides when it names a part we know; the order of keys never does.

    `context` is `data.contextInfo`, hoisted there by Evolution; older releases leave it inside the part.
    """
    kind, parts = _opened(message_type if isinstance(message_type, str) else "", mapping(message))
    body = parts.get(kind)
    if kind not in parts:
        # Nothing inside: often a message whose keys have not arrived. It comes again, whole, under the same id,
        # so it must not take that id's place in the inbox now.
        return Chatter("unknown_content" if parts else "empty_message", unknown=True)
    if kind in _READERS:
        reading = _READERS[kind](body, parts)
    elif kind in _UNREADABLE:
        reading = Content(kind="unsupported", text=words(mapping(body).get("name")), payload={"type": kind})
    elif kind in _CHATTER:
        reading = Chatter(f"protocol:{kind}")
    else:
        reading = Chatter("unknown_content", unknown=True)
    return _in_context(reading, mapping(context) or mapping(mapping(body).get("contextInfo")))


def _opened(kind: str, parts: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    for _ in range(_LAYERS):
        if kind not in parts or kind not in _MEANINGFUL:
            kind = next((key for key in parts if key in _MEANINGFUL), None) or next(
                (key for key in parts if key in _CHATTER), kind
            )
        if kind not in _WRAPPERS:
            break
        kind, parts = "", mapping(mapping(parts.get(kind)).get("message"))
    return kind, parts


def _in_context(reading: Reading, context: Mapping[str, Any]) -> Reading:
    if isinstance(reading, Chatter):
        return reading
    extras = without_blanks(forwarded=True if context.get("isForwarded") is True else None)
    quoted = reading.quoted_id or identifier(context.get("stanzaId"))
    return replace(reading, quoted_id=quoted, payload={**reading.payload, **extras})


def _text(body: Any, parts: Mapping[str, Any]) -> Reading:
    written = words(body) or words(mapping(body).get("text"))
    if not written:
        return Chatter("empty_message", unknown=True)
    return Content(kind="text", text=written)


def _media(kind: str) -> Callable[[Any, Mapping[str, Any]], Reading]:
    def reader(body: Any, parts: Mapping[str, Any]) -> Reading:
        part = mapping(body)
        digest = octets(part.get("fileSha256"))
        source = without_blanks(
            sha256=digest.hex() if digest else None,
            url=words(parts.get("mediaUrl"), 4096),
            inline=True if words(parts.get("base64"), 1) else None,  # the webhook had the bytes: they are not kept with it
        )
        file = without_blanks(
            kind=kind,
            media_type=name(part.get("mimetype")),
            name=name(part.get("fileName")) or name(part.get("title")),
            bytes=integer(part.get("fileLength")),
            seconds=integer(part.get("seconds")),
            voice=True if part.get("ptt") is True else None,
            source=source,
        )
        transcript = words(parts.get("speechToText")).removeprefix("[audio]").strip()
        return Content(kind=kind, text=words(part.get("caption")), payload=without_blanks(file=file, transcript=transcript))

    return reader


def _location(body: Any, parts: Mapping[str, Any]) -> Reading:
    part = mapping(body)
    extras = without_blanks(
        latitude=decimal(part.get("degreesLatitude")),
        longitude=decimal(part.get("degreesLongitude")),
        name=name(part.get("name")),
        address=name(part.get("address")),
    )
    return Content(kind="location", text=words(part.get("caption")) or words(part.get("comment")), payload=extras)


def _contacts(body: Any, parts: Mapping[str, Any]) -> Reading:
    cards = items(mapping(body).get("contacts")) or [mapping(body)]
    people = [
        {"name": name(mapping(card).get("displayName")), "phones": _VCARD_PHONE.findall(words(mapping(card).get("vcard")))}
        for card in cards[:20]
    ]
    return Content(kind="contact", payload={"contacts": people})


def _reaction(body: Any, parts: Mapping[str, Any]) -> Reading:
    part = mapping(body)
    return Content(kind="reaction", text=words(part.get("text"), 64), quoted_id=identifier(mapping(part.get("key")).get("id")))


def _choice(choice_id: Any, *labels: Any) -> Reading:
    picked = words(choice_id, 1024) or None
    label = next((written for value in labels if (written := words(value))), "") or (picked or "")
    return Content(kind="choice", text=label, choice_id=picked) if label else Chatter("empty_choice", unknown=True)


def _list_reply(body: Any, parts: Mapping[str, Any]) -> Reading:
    part = mapping(body)
    return _choice(mapping(part.get("singleSelectReply")).get("selectedRowId"), part.get("title"), part.get("description"))


def _button_reply(body: Any, parts: Mapping[str, Any]) -> Reading:
    part = mapping(body)
    return _choice(part.get("selectedButtonId") or part.get("selectedId"), part.get("selectedDisplayText"))


def _native_flow_reply(body: Any, parts: Mapping[str, Any]) -> Reading:
    part = mapping(body)
    try:
        params = mapping(json.loads(words(mapping(part.get("nativeFlowResponseMessage")).get("paramsJson"))))
    except (ValueError, RecursionError):  # the string comes from the patient's app and may be cut
        params = {}
    return _choice(params.get("id"), mapping(part.get("body")).get("text"), params.get("display_text"), params.get("title"))


def _poll_vote(body: Any, parts: Mapping[str, Any]) -> Reading:
    vote = mapping(mapping(body).get("vote"))
    options = [option for option in items(vote.get("selectedOptions")) if isinstance(option, str)]
    return _choice(None, ", ".join(options)) if options else Chatter("poll_vote")


def _protocol(body: Any, parts: Mapping[str, Any]) -> Reading:
    part = mapping(body)
    original = identifier(mapping(part.get("key")).get("id"))
    edited = mapping(part.get("editedMessage"))
    if not edited or original is None:
        return Chatter("revoked" if part.get("type") in ("REVOKE", 0) else "protocol:protocolMessage")
    kind, inner = _opened("", edited)
    if kind not in _READERS or kind == "protocolMessage":
        return Chatter("edited")
    reading = _READERS[kind](inner.get(kind), inner)
    if isinstance(reading, Chatter):
        return reading
    at = instant(part.get("timestampMs"))
    return replace(reading, payload={**reading.payload, "edits": original, **without_blanks(edited_at=at and at.isoformat())})


_READERS: Mapping[str, Callable[[Any, Mapping[str, Any]], Reading]] = {
    "conversation": _text,
    "extendedTextMessage": _text,
    "imageMessage": _media("image"),
    "audioMessage": _media("audio"),
    "videoMessage": _media("video"),
    "ptvMessage": _media("video"),
    "documentMessage": _media("document"),
    "stickerMessage": _media("sticker"),
    "locationMessage": _location,
    "liveLocationMessage": _location,
    "contactMessage": _contacts,
    "contactsArrayMessage": _contacts,
    "reactionMessage": _reaction,
    "listResponseMessage": _list_reply,
    "buttonsResponseMessage": _button_reply,
    "templateButtonReplyMessage": _button_reply,
    "interactiveResponseMessage": _native_flow_reply,
    "pollUpdateMessage": _poll_vote,
    "protocolMessage": _protocol,
}
_MEANINGFUL = frozenset(_READERS) | _WRAPPERS | _UNREADABLE
