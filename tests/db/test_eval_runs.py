"""Runs of scenarios as rows: who holds one, who lost it, what is told as it goes, and what nobody else may see."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.changes import CHANNEL
from clinic.scenarios import runs_store, store
from clinic.scenarios.importing import own
from clinic.scenarios.models import Asked, Fresh, Lost, NoRun, NoScenario, RunGoesOn, RunOver
from db import system
from db.embedded import Urls
from db.session import clinic_session
from jobs.evaluating import give_up_lost
from kit.ids import new_id, new_token
from tests.flows.conftest import brain, house
from tests.flows.house import House
from tests.flows.served import add_clinic

__all__ = ["brain", "house"]
LEASE = timedelta(seconds=30)
SCENARIO = own({"id": "um", "title": "Um", "patient": {"turns": ["oi"]}, "expect": {"must_say": [{"any": ["oi"]}]}})


def fresh(number: int, *, failures: tuple[str, ...] = (), violations: tuple[str, ...] = (), error: str = "") -> Fresh:
    return Fresh(
        scenario=SCENARIO, noise="", number=number, failures=failures, violations=violations, error=error,
        evidence={"turns": []}, told={"rows": []}, judged={}, seconds=0.5, cost_brl=0.01,
    )  # fmt: skip


async def asked(house: House) -> UUID:
    async with clinic_session(house.pool, house.clinic.id) as s:
        return await runs_store.ask(s, Asked(suites=("clinic",)), by="Júlia")


async def taken(house: House) -> tuple[UUID, UUID]:
    run, token = await asked(house), new_token()
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await runs_store.claim(s, run, token, lease=LEASE)
    return run, token


async def state(house: House, run: UUID) -> Any:
    async with clinic_session(house.pool, house.clinic.id) as s:
        return await runs_store.run(s, run)


async def test_of_many_one_takes_a_run(house: House) -> None:
    run = await asked(house)
    assert await system.waiting_eval_runs(house.pool, limit=5) == [(house.clinic.id, run)]

    async def take() -> bool:
        async with clinic_session(house.pool, house.clinic.id) as s:
            return await runs_store.claim(s, run, new_token(), lease=LEASE)

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False] * 4 + [True]
    assert await system.waiting_eval_runs(house.pool, limit=5) == []
    assert (await state(house, run)).attempts == 1


async def test_each_trial_is_counted_once_by_what_it_comes_to(house: House) -> None:
    run, token = await taken(house)
    every = [
        fresh(1), fresh(2, failures=("x",)), fresh(3, failures=("x",), violations=("y",)), fresh(4, error="z"),
        fresh(5, violations=("y",), error="z"), fresh(1),
    ]  # fmt: skip
    async with clinic_session(house.pool, house.clinic.id) as s:
        for one in every:
            await runs_store.add(s, run, token, one)
        found = await runs_store.run(s, run)
        assert (found.done, found.passed, found.failed, found.violated, found.broken) == (5, 1, 1, 2, 1)
        [suite] = await runs_store.suites(s, run)
        assert (suite.scenarios, suite.trials, suite.passed, suite.failed, suite.violated, suite.broken) == (1, 5, 1, 1, 2, 1)
        by = {only: [one.number for one in await runs_store.trials(s, run, only=only, limit=9)] for only in runs_store._WHICH}
    assert by == {
        "all": [5, 3, 2, 4, 1],
        "passed": [1],
        "failed": [2],
        "violated": [5, 3],
        "broken": [4],
        "wrong": [5, 3, 2, 4],
    }


async def test_who_lost_the_run_writes_nothing_more(house: House) -> None:
    run, token = await taken(house)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE eval_runs SET lease_until = now() - interval '1 second'")
    assert await give_up_lost(house.pool) == 1
    assert await give_up_lost(house.pool) == 0
    found = await state(house, run)
    assert (found.state, found.error) == ("broken", "lost")
    for write in (
        lambda s: runs_store.add(s, run, token, fresh(1)),
        lambda s: runs_store.beat(s, run, token, lease=LEASE),
        lambda s: runs_store.finish(s, run, token, state="ended"),
    ):
        with pytest.raises(Lost):
            async with clinic_session(house.pool, house.clinic.id) as s:
                await write(s)
    assert await house.rows("SELECT count(*) AS n FROM eval_trials") == [{"n": 0}]


async def test_a_run_that_lives_is_given_up_by_nobody_but_who_saw_it_die(house: House) -> None:
    run, token = await taken(house)
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert not await runs_store.give_up(s, run, error="lost")
        assert not await runs_store.give_up(s, run, error="killed", token=new_token())
        assert await runs_store.give_up(s, run, error="killed", token=token)
    waiting = await asked(house)  # its process died before it could take it: it is not tried for ever
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await runs_store.give_up(s, waiting, error="crashed", token=new_token())


async def test_stop_and_resume(house: House) -> None:
    run, token = await taken(house)
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert not await runs_store.beat(s, run, token, lease=LEASE)
        assert (await runs_store.ask_stop(s, run, by="Rita")).state == "running"
        await runs_store.ask_stop(s, run, by="Zé")
        assert await runs_store.beat(s, run, token, lease=LEASE)
        with pytest.raises(RunGoesOn):
            await runs_store.ask_resume(s, run, by="Rita")
        await runs_store.finish(s, run, token, state="stopped", open=False, reasons=("x",), report="<html>")
        found = await runs_store.run(s, run)
        assert (found.state, found.stop_asked_by, found.open, found.reported) == ("stopped", "Rita", False, True)
        with pytest.raises(RunOver):
            await runs_store.ask_stop(s, run, by="Rita")
        again = await runs_store.ask_resume(s, run, by="Zé")
        assert (again.state, again.asked_by, again.stop_asked_by, again.open, again.reported) == (
            "queued",
            "Zé",
            None,
            None,
            False,
        )
    assert await system.waiting_eval_runs(house.pool, limit=5) == [(house.clinic.id, run)]


async def test_what_was_asked_to_stop_and_then_died_has_stopped(house: House) -> None:
    run, token = await taken(house)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await runs_store.ask_stop(s, run, by="Rita")
        assert await runs_store.give_up(s, run, error="killed", token=token)
    found = await state(house, run)
    assert (found.state, found.error) == ("stopped", None)


async def test_another_clinic_sees_none_of_it(house: House) -> None:
    run, token = await taken(house)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await store.keep(s, SCENARIO, by="Júlia", came_from="console")
        await runs_store.add(s, run, token, fresh(1))
    other = await add_clinic(house.pool, "outra", {})
    async with clinic_session(house.pool, other) as s:
        assert await store.every(s, archived=True) == []
        assert await runs_store.runs(s, before=None, limit=9) == []
        assert await s.all("SELECT id FROM eval_trials") == []
        with pytest.raises(NoRun):
            await runs_store.run(s, run)
        with pytest.raises(NoScenario):
            await store.one(s, SCENARIO.id)
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            await s.execute(
                """INSERT INTO eval_trials (clinic_id, id, run_id, scenario, suite, title, number, passed, document, evidence)
                   VALUES (%(clinic)s, %(id)s, %(run)s, 'a', 'clinic', 'a', 1, true, '{}', '{}')""",
                {"clinic": other, "id": new_id(), "run": run},
            )


async def test_news_are_told_with_the_run_and_a_heartbeat_is_none(house: House, database: Urls) -> None:
    async with await psycopg.AsyncConnection.connect(database.app, autocommit=True) as ear:
        await ear.execute(f"LISTEN {CHANNEL}")  # type: ignore[arg-type]

        async def told() -> set[tuple[str, str | None]]:
            heard = [json.loads(notice.payload) async for notice in ear.notifies(timeout=0.5)]
            assert {one["clinic"] for one in heard} <= {str(house.clinic.id)}
            return {(one["what"], one.get("run")) for one in heard}

        run, token = await taken(house)
        assert await told() == {("eval_run", str(run))}
        async with clinic_session(house.pool, house.clinic.id) as s:
            await runs_store.beat(s, run, token, lease=LEASE)
        assert await told() == set()
        async with clinic_session(house.pool, house.clinic.id) as s:
            await runs_store.add(s, run, token, fresh(1))
        assert await told() == {("eval_run", str(run))}
        async with clinic_session(house.pool, house.clinic.id) as s:
            await store.keep(s, SCENARIO, by="Júlia", came_from="console")
        assert await told() == {("scenario", None)}


async def test_a_conversation_that_is_erased_leaves_its_scenario(house: House) -> None:
    conversation = await house.hear("+5531988880002", "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await store.keep(s, SCENARIO, by="Júlia", came_from="conversation", conversation_id=conversation)
        await s.execute("DELETE FROM conversations WHERE id = %(id)s", {"id": conversation})
        assert (await store.one(s, SCENARIO.id)).conversation_id is None
