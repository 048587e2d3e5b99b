"""What a model is asked with and what comes back: a tool as a model sees it, a thought, and the attempts it took. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from langchain_core.messages import AIMessage
from pydantic import BaseModel

from kit.errors import Unavailable


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One thing the model may ask for: its name, the pt-BR words the model reads, and what it must say."""

    name: str
    description: str
    arguments: type[BaseModel]


class Outcome(StrEnum):
    """How one request to one model ended."""

    OK = "ok"
    REPAIRED = "repaired"  # usable after we mended its form, never its meaning
    TRUNCATED = "truncated"
    EMPTY = "empty"
    MALFORMED = "malformed"
    FILTERED = "filtered"  # the provider's filter or the model itself declined
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    REJECTED = "rejected"  # any other 4xx: wrong key, wrong model name, context too long


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request. `estimated` when the endpoint did not say and we counted characters."""

    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: which model, how it ended, how long it took (ms). `detail` is a status or an exception's class name,
    never text of the conversation or of the answer."""

    model: str
    outcome: Outcome
    latency_ms: int
    usage: Usage = Usage()
    cost_brl: Decimal = Decimal(0)
    priced: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Thought:
    """What the model wants next: a reply, or calls to tools. Tokens and cost sum every attempt, failed ones included.

    `message` carries text or tool calls, all of them parsed; names and arguments are not yet checked against the tools.
    `priced` is False when a model that answered has no price in the settings, so that its cost counted as zero.
    """

    message: AIMessage
    model: str
    tokens_in: int
    tokens_out: int
    cost_brl: Decimal
    latency_ms: int
    attempts: tuple[Attempt, ...]
    repaired: bool = False
    tokens_estimated: bool = False
    priced: bool = True


class ModelUnavailable(Unavailable):
    """No model gave a usable answer within the turn's time."""

    code = "model_unavailable"

    def __init__(self, attempts: tuple[Attempt, ...]) -> None:
        endings = ", ".join(f"{each.model}: {each.outcome}" for each in attempts)
        super().__init__(f"no usable answer from any model ({endings or 'no time left'})")
        self.attempts = attempts


class Fault(Exception):
    """Why one request gave nothing usable. Internal to `agent`: a Brain turns it into a retry, the next model or the end.

    `retry_after` is the wait the endpoint asked for, in seconds; `refused_parameter` the request field it does not take.
    """

    def __init__(
        self,
        outcome: Outcome,
        detail: str = "",
        *,
        usage: Usage = Usage(),
        retry_after: float | None = None,
        refused_parameter: str | None = None,
    ) -> None:
        super().__init__(f"{outcome} {detail}".strip())
        self.outcome = outcome
        self.detail = detail
        self.usage = usage
        self.retry_after = retry_after
        self.refused_parameter = refused_parameter
