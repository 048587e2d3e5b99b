"""What the Cloud API says of a message body before it takes it: nothing, or one of its errors. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulators.server import Answer

LIMITS = {"image": 5, "audio": 16, "video": 16, "document": 100}  # megabytes
TEXTS = {"text": "body", "image": "caption", "video": "caption", "document": "caption"}


@dataclass(frozen=True, slots=True)
class Template:
    """A registered template: how many parameters its body takes, and what the platform thinks of it."""

    parameters: int = 0
    state: str = "approved"  # approved | paused | disabled


Templates = Mapping[tuple[str, str], Template]


def graph_error(
    code: int,
    message: str = "error",
    *,
    status: int = 400,
    subcode: int | None = None,
    details: str = "",
    kind: str = "OAuthException",
    transient: bool | None = None,
) -> Answer:
    """A Graph error body, as a fault (`faults.respond(a.status, a.body)`) or an answer."""
    error: dict[str, Any] = {"message": message, "type": kind, "code": code, "fbtrace_id": "AbCdEfGh"}
    if subcode is not None:
        error["error_subcode"] = subcode
    if transient is not None:
        error["is_transient"] = transient
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return Answer(status, {"error": error})


def text_of(body: Mapping[str, Any]) -> str:
    """What the patient reads of it, whatever its type."""
    kind = str(body.get("type"))
    part = body.get(kind) if isinstance(body.get(kind), dict) else {}
    assert isinstance(part, dict)
    if kind == "interactive":
        return str(part["body"]["text"])
    return str(part.get(TEXTS.get(kind, ""), ""))


def complaint(body: Mapping[str, Any], *, templates: Templates, uploads: Mapping[str, Any]) -> Answer | None:
    """Why the API refuses this body; None when it takes it."""
    kind = body.get("type")
    part = body.get(kind) if isinstance(kind, str) else None
    if not part or not isinstance(kind, str):
        return _invalid("type is required")
    match kind:
        case "text":
            if not isinstance(part, dict) or not part.get("body"):
                return _invalid("text.body is required")
            if len(part["body"]) > 4096:
                return graph_error(100, "(#100) Param text['body'] must be at most 4096 characters long.")
        case "interactive":
            return _interactive(part)
        case "template":
            return _template(part, templates)
        case "image" | "audio" | "video" | "document":
            if part.get("id") not in uploads:
                return graph_error(131053, "(#131053) Media upload error", details="Media id not found")
            if kind == "audio" and "caption" in part:
                return _invalid("audio takes no caption")
            if len(part.get("caption", "")) > 1024:
                return _invalid("caption too long")
        case "location":
            if not {"latitude", "longitude"} <= set(part):
                return _invalid("latitude and longitude are required")
        case "contacts":
            if not all("formatted_name" in card["name"] and len(card["name"]) > 1 for card in part):
                return _invalid("a contact needs formatted_name and one more name")
        case "reaction":
            if not {"message_id", "emoji"} <= set(part):
                return _invalid("message_id and emoji are required")
        case _:
            return _invalid(f"type {kind}")
    return None


def _interactive(part: Mapping[str, Any]) -> Answer | None:
    action = part.get("action", {})
    if not 1 <= len(part.get("body", {}).get("text", "")) <= 1024:
        return _invalid("interactive.body.text: 1 to 1024")
    if part.get("type") == "button":
        replies = [button["reply"] for button in action["buttons"]]
        rows, most, title, ids = replies, 3, 20, 256
    elif part.get("type") == "list":
        if not 1 <= len(action.get("button", "")) <= 20:
            return _invalid("action.button: 1 to 20")
        rows, most, title, ids = [row for section in action["sections"] for row in section["rows"]], 10, 24, 200
    else:
        return _invalid("interactive.type")
    if not 1 <= len(rows) <= most:
        return _invalid(f"1 to {most} choices")
    if any(not 1 <= len(row["title"]) <= title or not 1 <= len(row["id"]) <= ids for row in rows):
        return _invalid("titles or ids too long or empty")
    if any(len(row.get("description", "x")) not in range(1, 73) for row in rows):
        return _invalid("description: 1 to 72")
    if len({row["title"] for row in rows}) < len(rows) or len({row["id"] for row in rows}) < len(rows):
        return _invalid("titles and ids must be unique")
    return None


def _template(part: Mapping[str, Any], templates: Templates) -> Answer | None:
    known = templates.get((part["name"], part["language"]["code"]))
    if known is None:
        return graph_error(132001, "(#132001) Template name does not exist in the translation", status=404)
    if known.state == "paused":
        return graph_error(132015, "(#132015) Template is paused")
    if known.state == "disabled":
        return graph_error(132016, "(#132016) Template is disabled")
    given = [one for component in part.get("components", []) for one in component.get("parameters", [])]
    if len(given) != known.parameters:
        return graph_error(132000, "(#132000) Number of parameters does not match the expected number of params")
    if any(re.search(r"[\n\t]| {5}", one["text"]) or not one["text"] for one in given):
        return graph_error(132018, "(#132018) There's an issue with the parameters", details="Param text cannot have new-line")
    return None


def _invalid(details: str) -> Answer:
    return graph_error(131009, "(#131009) Parameter value is not valid", details=details)
