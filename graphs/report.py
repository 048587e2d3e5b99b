"""The order of thought of a report: read → write → check → review → approved, written again with the reasons, or failed.

A function of the order alone: no database, nobody asked. Words of a report never reach a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from time import perf_counter
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agent.reports.checks import check, orders, refused
from agent.reports.facts import facts_of
from agent.reports.order import Order
from agent.reports.reviewer import Reviewer
from agent.reports.writer import Nonsense, Writer
from clinic.reports.models import Draft, Fact, Problem, Span, Traced
from kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Budget:
    """What one report may take: tries, seconds in all and of one call, tokens and reais."""

    rounds: int = 3
    seconds: float = 60.0
    call_seconds: float = 25.0
    tokens: int = 60_000
    cost_brl: Decimal = Decimal("1.00")


@dataclass(frozen=True, slots=True)
class Result:
    """How it ended: every version in order, what the report says, what it took. `error_code` None: approved.

    Codes: report_empty | report_order | report_person | report_refused | report_unreadable | report_budget | report_time.
    """

    approved: bool
    drafts: tuple[Draft, ...]
    facts: tuple[Fact, ...] = ()
    error_code: str | None = None
    ms: int = 0
    tokens: int = 0
    cost_brl: Decimal = Decimal(0)


@dataclass(slots=True)
class Desk:
    """What the nodes work with and write to; of one report."""

    order: Order
    writer: Writer
    reviewer: Reviewer
    budget: Budget = Budget()
    began: float = field(default_factory=perf_counter)
    tokens: int = 0
    cost_brl: Decimal = Decimal(0)

    def spend(self, tokens: int, cost_brl: Decimal) -> None:
        """Adds to what this report took."""
        self.tokens += tokens
        self.cost_brl += cost_brl

    @property
    def left(self) -> float:
        """Seconds for one call."""
        return min(self.budget.call_seconds, self.budget.seconds - (perf_counter() - self.began))

    @property
    def spent_up(self) -> str | None:
        """Why no model is asked any more."""
        if self.tokens >= self.budget.tokens or self.cost_brl >= self.budget.cost_brl:
            return "report_budget"
        return "report_time" if self.left <= 0 else None


class State(TypedDict, total=False):
    """`draft` is the version at hand; `problems` why it may not go."""

    facts: tuple[Fact, ...]
    draft: Draft | None
    drafts: tuple[Draft, ...]
    error: str | None


Graph = CompiledStateGraph[State, Desk, State, State]


async def written(desk: Desk) -> Result:
    """Writes one report for its family. Raises ModelUnavailable when no model answers, so that it can be tried later."""
    state: Mapping[str, Any] = await _graph().ainvoke({}, context=desk)
    drafts: tuple[Draft, ...] = state.get("drafts", ())
    error: str | None = state.get("error")
    ms = round((perf_counter() - desk.began) * 1e3)
    approved = error is None and bool(drafts)
    return Result(approved, drafts, state.get("facts", ()), error, ms, desk.tokens, desk.cost_brl)


async def read(state: State, runtime: Runtime[Desk]) -> State:
    """What the report says; nothing to tell, an order in it or what only a person may tell ends it before a word is written."""
    order = runtime.context.order
    if not any(letter.isalnum() for letter in order.text):
        return {"error": "report_empty", "drafts": ()}
    if found := orders(order):
        return {"error": f"report_{found[0].code}", "drafts": (), "facts": facts_of(order.text, order.patterns)}
    return {"facts": facts_of(order.text, order.patterns), "drafts": (), "error": None}


async def write(state: State, runtime: Runtime[Desk]) -> State:
    """One version. Nonsense is a version too: an empty one."""
    desk, began, drafts = runtime.context, perf_counter(), state["drafts"]
    if (spent_up := desk.spent_up) is not None:
        return {"error": spent_up, "draft": None}
    last = drafts[-1] if drafts else None
    try:
        made = await desk.writer.write(
            desk.order, state["facts"], last.text if last else "", last.problems if last else (), seconds=desk.left
        )
        text, model, tokens, cost = made.text, made.model, made.tokens, made.cost_brl
        problems = () if text else (Problem("unreadable", by="model"),)
    except Nonsense as failed:
        text, model, tokens, cost = "", failed.model, failed.tokens, failed.cost_brl
        problems = (Problem("unreadable", by="model"),)
    desk.spend(tokens, cost)
    draft = Draft(
        new_id(), len(drafts) + 1, "writer", text, (), problems, model, round((perf_counter() - began) * 1e3), float(cost)
    )
    return {"draft": draft}


async def check_(state: State, runtime: Runtime[Desk]) -> State:
    """The rules, whatever any model will hold of it."""
    draft = state["draft"]
    if draft is None or draft.problems:
        return {}
    problems, traced = check(runtime.context.order, draft.text)
    return {"draft": replace(draft, problems=problems, traced=traced)}


async def review(state: State, runtime: Runtime[Desk]) -> State:
    """A reviewer reads what no rule refuses; what it cannot settle refuses. Its nonsense refuses as well."""
    desk, draft, began = runtime.context, state["draft"], perf_counter()
    assert draft is not None  # after_check routes here only then
    try:
        found = await desk.reviewer.review(desk.order, draft.text, draft.problems, seconds=max(1.0, desk.left))
    except Nonsense as failed:
        desk.spend(failed.tokens, failed.cost_brl)
        return {"draft": replace(draft, problems=(*draft.problems, Problem("unreadable", by="model")))}
    desk.spend(found.tokens, found.cost_brl)
    ms, cost = draft.ms + round((perf_counter() - began) * 1e3), draft.cost_brl + float(found.cost_brl)
    problems = tuple(replace(one, critical=True) for one in found.problems)
    traced = (*draft.traced, *_settled(draft, found.found), *_unsettled(draft, problems))
    ordered = tuple(sorted(dict.fromkeys(traced), key=lambda one: (one.draft.start, one.draft.end)))
    return {"draft": replace(draft, problems=problems, traced=ordered, ms=ms, cost_brl=cost)}


async def settle(state: State, runtime: Runtime[Desk]) -> State:
    """Keeps the version; the last one decides."""
    desk, draft, drafts = runtime.context, state["draft"], state["drafts"]
    if draft is None:
        return {}
    drafts = (*drafts, draft)
    if not draft.problems:
        return {"drafts": drafts, "draft": None, "error": None}
    done = len(drafts) >= desk.budget.rounds or not desk.writer.varies
    unreadable = all(one.code == "unreadable" for one in draft.problems)
    error = ("report_unreadable" if unreadable else "report_refused") if done else None
    return {"drafts": drafts, "draft": draft if not done else None, "error": error}


# Asynchronous though they wait for nothing: LangGraph sends a plain function to a thread and waits for it.
async def after_read(state: State) -> str:
    """Nothing is written of a report that goes to a person anyway."""
    return END if state.get("error") else "write"


async def after_check(state: State) -> str:
    """A draft that a rule refuses is not shown to the reviewer."""
    draft = state["draft"]
    return "settle" if draft is None or refused(draft.problems) else "review"


async def after_settle(state: State) -> str:
    """Another try while there is one."""
    return "write" if state.get("draft") is not None and not state.get("error") else END


def _settled(draft: Draft, found: Mapping[str, Span]) -> list[Traced]:
    """Doubts that the reviewer found in the report."""
    return [
        Traced(Span(at, at + len(quote)), place, "other")
        for quote, place in found.items()
        if (at := draft.text.find(quote)) >= 0
    ]


def _unsettled(draft: Draft, problems: tuple[Problem, ...]) -> list[Traced]:
    """Statements that rest on nothing."""
    return [
        Traced(Span(at, at + len(one.quote)), None, "other")
        for one in problems
        if one.code == "untraced" and (at := draft.text.find(one.quote)) >= 0
    ]


@cache
def _graph() -> Graph:
    graph: StateGraph[State, Desk, State, State] = StateGraph(State, context_schema=Desk)
    graph.add_node("read", read)
    graph.add_node("write", write)
    graph.add_node("check", check_)
    graph.add_node("review", review)
    graph.add_node("settle", settle)
    graph.add_edge(START, "read")
    graph.add_conditional_edges("read", after_read, ["write", END])
    graph.add_edge("write", "check")
    graph.add_conditional_edges("check", after_check, ["review", "settle"])
    graph.add_edge("review", "settle")
    graph.add_conditional_edges("settle", after_settle, ["write", END])
    return graph.compile()


def drawing() -> str:
    """The graph as Mermaid text, from the compiled graph itself."""
    return _graph().get_graph().draw_mermaid()
