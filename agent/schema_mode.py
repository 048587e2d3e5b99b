"""Tools for endpoints that call them badly: the model fills one JSON step, `response_format` holds it to the schema. Pure.

A step is {"step": {"action": tool, "args": {…}}} or {"step": {"action": "reply", "text": …}}. The wrapper is there
because OpenAI refuses a union at the root of a schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.loose_calls import Call, first_object, looks_like_data, match
from agent.repair import Sound, message_of, refuse_unfinished, strip_reasoning
from agent.thoughts import Fault, Outcome, ToolSpec
from agent.tool_schema import names, parameters, signature
from kit import fast_yaml

REPLY = "reply"
_RESULT_TAG = re.compile(r"<(?=\s*/?\s*resultado)", re.IGNORECASE)


@cache
def words() -> dict[str, Any]:
    """The pt-BR words of prompts/wire.yaml."""
    loaded: dict[str, Any] = fast_yaml.load((Path(__file__).parent / "prompts" / "wire.yaml").read_text("utf-8"))
    return loaded


def response_format(tools: Sequence[ToolSpec]) -> dict[str, Any]:
    """The request's `response_format`: one step, strictly one of `tools` or a reply."""
    steps = [_step(tool.name, "args", parameters(tool, strict=True)) for tool in tools]
    steps.append(_step(REPLY, "text", {"type": "string"}))
    schema = {
        "type": "object",
        "properties": {"step": {"anyOf": steps}},
        "required": ["step"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "step", "strict": True, "schema": schema}}


def form_format(tools: Sequence[ToolSpec]) -> dict[str, Any]:
    """The request's `response_format`: the first tool's arguments and nothing around them."""
    form = tools[0]
    return {"type": "json_schema", "json_schema": {"name": form.name, "strict": True, "schema": parameters(form, strict=True)}}


def read_form(answer: AIMessage, form: ToolSpec, *, finish: str | None, serial: str) -> Sound:
    """The form filled in `answer`, as a call to it; Fault when there is no object in it. Values are not yet checked."""
    refuse_unfinished(finish)
    text = strip_reasoning(answer.text)
    if not text:
        refused = answer.additional_kwargs.get("refusal")
        raise Fault(Outcome.FILTERED, "refusal") if refused else Fault(Outcome.EMPTY)
    found = first_object(text)
    if found is None:
        raise Fault(Outcome.MALFORMED, "no form")
    given = {key: value for key, value in found.items() if value is not None}
    return Sound(message_of("", [Call(form.name, given)], (), serial), repaired=text != answer.text.strip())


def as_plain(messages: Sequence[BaseMessage], tools: Sequence[ToolSpec]) -> list[BaseMessage]:
    """The conversation without tool messages: calls and replies as the steps they were, results as the user's turn.

    One system message first, then user and assistant in alternation (templates of small models require it), and the user's
    turn last: servers take an assistant's for the beginning of the answer. A patient cannot forge a result: the tag is
    defused in what people wrote.
    """
    messages, notice = _notice(messages)
    system = "\n\n".join(message.text for message in messages if isinstance(message, SystemMessage))
    turns: list[tuple[str, str]] = []  # who ("user", "step", "reply") and what
    results = {m.tool_call_id: m.text for m in messages if isinstance(m, ToolMessage)}
    for message in messages:
        if isinstance(message, HumanMessage):
            turns.append(("user", _RESULT_TAG.sub("‹", message.text)))
        elif isinstance(message, AIMessage):
            for call in message.tool_calls:
                turns.append(("step", _written(call["name"], "args", call["args"])))
                turns.append(("user", _result(call["name"], results.get(call["id"] or "", "{}"))))
            if message.text.strip() and not message.tool_calls:
                turns.append(("reply", message.text.strip()))
    if notice:
        turns.append(("user", words()["notice"].format(text=notice)))
    listed = words()["actions"].replace("{tools}", "\n".join(f"- {signature(tool)}" for tool in tools))
    return [SystemMessage(f"{system}\n\n{listed}".strip()), *_alternating(turns)]


def _notice(messages: Sequence[BaseMessage]) -> tuple[Sequence[BaseMessage], str]:
    """The messages, without what the system says after a reply of the model's: why it is to be written again."""
    end = len(messages)
    while end and isinstance(messages[end - 1], SystemMessage):
        end -= 1
    if not end or not isinstance(messages[end - 1], AIMessage):
        return messages, ""
    return messages[:end], "\n".join(message.text for message in messages[end:])


def read_step(answer: AIMessage, tools: Sequence[ToolSpec], *, finish: str | None, serial: str) -> Sound:
    """The step in `answer` as a reply or one tool call; Fault when there is none.

    Plain words instead of a step are taken as the reply: endpoints that ignore `response_format` answer so.
    """
    refuse_unfinished(finish)
    text = strip_reasoning(answer.text)
    if not text:
        refused = answer.additional_kwargs.get("refusal")
        raise Fault(Outcome.FILTERED, "refusal") if refused else Fault(Outcome.EMPTY)
    found = first_object(text)
    if found is None:
        if looks_like_data(text):
            raise Fault(Outcome.MALFORMED, "unreadable step")
        return Sound(message_of(text, [], (), serial), repaired=True)
    step = found.get("step", found)
    action = step.get("action") if isinstance(step, dict) else None
    if not isinstance(action, str):
        raise Fault(Outcome.MALFORMED, "no action")
    repaired = step is found or text != answer.text.strip()
    if action == REPLY:
        said = step.get("text")
        if not isinstance(said, str) or not said.strip():
            raise Fault(Outcome.EMPTY)
        return Sound(message_of(said.strip(), [], (), serial), repaired)
    args = step.get("args", {key: value for key, value in step.items() if key != "action"})
    if not isinstance(args, dict):
        raise Fault(Outcome.MALFORMED, "args is not an object")
    given = {key: value for key, value in args.items() if value is not None}
    name = match(action, names(tools)) or action
    return Sound(message_of("", [Call(name, given)], (), serial), repaired or name != action)


def _step(action: str, field: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"action": {"type": "string", "enum": [action]}, field: schema},
        "required": ["action", field],
        "additionalProperties": False,
    }


def _written(action: str, field: str, value: Any) -> str:
    return json.dumps({"step": {"action": action, field: value}}, ensure_ascii=False)


def _result(name: str, content: str) -> str:
    return f'<resultado ferramenta="{name}">{_RESULT_TAG.sub("‹", content)}</resultado>'


def _alternating(turns: list[tuple[str, str]]) -> Iterator[BaseMessage]:
    merged: list[tuple[str, str]] = []
    for who, text in turns:
        if merged and merged[-1][0] == who != "step":
            merged[-1] = (who, f"{merged[-1][1]}\n{text}")
        else:
            merged.append((who, text))
    for who, text in merged:
        yield HumanMessage(text) if who == "user" else AIMessage(text if who == "step" else _written(REPLY, "text", text))
