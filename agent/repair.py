"""A model's answer in a form the graph can trust, or a fault. Repairs form, never meaning. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.messages.tool import ToolCall

from agent.loose_calls import Call, calls_in, looks_like_data, match, read_object
from agent.thoughts import Fault, Outcome

_THINKING = r"think|thinking|thought|reasoning|scratchpad"
_THOUGHT = re.compile(rf"<({_THINKING})>.*?(?:</\1>|\Z)\s*", re.DOTALL | re.IGNORECASE)
# Templates that open the tag in the prompt leave only its end in the answer: all before it was thinking.
_THOUGHT_END = re.compile(rf"\A.*</(?:{_THINKING})>\s*", re.DOTALL | re.IGNORECASE)
_FINAL_CHANNEL = re.compile(r"\A.*<\|channel\|>\s*final\s*<\|message\|>", re.DOTALL)
_OTHER_CHANNEL = re.compile(r"<\|channel\|>\s*(?:analysis|commentary).*?(?:<\|end\|>|\Z)", re.DOTALL)
_CONTROL_TOKEN = re.compile(r"<\|(?!python_tag|tool_call)[a-z_]{2,30}\|>|</?s>|<(?:start|end)_of_turn>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sound:
    """An answer the graph can use: calls with parsed arguments and unique ids, or text for the patient."""

    message: AIMessage
    repaired: bool


def repair(answer: AIMessage, known: frozenset[str], *, finish: str | None, serial: str) -> Sound:
    """`answer` made sound, or Fault: TRUNCATED, FILTERED, MALFORMED or EMPTY.

    `finish` is the endpoint's finish_reason; `serial` makes the ids of calls that came without one unique in the thread.
    A call to a tool we do not know stays as it is (the graph answers it with an error the model can act on).
    """
    refuse_unfinished(finish)
    written = answer.text
    spoken = strip_reasoning(written)
    calls, mended = _native_calls(answer, known)
    if not calls:
        calls = calls_in(spoken, known)
        if calls:
            return Sound(message_of("", calls, (), serial), repaired=True)
        if spoken and looks_like_data(spoken):
            raise Fault(Outcome.MALFORMED, "data instead of words")
        if not spoken:
            refused = answer.additional_kwargs.get("refusal")
            raise Fault(Outcome.FILTERED, "refusal") if refused else Fault(Outcome.EMPTY)
    ids = tuple(call["id"] for call in (*answer.tool_calls, *answer.invalid_tool_calls))
    if looks_like_data(spoken):
        spoken = ""  # the same call, typed beside itself
    return Sound(message_of(spoken, calls, ids, serial), repaired=mended or spoken != written.strip())


def refuse_unfinished(finish: str | None) -> None:
    """Fault when the endpoint says it stopped before the model was done."""
    if finish in ("length", "max_tokens"):
        raise Fault(Outcome.TRUNCATED, finish)
    if finish == "content_filter":
        raise Fault(Outcome.FILTERED, finish)


def strip_reasoning(text: str) -> str:
    """`text` without a model's thinking aloud and without its template's control marks."""
    text = _OTHER_CHANNEL.sub("", _FINAL_CHANNEL.sub("", text))
    return _CONTROL_TOKEN.sub("", _THOUGHT_END.sub("", _THOUGHT.sub("", text))).strip()


def message_of(text: str, calls: list[Call], ids: tuple[str | None, ...], serial: str) -> AIMessage:
    """An answer with nothing else on it; missing or repeated ids become `call_{serial}_{place}`."""
    taken: set[str] = set()
    made: list[ToolCall] = []
    for place, call in enumerate(calls):
        id_ = (ids[place] if place < len(ids) else None) or f"call_{serial}_{place}"
        if id_ in taken:
            id_ = f"call_{serial}_{place}"
        taken.add(id_)
        made.append(ToolCall(name=call.name, args=call.args, id=id_, type="tool_call"))
    return AIMessage(content=text, tool_calls=made)


def _native_calls(answer: AIMessage, known: frozenset[str]) -> tuple[list[Call], bool]:
    calls: list[Call] = []
    mended = bool(answer.invalid_tool_calls)
    for call in answer.tool_calls:
        calls.append(Call(match(call["name"], known) or call["name"], _without_nulls(call["args"])))
        mended = mended or calls[-1].name != call["name"]
    for broken in answer.invalid_tool_calls:
        args = read_object(broken["args"] or "")
        if args is None or not broken["name"]:
            raise Fault(Outcome.MALFORMED, "unreadable arguments")
        calls.append(Call(match(broken["name"], known) or broken["name"], _without_nulls(args)))
    if any(not call.name for call in calls):
        raise Fault(Outcome.MALFORMED, "call without a name")
    return calls, mended


def _without_nulls(args: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in args.items() if value is not None}
