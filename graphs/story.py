"""A turn as staff read it afterwards, or while it runs in a rehearsal: one step after another, each with its own facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Required, TypedDict

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent.context import json_text
from agent.thoughts import Attempt
from knowledge.models import Retrieval


class Facts(TypedDict, total=False):
    """What a step may tell, as JSON; the keys are those of the API's StepOut."""

    decision: str
    flag: str
    limit: str | None
    case: int | None
    person: str | None
    people: int
    visits: int
    model: str | None
    tokens_in: int
    tokens_out: int
    tokens_estimated: bool
    cost_brl: str | None
    asked: list[str]
    said: str | None
    understood: dict[str, Any] | None
    attempts: list[dict[str, Any]]
    repaired: bool
    given: list[dict[str, str]]
    tool: str
    effect: str | None
    arguments: dict[str, Any]
    result: dict[str, Any]
    receipt: str | None
    passages: list[dict[str, Any]]
    threshold: float | None
    ok: bool
    problems: list[dict[str, str]]


class Step(Facts, total=False):
    """One step: what happened, in which node, when (from the turn's start) and for how long."""

    step: Required[str]
    node: Required[str]
    at_ms: Required[float]
    ms: Required[float]


def attempts_told(attempts: Iterable[Attempt]) -> list[dict[str, Any]]:
    """Each request to a model and how it ended."""
    return [
        {"model": each.model, "outcome": each.outcome.value, "ms": each.latency_ms, "detail": each.detail} for each in attempts
    ]


def given_told(messages: Sequence[BaseMessage]) -> list[dict[str, str]]:
    """What the model was given, message by message; calls to tools as they would be written."""
    return [{"role": _role(message), "text": _words(message)} for message in messages]


def _role(message: BaseMessage) -> str:
    if isinstance(message, SystemMessage):
        return "system"
    if isinstance(message, HumanMessage):
        return "patient"
    return "carol" if isinstance(message, AIMessage) else "tool"


def _words(message: BaseMessage) -> str:
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    return "\n".join(filter(None, [message.text, *(f"{call['name']} {json_text(call['args'])}" for call in calls)]))


def passages_told(search: Retrieval) -> list[dict[str, Any]]:
    """Every passage a search considered, and whether the model was given it."""
    used = {passage.id for passage in search.passages}
    return [
        {
            "id": str(one.id),
            "document": str(one.document_id),
            "source": one.source,
            "title": one.title,
            "heading": one.heading,
            "text": one.content,
            "score": round(one.score, 4),
            "dense": round(one.dense, 4),
            "lexical": round(one.lexical, 4),
            "used": one.id in used,
        }
        for one in search.considered
    ]
