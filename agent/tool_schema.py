"""Argument models as JSON schemas every endpoint takes: OpenAI, vLLM, Ollama and llama.cpp grammars. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agent.thoughts import ToolSpec

_NULL = {"type": "null"}
# Titles are noise the model pays for; a maxLength becomes a grammar repetition that llama.cpp refuses when it is long.
# Both limits still hold: the argument models check them when the tool runs.
_DROPPED = frozenset({"title", "default", "maxLength", "minLength", "description"})


def function(tool: ToolSpec) -> dict[str, Any]:
    """`tool` as an entry of the request's `tools`."""
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters(tool)},
    }


def parameters(tool: ToolSpec, *, strict: bool = False) -> dict[str, Any]:
    """The arguments of `tool` as an object schema.

    Optional arguments may be left out and never take null; with `strict` (OpenAI's rule for response_format) all are
    required and the optional ones take null.
    """
    schema = tool.arguments.model_json_schema()
    shared = schema.get("$defs", {})
    required = set(schema.get("required", ()))
    properties = {}
    for name, each in schema.get("properties", {}).items():
        plain = _plain(each, shared)
        properties[name] = {"anyOf": [plain, _NULL]} if strict and name not in required else plain
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if strict else [name for name in properties if name in required],
        "additionalProperties": False,
    }


def signature(tool: ToolSpec) -> str:
    """`tool` in one line a model can read: find_slots(service, when?): what it does."""
    shape = parameters(tool)
    words = (name + ("" if name in shape["required"] else "?") + _choices(each) for name, each in shape["properties"].items())
    return f"{tool.name}({', '.join(words)}): {tool.description}"


def names(tools: Iterable[ToolSpec]) -> frozenset[str]:
    """The names of `tools`."""
    return frozenset(tool.name for tool in tools)


def _choices(schema: dict[str, Any]) -> str:
    return "=" + "|".join(map(str, schema["enum"])) if "enum" in schema else ""


def _plain(schema: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return _plain(shared[schema["$ref"].rpartition("/")[2]], shared)
    options = [each for each in schema.get("anyOf", ()) if each != _NULL]
    if len(options) == 1:
        return _plain(options[0], shared)
    if "const" in schema:
        return {"type": "string", "enum": [schema["const"]]}
    kept = {key: value for key, value in schema.items() if key not in _DROPPED and key not in ("anyOf", "items", "properties")}
    if options:
        kept["anyOf"] = [_plain(each, shared) for each in options]
    if "items" in schema:
        kept["items"] = _plain(schema["items"], shared)
    if "properties" in schema:
        kept["properties"] = {name: _plain(each, shared) for name, each in schema["properties"].items()}
    return kept
