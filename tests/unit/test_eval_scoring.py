"""A stored run judged anew: other verdicts over the same talks, the old ones kept, and nothing where the talk was another."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clinic.scenarios.schema import Scenario
from evals import runs
from evals.evidence import Evidence, Turn
from evals.grading.grade import VERSION, Verdict
from evals.runs import Head, Run, Trial
from evals.scoring import PlayedOtherwise, rescored

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def scenario(said: str = "oi", wanted: str = "oi") -> Scenario:
    given: dict[str, Any] = {
        "schema": "carol.scenario/v1", "id": "um", "title": "um", "suite": "scheduling", "patient": {"turns": [said]},
        "expect": {"must_say": [{"any": [wanted]}]},
    }  # fmt: skip
    return Scenario.model_validate(given)


def stored(folder: Path, of: Scenario, **head: Any) -> Run:
    given = Head(id="r", began_at="2026-11-21T10:00:00", tier="T0", model="offline", offline=True,
                 scenarios={"um": of.digest}, trials={"um": 1}, **head)  # fmt: skip
    runs.begin(folder, given)
    talk = Turn(said=("oi",), agrees=False, replies=("olá, tudo bem?",), outcome="spoke")
    verdict = Verdict(failures=("antes",))
    runs.add(folder, Trial("um", "scheduling", 1, "", verdict, Evidence("um", 1, turns=(talk,))))
    return runs.read(folder)


def test_other_expectations_judge_the_same_talk_and_the_old_verdict_is_kept(tmp_path: Path) -> None:
    was, now = scenario(), scenario(wanted="olá")
    run = stored(tmp_path, was, played={"um": was.played}, graded=({"version": "1", "at": "x", "commit": ""},))
    found = rescored(run, [now], at=AT, commit="abc")
    assert runs.read(tmp_path) == found
    assert [one.verdict.passed for one in found.trials] == [True]
    assert found.trials[0].evidence == run.trials[0].evidence
    assert [one["version"] for one in found.head.graded] == ["1", VERSION]
    assert found.head.graded[-1]["commit"] == "abc"
    assert found.head.scenarios == {"um": now.digest}
    kept = json.loads((tmp_path / "verdicts-1.json").read_text("utf-8"))
    assert [one["failures"] for one in kept] == [["antes"]]


def test_another_talk_is_never_judged_by_what_was_not_said(tmp_path: Path) -> None:
    was = scenario()
    run = stored(tmp_path, was, played={"um": was.played})
    before = (tmp_path / "trials.jsonl").read_bytes()
    for known in ([scenario(said="bom dia")], []):
        with pytest.raises(PlayedOtherwise, match="um"):
            rescored(run, known, at=AT)
    assert (tmp_path / "trials.jsonl").read_bytes() == before


def test_a_run_that_does_not_tell_what_was_played_is_judged_only_by_the_very_same_scenario(tmp_path: Path) -> None:
    run = stored(tmp_path, scenario())
    with pytest.raises(PlayedOtherwise):
        rescored(run, [scenario(wanted="olá")], at=AT)
    assert rescored(run, [scenario()], at=AT).trials[0].verdict.failures != ("antes",)
