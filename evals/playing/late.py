"""A turn that nobody answered in time, because the machine was busy or no model was reached. What it leaves behind is the
house's care for a patient who waits (a case, a holding text), and nothing that Carol did wrong: the trial broke. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.thoughts import Outcome
from evals.grading.naming import say
from kit.errors import Unavailable

_AWAY = frozenset({Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.RATE_LIMITED, Outcome.SERVER_ERROR})


class Late(Unavailable):
    """No answer in time: what was said until then is no proof of anything."""

    code = "late"


def lateness(turn: int, trace: Sequence[Mapping[str, Any]], *, done: bool, seconds: float) -> Late | None:
    """Why the answer to this turn (from 1) is none, if so. `done`: it was over within `seconds`."""
    if not done:
        return Late(say("late_turn", turn=turn, seconds=round(seconds)))
    return Late(say("late_mind", turn=turn)) if any(_unreached(step) for step in trace) else None


def _unreached(step: Mapping[str, Any]) -> bool:
    """Whether the mind was asked here and none answered in time; what a model answered wrongly is its own."""
    if step["step"] != "think" or step.get("model"):
        return False
    attempts = step.get("attempts") or ()
    return not attempts or attempts[-1]["outcome"] in _AWAY
