"""What a run comes to, for its report and for machines. Pure; what was not measured is None, never zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from clinic.scenarios.schema import Scenario
from evals.grading import retrieval
from evals.patients.simulated import rate
from evals.runs import Run, Trial
from evals.telling import stats, twins

_K_MOST = 8


def figures(run: Run) -> dict[str, Any]:
    """The whole run. pass^k is None where a scenario has fewer than k trials."""
    by_scenario, trials = run.by_scenario(), run.trials
    violating = sum(bool(one.verdict.violations) for one in trials)
    turns = [turn for one in trials for turn in one.evidence.turns]
    cost = sum(turn.cost_brl for turn in turns)
    return {
        "due": run.due,
        "trials": len(trials),
        "scenarios": len(by_scenario),
        "passed": sum(one.verdict.passed for one in trials),
        "violations": violating,
        "violations_below": stats.upper_bound(len(by_scenario)) if not violating else None,
        "errors": sum(bool(one.verdict.error) for one in trials),
        "again": sum(bool(one.again) for one in trials),
        "share": asdict(stats.clustered(by_scenario)) if by_scenario else None,
        "pass_hat": {k: stats.pass_hats(by_scenario, k) for k in (1, 2, 3, 4)},
        "pass_hat_intervals": _pass_hats(by_scenario),
        "cost_brl": cost,
        "cost_brl_each": cost / len(trials) if trials else None,
        "tokens": sum(turn.tokens for turn in turns),
        **_latency(trials),
        "retrieval": _retrieval(trials),
        "simulated": _simulated(trials),
    }


def suite_figures(trials: Sequence[Trial]) -> dict[str, Any]:
    """One suite's: its share with an interval, its times, and what came of its documents."""
    by_scenario: dict[str, list[bool]] = {}
    for one in trials:
        by_scenario.setdefault(one.scenario, []).append(one.verdict.passed)
    return {"interval": asdict(stats.clustered(by_scenario)), **_latency(trials), "retrieval": _retrieval(trials)}


def twin_figures(run: Run, scenarios: Mapping[str, Scenario]) -> dict[str, Any]:
    """Pairs, and how many of them are not as they should be."""
    found = twins.pairs(run.trials, scenarios)
    alike = [one for one in found if one.alike]
    return {
        "alike": len(alike),
        "alike_outcome": sum(one.outcome for one in alike),
        "alike_differs": {name: sum(name in one.differs for one in alike) for name in ("turns", "chars", "slots")},
        "opposite": len(found) - len(alike),
        "opposite_outcome": sum(one.outcome for one in found if not one.alike),
        "pairs": [asdict(one) for one in found],
    }


def _pass_hats(by_scenario: Mapping[str, Sequence[bool]]) -> dict[int, dict[str, float]]:
    most = min((len(one) for one in by_scenario.values()), default=0)
    found = {k: stats.pass_hat_interval(by_scenario, k) for k in range(1, min(most, _K_MOST) + 1)}
    return {k: asdict(one) for k, one in found.items() if one is not None}


def _latency(trials: Sequence[Trial]) -> dict[str, float | None]:
    seconds = [turn.seconds for one in trials for turn in one.evidence.turns]
    return {name: stats.percentile(seconds, part) if seconds else None for name, part in (("p50", 0.5), ("p95", 0.95))}


def _retrieval(trials: Sequence[Trial]) -> dict[str, Any] | None:
    found = retrieval.figures([one.retrieved for one in trials if one.retrieved is not None])
    return asdict(found) if found else None


def _simulated(trials: Sequence[Trial]) -> dict[str, int] | None:
    found = rate(one.simulated for one in trials)
    return {"mistaken": found.mistaken, "played": found.played} if found.played else None
