"""One Cloud API message (or staff echo) as `Content` or `Chatter`. `type` names the part that carries it."""

from __future__ import annotations

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
    without_blanks,
    words,
)

Reading = Content | Chatter
_FORM_LIMIT = 16_384


def read(message: Mapping[str, Any]) -> Reading:
    """What the message says. A type we do not know is still somebody writing to us: `unsupported`, never dropped."""
    kind = message.get("type")
    if not isinstance(kind, str) or not kind:
        return Chatter("no_type", unknown=True)
    if "group_id" in message:
        return Chatter("group")
    reader = _READERS.get(kind)
    reading = reader(message.get(kind), message) if reader else Content(kind="unsupported", payload={"type": words(kind, 64)})
    return _in_context(reading, message) if isinstance(reading, Content) else reading


def _in_context(content: Content, message: Mapping[str, Any]) -> Content:
    context, referral = mapping(message.get("context")), mapping(message.get("referral"))
    error = next((mapping(item).get("code") for item in items(message.get("errors"))), None)
    advert = without_blanks(**{field: words(referral.get(field), 1024) for field in _REFERRAL_FIELDS})
    extras = without_blanks(
        forwarded=True if context.get("forwarded") is True or context.get("frequently_forwarded") is True else None,
        referral=advert or None,
        error_code=identifier(error),
    )
    quoted = content.quoted_id or identifier(context.get("id"))
    return replace(content, quoted_id=quoted, payload={**content.payload, **extras})


_REFERRAL_FIELDS = ("source_type", "source_id", "source_url", "headline", "body", "ctwa_clid")


def _text(part: Any, message: Mapping[str, Any]) -> Reading:
    written = words(mapping(part).get("body"))
    return Content(kind="text", text=written) if written else Chatter("empty_message", unknown=True)


def _media(kind: str) -> Callable[[Any, Mapping[str, Any]], Reading]:
    def reader(part: Any, message: Mapping[str, Any]) -> Reading:
        body = mapping(part)
        media_id = identifier(body.get("id"))
        file = without_blanks(
            kind=kind,
            media_type=name(body.get("mime_type")),
            name=name(body.get("filename")),
            voice=True if body.get("voice") is True else None,
            # Its address, sometimes told here, lives five minutes: it is asked for when it is fetched.
            source=without_blanks(id=media_id, sha256=identifier(body.get("sha256"))),
        )
        return Content(kind=kind, text=words(body.get("caption")), payload={"file": file} if media_id else {})

    return reader


def _location(part: Any, message: Mapping[str, Any]) -> Reading:
    body = mapping(part)
    extras = without_blanks(
        latitude=decimal(body.get("latitude")),
        longitude=decimal(body.get("longitude")),
        name=name(body.get("name")),
        address=name(body.get("address")),
    )
    return Content(kind="location", payload=extras)


def _contacts(part: Any, message: Mapping[str, Any]) -> Reading:
    people = [
        {
            "name": name(mapping(mapping(card).get("name")).get("formatted_name")),
            "phones": [
                number
                for phone in items(mapping(card).get("phones"))[:10]
                if (number := words(mapping(phone).get("wa_id"), 40) or words(mapping(phone).get("phone"), 40))
            ],
        }
        for card in items(part)[:20]
    ]
    return Content(kind="contact", payload={"contacts": people})


def _reaction(part: Any, message: Mapping[str, Any]) -> Reading:
    body = mapping(part)
    return Content(kind="reaction", text=words(body.get("emoji"), 64), quoted_id=identifier(body.get("message_id")))


def _choice(choice_id: Any, label: Any, **extras: Any) -> Reading:
    picked = words(choice_id, 1024) or None
    text = words(label) or picked or ""
    if not text:
        return Chatter("empty_choice", unknown=True)
    return Content(kind="choice", text=text, choice_id=picked, payload=without_blanks(**extras))


def _button(part: Any, message: Mapping[str, Any]) -> Reading:
    return _choice(mapping(part).get("payload"), mapping(part).get("text"))


def _interactive(part: Any, message: Mapping[str, Any]) -> Reading:
    body = mapping(part)
    kind = words(body.get("type"), 64)
    answer = mapping(body.get(kind))
    if kind in ("button_reply", "list_reply"):
        return _choice(answer.get("id"), answer.get("title"), description=words(answer.get("description"), 1024))
    if kind == "nfm_reply":
        return _choice(answer.get("name"), answer.get("body"), form=words(answer.get("response_json"), _FORM_LIMIT))
    if kind == "call_permission_reply":
        return Chatter("call_permission")
    return Content(kind="unsupported", payload={"type": "interactive"})


def _order(part: Any, message: Mapping[str, Any]) -> Reading:
    extras = without_blanks(type="order", items=integer(len(items(mapping(part).get("product_items")))))
    return Content(kind="unsupported", text=words(mapping(part).get("text")), payload=extras)


def _unsupported(part: Any, message: Mapping[str, Any]) -> Reading:
    return Content(kind="unsupported", payload=without_blanks(type=words(mapping(part).get("type"), 64)))


def _edit(part: Any, message: Mapping[str, Any]) -> Reading:
    body = mapping(part)
    original, edited = identifier(body.get("original_message_id")), mapping(body.get("message"))
    kind = words(edited.get("type"), 64)
    reader = _READERS.get(kind) if kind in _EDITABLE else None
    if original is None or reader is None:
        return Chatter("edited")
    reading = reader(edited.get(kind), edited)
    if isinstance(reading, Chatter):
        return reading
    at = instant(message.get("timestamp"))
    kept = {name: value for name, value in reading.payload.items() if name != "file"}  # the message it edits had it
    return replace(reading, payload={**kept, "edits": original, **without_blanks(edited_at=at and at.isoformat())})


def _revoke(part: Any, message: Mapping[str, Any]) -> Reading:
    return Chatter("revoked")


def _system(part: Any, message: Mapping[str, Any]) -> Reading:
    change = words(mapping(part).get("type"), 64)
    return Chatter(f"system:{change}" if change in _SYSTEM_CHANGES else "system:unknown", change not in _SYSTEM_CHANGES)


def _welcome(part: Any, message: Mapping[str, Any]) -> Reading:
    return Chatter("request_welcome")


_EDITABLE = frozenset(["text", "image", "video", "document"])
_SYSTEM_CHANGES = frozenset(
    ["user_changed_number", "customer_changed_number", "customer_identity_changed", "user_changed_user_id"]
)
_READERS: Mapping[str, Callable[[Any, Mapping[str, Any]], Reading]] = {
    "text": _text,
    "image": _media("image"),
    "video": _media("video"),
    "audio": _media("audio"),
    "voice": _media("audio"),
    "document": _media("document"),
    "sticker": _media("sticker"),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "unsupported": _unsupported,
    "unknown": _unsupported,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
    "request_welcome": _welcome,
}
