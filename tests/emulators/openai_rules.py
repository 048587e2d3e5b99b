"""What OpenAI's chat endpoint refuses with 400, as far as Carol could get it wrong."""

from __future__ import annotations

import re
from typing import Any

_FIELDS = {
    "model", "messages", "tools", "tool_choice", "parallel_tool_calls", "response_format", "temperature", "top_p", "n",
    "max_tokens", "max_completion_tokens", "stream", "stream_options", "stop", "seed", "user", "reasoning_effort",
}  # fmt: skip
_MESSAGE_FIELDS = {
    "system": {"role", "content"},
    "developer": {"role", "content"},
    "user": {"role", "content"},
    "assistant": {"role", "content", "tool_calls"},
    "tool": {"role", "content", "tool_call_id"},
}


def complaint(body: Any) -> str | None:
    """Why this chat request is refused, or None. Stricter than OpenAI in one point: fields we never mean to send."""
    if not isinstance(body, dict) or not body.get("model") or not body.get("messages"):
        return "model and messages are required"
    unknown = set(body) - _FIELDS
    if unknown:
        return f"unrecognized request argument: {', '.join(sorted(unknown))}"
    if "max_tokens" in body and "max_completion_tokens" in body:
        return "max_tokens and max_completion_tokens exclude each other"
    return _wrong_messages(body["messages"]) or _wrong_tools(body.get("tools")) or _wrong_format(body.get("response_format"))


def _wrong_messages(messages: list[dict[str, Any]]) -> str | None:
    waiting: set[str] = set()
    for message in messages:
        role = message.get("role")
        if role not in _MESSAGE_FIELDS:
            return f"invalid role {role!r}"
        if set(message) - _MESSAGE_FIELDS[role]:
            return f"unexpected fields in a {role} message: {sorted(set(message) - _MESSAGE_FIELDS[role])}"
        if role == "tool":
            if message["tool_call_id"] not in waiting:
                return "a tool message must follow the tool_calls it answers"
            waiting.discard(message["tool_call_id"])
        elif waiting:
            return "tool_calls must be followed by tool messages responding to each tool_call_id"
        calls = message.get("tool_calls") or ()
        if role != "tool" and not calls and not isinstance(message.get("content"), str):
            return f"a {role} message needs content"
        waiting |= {call["id"] for call in calls}
    return "tool_calls must be followed by tool messages" if waiting else None


def _wrong_tools(tools: list[dict[str, Any]] | None) -> str | None:
    for tool in tools or ():
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", tool["function"]["name"]):
            return "invalid function name"
        if tool["function"]["parameters"].get("type") != "object":
            return "invalid schema for function: type must be object"
    return None


def _wrong_format(asked: dict[str, Any] | None) -> str | None:
    if asked is None or asked.get("type") != "json_schema":
        return None
    schema = asked["json_schema"]["schema"]
    if schema.get("type") != "object" or "anyOf" in schema:
        return "Invalid schema for response_format: the root must be an object and not use anyOf"
    return _not_strict(schema, "root") if asked["json_schema"].get("strict") else None


def _not_strict(schema: dict[str, Any], place: str) -> str | None:
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"Invalid schema for response_format: additionalProperties must be false at {place}"
        if set(schema.get("required", ())) != set(properties):
            return f"Invalid schema for response_format: required must list every property at {place}"
        inside = list(properties.items())
    else:
        inside = [(str(number), each) for number, each in enumerate(schema.get("anyOf", ()))]
    for name, each in inside:
        wrong = _not_strict(each, f"{place}.{name}")
        if wrong is not None:
            return wrong
    return None
