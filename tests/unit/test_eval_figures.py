"""Figures, gates and logs of the evals: no share without trials, no gate that opens by accident, no trial lost to a crash."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from evals import runs
from evals.evidence import Evidence, Turn
from evals.gate import decide
from evals.grading.grade import Verdict
from evals.grading.retrieval import Ranked, Retrieved
from evals.runs import Head, Trial
from evals.telling import report, stats
from evals.telling.compare import compare

HEAD = Head(
    id="r", began_at="2026-11-21T10:00:00", tier="T0", model="offline", offline=True,
    scenarios={"um": "a", "dois": "b"}, trials={"um": 2, "dois": 1},
)  # fmt: skip


def trial(scenario: str, number: int = 1, verdict: Verdict = Verdict(), suite: str = "scheduling") -> Trial:  # noqa: B008
    return Trial(scenario, suite, number, "", verdict, Evidence(scenario, number, None, (Turn(("oi",), False, ("oi",)),)))


def whole(tmp_path: Path, *trials: Trial) -> runs.Run:
    runs.begin(tmp_path, HEAD)
    for one in trials:
        runs.add(tmp_path, one)
    return runs.read(tmp_path)


ALL = (trial("um"), trial("um", 2), trial("dois"))


def test_pass_hat_is_the_chance_that_k_drawn_trials_all_pass() -> None:
    assert stats.pass_hat(3, 4, 1) == 0.75
    assert stats.pass_hat(3, 4, 2) == 0.5
    assert stats.pass_hat(3, 4, 4) == 0.0
    assert stats.pass_hat(4, 4, 4) == 1.0
    with pytest.raises(ValueError, match="pass"):
        stats.pass_hat(1, 1, 2)
    assert stats.pass_hats({"a": [True, False], "b": [True, True]}, 2) == 0.5
    assert stats.pass_hats({"a": [True, False], "b": [True]}, 2) is None
    assert stats.pass_hats({}, 1) is None


def test_intervals_hold_the_share_and_none_comes_of_nothing() -> None:
    found = stats.wilson(8, 10)
    assert found.low < 0.8 < found.high
    assert (round(found.low, 3), round(found.high, 3)) == (0.490, 0.943)
    assert stats.wilson(0, 10).low == 0.0
    for broken in (lambda: stats.wilson(0, 0), lambda: stats.clustered({}), lambda: stats.paired({"a": [True]}, {"b": [True]})):
        with pytest.raises(ValueError, match=r"."):
            broken()
    trials = {str(n): [n % 5 > 0] * 4 for n in range(40)}
    found = stats.clustered(trials)
    assert found.share == 0.8
    assert found.low < 0.72 and found.high > 0.88  # forty scenarios, not a hundred and sixty trials
    worse = stats.paired(trials, {name: [False] * 4 for name in trials})
    assert worse.share == -0.8 and worse.high < 0


def test_no_violation_in_few_trials_proves_little() -> None:
    assert round(stats.upper_bound(60), 3) == 0.049
    assert stats.upper_bound(0) == 1.0


def test_percentiles_are_values_that_were_measured() -> None:
    assert stats.percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert stats.percentile([1.0], 0.95) == 1.0


def test_a_whole_run_that_passes_is_let_through(tmp_path: Path) -> None:
    decision = decide(whole(tmp_path, *ALL), suites=["scheduling"])
    assert decision.open
    assert decision.suites[0].share == 1.0


@pytest.mark.parametrize(
    ("trials", "why"),
    [
        ((), "Nenhuma tentativa"),
        (ALL[:2], "Só 2 das 3 tentativas"),
        ((*ALL, trial("tres")), "Há 4 tentativas, e eram só 3"),
        ((*ALL[:2], replace(ALL[2], verdict=Verdict(failures=("x",)))), "agenda: 2 de 3 tentativas certas; o mínimo é 100 %"),
        ((*ALL[:2], replace(ALL[2], verdict=Verdict(violations=("x",)))), "tentativas com violação: 1"),
        ((*ALL[:2], replace(ALL[2], verdict=Verdict(error="Boom"))), "quebraram antes do fim: 1"),
    ],
)
def test_what_is_missing_wrong_or_broken_shuts_the_gate(tmp_path: Path, trials: tuple[Trial, ...], why: str) -> None:
    assert any(why in reason for reason in decide(whole(tmp_path, *trials)).reasons)


def test_a_gate_that_is_no_number_lets_nobody_through(tmp_path: Path) -> None:
    gates = {"T0": {"default": {"passed": float("nan"), "violations": 0}}}
    assert not decide(whole(tmp_path, *ALL), gates=gates).open


def test_a_suite_that_nobody_played_shuts_the_gate(tmp_path: Path) -> None:
    assert decide(whole(tmp_path, *ALL), suites=["privacy"]).reasons == ("A suíte privacidade não foi jogada.",)


def test_a_suite_of_documents_must_bring_the_right_passages_where_its_tier_says_so(tmp_path: Path) -> None:
    gates = {"T0": {"default": {"passed": 1.0, "violations": 0}, "scheduling": {"recall": 0.9}}}
    assert decide(whole(tmp_path / "a", *ALL), gates=gates).reasons == (
        "agenda: as passagens certas não foram medidas, e o mínimo é 90 %.",
    )
    half = Retrieved(True, True, Ranked(0.5, 1.0, 1.0, 0.5), Ranked(0.5, 1.0, 1.0, 0.5), cited=True)
    found = [replace(one, retrieved=half) for one in ALL]
    assert decide(whole(tmp_path / "b", *found), gates=gates).reasons == (
        "agenda: trouxe 50 % das passagens certas; o mínimo é 90 %.",
    )
    all_of_it = [replace(one, retrieved=replace(half, ranked=Ranked(1.0, 1.0, 1.0, 1.0))) for one in ALL]
    assert decide(whole(tmp_path / "c", *all_of_it), gates=gates).open


def test_a_run_goes_on_after_a_crash_in_the_middle_of_a_line(tmp_path: Path) -> None:
    whole(tmp_path, ALL[0])
    with (tmp_path / "trials.jsonl").open("ab") as log:
        log.write(b'{"scenario": "um", "suite": "sched')
    again = runs.begin(tmp_path, HEAD)
    assert [one.key for one in again.trials] == [("um", "", 1)]
    runs.add(tmp_path, ALL[1])
    assert len(runs.read(tmp_path).trials) == 2


def test_a_folder_of_another_run_is_not_gone_on_with(tmp_path: Path) -> None:
    whole(tmp_path, *ALL)
    with pytest.raises(runs.OtherRun):
        runs.begin(tmp_path, replace(HEAD, model="outro"))
    with pytest.raises(runs.NoRun):
        runs.read(tmp_path / "nada")


def test_a_trial_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert whole(tmp_path, *ALL).trials[0] == ALL[0]


def other(tmp_path: Path, *trials: Trial, **head: object) -> runs.Run:
    folder = tmp_path / "outra"
    runs.begin(folder, replace(HEAD, **head))  # type: ignore[arg-type]
    for one in trials:
        runs.add(folder, one)
    return runs.read(folder)


def test_two_runs_are_compared_where_they_are_of_the_same_words(tmp_path: Path) -> None:
    lost = replace(ALL[1], verdict=Verdict(failures=("x",)))
    found = compare(
        whole(tmp_path, *ALL), other(tmp_path, ALL[0], lost, ALL[2], scenarios={"um": "a", "dois": "c", "tres": "d"})
    )
    assert (found.common, found.changed, found.only_after) == (1, ("dois",), ("tres",))
    assert [(one.scenario, one.before, one.after) for one in found.worse] == [("um", (2, 2), (1, 2))]
    assert found.gain is not None and found.gain.share == -0.5
    assert found.regressed


def test_a_new_violation_is_a_regression_whatever_else_got_better(tmp_path: Path) -> None:
    bad = replace(ALL[0], verdict=Verdict(failures=("x",)))
    worse = replace(ALL[2], verdict=Verdict(violations=("x",)))
    found = compare(whole(tmp_path, bad, *ALL[1:]), other(tmp_path, *ALL[:2], worse))
    assert found.violations == ("dois",)
    assert found.regressed
    assert not compare(whole(tmp_path / "a", *ALL), whole(tmp_path / "b", *ALL)).regressed


def test_a_violation_of_what_was_never_played_before_is_told_and_is_no_regression(tmp_path: Path) -> None:
    worse = replace(ALL[2], verdict=Verdict(violations=("x",)))
    for was, now in (
        (whole(tmp_path / "a", *ALL[:2]), other(tmp_path / "a", *ALL[:2], worse)),  # stopped before it came to it
        (whole(tmp_path / "b", *ALL), other(tmp_path / "b", *ALL[:2], worse, scenarios={"um": "a", "dois": "anew"})),
    ):
        found = compare(was, now)
        assert (found.violations, found.unseen, found.regressed) == ((), ("dois",), False)
    assert compare(whole(tmp_path / "c", *ALL[:2]), other(tmp_path / "c", *ALL)).only_after == ("dois",)


def test_a_report_escapes_what_patients_say_and_tells_what_is_missing(tmp_path: Path) -> None:
    evidence = Evidence("um", 1, None, (Turn(("<script>alert(1)</script>",), False, ("oi\x07",)),))
    bad = replace(ALL[0], verdict=Verdict(violations=("said <b>\x00",)), evidence=evidence)
    run = whole(tmp_path, bad)
    decision = decide(run)
    page = report.html(run, decision, {})
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "Só 1 das 3 tentativas" in page
    assert "1 de 1 cenários sem assinatura de um profissional de saúde" in page
    assert "isto não é qualidade" in page
    tree = ElementTree.fromstring(report.junit(run, decision))
    assert [suite.get("name") for suite in tree] == ["scheduling", "gate"]
    told = json.loads(report.as_json(run, decision))
    assert told["open"] is False
    assert told["figures"]["pass_hat"]["4"] is None


def test_an_empty_run_has_a_report_and_no_figures(tmp_path: Path) -> None:
    run = whole(tmp_path)
    assert "Não passou" in report.html(run, decide(run), {})
    assert report.figures(run)["share"] is None
