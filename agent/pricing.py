"""What a thought cost, in reais, and how many tokens it had when the endpoint does not say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from agent.thoughts import Usage

_MILLION = Decimal(1_000_000)
_CENT_OF_CENT = Decimal("0.000001")
# Portuguese in today's vocabularies (o200k, Qwen, Gemma) runs at 3.3 to 4 characters a token; the low end never flatters.
_CHARACTERS_A_TOKEN = 3.3
_FRAME_TOKENS = 4  # role and separators around each message


@dataclass(frozen=True, slots=True)
class Price:
    """Price per million tokens in some currency, and how many reais one unit of that currency is worth."""

    tokens_in: Decimal
    tokens_out: Decimal
    brl_per_unit: Decimal = Decimal(1)


def cost_brl(usage: Usage, price: Price | None) -> tuple[Decimal, bool]:
    """The cost of `usage` in reais to six decimals, and whether it is known: without a price it is (0, False)."""
    if price is None:
        return Decimal(0), usage.tokens_in + usage.tokens_out == 0
    units = (usage.tokens_in * price.tokens_in + usage.tokens_out * price.tokens_out) / _MILLION
    return (units * price.brl_per_unit).quantize(_CENT_OF_CENT), True


def usage_of(answer: AIMessage, asked: Sequence[BaseMessage], *, extra: str = "") -> Usage:
    """Tokens the endpoint reported, or an estimate from characters; `extra` is what rode along (tool schemas)."""
    told = answer.usage_metadata
    if told and told["input_tokens"] > 0:
        return Usage(told["input_tokens"], told["output_tokens"])
    spoken = answer.text + "".join(str(call["args"]) for call in answer.tool_calls)
    into = sum(_tokens(_weight(message)) + _FRAME_TOKENS for message in asked) + _tokens(extra)
    return Usage(into, _tokens(spoken), estimated=True)


def _weight(message: BaseMessage) -> str:
    calls: list[Any] = getattr(message, "tool_calls", [])
    return message.text + "".join(f"{call['name']}{call['args']}" for call in calls)


def _tokens(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_A_TOKEN)
