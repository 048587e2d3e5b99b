"""The end of a turn: may this be said, and how it leaves."""

from __future__ import annotations

from time import perf_counter

from langchain_core.messages import SystemMessage
from langgraph.runtime import Runtime

from agent.context import correction
from agent.guardrails import outgoing
from agent.texts import text
from clinic.conversations.models import CaseKind, Outcome
from graphs import grounds
from graphs.gather import ensure_case, until
from graphs.state import State, Turn
from tools.context import person_handle


async def check(state: State, runtime: Runtime[Turn]) -> State:
    """Refuses a reply that states what nothing backs: rewritten once, then handed over to a person."""
    turn, began = runtime.context, perf_counter()
    verdict = outgoing.review(state.get("reply", ""), grounds=grounds.gather(turn))
    problems = [{"kind": problem.kind, "excerpt": problem.excerpt} for problem in verdict.problems]
    turn.note("check", "check", began, ok=verdict.ok, problems=problems)
    if verdict.ok:
        return {}
    if not state.get("rewritten"):
        note = SystemMessage(content=correction([(problem.kind, problem.excerpt) for problem in verdict.problems]))
        return {"rewritten": True, "reply": "", "messages": [*state["messages"], note]}
    began = perf_counter()
    case = await ensure_case(turn, CaseKind.OTHER, reason="ungrounded_reply", brief="\n".join(turn.ctx.said_now))
    turn.automatic, turn.outcome = True, Outcome.HANDED_OVER
    turn.note("hold", "check", began, case=case.number)
    return {"reply": text("handed_over", until=until(turn, case), case=case.number)}


def after_check(state: State, runtime: Runtime[Turn]) -> str:
    """A refused reply is thought again; anything else leaves."""
    return "reply" if state.get("reply") else "think"


async def reply(state: State, runtime: Runtime[Turn]) -> State:
    """The reply is ready, with what code says before and under it; remembers for whom the conversation spoke."""
    turn = runtime.context
    turn.note("reply", "reply", perf_counter())
    current = turn.ctx.whom.current
    parts = [part for part in (turn.before, state.get("reply", ""), turn.beside) if part]
    said: State = {"reply": "\n\n".join(parts)} if state.get("reply") else {}
    return {**said, "person": person_handle(current.person_id)} if current else said


async def handed_over(state: State, runtime: Runtime[Turn]) -> State:
    """A person owns this conversation: Carol listens and says nothing."""
    runtime.context.note("handed_over", "handed_over", perf_counter())
    return {}


async def human_only(state: State, runtime: Runtime[Turn]) -> State:
    """This contact asked for people only: the case is open, its deadline is said, no model is asked."""
    runtime.context.note("human_only", "human_only", perf_counter())
    return {}
