"""Evolution's send verbs: what each must be given, and the WhatsApp message it becomes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REQUIRED = {
    "sendText": ("number", "text"),
    "sendMedia": ("number", "mediatype", "media"),
    "sendWhatsAppAudio": ("number", "audio"),
    "sendLocation": ("number", "latitude", "longitude", "name", "address"),
    "sendContact": ("number", "contact"),
    "sendReaction": ("key", "reaction"),
}


def missing(route: str, body: Mapping[str, Any]) -> str | None:
    """The first required property this body lacks or leaves empty; None when it is whole."""
    required = _REQUIRED.get(route)
    if required is None:
        return "route"
    empty_counts = route not in ("sendReaction", "sendLocation")
    return next((name for name in required if name not in body or (empty_counts and not body[name])), None)


def message_of(route: str, body: Mapping[str, Any]) -> tuple[str, dict[str, Any], str]:
    """(message type, message, what is read of it)."""
    match route:
        case "sendText":
            return "conversation", {"conversation": body["text"]}, body["text"]
        case "sendMedia":
            kind, caption = f"{body['mediatype']}Message", body.get("caption", "")
            part = {"mimetype": body.get("mimetype"), "fileName": body.get("fileName"), "caption": caption}
            return kind, {kind: part}, caption
        case "sendWhatsAppAudio":
            return "audioMessage", {"audioMessage": {"mimetype": "audio/ogg; codecs=opus", "ptt": True}}, ""
        case "sendLocation":
            place = {"degreesLatitude": body["latitude"], "degreesLongitude": body["longitude"]}
            return "locationMessage", {"locationMessage": {**place, "name": body["name"], "address": body["address"]}}, ""
        case "sendContact":
            card = body["contact"][0]
            vcard = f"BEGIN:VCARD\nFN:{card['fullName']}\nitem1.TEL;waid={card['wuid']}:{card['phoneNumber']}\nEND:VCARD"
            return "contactMessage", {"contactMessage": {"displayName": card["fullName"], "vcard": vcard}}, ""
        case _:
            return "reactionMessage", {"reactionMessage": {"key": body["key"], "text": body["reaction"]}}, body["reaction"]
