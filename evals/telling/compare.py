"""Two runs on disk side by side; the figures are those of `clinic.scenarios.comparing`."""

from __future__ import annotations

from clinic.scenarios import comparing
from clinic.scenarios.comparing import Comparison, Moved, Played
from evals.runs import Run

__all__ = ["Comparison", "Moved", "compare"]


def compare(before: Run, after: Run) -> Comparison:
    """What `after` is against `before`. Scenarios whose text changed between them are named and left out."""
    return comparing.compare(_played(before), _played(after))


def _played(run: Run) -> Played:
    violating = frozenset(one.scenario for one in run.trials if one.verdict.violations)
    return Played(run.head.scenarios, run.by_scenario(), violating)
