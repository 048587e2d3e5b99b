"""What a mind tried and what the house made of it, counted from the traces of a run. Pure.

A mind that says nothing cannot do wrong: without these counts "no violation" would prove nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evals.runs import Trial


@dataclass(frozen=True, slots=True)
class Tally:
    """Turns: how many, in how many the mind was asked. Its requests, and how those ended that gave no answer. Its calls, and
    those refused by their code. Its replies, those refused by kind of problem (each once), and those that left."""

    turns: int = 0
    asked: int = 0
    requests: int = 0
    unanswered: Mapping[str, int] = field(default_factory=dict)
    calls: int = 0
    refused_calls: Mapping[str, int] = field(default_factory=dict)
    replies: int = 0
    refused_replies: Mapping[str, int] = field(default_factory=dict)
    left: int = 0
    gave_up: int = 0  # turns in which the house spoke instead of it, with a case for a person


_ANSWERED = frozenset({"ok", "repaired"})


def tally(trials: Iterable[Trial]) -> Tally:
    """The counts over these trials."""
    steps = [[dict(step) for step in turn.trace] for trial in trials for turn in trial.evidence.turns]
    every = [step for turn in steps for step in turn]
    ends = Counter(str(one["outcome"]) for step in every for one in step.get("attempts") or ())
    tools = [step for step in every if step["step"] == "tool"]
    checks = [step for step in every if step["step"] == "check"]
    problems = Counter(str(kind) for step in checks for kind in {one["kind"] for one in step.get("problems") or ()})
    return Tally(
        turns=len(steps),
        asked=sum(any(step["step"] == "think" for step in turn) for turn in steps),
        requests=ends.total() or sum(step["step"] == "think" for step in every),
        unanswered={name: count for name, count in ends.most_common() if name not in _ANSWERED},
        calls=len(tools),
        refused_calls=dict(
            Counter(str(error) for step in tools if (error := (step.get("result") or {}).get("error"))).most_common()
        ),
        replies=len(checks),
        refused_replies=dict(problems.most_common()),
        left=sum(bool(step["ok"]) for step in checks),
        gave_up=sum(any(step["step"] == "hold" for step in turn) for turn in steps),
    )
