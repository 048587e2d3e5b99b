"""Who writes the message: a model, told what a report says, what stands out, and why its last try was refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agent.brain import Brain
from agent.reports.order import Order
from agent.reports.words import prompt, words
from agent.thoughts import ModelUnavailable, Outcome
from clinic.reports.models import Fact, Problem
from clinic.reports.patterns import name_of, points
from kit import ptbr
from kit.text import strip_hidden

# What stands between tags is data; nobody in it can end the tag it stands in, nor open another.
_TAG = re.compile(r"<(?=\s*/?\s*(?:relatorio|mensagem|fatos|pontos|problemas|duvidas|system|assistant|user|\|))", re.IGNORECASE)
_NONSENSE = frozenset({Outcome.EMPTY, Outcome.MALFORMED, Outcome.TRUNCATED, Outcome.FILTERED})


@dataclass(frozen=True, slots=True)
class Written:
    """A text and what it took."""

    text: str
    model: str
    tokens: int = 0
    cost_brl: Decimal = Decimal(0)


class Nonsense(Exception):
    """The model answered, and nothing of it can be used: a round, not an outage."""

    def __init__(self, model: str, tokens: int, cost_brl: Decimal) -> None:
        super().__init__(model)
        self.model, self.tokens, self.cost_brl = model, tokens, cost_brl


class Writer(Protocol):
    """`varies`: whether another try may come out otherwise."""

    @property
    def varies(self) -> bool: ...

    async def write(
        self, order: Order, facts: Sequence[Fact], before: str, problems: Sequence[Problem], *, seconds: float
    ) -> Written:
        """A message. `before` and `problems`: the last try and why it was refused. Raises Nonsense, ModelUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class ModelWriter:
    """A model behind `agent/prompts/report_writer.md`."""

    brain: Brain
    varies: bool = True

    async def write(
        self, order: Order, facts: Sequence[Fact], before: str, problems: Sequence[Problem], *, seconds: float
    ) -> Written:
        """Asks once; the brain forgives a slip by itself."""
        try:
            thought = await self.brain.think(asked(order, facts, before, problems), (), seconds=seconds)
        except ModelUnavailable as failed:
            raise understood(failed) from None
        return Written(
            strip_hidden(thought.message.text).strip(), thought.model, thought.tokens_in + thought.tokens_out, thought.cost_brl
        )


def understood(failed: ModelUnavailable) -> Exception:
    """What to raise for a model that gave nothing: Nonsense when one did answer, else the outage itself."""
    if not any(one.outcome in _NONSENSE for one in failed.attempts):
        return failed
    tokens = sum(one.usage.tokens_in + one.usage.tokens_out for one in failed.attempts)
    cost = sum((one.cost_brl for one in failed.attempts), start=Decimal(0))
    return Nonsense(failed.attempts[-1].model, tokens, cost)


def asked(order: Order, facts: Sequence[Fact], before: str, problems: Sequence[Problem]) -> list[BaseMessage]:
    """What the model is told."""
    whole = words("prompts")
    system = prompt("report_writer").format(
        signs=order.signs,
        clinic=order.clinic,
        person=as_data(order.person),
        caregiver=as_data(order.first_name) or whole["nobody"],
        shift=words("offline")["shifts"][order.shift.value],
        day=ptbr.day(order.day, today=order.day),
        tone=as_data(order.tone) or whole["no_tone"],
        most=words("checks")["most"],
        attention=whole["attention" if points(order.patterns) else "no_attention"],
    )
    parts = [whole["source"].format(text=as_data(order.text)), whole["facts"].format(facts=_facts(facts))]
    if points(order.patterns):
        parts.append(whole["points"].format(points=_points(order)))
    if order.repetition:
        parts.append(whole["repetition"].format(said=order.repetition))
    if order.asked:
        parts.append(whole["asked"].format(said=as_data(order.asked)))
    if before and problems:
        parts.append(whole["again"].format(before=as_data(before), problems=told(problems)))
    return [SystemMessage(system), HumanMessage("\n\n".join(parts))]


def as_data(text: str) -> str:
    """Somebody else's words as a model may read them: nothing hidden, no tag of ours."""
    return _TAG.sub("‹", strip_hidden(text)).strip()


def told(problems: Iterable[Problem]) -> str:
    """Problems in Portuguese, a line each."""
    reasons: dict[str, str] = words("prompts")["problems"]
    lines = []
    for one in problems:
        why = one.why or reasons.get(one.code, reasons["other"])
        lines.append(f"- {why}" + (f": «{as_data(one.quote)[:160]}»" if one.quote else ""))
    return "\n".join(dict.fromkeys(lines))


def _facts(facts: Sequence[Fact]) -> str:
    whole = words("prompts")
    lines = [f"- {as_data(one.text)}" + (f" {whole['critical']}" if one.critical else "") for one in facts]
    return "\n".join(dict.fromkeys(lines)) or "-"


def _points(order: Order) -> str:
    lines = [f"- {name_of(one.key)}: «{as_data(order.text[one.span.start : one.span.end])}»" for one in points(order.patterns)]
    return "\n".join(dict.fromkeys(lines))
