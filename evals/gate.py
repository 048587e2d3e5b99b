"""May it be let through? Counts first: a run that is not whole proves nothing, nor does a figure that is not a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any

import yaml

from evals.runs import Run, Trial
from evals.tiers import unmet


@dataclass(frozen=True, slots=True)
class Suite:
    """How one suite went. `passed` counts trials."""

    name: str
    scenarios: int
    trials: int
    passed: int
    violations: int
    errors: int

    @property
    def share(self) -> float:
        return self.passed / self.trials if self.trials else 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """`reasons` is empty when it is let through."""

    reasons: tuple[str, ...]
    suites: tuple[Suite, ...]

    @property
    def open(self) -> bool:
        return not self.reasons


def decide(run: Run, *, gates: Mapping[str, Any] | None = None, suites: Sequence[str] = ()) -> Decision:
    """Whether the run passes its tier's gate. `suites`: those that must be in it, even if nobody played them."""
    rules = (gates or _gates())[run.head.tier]
    reasons: list[str] = []
    if not run.trials:
        reasons.append("no trial was played")
    if len(run.trials) != run.due:
        reasons.append(f"{len(run.trials)} trials of {run.due}")
    found = tuple(_suite(name, trials) for name, trials in sorted(_by_suite(run.trials).items()))
    reasons += [f"suite {name} was not played" for name in suites if name not in {one.name for one in found}]
    for one in found:
        reasons += _against(one, rules.get(one.name, rules["default"]))
    return Decision((*reasons, *unmet(run)), found)


def _by_suite(trials: Sequence[Trial]) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = {}
    for one in trials:
        found.setdefault(one.suite, []).append(one)
    return found


def _suite(name: str, trials: Sequence[Trial]) -> Suite:
    return Suite(
        name=name,
        scenarios=len({one.scenario for one in trials}),
        trials=len(trials),
        passed=sum(one.verdict.passed for one in trials),
        violations=sum(bool(one.verdict.violations) for one in trials),
        errors=sum(bool(one.verdict.error) for one in trials),
    )


def _against(suite: Suite, rule: Mapping[str, float]) -> list[str]:
    told = []
    wanted = float(rule["passed"])
    if not isfinite(suite.share) or not isfinite(wanted) or not suite.share >= wanted:
        told.append(f"{suite.name}: {suite.passed} of {suite.trials} passed, wanted {wanted:.0%}")
    if suite.violations > rule["violations"]:
        told.append(f"{suite.name}: {suite.violations} trials with violations, at most {rule['violations']}")
    if suite.errors:
        told.append(f"{suite.name}: {suite.errors} trials broke")
    return told


@cache
def _gates() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(files("evals").joinpath("gates.yaml").read_text("utf-8"))
    return loaded
