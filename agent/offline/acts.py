"""What the offline model may do next: call one tool, or say a reply. A policy is a generator of calls that ends in a reply.

A policy is replayed from its start at every step of a turn: the calls it already made are answered from the turn's
tool messages, the first one not yet answered is what to do now. So a policy reads like a script and keeps no state.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from agent.offline.view import Dialogue, ToolResult


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    dialogue: Dialogue


Result = dict[str, Any]
Steps = Generator[Call, Result, Reply]
Act = Call | Reply


def replay(steps: Steps, results: tuple[ToolResult, ...]) -> Act:
    """The next act of `steps` given the tool `results` of this turn (in order; an unknown one is skipped)."""
    left = list(results)
    try:
        call = next(steps)
        while True:
            found = next((r for r in left if r.name == call.name and r.args == call.args), None)
            if found is None:
                return call
            left.remove(found)
            call = steps.send(found.payload)
    except StopIteration as end:
        reply = end.value
        assert isinstance(reply, Reply)
        return reply
