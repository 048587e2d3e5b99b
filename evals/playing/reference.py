"""Minds that prove the scenarios instead of Carol: one that does what the oracle says, one that does nothing at all.

Both think inside the real conversation: tools, guards, lane and outbox are the product's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.thoughts import Thought, ToolSpec
from clinic.scenarios.schema import OracleTurn, Scenario
from evals.words import folded
from kit import fast_yaml
from kit.errors import Invalid
from kit.ids import new_token

_HANDLES = ("slot", "proposal", "visit", "person")


class NoHandle(Invalid):
    """The oracle names something that nothing in the conversation is called."""

    code = "no_handle"


class Silence:
    """Says one polite sentence and does nothing. Every scenario must fail it."""

    async def think(
        self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, seconds: float | None = None
    ) -> Thought:
        return _thought(AIMessage(_words()["nothing"]))


class Oracle:
    """Does in each turn of a scenario what its oracle says. A handle is written as the words it is known by:
    `slot: "@quinta 10h"` is the first slot seen whose description has both words, `!quinta 10h` the first that has not.
    """

    def __init__(self, scenario: Scenario, *, careless: bool = False) -> None:
        """`careless`: a call whose handle is nowhere is left out, instead of being an error of the oracle's."""
        self._turns, self._careless = scenario.oracle, careless
        self._place, self._turn = 0, -1

    async def think(
        self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, seconds: float | None = None
    ) -> Thought:
        if isinstance(messages[-1], HumanMessage):
            self._turn, self._place = self._turn + 1, 0
        turn = self._turns[min(self._turn, len(self._turns) - 1)] if self._turns else OracleTurn(say=_words()["nothing"])
        seen = list(_seen(messages))
        while self._place < len(turn.calls):
            call = dict(turn.calls[self._place])
            self._place += 1
            try:
                args = {name: _resolved(name, value, seen) for name, value in call.items() if name != "tool"}
            except NoHandle:
                if not self._careless:
                    raise
                continue
            wish = {"name": str(call["tool"]), "args": args, "id": str(new_token()), "type": "tool_call"}
            return _thought(AIMessage("", tool_calls=[wish]))
        return _thought(AIMessage(turn.say))


@cache
def _words() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(files("evals.playing").joinpath("reference.yaml").read_text("utf-8"))
    return loaded


def _resolved(name: str, value: Any, seen: Sequence[Mapping[str, Any]]) -> Any:
    if name not in _HANDLES or not isinstance(value, str) or value[:1] not in ("@", "!"):
        return value
    words, meant = folded(value[1:]).split(), value.startswith("@")
    for one in seen:
        if name in one and isinstance(one[name], str):
            told = folded(json.dumps(one, ensure_ascii=False, default=str))
            if all(word in told for word in words) is meant:
                return one[name]
    if not meant:
        return "S0"  # nothing else was offered: what nobody offered is wrong, too
    raise NoHandle(f"{name} {value}")


def _seen(messages: Sequence[BaseMessage]) -> Iterator[Mapping[str, Any]]:
    """Everything with a handle that a model was shown, the newest first."""
    for message in reversed(messages):
        if isinstance(message, ToolMessage):
            yield from _within(json.loads(str(message.content)))
    first = messages[0]
    if isinstance(first, SystemMessage):
        yield from _within(first.additional_kwargs.get("briefing"))


def _within(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for one in value.values():
            yield from _within(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _within(one)


def _thought(message: AIMessage) -> Thought:
    return Thought(message, "reference", 1, 1, Decimal(0), 1, ())
