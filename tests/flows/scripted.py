"""A mind that does what a test tells it: each step is a reply, tool calls, or a function of what it was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolMessage

from agent.thoughts import Thought, ToolSpec
from kit.ids import new_token

Step = str | AIMessage | BaseException | Callable[[list[BaseMessage]], "Step"]


def calls(name: str, /, **args: Any) -> AIMessage:
    """A wish to call one tool."""
    return AIMessage("", tool_calls=[{"name": name, "args": args, "id": str(new_token()), "type": "tool_call"}])


def briefing(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """What the model was given about the clinic and the contact."""
    first = messages[0]
    assert isinstance(first, SystemMessage)
    given: dict[str, Any] = first.additional_kwargs["briefing"]
    return given


def last_result(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """What the last tool answered."""
    import json

    answer = next(m for m in reversed(messages) if isinstance(m, ToolMessage))
    result: dict[str, Any] = json.loads(str(answer.content))
    return result


class ScriptedBrain:
    """Stands where a Brain stands. Steps are used in order; running out of them is the test's mistake."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.seen: list[list[BaseMessage]] = []

    def then(self, *steps: Step) -> None:
        self.steps.extend(steps)

    async def think(
        self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, seconds: float | None = None
    ) -> Thought:
        self.seen.append(list(messages))
        step: Step = self.steps.pop(0)
        while callable(step):
            step = step(list(messages))
        if isinstance(step, BaseException):
            raise step
        message = AIMessage(step) if isinstance(step, str) else step
        return Thought(message, "scripted", 10, 5, Decimal("0.001"), 1, ())
