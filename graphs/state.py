"""What flows through a conversation's graph, and what a turn is given from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, TypedDict

from langchain_core.messages import BaseMessage
from langgraph.channels import UntrackedValue

from agent.brain import Brain
from clinic.conversations.models import Desk, Outcome, Receipt
from tools.context import ToolContext


class State(TypedDict, total=False):
    """`dialogue` (JSON text) and `person` outlive the turn in the checkpoint; everything else is this turn's alone.

    They are plain strings so that the checkpoint is one small row: no blob, and never the history.
    """

    dialogue: str
    person: str
    messages: Annotated[list[BaseMessage], UntrackedValue]
    reply: Annotated[str, UntrackedValue]
    rewritten: Annotated[bool, UntrackedValue]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may spend before it must answer."""

    tool_calls: int = 6
    writes: int = 3
    thoughts: int = 8
    tokens: int = 60_000
    recursion: int = 40


@dataclass(slots=True, kw_only=True)
class Turn:
    """One turn's surroundings: given by the desk, written to by the nodes, read by the desk again. Never checkpointed."""

    ctx: ToolContext
    desk: Desk
    brain: Brain
    limits: Limits
    offline: bool
    receipts: tuple[Receipt, ...] = ()
    briefing: Mapping[str, Any] = field(default_factory=dict)
    results: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)  # (tool, answer) of this turn, in order
    trace: list[dict[str, Any]] = field(default_factory=list)
    outcome: Outcome = Outcome.SPOKE
    must_say: bool = False
    automatic: bool = False  # the reply is a fixed text
    thoughts: int = 0
    model: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost_brl: Decimal = Decimal(0)

    def note(self, step: str, **facts: Any) -> None:
        """Adds one line to the story of this turn, as staff will read it."""
        self.trace.append({"step": step, **facts})
