"""An Outgoing as the Cloud API wants it, or why it cannot go. Pure: a file is already uploaded and has a media id."""

from __future__ import annotations

import re
from typing import Any

from channels.base import Card, File, Menu, Option, Outgoing, Place, Reaction, SendResult, TemplateCall
from channels.whatsapp import files, menus, posting
from channels.whatsapp.loose_json import words

_INTERACTIVE_MAX = 1024  # characters of a text with buttons
_BUTTONS, _ROWS = 3, 10
_BUTTON_TITLE, _ROW_TITLE, _DESCRIPTION, _OPENER = 20, 24, 72, 20
_ID_MAX = 200
_SIZES = {"image": 5, "audio": 16, "video": 16, "document": 100}
_TYPES = {
    "image": frozenset({"image/jpeg", "image/png"}),
    "audio": frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"}),
    "video": frozenset({"video/mp4", "video/3gpp"}),
}
_NEVER_IN_PARAMETERS = re.compile(r"\s*[\n\r\t]\s*| {4,}")

Body = dict[str, Any]


def body_of(message: Outgoing) -> Body | SendResult:
    """`type` and what it names (a file's part lacks its `id`), or FAILED before any network."""
    content = message.content
    match content:
        case None:
            return _text(message)
        case Menu():
            return _menu(message, content)
        case TemplateCall():
            return _template(content)
        case File():
            return _file(message, content)
        case Place():
            place = {"latitude": content.latitude, "longitude": content.longitude}
            named = {"name": words(content.name), "address": words(content.address)}
            return {"type": "location", "location": place | {key: value for key, value in named.items() if value}}
        case Card():
            return _card(content)
        case Reaction():
            return {"type": "reaction", "reaction": {"message_id": content.provider_id, "emoji": content.emoji}}


def _text(message: Outgoing) -> Body | SendResult:
    text = posting.text_of(message)
    return text if isinstance(text, SendResult) else {"type": "text", "text": {"body": text, "preview_url": False}}


def _menu(message: Outgoing, menu: Menu) -> Body | SendResult:
    text = posting.text_of(message)
    if isinstance(text, SendResult):
        return text
    options = menu.options
    if not options or len(options) > _ROWS or len(text) > _INTERACTIVE_MAX or not _distinct(options):
        # No buttons can say it: the words still can, and nobody waits for nothing.
        written = words(menus.numbered(text, menu))
        body = text if len(written) > posting.TEXT_MAX else written
        return {"type": "text", "text": {"body": body, "preview_url": False}}
    action = _buttons(options) if _fit_buttons(options) else _list(options, menu.button)
    kind = "button" if "buttons" in action else "list"
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": text}, "action": action}}


def _distinct(options: tuple[Option, ...]) -> bool:
    ids = {option.id for option in options}
    return len(ids) == len(options) and all(0 < len(one) <= _ID_MAX for one in ids)


def _fit_buttons(options: tuple[Option, ...]) -> bool:
    """Whether buttons say as much as rows would: few, no description, and no label that only a row can hold whole."""
    if len(options) > _BUTTONS or any(option.description for option in options):
        return False
    short = menus.labels(options, _BUTTON_TITLE)
    return short == menus.labels(options, _ROW_TITLE) or all(len(option.label) > _ROW_TITLE for option in options)


def _buttons(options: tuple[Option, ...]) -> Body:
    titles = menus.labels(options, _BUTTON_TITLE)
    replies = [{"id": option.id, "title": words(title)} for option, title in zip(options, titles, strict=True)]
    return {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}


def _list(options: tuple[Option, ...], opener: str) -> Body:
    titles = menus.labels(options, _ROW_TITLE)
    rows = []
    for option, title in zip(options, titles, strict=True):
        told = words(menus.cut(option.description, _DESCRIPTION))
        rows.append({"id": option.id, "title": words(title)} | ({"description": told} if told else {}))
    return {"button": menus.cut(opener, _OPENER) or Menu(options=()).button, "sections": [{"rows": rows}]}


def _template(call: TemplateCall) -> Body | SendResult:
    told = [_NEVER_IN_PARAMETERS.sub(" ", words(parameter)).strip() for parameter in call.parameters]
    if not all(told):
        return posting.failed("empty_parameter")
    parameters = [{"type": "text", "text": one} for one in told]
    components = [{"type": "body", "parameters": parameters}] if parameters else []
    named = {"name": call.name, "language": {"code": call.language}}
    return {"type": "template", "template": named | ({"components": components} if components else {})}


def _file(message: Outgoing, file: File) -> Body | SendResult:
    caption = words(message.text).strip()
    refusal = files.refusal(file, caption, sizes=_SIZES, types=_TYPES)
    if refusal is not None:
        return refusal
    part: Body = {"caption": caption} if caption else {}
    if file.kind == "document" and file.name:
        part["filename"] = words(file.name, 240)
    return {"type": file.kind, file.kind: part}


def _card(card: Card) -> Body | SendResult:
    digits = card.phone.removeprefix("+")
    name = words(card.name).strip()
    if not digits.isascii() or not digits.isdigit() or not name:
        return posting.failed(posting.UNSUPPORTED)
    phone = {"phone": f"+{digits}", "type": "CELL", "wa_id": digits}
    return {"type": "contacts", "contacts": [{"name": {"formatted_name": name, "first_name": name}, "phones": [phone]}]}
