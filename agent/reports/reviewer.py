"""Who reads the message before a family does: a model that may refuse what the rules let pass, and never the other way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.brain import Brain
from agent.reports.order import Order
from agent.reports.words import prompt, words
from agent.reports.writer import Nonsense, as_data, understood
from agent.thoughts import ModelUnavailable, ToolSpec
from clinic.reports.models import Problem, Span
from clinic.reports.reading import flat

_LEAST_QUOTE = 6  # characters of the report that a statement can rest on

Code = Literal[
    "invented", "omitted", "negation", "number", "medication", "time", "name", "alarm", "advice", "diagnosis", "promise",
    "jargon", "tone", "other",
]  # fmt: skip


class Flaw(BaseModel):
    """One thing wrong with the message."""

    model_config = ConfigDict(extra="forbid")
    code: Code
    quote: str
    why: str


class Rest(BaseModel):
    """Where the report says what the message says in other words."""

    model_config = ConfigDict(extra="forbid")
    statement: str
    source: str


class Review(BaseModel):
    """The form the reviewer fills."""

    model_config = ConfigDict(extra="forbid")
    rests: list[Rest]
    problems: list[Flaw]
    verdict: Literal["aprova", "recusa"]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the reviewer holds: `problems` that refuse, doubts it found in the source with their place, and what it took."""

    problems: tuple[Problem, ...]
    found: Mapping[str, Span]
    model: str
    tokens: int = 0
    cost_brl: Decimal = Decimal(0)


class Reviewer(Protocol):
    """Reads a draft that no rule refuses."""

    async def review(self, order: Order, draft: str, doubts: Sequence[Problem], *, seconds: float) -> Reviewed:
        """`doubts`: what no rule could trace. Raises Nonsense, ModelUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class ModelReviewer:
    """A model behind `agent/prompts/report_reviewer.md`, held to a JSON schema."""

    brain: Brain

    async def review(self, order: Order, draft: str, doubts: Sequence[Problem], *, seconds: float) -> Reviewed:
        """Asks once. A doubt is settled only by words that stand in the report, which is looked up here."""
        form = ToolSpec("review", words("prompts")["form"], Review)
        try:
            thought = await self.brain.think(asked(order, draft, doubts), (form,), seconds=seconds)
        except ModelUnavailable as failed:
            raise understood(failed) from None
        tokens = thought.tokens_in + thought.tokens_out
        try:
            filled = Review.model_validate(thought.message.tool_calls[0]["args"])
        except (IndexError, ValidationError):
            raise Nonsense(thought.model, tokens, thought.cost_brl) from None
        problems, found = weighed(order, filled, doubts)
        return Reviewed(problems, found, thought.model, tokens, thought.cost_brl)


def weighed(order: Order, filled: Review, doubts: Sequence[Problem]) -> tuple[tuple[Problem, ...], dict[str, Span]]:
    """What of a review counts: every refusal, and the settling of a doubt by a place of the report."""
    found: dict[str, Span] = {}
    for doubt in doubts:
        rests = (one for one in filled.rests if _same(one.statement, doubt.quote))
        place = next((span for one in rests if (span := _place(order.text, one.source)) is not None), None)
        if place is not None:
            found[doubt.quote] = place
    flaws = [Problem(one.code, one.quote[:300], True, "model", one.why[:300]) for one in filled.problems]
    if filled.verdict == "recusa" and not flaws:
        flaws.append(Problem("other", "", True, "model"))
    return (*flaws, *(one for one in doubts if one.quote not in found)), found


def asked(order: Order, draft: str, doubts: Sequence[Problem]) -> list[BaseMessage]:
    """What the reviewer is told."""
    whole = words("prompts")
    parts = [whole["source"].format(text=as_data(order.text)), whole["draft"].format(text=as_data(draft))]
    if doubts:
        parts.append(whole["doubts"].format(doubts="\n".join(f"- «{as_data(one.quote)}»" for one in doubts)))
    if order.repetition:
        parts.append(whole["repetition"].format(said=order.repetition))
    system = prompt("report_reviewer").format(person=as_data(order.person), caregiver=as_data(order.first_name))
    return [SystemMessage(system), HumanMessage("\n\n".join(parts))]


def _same(said: str, quote: str) -> bool:
    one, other = " ".join(flat(said).split()).strip(" «».\"'"), " ".join(flat(quote).split()).strip(" «».\"'")
    return bool(one) and bool(other) and (one in other or other in one) and len(one) * 2 >= len(other)


def _place(text: str, quote: str) -> Span | None:
    """Where the report has these very words, white space and capitals aside."""
    wanted = " ".join(flat(quote).split()).strip(" «»\"'")
    if len(wanted) < _LEAST_QUOTE:
        return None
    words_ = flat(text)
    places = [
        place for place, letter in enumerate(words_) if not letter.isspace() or (place and not words_[place - 1].isspace())
    ]
    packed = "".join(" " if words_[place].isspace() else words_[place] for place in places)
    at = packed.find(wanted)
    return Span(places[at], places[at + len(wanted) - 1] + 1) if at >= 0 else None
