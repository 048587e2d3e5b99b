"""Everything the model may do, and the one way to do it: checked, counted, translated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from clinic.conversations.models import Fenced
from clinic.scheduling.errors import NotBookable
from kit import fast_yaml
from kit.errors import CarolError, Unavailable
from tools import arguments as a
from tools import facts, handoff, knowledge, patients, proposals, slots, visits
from tools.context import Result, Tool, ToolContext, error

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool("list_services", "read", a.ListServices, facts.list_services),
        Tool("clinic_facts", "read", a.ClinicFacts, facts.clinic_facts),
        Tool("find_slots", "read", a.FindSlots, slots.find_slots),
        Tool("propose_visit", "write", a.ProposeVisit, proposals.propose_visit),
        Tool("book_visit", "write", a.BookVisit, visits.book_visit),
        Tool("my_visits", "read", a.MyVisits, visits.my_visits),
        Tool("propose_move", "write", a.ProposeMove, proposals.propose_move),
        Tool("move_visit", "write", a.MoveVisit, visits.move_visit),
        Tool("propose_cancel", "write", a.ProposeCancel, proposals.propose_cancel),
        Tool("cancel_visit", "write", a.CancelVisit, visits.cancel_visit),
        Tool("for_whom", "write", a.ForWhom, patients.for_whom),
        Tool("search_knowledge", "read", a.SearchKnowledge, knowledge.search_knowledge),
        Tool("escalate", "write", a.Escalate, handoff.escalate),
    )
}
COMMITS = frozenset({"book_visit", "move_visit", "cancel_visit"})  # what changes the agenda for good: one a turn


@cache
def descriptions() -> dict[str, str]:
    """What the model reads about each tool."""
    loaded: dict[str, str] = fast_yaml.load(files("tools").joinpath("descriptions.yaml").read_text("utf-8"))
    return loaded


async def run(ctx: ToolContext, name: str, given: Mapping[str, Any], *, max_calls: int, max_writes: int) -> Result:
    """Runs one tool for the model. Whatever is wrong comes back as an answer it can act on; nothing else leaks.

    Raises Fenced when this turn is over, and whatever is not ours to explain (a lost database).
    """
    tool = TOOLS.get(name)
    if tool is None:
        return error("unknown_tool")
    ctx.taken["calls"] = ctx.taken.get("calls", 0) + 1
    if ctx.taken["calls"] > max_calls or not _may_write(ctx, tool, max_writes):
        return error("too_many_calls")
    try:
        args = tool.arguments.model_validate(dict(given))
    except ValidationError as wrong:
        where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in wrong.errors()[:3])
        return error("bad_arguments", detail=where)
    try:
        return await tool.run(ctx, args)
    except (Fenced, Unavailable):
        raise
    except NotBookable as refused:
        return error("not_bookable", reason=refused.reason.value)
    except CarolError as refused:
        return error(refused.code)


def _may_write(ctx: ToolContext, tool: Tool, max_writes: int) -> bool:
    """Writes are few a turn, and only one of them may change the agenda for good."""
    if tool.effect == "write":
        ctx.taken["writes"] = ctx.taken.get("writes", 0) + 1
    if tool.name in COMMITS:
        ctx.taken["commits"] = ctx.taken.get("commits", 0) + 1
    return ctx.taken.get("writes", 0) <= max_writes and ctx.taken.get("commits", 0) <= 1
