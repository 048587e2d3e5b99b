"""From the text of a clinic document to the document, or to problems a person can act on: one line each, with its path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import yaml
from pydantic import ValidationError

from clinic.tenants import document_checks
from clinic.tenants.document import ClinicDocument, json_schema
from clinic.tenants.problems import say, words
from kit import fast_yaml
from kit.errors import Invalid


class DocumentError(Invalid):
    """A clinic document that cannot be loaded. `problems` has one line for each thing to correct."""

    code = "clinic_document_invalid"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class _Loader(fast_yaml.Loader):
    """YAML as people mean it: 10:00 is no number in base sixty, 1.250 and dates stay text, keys are given once."""

    yaml_implicit_resolvers = {
        first: [(tag, shape) for tag, shape in rules if tag.rsplit(":", 1)[1] in ("null", "merge")]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    raise DocumentError([say("twice_in_yaml", line=key.start_mark.line + 1, key=key.value)])
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read(text: str) -> ClinicDocument:
    """The document written in `text` (YAML, or JSON, which YAML contains). Raises DocumentError with every problem found."""
    return parse(content(text))


def content(text: str) -> Any:
    """What is written in `text`, as people mean it, without looking whether it is a document. Raises DocumentError."""
    try:
        return json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)
    except json.JSONDecodeError as error:
        raise DocumentError([say("not_json", line=error.lineno, problem=error.msg)]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or type(error).__name__
        raise DocumentError([say("not_yaml", line=mark.line + 1 if mark else 1, problem=problem)]) from error


def parse(content: Any) -> ClinicDocument:
    """The document in already decoded `content`. Raises DocumentError with every problem found."""
    if not isinstance(content, dict):
        raise DocumentError([say("no_mapping", accepted=", ".join(ClinicDocument.model_fields))])
    unstorable = [say("unstorable", path=_path(path, content)) for path in _unstorable(content)]
    if unstorable:
        raise DocumentError(unstorable)
    try:
        document = ClinicDocument.model_validate(content)
    except ValidationError as error:
        raise DocumentError(list(_problems(error, content))) from error
    problems = list(document_checks.problems(document))
    if problems:
        raise DocumentError(problems)
    return document


def _unstorable(content: Any) -> Iterator[tuple[Any, ...]]:
    """Where texts hold what no database keeps: NUL, or half of a character that JSON wrote as two."""
    seen: set[int] = set()  # an alias of YAML stands in many places and is looked at once
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), content)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, str):
            if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in item):
                yield path
        elif isinstance(item, dict | list) and id(item) not in seen:
            seen.add(id(item))
            parts = list(item.items()) if isinstance(item, dict) else list(enumerate(item))
            waiting.extend(((*path, key), value) for key, value in reversed(parts))


def _problems(error: ValidationError, content: dict[str, Any]) -> Iterator[str]:
    schema = json_schema()
    errors = error.errors(include_url=False)
    for found in errors:
        path = tuple(found["loc"])
        # A list whose items are wrong counts as empty too; the items have said it better.
        if found["type"] == "too_short" and any(
            len(other["loc"]) > len(path) and other["loc"][: len(path)] == path for other in errors
        ):
            continue
        yield f"{_path(path, content)}: {_said(found, path, schema)}"


def _said(found: Any, path: tuple[Any, ...], schema: dict[str, Any]) -> str:
    kind, given = found["type"], found["input"]
    if kind == "extra_forbidden":
        accepted = sorted(_at(path[:-1], schema).get("properties", {}))
        close = get_close_matches(str(path[-1]), accepted, n=1)
        return say("unknown_key_close", close=close[0]) if close else say("unknown_key", accepted=", ".join(accepted))
    if kind == "missing":
        return say("missing")
    if kind == "value_error":
        return str(found["ctx"]["error"])
    if kind == "string_pattern_mismatch":
        return say("key_shape", given=given)
    if kind == "literal_error":
        return say("choice", given=given, expected=found["ctx"]["expected"].replace(" or ", ", "))
    accepted_here = words("types").get(kind, str(found["msg"])).format(**found.get("ctx", {}))
    if given is None:
        return say("no_value", accepted=accepted_here)
    return say("accepted", given="…" if isinstance(given, dict | list) else _in_short(str(given)), accepted=accepted_here)


def _in_short(given: str) -> str:
    """What was given, on one line and no longer than it takes to recognise it."""
    line = " ".join(given.split())
    return line if len(line) <= 60 else f"{line[:60]}…"


def _path(path: tuple[Any, ...], content: Any) -> str:
    """services.limpeza.price: list items go by their key or name when they have one, else by position from 1."""
    words: list[str] = []
    here = content
    for part in path:
        if isinstance(part, int):
            item = here[part] if isinstance(here, list) and part < len(here) else None
            label = (item.get("key") or item.get("name")) if isinstance(item, dict) else None
            words.append(str(label or f"{part + 1}"))
            here = item
        else:
            words.append(str(part))
            here = here.get(part) if isinstance(here, dict) else None
    return ".".join(words)


def _at(path: tuple[Any, ...], schema: dict[str, Any]) -> dict[str, Any]:
    """The piece of the schema that describes what stands at `path`, as far as it can be followed."""
    node: dict[str, Any] = schema
    for part in path:
        node = _followed(node, schema)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
    return _followed(node, schema)


def _followed(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    for option in (node, *node.get("anyOf", ()), *node.get("allOf", ())):
        if "$ref" in option:
            found: dict[str, Any] = schema["$defs"][option["$ref"].rsplit("/", 1)[1]]
            return found
    return node
