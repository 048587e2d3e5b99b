"""`carol eval` at the terminal: a bar that tells what went wrong, lines in a pipe, wrong references, verdicts anew."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli.evaluate import _say, evaluate
from cli.watching import watched
from evals import runs
from evals.evidence import Evidence, Turn
from evals.grading.grade import Verdict
from evals.runs import Head, Trial
from evals.suites import of_suites

SCENARIO = """
- schema: carol.scenario/v1
  id: um
  title: um
  suite: retrieval
  patient: {turns: [oi]}
  knowledge: {refs: ["retornos#%s"]}
  expect: {must_say: [{any: [oi]}]}
"""


def trial(verdict: Verdict) -> Trial:
    return Trial("um", "scheduling", 1, "typos", verdict, Evidence("um", 1))


@pytest.mark.parametrize("terminal", [True, False])
def test_what_went_wrong_is_told_and_what_went_well_only_in_a_pipe(terminal: bool) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100)
    with watched(console, _say, done=0, due=3) as tell:
        tell(trial(Verdict()), 1, 3)
        tell(trial(Verdict(violations=("contou [tudo]",))), 2, 3)
        tell(trial(Verdict(error="Boom: x")), 3, 3)
    said = out.getvalue()
    assert ("1/3 certo um (typos)" in said) is not terminal
    assert "violou" in said and "contou [tudo]" in said and "Boom: x" in said
    assert ("violaram 1" in said) is terminal


def test_a_pipe_gets_no_control_characters() -> None:
    out = io.StringIO()
    with watched(Console(file=out), _say, done=0, due=1) as tell:
        tell(trial(Verdict()), 1, 1)
    assert "\x1b" not in out.getvalue() and out.getvalue().count("\n") == 1


def test_a_reference_to_nothing_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    given = tmp_path / "um.yaml"
    given.write_text(SCENARIO % "Como marcar", "utf-8")
    assert CliRunner().invoke(evaluate, ["check", str(given)]).exit_code == 0
    given.write_text(SCENARIO % "Não há", "utf-8")
    found = CliRunner().invoke(evaluate, ["check", str(given)])
    assert found.exit_code == 1
    assert "um: nenhum documento da clínica tem “retornos#Não há”" in found.output


def test_a_stored_run_is_judged_anew_and_reported(tmp_path: Path) -> None:
    scenario = next(one for one in of_suites() if one.id == "mineira-limpeza-a")
    head = Head(
        id="r", began_at="2026-11-21T10:00:00+00:00", tier="T0", model="offline", offline=True,
        scenarios={scenario.id: scenario.digest}, played={scenario.id: scenario.played}, trials={scenario.id: 1},
        graded=({"version": "0", "at": "x", "commit": ""},),
    )  # fmt: skip
    runs.begin(tmp_path, head)
    talk = Turn(said=("oi",), agrees=False, replies=("Oi!",), outcome="spoke")
    runs.add(tmp_path, Trial(scenario.id, "tone", 1, "", Verdict(), Evidence(scenario.id, 1, turns=(talk,))))
    found = CliRunner().invoke(evaluate, ["report", str(tmp_path), "--rescore"])
    assert found.exit_code == 0, found.output
    assert "agora não    mineira-limpeza-a" in found.output
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert told["open"] is False
    assert told["head"]["graded"][0]["version"] == "0"
    assert "corrigida 2 vezes" in (tmp_path / "report.html").read_text("utf-8")


def test_runs_judged_by_different_gradings_are_not_compared_in_silence(tmp_path: Path) -> None:
    for name, version in (("a", "1"), ("b", "2"), ("c", "2")):
        graded = ({"version": version, "at": "x", "commit": ""},)
        head = Head(id=name, began_at="x", tier="T0", model="offline", offline=True, graded=graded)
        runs.begin(tmp_path / name, head)

    def told(*names: str) -> str:
        return CliRunner().invoke(evaluate, ["compare", *(str(tmp_path / name) for name in names)]).output

    assert "versão 1 e a segunda pela 2" in told("a", "b")
    assert "Atenção" not in told("b", "c")
