"""Who thinks, how often and for how long: one model, one quick retry, the second model, then ModelUnavailable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from time import monotonic

from langchain_core.messages import BaseMessage

from agent.endpoint import Answer, Endpoint, with_note
from agent.pricing import cost_brl
from agent.thoughts import Attempt, Fault, ModelUnavailable, Outcome, Thought, ToolSpec
from kit.ids import new_token

log = logging.getLogger(__name__)

_MOST_REQUESTS = 3  # to one model in one thought
_LARGER = 4  # times the cap after a truncated answer: reasoning models spend the first one thinking
_LEAST_SECONDS = 0.2  # not worth a request
# While another model waits in line the first may use this much of the time left, so that the second has a real chance.
_SHARE = 0.6
_LONGEST_PAUSE = 3.0
_OUTAGES = frozenset({Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.SERVER_ERROR, Outcome.RATE_LIMITED})


def short_pause() -> float:
    """150 to 400 ms, so that turns that failed together do not return together."""
    return 0.15 + new_token().int % 250 / 1000


@dataclass(frozen=True, slots=True)
class Again:
    """The next request to the same model: after how long, with what cap, with which reminder."""

    pause: float
    cap: int
    note: Outcome | None


def next_request(fault: Fault, before: Sequence[Outcome], *, cap: int, last: bool, pause: float) -> Again | None:
    """Whether the same model is worth another request after `fault`; None moves on to the next model, or ends.

    Each kind of failure is forgiven once. A timeout is forgiven only when no other model is left (`last`), and a wait
    the endpoint asked for is honoured up to three seconds.
    """
    if fault.refused_parameter and len(before) < _MOST_REQUESTS:
        return Again(0.0, cap, None)
    if len(before) >= _MOST_REQUESTS or before.count(fault.outcome) > 1:
        return None
    match fault.outcome:
        case Outcome.TRUNCATED:
            return Again(0.0, cap * _LARGER, Outcome.TRUNCATED)
        case Outcome.EMPTY | Outcome.MALFORMED:
            return Again(0.0, cap, fault.outcome)
        case Outcome.TIMEOUT:
            return Again(0.0, cap, None) if last else None
        case Outcome.UNREACHABLE | Outcome.SERVER_ERROR | Outcome.RATE_LIMITED:
            wait = max(pause, fault.retry_after or 0.0)
            return Again(wait, cap, None) if wait <= _LONGEST_PAUSE else None
        case _:
            return None


@dataclass(slots=True)
class Brain:
    """Models in order of preference behind one verb. Shared by concurrent turns; keeps nothing of a turn.

    A model that was out (no answer, 5xx, 429) goes to the end of the line for `rest_seconds`, so that an outage costs its
    timeout once and not in every turn.
    """

    models: tuple[Endpoint, ...]
    deadline_seconds: float = 45.0
    rest_seconds: float = 30.0
    pause: Callable[[], float] = short_pause
    clock: Callable[[], float] = monotonic
    _resting: dict[Endpoint, float] = field(default_factory=dict)

    async def think(
        self, messages: Sequence[BaseMessage], tools: Sequence[ToolSpec], *, seconds: float | None = None
    ) -> Thought:
        """What to say or call next. `seconds` is what the turn has left, when that is less than `deadline_seconds`.

        Raises ModelUnavailable, which carries the attempts, when every model failed or the time passed.
        """
        began, trail = self.clock(), list[Attempt]()
        ends_at = began + min(self.deadline_seconds, self.deadline_seconds if seconds is None else seconds)
        line = sorted(self.models, key=lambda model: self._resting.get(model, 0.0) > began)
        for place, model in enumerate(line):
            last = place == len(line) - 1
            left = ends_at - self.clock()
            until = ends_at if last else self.clock() + left * _SHARE
            answer = await self._ask(model, messages, tools, until, last, trail)
            if answer is not None:
                return _thought(answer, model.config.model, trail, self._milliseconds(began))
        raise ModelUnavailable(tuple(trail))

    async def warm(self) -> None:
        """Load every model's machinery before the first patient waits for it."""
        for model in self.models:
            await model.warm()

    async def aclose(self) -> None:
        """Close every model's connections."""
        for model in self.models:
            await model.aclose()

    async def _ask(
        self,
        model: Endpoint,
        messages: Sequence[BaseMessage],
        tools: Sequence[ToolSpec],
        until: float,
        last: bool,
        trail: list[Attempt],
    ) -> Answer | None:
        cap, asked, before = model.config.max_tokens, messages, list[Outcome]()
        while (seconds := min(model.config.timeout_seconds, until - self.clock())) >= _LEAST_SECONDS:
            began = self.clock()
            try:
                async with asyncio.timeout(seconds):
                    answer = await model.ask(asked, tools, cap=cap, seconds=seconds)
            except TimeoutError:
                fault = Fault(Outcome.TIMEOUT, "whole answer")
            except Fault as raised:
                fault = raised
            else:
                outcome = Outcome.REPAIRED if answer.sound.repaired else Outcome.OK
                self._note(trail, model, Fault(outcome, usage=answer.usage), began)
                self._resting.pop(model, None)
                return answer
            self._note(trail, model, fault, began)
            before.append(fault.outcome)
            again = next_request(fault, before, cap=cap, last=last, pause=self.pause())
            if again is None:
                break
            cap, asked = again.cap, with_note(messages, again.note) if again.note else messages
            await asyncio.sleep(max(0.0, min(again.pause, until - self.clock())))
        if before and before[-1] in _OUTAGES:
            self._resting[model] = self.clock() + self.rest_seconds
        return None

    def _note(self, trail: list[Attempt], model: Endpoint, ending: Fault, began: float) -> None:
        cost, priced = cost_brl(ending.usage, model.config.price)
        name, spent = model.config.model, self._milliseconds(began)
        trail.append(Attempt(name, ending.outcome, spent, ending.usage, cost, priced, ending.detail))
        if ending.outcome not in (Outcome.OK, Outcome.REPAIRED):
            log.warning("model=%s outcome=%s detail=%s latency_ms=%d", name, ending.outcome, ending.detail, spent)

    def _milliseconds(self, since: float) -> int:
        return round((self.clock() - since) * 1000)


def _thought(answer: Answer, model: str, trail: list[Attempt], latency_ms: int) -> Thought:
    return Thought(
        message=answer.sound.message,
        model=model,
        tokens_in=sum(each.usage.tokens_in for each in trail),
        tokens_out=sum(each.usage.tokens_out for each in trail),
        cost_brl=sum((each.cost_brl for each in trail), start=Decimal(0)),
        latency_ms=latency_ms,
        attempts=tuple(trail),
        repaired=answer.sound.repaired,
        tokens_estimated=any(each.usage.estimated for each in trail),
        priced=all(each.priced for each in trail),
    )
