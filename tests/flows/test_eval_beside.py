"""Runs with a model beside Carol, over HTTP: one plays the patients, one judges what was said, and either may fail.

No real endpoint is here: the emulator answers. What is proved is the way there and back, and what is made of each answer.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from clinic.scenarios.schema import Scenario
from db.embedded import Urls
from evals import runs
from evals.gate import decide
from evals.heads import head_of
from evals.judging.beside import seated
from evals.judging.calibration import calibration, keep, labels_for
from evals.judging.judge import questions_of, rubric
from evals.playing.ground import Ground, open_ground
from evals.playing.reference import Oracle
from evals.playing.run import Player
from evals.proving.selftest import doubted
from evals.runs import Run
from evals.suites import of_suites
from kit.settings import Settings, load_settings
from tests.emulators.openai import OpenAIEmulator, Reply, fails, raw, says

SIMULATED = [one for one in of_suites() if one.patient.mode == "model"]
LIMPEZA = next(one for one in SIMULATED if one.id == "simulada-limpeza-na-quinta")
PART = (
    "quinta de manhã tem?",
    "às 10h, é pra mim, Marcela Nogueira Prado, particular",
    "sim, pode marcar ###SIM###",
    "###FIM###",
)


@asynccontextmanager
async def ground_at(settings: Settings, urls: Urls) -> AsyncIterator[Ground]:
    async with open_ground(settings, urls, knowledge=False) as ground:
        yield ground


def settings_of(urls: Urls, home: Path, **more: Any) -> Settings:
    return load_settings(
        _env_file=None, database_url=urls.owner, database_app_url=urls.app, home=home, model_timeout_seconds=5.0, **more
    )


async def played(urls: Urls, home: Path, scenario: Scenario, **more: Any) -> Run:
    """One trial of a scenario whose part of Carol the oracle plays."""
    settings = settings_of(urls, home, **more)
    run = runs.begin(home / "run", head_of(settings, [scenario]))
    async with ground_at(settings, urls) as ground, seated(settings) as (ask, judge):
        return await Player(ground.stage, ground.lane(Oracle), ask=ask, judge=judge).play(run, [scenario])


def patients_at(endpoint: OpenAIEmulator) -> dict[str, str]:
    return {"patient_model": endpoint.model, "patient_base_url": endpoint.base_url, "patient_api_key": endpoint.api_key}


async def test_the_simulated_scenarios_are_proved_by_their_stand_ins(database: Urls, tmp_path: Path) -> None:
    assert len(SIMULATED) == 6
    async with ground_at(settings_of(database, tmp_path), database) as ground:
        assert not [proof for one in SIMULATED for proof in await doubted(ground, one)]


async def test_a_model_plays_a_patient_until_the_visit_is_there(database: Urls, tmp_path: Path) -> None:
    with OpenAIEmulator(*map(says, PART)) as endpoint:
        run = await played(database, tmp_path, LIMPEZA, **patients_at(endpoint))
        asked = endpoint.requests
    [trial] = run.trials
    assert trial.verdict.passed, trial.verdict
    assert [turn.said[0] for turn in trial.evidence.turns][1:] == [one.partition(" #")[0] for one in PART[:3]]
    assert (run.head.patients, trial.simulated) == (endpoint.model, {"mistakes": [], "discarded": []})
    assert decide(run).open
    first, *rest = asked[0]["messages"]
    assert "Marcela Nogueira Prado" in first["content"] and [one["role"] for one in rest] == ["user", "assistant", "user"]
    assert "Carol" not in json.dumps(asked[0].get("tools", ""))  # a patient has no tools


async def test_a_patient_who_invents_is_played_again_and_counted(database: Urls, tmp_path: Path) -> None:
    wrong = ("meu CPF é 123.456.789-09", *PART[1:])
    with OpenAIEmulator(*map(says, (*wrong, *PART))) as endpoint:
        run = await played(database, tmp_path, LIMPEZA, **patients_at(endpoint))
    [trial] = run.trials
    assert trial.verdict.passed
    [talk] = trial.simulated["discarded"]
    assert "não podia saber" in talk["mistakes"][0]
    assert not trial.simulated["mistakes"]
    assert any("erraram em 1 de 2" in reason for reason in decide(run).reasons)  # the run is of its patients


@pytest.mark.parametrize(
    "answer", [fails(500), raw(b"<html>", "text/html"), says("", refusal="não")], ids=["500", "html", "refusal"]
)
async def test_a_patient_who_never_comes_breaks_the_trial_by_name(database: Urls, tmp_path: Path, answer: Reply) -> None:
    with OpenAIEmulator(*[answer] * 40) as endpoint:
        run = await played(database, tmp_path, LIMPEZA, **patients_at(endpoint))
    [trial] = run.trials
    assert trial.verdict.error.startswith("NoPatient")
    assert [one["away"] for one in trial.simulated["discarded"]] == [True, True]
    assert not decide(run).open


def judges_at(endpoint: OpenAIEmulator) -> dict[str, str]:
    return {"judge_model": endpoint.model, "judge_base_url": endpoint.base_url, "judge_api_key": endpoint.api_key}


def strict(request: Mapping[str, Any]) -> Reply:
    unkind = "foi gentil" in request["messages"][1]["content"]
    return says(json.dumps({"reason": "seca" if unkind else "ok", "answer": "não" if unkind else "sim"}, ensure_ascii=False))


@pytest.mark.parametrize(("right", "passes"), [(120, False), (100, True), (60, True)], ids=["gates", "shown", "unfit"])
async def test_a_judge_fails_a_trial_only_when_its_word_is_worth_it(
    database: Urls, tmp_path: Path, right: int, passes: bool
) -> None:
    scenario = next(one for one in of_suites(["scheduling"]) if one.id == "marca-limpeza-quinta")
    about, labels = rubric("default"), labels_for(rubric("default"))
    answers = [one.holds if number < right else not one.holds for number, one in enumerate(labels)]
    due = questions_of(scenario)
    with OpenAIEmulator(*[strict] * 2 * len(due)) as endpoint:
        keep(tmp_path, calibration(endpoint.model, about, labels, answers))
        run = await played(database, tmp_path, scenario, **judges_at(endpoint))
    [trial] = run.trials
    assert trial.judged["acolhe"]["answer"] is False
    assert trial.judged["clara"]["answer"] is True
    assert trial.verdict.passed is passes
    assert any("acolhe" in one for one in trial.verdict.failures) is not passes
    assert not trial.verdict.violations and about.name in run.head.judge


async def test_a_judge_that_is_away_decides_nothing(database: Urls, tmp_path: Path) -> None:
    scenario = next(one for one in of_suites(["scheduling"]) if one.id == "marca-limpeza-quinta")
    with OpenAIEmulator() as endpoint:  # nothing but 500
        run = await played(database, tmp_path, scenario, **judges_at(endpoint))
    [trial] = run.trials
    assert trial.verdict.passed
    assert {one["answer"] for one in trial.judged.values()} == {None}
