"""Which state of a report follows which, and by whose hand. Pure.

pending → processing → approved | failed; failed → review → approved | fallback | pending (again); approved and fallback →
sent | send_failed; send_failed → approved or fallback again (a new attempt). `processing` falls back to pending when its
worker died, or gave it back since a model was down. A source that was corrected before anything left begins anew; after that
the correction is a report of its own, which a worker writes and a person reads, as they read what is urgent. What was sent
stays sent, unless the wire says later that it did not arrive.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from clinic.reports.models import NotNow, State


class By(StrEnum):
    """Whose hand moves a report."""

    WORKER = "worker"  # the writer and reviewer loop
    PERSON = "person"
    CLOCK = "clock"  # time-outs and dead workers
    SENDER = "sender"
    SOURCE = "source"  # the report was corrected where it came from


_P, _R, _A, _F = State.PENDING, State.PROCESSING, State.APPROVED, State.FAILED
_V, _B, _S, _X = State.REVIEW, State.FALLBACK, State.SENT, State.SEND_FAILED

STEPS: MappingProxyType[tuple[State, State], frozenset[By]] = MappingProxyType({
    (_P, _R): frozenset({By.WORKER}),
    (_P, _F): frozenset({By.SOURCE}),  # it came as what no writer may read
    (_R, _P): frozenset({By.WORKER, By.CLOCK, By.SOURCE}),
    (_R, _A): frozenset({By.WORKER}),
    (_R, _F): frozenset({By.WORKER, By.CLOCK}),
    (_R, _V): frozenset({By.WORKER}),  # agreed to, and urgent or a correction of what was sent
    (_F, _V): frozenset({By.CLOCK, By.PERSON}),
    (_F, _P): frozenset({By.SOURCE, By.PERSON}),
    (_V, _A): frozenset({By.PERSON}),
    (_V, _B): frozenset({By.PERSON, By.CLOCK}),
    (_V, _P): frozenset({By.PERSON, By.SOURCE}),
    # The people it was approved for are not the ones who would receive it; or a person wrote other words.
    (_A, _V): frozenset({By.SENDER, By.PERSON}),
    (_B, _V): frozenset({By.SENDER, By.PERSON}),
    (_A, _P): frozenset({By.SOURCE}),
    (_B, _P): frozenset({By.SOURCE}),
    (_A, _S): frozenset({By.SENDER}),
    (_B, _S): frozenset({By.SENDER}),
    (_A, _X): frozenset({By.SENDER}),
    (_B, _X): frozenset({By.SENDER}),
    (_X, _S): frozenset({By.SENDER}),  # it left after all: the wire said so late
    (_S, _X): frozenset({By.SENDER}),  # the wire took it, and says later that it did not arrive
    (_X, _A): frozenset({By.PERSON}),
    (_X, _B): frozenset({By.PERSON}),
    (_X, _P): frozenset({By.SOURCE}),
})  # fmt: skip

SENDABLE = frozenset({State.APPROVED, State.FALLBACK})
OVER = frozenset({State.SENT})


def may(was: State, then: State, by: By) -> bool:
    """Whether this hand may take that step."""
    return by in STEPS.get((was, then), frozenset())


def step(was: State, then: State, by: By) -> State:
    """The state it comes to. Raises NotNow."""
    if not may(was, then, by):
        raise NotNow(f"{was} → {then} by {by}")
    return then
