"""May it be let through? Counts first: a run that is not whole proves nothing, nor does a figure that is not a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any

from evals.grading.naming import say, share, suite_name
from evals.grading.retrieval import figures
from evals.runs import Run, Trial
from evals.tiers import unmet
from kit import fast_yaml


@dataclass(frozen=True, slots=True)
class Suite:
    """How one suite went. `passed` counts trials. `recall`: of the right passages, how many came; None where none is asked."""

    name: str
    scenarios: int
    trials: int
    passed: int
    violations: int
    errors: int
    recall: float | None = None

    @property
    def share(self) -> float:
        return self.passed / self.trials if self.trials else 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """`reasons` is empty when it is let through; else sentences for whoever asked."""

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
        reasons.append(say("gate_none"))
    if len(run.trials) != run.due:
        key = "gate_count" if len(run.trials) < run.due else "gate_count_more"
        reasons.append(say(key, played=len(run.trials), due=run.due))
    found = tuple(_suite(name, trials) for name, trials in sorted(_by_suite(run.trials).items()))
    reasons += [say("gate_not_played", suite=suite_name(name)) for name in suites if name not in {one.name for one in found}]
    for one in found:
        reasons += _against(one, {**rules["default"], **rules.get(one.name, {})})
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
        recall=_recall(trials),
    )


def _recall(trials: Sequence[Trial]) -> float | None:
    found = figures([one.retrieved for one in trials if one.retrieved is not None])
    return found.ranked.recall if found and found.ranked else None


def _against(suite: Suite, rule: Mapping[str, float]) -> list[str]:
    told, name = [], suite_name(suite.name)
    wanted = float(rule["passed"])
    if not isfinite(suite.share) or not isfinite(wanted) or not suite.share >= wanted:
        told.append(say("gate_passed", suite=name, passed=suite.passed, trials=suite.trials, wanted=share(wanted)))
    if not suite.violations <= rule["violations"]:
        told.append(say("gate_violations", suite=name, found=suite.violations, most=rule["violations"]))
    if suite.errors:
        told.append(say("gate_errors", suite=name, found=suite.errors))
    least = rule.get("recall")
    if least is not None and suite.recall is None:
        told.append(say("gate_recall_none", suite=name, wanted=share(least)))
    elif least is not None and suite.recall is not None and not suite.recall >= least:
        told.append(say("gate_recall", suite=name, found=share(suite.recall), wanted=share(least)))
    return told


@cache
def _gates() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = fast_yaml.load(files("evals").joinpath("gates.yaml").read_text("utf-8"))
    return loaded
