"""A run that staff begin: a process of its own plays it, row by row; killed, it leaves what it had, and it can go on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.embedded import Urls
from jobs.evaluating import Evaluating
from kit import process
from tests.flows.eval_runs import PRICE, WRONG, Staff, evaluating, eventually, staff
from tests.flows.house import ANA, House


@pytest.fixture
async def at_work(database: Urls, house: House) -> AsyncIterator[Staff]:
    async with staff(database, house) as found:
        yield found


def child_of(running: Evaluating) -> int:
    child = running._child
    assert child is not None
    return child.pid


async def test_a_run_of_the_clinics_own_scenarios_and_of_carols_from_begin_to_report(
    database: Urls, house: House, at_work: Staff, tmp_path: Path
) -> None:
    await house.hear(ANA, "oi, sou eu")  # a real patient, who must be in no trial
    before = await house.rows("SELECT (SELECT count(*) FROM messages) AS m, (SELECT count(*) FROM clinics) AS c")
    for scenario in (PRICE, WRONG):
        await at_work.put(scenario)
    asked = await at_work.post("/runs", suites=["clinic"], scenarios=["peito-no-meio-do-pedido"])
    assert (asked["state"], asked["asked_by"], asked["due"]) == ("queued", "Júlia", 0), asked
    async with evaluating(database, house, tmp_path):
        run = await at_work.until(asked["id"], lambda run: run["state"] not in ("queued", "running"))
    assert (run["state"], run["error"], run["due"], run["done"]) == ("ended", None, 3, 3), run
    assert (run["passed"], run["failed"], run["open"], run["offline"], run["tier"]) == (2, 1, False, True, "T0"), run
    assert run["reasons"]
    assert {one["suite"]: (one["passed"], one["failed"]) for one in run["suites"]} == {"clinic": (1, 1), "emergency": (1, 0)}
    [wrong] = (await at_work.get(f"/runs/{asked['id']}/trials", only="wrong"))["items"]
    assert (wrong["scenario"], wrong["mark"], wrong["suite_title"]) == ("preco-errado", "failed", "Provas da clínica")
    trial = await at_work.get(f"/runs/{asked['id']}/trials/{wrong['id']}")
    [turn] = trial["turns"]
    assert turn["said"] == ["oi, quanto custa a limpeza?"]
    assert "220" in turn["replies"][-1]
    assert turn["steps"]
    assert [(row["noun"], row["how"], row["stands"]) for row in trial["rows"]] == [("visits", "added", "missing")]
    assert trial["document"]["title"] == WRONG["title"]
    page = await at_work.http.get(f"/api/evals/runs/{asked['id']}/report.html", params={"clinic": at_work.slug})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "sandbox" in page.headers["content-security-policy"]
    assert "preco-errado" in page.text
    after = await house.rows("SELECT (SELECT count(*) FROM messages) AS m, (SELECT count(*) FROM clinics) AS c")
    assert after == before  # nothing was said in the clinic's own database
    assert not list((tmp_path / "evals").glob("carol-evals-*"))


async def test_killed_it_leaves_what_it_had_and_goes_on_when_it_is_resumed(
    database: Urls, house: House, at_work: Staff, tmp_path: Path
) -> None:
    await at_work.put(PRICE)
    asked = await at_work.post("/runs", suites=["clinic"], trials=12)
    async with evaluating(database, house, tmp_path) as running:
        await at_work.until(asked["id"], lambda run: run["done"] >= 2)
        os.kill(child_of(running), signal.SIGKILL)
        broken = await at_work.until(asked["id"], lambda run: run["state"] != "running")
        assert (broken["state"], broken["error"], broken["open"]) == ("broken", "killed", None)
        assert 2 <= broken["done"] == broken["passed"] < 12
        assert not list((tmp_path / "evals").glob("carol-evals-*"))  # nor does its server run on
        resumed = await at_work.post(f"/runs/{asked['id']}/resume")
        assert resumed["state"] in ("queued", "running")
        run = await at_work.until(asked["id"], lambda run: run["state"] not in ("queued", "running"))
    assert (run["state"], run["due"], run["done"], run["passed"], run["open"]) == ("ended", 12, 12, 12, True), run
    keys = await house.rows("SELECT DISTINCT scenario, noise, number FROM eval_trials")
    assert len(keys) == 12
    assert (await at_work.post(f"/runs/{asked['id']}/resume"))["code"] == "run_over"


async def test_stopped_it_keeps_its_rows_and_tells_who_stopped_it(
    database: Urls, house: House, at_work: Staff, tmp_path: Path
) -> None:
    await at_work.put(PRICE)
    first, second = [await at_work.post("/runs", suites=["clinic"], trials=n) for n in (60, 1)]
    async with evaluating(database, house, tmp_path):
        await at_work.until(first["id"], lambda run: run["done"] >= 1)
        assert (await at_work.get(f"/runs/{second['id']}"))["state"] == "queued"  # one at a time on a machine
        told = await at_work.post(f"/runs/{first['id']}/stop")
        assert (told["stopping"], told["stop_asked_by"]) == (True, "Júlia")
        run = await at_work.until(first["id"], lambda run: run["state"] != "running")
        assert (run["state"], run["open"], run["report"]) == ("stopped", False, True)
        assert 1 <= run["done"] < 60
        assert (await at_work.until(second["id"], lambda run: run["state"] == "ended"))["passed"] == 1
    waiting = await at_work.post("/runs", suites=["clinic"])
    assert (await at_work.post(f"/runs/{waiting['id']}/stop"))["state"] == "stopped"


async def test_whoever_starts_it_leaves_and_the_next_goes_on(
    database: Urls, house: House, at_work: Staff, tmp_path: Path
) -> None:
    await at_work.put(PRICE)
    asked = await at_work.post("/runs", suites=["clinic"], trials=8)
    async with evaluating(database, house, tmp_path) as running:
        await at_work.until(asked["id"], lambda run: run["done"] >= 1)
        played = child_of(running)
    left = await at_work.until(asked["id"], lambda run: run["state"] != "running")
    assert (left["state"], left["error"]) == ("queued", None)

    async def gone() -> bool:
        return process.identify(played) is None

    await eventually(gone)
    async with evaluating(database, house, tmp_path):
        run = await at_work.until(asked["id"], lambda run: run["state"] == "ended")
    assert (run["done"], run["passed"]) == (8, 8)


async def test_killed_with_kill_9_whoever_started_it_leaves_a_run_that_the_next_one_goes_on_with(
    database: Urls, house: House, at_work: Staff, tmp_path: Path
) -> None:
    await at_work.put(PRICE)
    asked = await at_work.post("/runs", suites=["clinic"], trials=30)
    command = [sys.executable, "-m", "tests.flows.dying_starter", database.owner, database.app, str(tmp_path)]
    starter = await asyncio.create_subprocess_exec(*command)
    try:
        await at_work.until(asked["id"], lambda run: run["done"] >= 1)
    finally:
        starter.kill()
        await starter.wait()
    left = await at_work.until(asked["id"], lambda run: run["state"] != "running")  # nobody told it: it noticed
    assert (left["state"], left["error"]) == ("queued", None)
    async with evaluating(database, house, tmp_path):
        run = await at_work.until(asked["id"], lambda run: run["state"] == "ended")
    assert (run["done"], run["passed"]) == (30, 30)


async def test_a_scenario_that_changed_meanwhile_is_not_mixed_with_what_was_played(
    database: Urls, house: House, at_work: Staff, tmp_path: Path
) -> None:
    await at_work.put(PRICE)
    asked = await at_work.post("/runs", suites=["clinic"], trials=40)
    async with evaluating(database, house, tmp_path):
        await at_work.until(asked["id"], lambda run: run["done"] >= 1)
        await at_work.post(f"/runs/{asked['id']}/stop")
        stopped = await at_work.until(asked["id"], lambda run: run["state"] == "stopped")
        await at_work.put({**PRICE, "expect": {"must_say": [{"any": ["230"]}]}})
        await at_work.post(f"/runs/{asked['id']}/resume")
        run = await at_work.until(asked["id"], lambda run: run["state"] not in ("queued", "running"))
    assert (run["state"], run["error"], run["done"]) == ("broken", "other_run", stopped["done"])
