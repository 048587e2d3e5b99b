"""An Outgoing as Evolution wants it (the verb and its body), or why it cannot go. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

from channels.base import Card, File, Menu, Outgoing, Place, Reaction, SendResult, TemplateCall
from channels.whatsapp import files, menus, posting
from channels.whatsapp.loose_json import words

_SIZES = {"image": 16, "audio": 16, "video": 16, "document": 100}
_TYPES = {
    "image": frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"}),
    "audio": frozenset(
        {"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus", "audio/webm", "audio/wav"}
    ),
    "video": frozenset({"video/mp4", "video/3gpp"}),
}
_DIGITS = re.compile(r"[0-9]{8,20}", re.ASCII)

Body = dict[str, Any]
Call = tuple[str, Callable[[str], Body]]  # the verb, and its body for one way to write the number


def call_of(message: Outgoing) -> Call | SendResult:
    """What to call, or FAILED before any network. Menus are numbered text: its buttons are accepted and never shown."""
    content = message.content
    match content:
        case None | Menu():
            return _text(message)
        case TemplateCall():
            return posting.failed(posting.UNSUPPORTED)
        case File():
            return _file(message, content)
        case Place():
            here: Body = {"latitude": content.latitude, "longitude": content.longitude}
            here |= {"name": words(content.name) or "-", "address": words(content.address) or "-"}
            return _to_number("sendLocation", message, here)
        case Card():
            return _card(message, content)
        case Reaction():
            return "sendReaction", lambda number: _reaction(number, content)


def read_text(message: Outgoing) -> str:
    """The words that reach the phone: by these a send is found again in the wire's history."""
    text = words(message.text)
    if isinstance(message.content, Menu):
        written = words(menus.numbered(text, message.content))
        return text if len(written) > posting.TEXT_MAX else written
    return text


def jid(number: str) -> str:
    """The whole JID of an address of ours."""
    return number if "@" in number else f"{number}@s.whatsapp.net"


def _text(message: Outgoing) -> Call | SendResult:
    text = posting.text_of(message)
    if isinstance(text, SendResult):
        return text
    return _to_number("sendText", message, {"text": read_text(message), "linkPreview": False})


def _to_number(verb: str, message: Outgoing, fields: Body) -> Call:
    quoted = {"quoted": {"key": {"id": message.quotes}}} if message.quotes else {}
    return verb, lambda number: {"number": number, **fields, **quoted}


def _file(message: Outgoing, file: File) -> Call | SendResult:
    caption = words(message.text).strip()
    refusal = files.refusal(file, caption, sizes=_SIZES, types=_TYPES)
    if refusal is not None:
        return refusal
    data = base64.b64encode(file.data).decode()
    if file.kind == "audio":
        return _to_number("sendWhatsAppAudio", message, {"audio": data})
    fields = {"mediatype": file.kind, "mimetype": files.bare_type(file), "media": data, "fileName": words(file.name, 240)}
    return _to_number("sendMedia", message, fields | ({"caption": caption} if caption else {}))


def _card(message: Outgoing, card: Card) -> Call | SendResult:
    digits, name = card.phone.removeprefix("+"), words(card.name).strip()
    if not _DIGITS.fullmatch(digits) or not name:
        return posting.failed(posting.UNSUPPORTED)
    return _to_number("sendContact", message, {"contact": [{"fullName": name, "wuid": digits, "phoneNumber": f"+{digits}"}]})


def _reaction(number: str, reaction: Reaction) -> Body:
    return {"key": {"id": reaction.provider_id, "remoteJid": jid(number), "fromMe": False}, "reaction": reaction.emoji}
