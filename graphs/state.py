"""What flows through a conversation's graph, and what a turn is given from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from time import perf_counter
from typing import Annotated, Any, TypedDict, Unpack

from langchain_core.messages import BaseMessage
from langgraph.channels import UntrackedValue

from agent.brain import Brain
from agent.guardrails.dangers import SecondReader
from agent.guardrails.leaving import Leaving
from clinic.conversations.dangers.fresh import Danger
from clinic.conversations.lanes.spending import Spent
from clinic.conversations.models import Desk, OpenCase, Outcome, Receipt, Story
from graphs.story import Facts, Step
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
    second: SecondReader | None = None
    offline: bool
    receipts: tuple[Receipt, ...] = ()
    briefing: Mapping[str, Any] = field(default_factory=dict)
    results: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)  # (tool, answer) of this turn, in order
    began: float = field(default_factory=perf_counter)
    trace: list[Step] = field(default_factory=list)
    watched: bool = False  # somebody looks on: what the model is given is kept, and every step rings
    on_step: Callable[[], None] | None = None
    outcome: Outcome = Outcome.SPOKE
    must_say: bool = False
    danger: Danger | None = None  # spoken of a short while ago, and still on
    before: str = ""  # what code says first, whatever follows: the number to call, while there is danger
    leaving: Leaving | None = None  # what is noted of automatic messages when this turn is adopted
    automatic: bool = False  # the reply is a fixed text
    beside: str = ""  # what code says under the reply: of a voice note or a file that came with the words
    case: int | None = None  # the case this turn opened or found open
    owed: list[OpenCase] = field(default_factory=list)  # and all of them, as rows
    spent: Spent = field(default_factory=Spent)  # of this contact and clinic, before this turn
    thoughts: int = 0
    model: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost_brl: Decimal = Decimal(0)

    def note(self, step: str, node: str, began: float, **facts: Unpack[Facts]) -> None:
        """Adds one step to the story of this turn; it began at `began` (perf_counter) in `node`, and ends now."""
        at, took = round((began - self.began) * 1000, 1), round((perf_counter() - began) * 1000, 1)
        self.trace.append({"step": step, "node": node, "at_ms": at, "ms": took, **facts})
        if self.on_step is not None:
            self.on_step()

    def spend(self, tokens_in: int, tokens_out: int, cost_brl: Decimal) -> None:
        """Adds to what this turn spent."""
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        self.cost_brl += cost_brl

    @property
    def story(self) -> Story:
        """What was noted and spent so far."""
        return Story(tuple(self.trace), self.model, self.tokens_in, self.tokens_out, self.cost_brl)
