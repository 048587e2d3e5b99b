"""Runs kept as rows: what the console reads, and what a run that was interrupted goes on from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from clinic.scenarios.models import Fresh, TrialWhole
from clinic.scenarios.schema import Scenario
from evals import runs
from evals.grading.rows import Met, compared
from evals.runs import Trial
from kit.text import storable

_STANDS = {"met": "expected", "missing": "missing", "unwanted": "unexpected"}


def fresh(trial: Trial, scenario: Scenario) -> Fresh:
    """The row of a trial of this scenario."""
    line: dict[str, Any] = json.loads(runs.line(trial))
    evidence = line.pop("evidence")
    turns = trial.evidence.turns
    return Fresh(
        scenario=scenario,
        noise=trial.noise,
        number=trial.number,
        failures=trial.verdict.failures,
        violations=trial.verdict.violations,
        error=trial.verdict.error,
        evidence=storable(evidence),
        told=storable({"rows": _rows(trial, scenario), "line": line}),
        judged=storable(line["judged"]),
        seconds=round(sum(turn.seconds for turn in turns), 3),
        cost_brl=sum(turn.cost_brl for turn in turns),
    )


def lines(rows: Sequence[TrialWhole]) -> list[str]:
    """Trials as a run's folder holds them."""
    return [json.dumps({**row.told["line"], "evidence": row.evidence}, ensure_ascii=False) for row in rows]


def _rows(trial: Trial, scenario: Scenario) -> list[dict[str, Any]]:
    found = [_row(one) for one in compared(scenario.expect, trial.evidence)]
    still = trial.evidence.changed.still
    return found + [{"noun": one, "how": "still", "stands": "unexpected", "was": None, "now": None} for one in still]


def _row(one: Met) -> dict[str, Any]:
    how = "added" if one.was is None else "removed" if one.now is None else "changed"
    was, now = (dict(row) if row is not None else None for row in (one.was, one.now))
    stands = "allowed" if one.optional else _STANDS[one.how]
    return {"noun": one.noun, "how": how, "stands": stands, "was": was, "now": now}
