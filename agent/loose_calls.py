"""Reads the JSON that weak models write: fenced, quoted like Python, with a comma too many, or typed into the reply. Pure.

Mends form, never meaning: a string cut in half stays unreadable, because its missing words would be ours.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Longer than any call we know; scanning is linear but a model in a loop should not cost us CPU.
_LONGEST = 20_000
_DEEPEST = 20
_FENCE = re.compile(r"```[\w-]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_TAGGED = re.compile(
    r"<(tool_call|function_call|tool|action)>(.*?)(?:</\1>|\Z)|(?:\[TOOL_CALLS\]|<\|python_tag\|>|<\|tool_call\|>)(.*)\Z",
    re.DOTALL | re.IGNORECASE,
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_NAME_KEYS = ("name", "action", "tool", "tool_name", "function")
_ARGUMENT_KEYS = ("args", "arguments", "parameters", "input", "kwargs")
_OUTER_KEYS = ("step", "tool_call", "tool_calls", "action", "function")


@dataclass(frozen=True, slots=True)
class Call:
    """A call as written: a name as the model spelled it, arguments as an object."""

    name: str
    args: dict[str, Any]


def read_object(raw: str) -> dict[str, Any] | None:
    """The JSON object in `raw`, mended when only its form is wrong; None when it cannot be read. "" reads as {}."""
    found = _read(raw)
    if isinstance(found, str):  # an object encoded twice
        found = _read(found)
    return found if isinstance(found, dict) else None


def first_object(text: str) -> dict[str, Any] | None:
    """The first JSON object a reply is made of or carries in a fence or tag; None when it is only words."""
    return next((found for block in _blocks(text) if block and (found := read_object(block)) is not None), None)


def calls_in(text: str, known: frozenset[str]) -> list[Call]:
    """Calls to `known` tools written into a reply as JSON: tagged, fenced, or the whole of it. Empty when there are none.

    A known tool named in the middle of prose is not a call.
    """
    for block in _blocks(text):
        calls = [Call(spelled, call.args) for call in _calls(_read(block)) if (spelled := match(call.name, known))]
        if calls:
            return calls
    return []


def looks_like_data(text: str) -> bool:
    """Whether a reply is program text rather than words for a patient: JSON, a fence around it, or a call's tags."""
    bare = text.strip()
    if _TAGGED.search(bare):
        return True
    return any(block.strip()[:1] in ("{", "[") and _has_keys(block) for block in _blocks(bare))


def match(name: str, known: frozenset[str]) -> str | None:
    """The known tool a model meant by `name`: same letters whatever the case, separators or namespace; else None."""
    if name in known:
        return name
    wanted = _letters(name.rpartition(".")[2].rpartition("/")[2])
    found = [each for each in known if _letters(each) == wanted]
    return found[0] if len(found) == 1 else None


def _letters(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _has_keys(block: str) -> bool:
    return re.search(r"""(?:\{\s*["']?\w+["']?|["']\w+["'])\s*:""", block) is not None


def _blocks(text: str) -> Iterator[str]:
    bare = text.strip()[:_LONGEST]
    for found in _TAGGED.finditer(bare):
        yield (found.group(2) or found.group(3) or "").strip()
    for found in _FENCE.finditer(bare):
        yield found.group(1).strip()
    if bare[:1] in ("{", "["):
        yield bare


def _calls(value: Any, depth: int = 0) -> Iterator[Call]:
    if depth > 3:
        return
    if isinstance(value, list):
        for each in value:
            yield from _calls(each, depth + 1)
        return
    if not isinstance(value, dict):
        return
    name = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    if name is None:
        for key in _OUTER_KEYS:
            yield from _calls(value.get(key), depth + 1)
        return
    given = next((value[key] for key in _ARGUMENT_KEYS if key in value), None)
    if isinstance(given, str):
        given = read_object(given)
    if given is None:
        given = {key: each for key, each in value.items() if key not in (*_NAME_KEYS, *_ARGUMENT_KEYS, "id", "type")}
    if isinstance(given, dict):
        yield Call(name, given)


def _read(raw: str) -> Any:
    bare = raw.strip()[:_LONGEST]
    fenced = _FENCE.match(bare)
    if fenced:
        bare = fenced.group(1).strip()
    if not bare:
        return {}
    commas = _TRAILING_COMMA.sub(r"\1", bare)
    for candidate in (bare, commas, _closed(commas)):
        if candidate is None:
            continue
        try:
            return json.loads(candidate, strict=False)
        except (json.JSONDecodeError, RecursionError):
            pass
    first = _first_value(bare)
    return first if first is not None else _as_python(bare)


def _first_value(text: str) -> Any:
    """The JSON value `text` begins with when something follows it (a second object, an end mark, a remark)."""
    if text[0] not in "{[":
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (json.JSONDecodeError, RecursionError):
        return None


def _closed(text: str) -> str | None:
    """`text` with its missing closing brackets; None when it ends with a key or a comma, or closes what it never opened."""
    waiting: list[str] = []
    in_string = escaped = False
    for c in text:
        if in_string:
            in_string = escaped or c != '"'
            escaped = c == "\\" and not escaped
        elif c == '"':
            in_string = True
        elif c in "{[":
            waiting.append("}" if c == "{" else "]")
        elif c in "}]" and (not waiting or waiting.pop() != c):
            return None
    if not waiting or len(waiting) > _DEEPEST or text.rstrip()[-1] in ",:":
        return None
    return text + "".join(reversed(waiting))


def _as_python(text: str) -> Any:
    if text[0] not in "{[" or len(text) > 4_000:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
