"""A smoke test over a Carol that runs: rehearsals and chat of her API, rows where her database is given, and what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from clinic.scenarios.schema import Scenario
from clinic.tenants.service import seed
from db.embedded import Urls
from evals import runs
from evals.gate import decide
from evals.playing.over_http import Target, TargetAway, asked, fits, open_target, without_rows
from evals.playing.run import Player
from evals.suites import of_suites
from kit.clock import utc_now
from kit.settings import Settings, load_settings
from tests.flows.house import ROOT, read

EVERY = of_suites()
LIMPEZA = next(one for one in EVERY if one.id == "marca-limpeza-quinta")


def settings_of(urls: Urls, home: Path, **more: Any) -> Settings:
    return load_settings(
        _env_file=None, database_url=urls.owner, database_app_url=urls.app, home=home, environment="test",
        quiet_window_seconds=0.0, quiet_window_finished_seconds=0.0, **more,
    )  # fmt: skip


@asynccontextmanager
async def running(urls: Urls, home: Path, *, rows: bool = True) -> AsyncIterator[Target]:
    """A Carol with the demonstration clinic, desk and delivery, spoken to over HTTP."""
    app = create_app(settings_of(urls, home), desk=True, delivery=True)
    async with app.router.lifespan_context(app):
        pool = app.state.house.pool
        await seed(pool, read(ROOT / "seeds" / "demo" / "clinic.yaml"), now=utc_now())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", timeout=90) as http:
            yield Target(http, "jacaranda", "offline", True, pool if rows else None)


async def played(target: Target, home: Path, *scenarios: Scenario) -> runs.Run:
    due = target.due(scenarios)
    run = runs.begin(home / "run", target.head(load_settings(_env_file=None, home=home), due, trials=1))
    return await Player(None, None, hold=target.hold).play(run, due)


async def test_a_scenario_is_played_over_the_api_and_its_rows_are_graded_where_they_can_be_seen(
    database: Urls, tmp_path: Path
) -> None:
    async with running(database, tmp_path) as target:
        run = await played(target, tmp_path, LIMPEZA)
        left = await asked(target.http, "GET", "/api/rehearsals?clinic=jacaranda")
    [trial] = run.trials
    assert trial.verdict.passed, trial.verdict
    assert [one.noun for one in trial.evidence.changed.rows if one.now and one.now.get("starts") == "2026-11-26T10:00"] == [
        "visits"
    ]
    assert any(secret.value == "Juliana Castro Alves" for secret in trial.evidence.secrets)
    assert (run.head.tier, run.head.offline) == ("smoke", True)
    assert "not graded: visits" in run.head.target
    assert decide(run).open
    assert left == []  # each trial takes its rehearsal with it


async def test_without_the_database_rows_are_not_graded_and_the_head_says_so(database: Urls, tmp_path: Path) -> None:
    wrong = LIMPEZA.model_copy(update={"expect": LIMPEZA.expect.model_copy(update={"state": {}})})
    async with running(database, tmp_path, rows=False) as target:
        run = await played(target, tmp_path, LIMPEZA)
        assert target.due([LIMPEZA]) == [without_rows(LIMPEZA)] == [wrong]
    assert "not graded: rows" in run.head.target
    assert run.trials[0].verdict.passed
    assert [call.tool for _, call in run.trials[0].evidence.calls][-1] == "book_visit"
    assert run.head.scenarios[LIMPEZA.id] != LIMPEZA.digest  # never compared with a run that graded them


async def test_a_carol_that_is_away_breaks_every_trial(database: Urls, tmp_path: Path) -> None:
    async with running(database, tmp_path) as target:
        run = await played(replace(target, clinic="nenhuma"), tmp_path, LIMPEZA)
    assert run.trials[0].verdict.error.startswith("TargetAway")
    assert not decide(run).open
    with pytest.raises(TargetAway):
        async with open_target(settings_of(database, tmp_path), "http://127.0.0.1:9", clinic="jacaranda"):
            pass


def test_only_what_means_the_same_there_is_played() -> None:
    found = [one for one in EVERY if fits(one)]
    assert LIMPEZA in found and 50 < len(found) < len(EVERY)
    assert not [one.id for one in found if one.overlay or one.faults or one.patient.person or one.expect.may_reveal]
