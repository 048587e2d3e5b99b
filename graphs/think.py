"""The middle of a turn: the model thinks, tools act, limits hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from time import perf_counter
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langgraph.runtime import Runtime

from agent.context import json_text
from agent.texts import text
from agent.thoughts import Attempt, ModelUnavailable, Thought, ToolSpec
from clinic.conversations.lanes.spending import Limit
from clinic.conversations.models import CaseKind, Outcome
from graphs import limits
from graphs.gather import ensure_case, limited, until
from graphs.state import State, Turn
from graphs.story import attempts_told, given_told, passages_told
from kit.errors import CarolError
from kit.text import storable, strip_hidden
from tools import toolset
from tools.context import Result

SPECS = tuple(ToolSpec(name, toolset.descriptions()[name], tool.arguments) for name, tool in toolset.TOOLS.items())
_DIALOGUE_CHARACTERS = 8_000


async def think(state: State, runtime: Runtime[Turn]) -> State:
    """Asks the model what to say or do, if there is anything left to spend. When every model failed, a holding text and a
    case instead of silence."""
    turn, began = runtime.context, perf_counter()
    if (limit := limits.money_gone(turn)) is not None:
        return await _stop(turn, limit)
    if turn.tokens_in + turn.tokens_out > turn.limits.tokens:
        return await _hold(turn, reason="tokens")
    turn.thoughts += 1
    exhausted = turn.thoughts >= turn.limits.thoughts
    try:
        thought = await turn.brain.think(state["messages"], () if exhausted else SPECS)
    except ModelUnavailable as error:
        _note_failure(turn, began, state["messages"], error.attempts)
        return await _hold(turn)
    thought = _legible(thought)
    turn.model = thought.model
    turn.spend(thought.tokens_in, thought.tokens_out, thought.cost_brl)
    calls = [] if exhausted else thought.message.tool_calls
    _note_thought(turn, began, state["messages"], thought)
    if exhausted and thought.message.tool_calls:
        return await _hold(turn, reason="thoughts")
    update: State = {"messages": [*state["messages"], thought.message]}
    if not calls:
        update["reply"] = strip_hidden(thought.message.text).strip()  # nothing leaves that its reader cannot see
    remembered = thought.message.additional_kwargs.get("dialogue")
    if isinstance(remembered, dict):
        update["dialogue"] = _small(remembered, state.get("dialogue", ""))
    return update


def _legible(thought: Thought) -> Thought:
    """What a model asks for, without what no row can hold: a call gone mad is refused, it does not end the turn."""
    message = thought.message
    calls = [{**call, "name": storable(call["name"]), "args": storable(call["args"])} for call in message.tool_calls]
    if calls == message.tool_calls:
        return thought
    return replace(thought, message=message.model_copy(update={"tool_calls": calls}))


def _note_thought(turn: Turn, began: float, given: Sequence[BaseMessage], thought: Thought) -> None:
    calls = thought.message.tool_calls
    turn.note(
        "think",
        "think",
        began,
        model=thought.model,
        tokens_in=thought.tokens_in,
        tokens_out=thought.tokens_out,
        tokens_estimated=thought.tokens_estimated,
        cost_brl=str(thought.cost_brl) if thought.priced else None,
        asked=[call["name"] for call in calls],
        said=None if calls else thought.message.text.strip(),
        understood=thought.message.additional_kwargs.get("understood"),
        attempts=attempts_told(thought.attempts),
        repaired=thought.repaired,
        given=given_told(given) if turn.watched else [],
    )


def _note_failure(turn: Turn, began: float, given: Sequence[BaseMessage], attempts: Sequence[Attempt]) -> None:
    """No model answered; what they were asked was paid for all the same."""
    into, out = sum(each.usage.tokens_in for each in attempts), sum(each.usage.tokens_out for each in attempts)
    cost = sum((each.cost_brl for each in attempts), start=Decimal(0))
    turn.spend(into, out, cost)
    turn.note(
        "think",
        "think",
        began,
        tokens_in=into,
        tokens_out=out,
        tokens_estimated=any(each.usage.estimated for each in attempts),
        cost_brl=str(cost) if all(each.priced for each in attempts) else None,
        attempts=attempts_told(attempts),
        given=given_told(given) if turn.watched else [],
    )


def _small(dialogue: dict[str, Any], before: str) -> str:
    """Dialogue state as JSON text; one that outgrew its place is refused and the former one stays."""
    written = json.dumps(dialogue, ensure_ascii=False, separators=(",", ":"), default=str)
    return written if len(written) <= _DIALOGUE_CHARACTERS else before


async def _stop(turn: Turn, limit: Limit) -> State:
    """What this turn spent used up the contact's or the clinic's share: no other model is asked."""
    began = perf_counter()
    update = await limited(turn, limit)
    turn.note("hold", "think", began, case=turn.case, limit=limit)
    return update


async def _hold(turn: Turn, *, reason: str = "model_unavailable") -> State:
    began = perf_counter()
    case = await ensure_case(turn, CaseKind.FAILURE, reason=reason, brief="\n".join(turn.ctx.said_now))
    turn.outcome, turn.automatic = Outcome.HELD, True
    turn.note("hold", "think", began, case=case.number)
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
        result = await _run(turn, call)
        answers.append(ToolMessage(content=json_text(result), tool_call_id=call["id"] or call["name"], name=call["name"]))
    return {"messages": [*state["messages"], *answers]}


async def _run(turn: Turn, call: ToolCall) -> Result:
    """Runs one tool and tells of it, also when the turn ends in it."""
    began, searches = perf_counter(), len(turn.ctx.searches)
    tool, result = toolset.TOOLS.get(call["name"]), Result(error="broken")
    try:
        result = await toolset.run(
            turn.ctx, call["name"], call["args"], max_calls=turn.limits.tool_calls, max_writes=turn.limits.writes
        )
        turn.results.append((call["name"], result))
        return result
    except CarolError as lost:
        result = Result(error=lost.code)
        raise
    finally:
        looked_up = turn.ctx.searches[searches:]
        turn.note(
            "tool",
            "act",
            began,
            tool=call["name"],
            effect=tool.effect if tool else None,
            arguments=call["args"],
            result=result,
            receipt=result.get("receipt"),
            passages=[told for search in looked_up for told in passages_told(search)],
            threshold=looked_up[-1].threshold if looked_up else None,
        )
