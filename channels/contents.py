"""What goes with a text, as an outbox row keeps it (plain JSON, one key that names its kind) and as a wire takes it. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from channels.base import Card, Content, File, Menu, Place, Reaction, TemplateCall
from kit.errors import Invalid

_KINDS: Mapping[str, TypeAdapter[Any]] = {
    "menu": TypeAdapter(Menu),
    "template": TypeAdapter(TemplateCall),
    "place": TypeAdapter(Place),
    "card": TypeAdapter(Card),
    "reaction": TypeAdapter(Reaction),
}
_NAMES = {Menu: "menu", TemplateCall: "template", Place: "place", Card: "card", Reaction: "reaction"}


class BadContent(Invalid):
    """A row's content is of no kind a wire knows."""

    code = "bad_content"


def content_of(kept: Mapping[str, Any]) -> Content | None:
    """The content of an outbox row; None for a text alone. Raises BadContent."""
    if not kept:
        return None
    try:
        (name, fields), *more = kept.items()
        if more:
            raise BadContent
        if name == "file":
            return _file(fields)
        content: Content = _KINDS[name].validate_python(fields)
        return content
    except (KeyError, TypeError, ValueError, ValidationError):
        raise BadContent from None


def content_json(content: Content | None) -> dict[str, Any]:
    """What `content_of` reads back."""
    if content is None:
        return {}
    if isinstance(content, File):
        data = base64.b64encode(content.data).decode()
        return {"file": {"kind": content.kind, "media_type": content.media_type, "name": content.name, "data": data}}
    name = _NAMES[type(content)]
    fields: dict[str, Any] = _KINDS[name].dump_python(content, mode="json")
    return {name: fields}


def _file(fields: Mapping[str, Any]) -> File:
    kind, media_type, name = (str(fields[key]) for key in ("kind", "media_type", "name"))
    return File(kind=kind, media_type=media_type, name=name, data=base64.b64decode(fields["data"], validate=True))
