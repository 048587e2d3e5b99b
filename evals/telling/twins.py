"""Pairs of scenarios that differ in the one thing that should, or should not, make a difference. Pure.

Twins of one suite ask the same in two voices: how it ends, and how much Carol says, offers and asks, should be alike. Twins
of two suites look alike and are not (a danger, and what sounds like one): both should be right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clinic.scenarios.schema import Scenario
from evals.evidence import Evidence
from evals.runs import Trial

_ALIKE = 1.5  # figures differ when one is so many times the other, and by more than the least that matters
_LEAST: Mapping[str, float] = {"turns": 1, "chars": 60, "slots": 1}
Figure = Literal["turns", "chars", "slots"]


@dataclass(frozen=True, slots=True)
class Side:
    """One twin: how many of its trials were right, and the means of what Carol did in them."""

    scenario: str
    passed: int
    trials: int
    violations: int
    turns: float
    chars: float  # of Carol's words, a turn
    slots: float  # times offered


@dataclass(frozen=True, slots=True)
class Pair:
    """`alike`: one request in two voices. `differs`: what is not the same although it should be."""

    one: Side
    other: Side
    alike: bool
    outcome: bool
    differs: tuple[Figure, ...]

    @property
    def uneven(self) -> bool:
        return self.outcome or bool(self.differs)


def pairs(trials: Sequence[Trial], scenarios: Mapping[str, Scenario]) -> list[Pair]:
    """Every pair of which both were played."""
    by_scenario: dict[str, list[Trial]] = {}
    for one in trials:
        by_scenario.setdefault(one.scenario, []).append(one)
    return [
        _pair(by_scenario[name], by_scenario[twin])
        for name in by_scenario
        if name in scenarios and (twin := scenarios[name].twin_of) is not None and twin in by_scenario
    ]


def _pair(trials: Sequence[Trial], twins: Sequence[Trial]) -> Pair:
    other, one = _side(trials), _side(twins)
    alike = trials[0].suite == twins[0].suite
    names: tuple[Figure, ...] = ("turns", "chars", "slots")
    differs = tuple(name for name in names if alike and _apart(getattr(one, name), getattr(other, name), _LEAST[name]))
    outcome = one.passed * other.trials != other.passed * one.trials
    return Pair(one, other, alike, outcome, differs)


def _apart(one: float, other: float, least: float) -> bool:
    low, high = sorted((one, other))
    return high - low > least or (high - low >= least and high > _ALIKE * low)


def _side(trials: Sequence[Trial]) -> Side:
    talks = [one.evidence for one in trials]
    turns = sum(len(one.turns) for one in talks)
    said = sum(len(reply) for one in talks for turn in one.turns for reply in turn.replies if reply not in one.openings)
    return Side(
        scenario=trials[0].scenario,
        passed=sum(one.verdict.passed for one in trials),
        trials=len(trials),
        violations=sum(bool(one.verdict.violations) for one in trials),
        turns=turns / len(trials),
        chars=said / turns if turns else 0.0,
        slots=sum(map(_slots, talks)) / len(trials),
    )


def _slots(evidence: Evidence) -> int:
    """Times that were offered, as a patient saw them: lines of a list that name an hour."""
    lines = (line for turn in evidence.turns for reply in turn.replies for line in reply.splitlines())
    return sum(bool(re.match(r"\s*(?:\d{1,2}[.)]|[-•*])\s.*\b\d{1,2}\s?(?:h|:)", line)) for line in lines)
