"""What a judge's word is worth, and what it may decide: figures by hand, kept for one version of words and labels alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clinic.scenarios.schema import SUITES, Scenario
from evals.grading.grade import Verdict
from evals.judging.calibration import (
    BadLabels,
    Calibration,
    Label,
    calibration,
    counted,
    digest,
    figures,
    keep,
    kept,
    labels_for,
)
from evals.judging.judge import HOME, NoRubric, names_of, questions_of, rubric
from evals.suites import of_suites


def label(number: int, holds: bool) -> Label:
    return Label(id=str(number), question="acolhe", said="oi", reply="oi", holds=holds, labelled_by="demo")


def scenario(**more: object) -> Scenario:
    return Scenario.model_validate({
        "schema": "carol.scenario/v1", "id": "um", "title": "um", "suite": "tone", "patient": {"turns": ["oi"]},
        "expect": {"must_say": [{"any": ["oi"]}]}, **more,
    })  # fmt: skip


def test_who_always_says_yes_agrees_with_much_and_knows_nothing() -> None:
    skewed = figures([(number < 90, True) for number in range(100)])
    assert (skewed.agreed, skewed.kappa, skewed.tpr, skewed.tnr) == (90, 0.0, 1.0, 0.0)
    assert figures([(True, True)] * 10).kappa == 0.0  # nothing to go beyond
    assert figures([]).kappa == 0.0
    assert figures([(True, None), (False, None)]).kappa == 0.0


def test_kappa_is_agreement_beyond_luck() -> None:
    pairs = [(True, True)] * 45 + [(True, False)] * 15 + [(False, True)] * 25 + [(False, False)] * 15
    assert round(figures(pairs).kappa, 4) == 0.1304
    assert figures([(True, True), (False, False)]).kappa == 1.0
    assert figures([(True, False), (False, True)]).kappa == -1.0


def test_what_is_undecided_counts_against_the_judge() -> None:
    found = figures([(True, True)] * 5 + [(True, None)] * 5 + [(False, False)] * 10)
    assert (found.undecided, found.tpr, found.tnr) == (5, 0.5, 1.0)
    assert 0.5 < found.kappa < 0.75


@pytest.mark.parametrize(
    ("right", "of", "standing"),
    [(100, 100, "gates"), (88, 100, "gates"), (82, 100, "shown"), (78, 100, "unfit"), (50, 100, "unfit"), (60, 60, "unfit")],
)
def test_a_judge_is_worth_what_its_kappa_says_and_nothing_by_few_labels(right: int, of: int, standing: str) -> None:
    labels = [label(number, number % 2 == 0) for number in range(of)]
    answers = [one.holds if number < right else not one.holds for number, one in enumerate(labels)]
    assert calibration("j", rubric("default"), labels, answers).standing == standing


def test_only_a_judge_that_gates_fails_a_scenario_and_never_a_critical_one() -> None:
    answers = {"acolhe": {"rubric": "default@1#x", "answer": False, "reasons": ["seca"], "standing": "gates"}}
    assert counted(Verdict(), scenario(), answers).failures
    assert not counted(Verdict(), scenario(), answers).violations
    assert counted(Verdict(), scenario(critical=True), answers).passed
    for other in ({"standing": "shown"}, {"standing": "unfit"}, {"answer": True}, {"answer": None}):
        assert counted(Verdict(), scenario(), {"acolhe": {**answers["acolhe"], **other}}).passed


def whole(judge: str = "j") -> Calibration:
    labels = labels_for(rubric("default"))
    return calibration(judge, rubric("default"), labels, [one.holds for one in labels])


def test_figures_are_kept_for_this_judge_these_words_and_these_labels(tmp_path: Path) -> None:
    keep(tmp_path, whole())
    about = rubric("default")
    assert kept(tmp_path, "j", about) == whole()
    assert kept(tmp_path, "outro", about) is None
    assert kept(tmp_path, "j", about.model_copy(update={"instructions": about.instructions + " "})) is None
    fewer = tmp_path / "labels"
    fewer.mkdir()
    lines = [one.model_dump_json() for one in labels_for(about)[:-2]]
    (fewer / "default.jsonl").write_text("\n".join(lines), "utf-8")
    assert kept(tmp_path, "j", about, labels=fewer) is None


def test_the_labels_are_enough_balanced_and_say_who_is_missing() -> None:
    labels = labels_for(rubric("default"))
    assert len(labels) >= 100
    for name in rubric("default").questions:
        own = [one.holds for one in labels if one.question == name]
        assert len(own) >= 10 and sum(own) * 2 == len(own), name
    assert whole().provisional
    assert not replace(whole(), readers=("demo", "l1", "l2")).provisional
    assert digest(labels) != digest(labels[1:])


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([label(1, True)], "balanced"),
        ([label(1, True), label(1, False)], "twice"),
        ([label(1, True).model_copy(update={"question": "nada"}), label(2, False)], "no such question"),
    ],
)
def test_labels_that_prove_nothing_are_refused(tmp_path: Path, lines: list[Label], why: str) -> None:
    (tmp_path / "default.jsonl").write_text("\n".join(one.model_dump_json() for one in lines), "utf-8")
    with pytest.raises(BadLabels, match=why):
        labels_for(rubric("default"), home=tmp_path)


def test_every_rubric_reads_and_asks_of_suites_that_are() -> None:
    for path in HOME.glob("*.yaml"):
        found = rubric(path.stem)
        assert found.name.startswith(f"{path.stem}@")
        assert {suite for one in found.questions.values() for suite in one.suites} <= set(SUITES)
    with pytest.raises(NoRubric):
        rubric("nada")


def test_a_question_asked_of_a_scenario_is_never_its_only_check() -> None:
    every = of_suites()
    assert names_of(every) == (rubric("default").name, rubric("patient").name)
    assert all(one.checked_without_judge for one in every if questions_of(one))


def test_a_patient_that_a_model_played_is_judged_apart_and_with_their_part_in_sight() -> None:
    patient = {
        "mode": "model",
        "opening": "oi",
        "persona": "Tereza, 52 anos.",
        "goal": "Marcar.",
        "known": {"nome": "Tereza Souza"},
    }
    questions = [one for one in questions_of(scenario(patient=patient)) if one.rubric == "patient"]
    assert [one.id for one in questions] == ["patient-so-o-que-sabe", "patient-so-o-que-perguntaram"]
    assert all("Tereza Souza" in one.ask for one in questions)
    assert not [one for one in questions_of(scenario()) if one.rubric == "patient"]
    no = {"patient-so-o-que-sabe": {"rubric": "patient@1#x", "answer": False, "reasons": ["x"], "standing": "gates"}}
    assert counted(Verdict(), scenario(), no).passed  # never Carol's failure
