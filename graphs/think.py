"""The middle of a turn: the model thinks, tools act, limits hold."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langgraph.runtime import Runtime

from agent.context import json_text
from agent.texts import text
from agent.thoughts import ModelUnavailable, ToolSpec
from clinic.conversations.models import CaseKind, Outcome
from graphs.gather import ensure_case, until
from graphs.state import State, Turn
from tools import toolset

SPECS = tuple(ToolSpec(name, toolset.descriptions()[name], tool.arguments) for name, tool in toolset.TOOLS.items())
_DIALOGUE_CHARACTERS = 8_000


async def think(state: State, runtime: Runtime[Turn]) -> State:
    """Asks the model what to say or do. When every model failed, a holding text and a case instead of silence."""
    turn = runtime.context
    turn.thoughts += 1
    exhausted = turn.thoughts >= turn.limits.thoughts or turn.tokens_in + turn.tokens_out > turn.limits.tokens
    try:
        thought = await turn.brain.think(state["messages"], () if exhausted else SPECS)
    except ModelUnavailable as error:
        turn.note("think", failed=[attempt.outcome.value for attempt in error.attempts])
        return await _hold(turn)
    turn.model = thought.model
    turn.tokens_in += thought.tokens_in
    turn.tokens_out += thought.tokens_out
    turn.cost_brl += thought.cost_brl
    calls = [] if exhausted else thought.message.tool_calls
    turn.note(
        "think",
        model=thought.model,
        ms=thought.latency_ms,
        tokens_in=thought.tokens_in,
        tokens_out=thought.tokens_out,
        asked=[call["name"] for call in calls],
        repaired=thought.repaired,
    )
    if exhausted and thought.message.tool_calls:
        return await _hold(turn)
    update: State = {"messages": [*state["messages"], thought.message]}
    if not calls:
        update["reply"] = thought.message.text.strip()
    remembered = thought.message.additional_kwargs.get("dialogue")
    if isinstance(remembered, dict):
        update["dialogue"] = _small(remembered, state.get("dialogue", ""))
    return update


def _small(dialogue: dict[str, Any], before: str) -> str:
    """Dialogue state as JSON text; one that outgrew its place is refused and the former one stays."""
    written = json.dumps(dialogue, ensure_ascii=False, separators=(",", ":"), default=str)
    return written if len(written) <= _DIALOGUE_CHARACTERS else before


async def _hold(turn: Turn) -> State:
    case = await ensure_case(turn, CaseKind.FAILURE, reason="model_unavailable", brief="\n".join(turn.ctx.said_now))
    turn.outcome, turn.automatic = Outcome.HELD, True
    return {"reply": text("holding", until=until(turn, case), case=case.number)}


def after_think(state: State, runtime: Runtime[Turn]) -> str:
    """Tools asked for are run; a reply is checked; a holding text goes out as it is."""
    if runtime.context.automatic:
        return "reply"
    last = state["messages"][-1]
    return "act" if isinstance(last, AIMessage) and last.tool_calls else "check"


async def act(state: State, runtime: Runtime[Turn]) -> State:
    """Runs the tools the model asked for, in order, each within the turn's limits."""
    turn = runtime.context
    last = state["messages"][-1]
    assert isinstance(last, AIMessage)  # after_think routes here only then
    answers: list[BaseMessage] = []
    for call in last.tool_calls:
        began = perf_counter()
        result = await toolset.run(
            turn.ctx, call["name"], call["args"], max_calls=turn.limits.tool_calls, max_writes=turn.limits.writes
        )
        turn.results.append((call["name"], result))
        turn.note(
            "tool",
            tool=call["name"],
            arguments=call["args"],
            result=result,
            receipt=result.get("receipt"),
            ms=round((perf_counter() - began) * 1000, 1),
        )
        answers.append(ToolMessage(content=json_text(result), tool_call_id=call["id"] or call["name"], name=call["name"]))
    return {"messages": [*state["messages"], *answers]}
