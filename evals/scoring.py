"""The whole verdict on a trial, from what it left: at once when it was played, or anew over a stored run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from clinic.scenarios.schema import Scenario
from evals import runs
from evals.documents import documents_of
from evals.evidence import Evidence
from evals.grading.grade import VERSION, Verdict, grade
from evals.grading.retrieval import Retrieved, retrieved
from evals.judging.calibration import counted
from evals.runs import Run
from kit.errors import Invalid


class PlayedOtherwise(Invalid):
    """The stored talks are not of these scenarios: they must be played again."""

    code = "played_otherwise"


def scored(scenario: Scenario, evidence: Evidence, judged: Mapping[str, Any]) -> tuple[Verdict, Retrieved | None]:
    """The verdict, with what judges said as far as they count, and what came of the documents."""
    verdict = counted(grade(scenario, evidence), scenario, judged)
    documents = documents_of(scenario) if scenario.knowledge and scenario.knowledge.refs else {}
    return verdict, retrieved(scenario, evidence, documents)


def judging(at: datetime, commit: str) -> dict[str, str]:
    """What a run's head says of one judging of its trials."""
    return {"version": VERSION, "at": at.isoformat(timespec="seconds"), "commit": commit}


def rescored(run: Run, scenarios: Iterable[Scenario], *, at: datetime, commit: str = "") -> Run:
    """The stored run judged by today's grading and expectations, without playing anything. Raises PlayedOtherwise, and then
    nothing is changed, where a scenario is gone or another conversation was played."""
    known = {one.id: one for one in scenarios}
    asked = {one.scenario for one in run.trials}
    if other := sorted(name for name in asked if name not in known or not _same(run, known[name])):
        raise PlayedOtherwise(", ".join(other))
    trials = []
    for one in run.trials:
        verdict, found = scored(known[one.scenario], one.evidence, one.judged)
        trials.append(replace(one, verdict=verdict, retrieved=found))
    head = replace(
        run.head,
        scenarios={**run.head.scenarios, **{name: known[name].digest for name in asked}},
        played={**run.head.played, **{name: known[name].played for name in asked}},
        graded=(*run.head.graded, judging(at, commit)),
    )
    return runs.judged_anew(run, head, trials)


def _same(run: Run, scenario: Scenario) -> bool:
    """A run that does not tell what was played is taken at the word of the whole scenario."""
    was = run.head.played.get(scenario.id)
    return was == scenario.played if was else run.head.scenarios.get(scenario.id) == scenario.digest
