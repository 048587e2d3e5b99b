"""The world of a trial: a time that is lost is really taken by somebody, whose rows are nobody's doing but theirs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clinic.scenarios.schema import Scenario
from db.embedded import Urls
from evals.evidence import Evidence
from evals.grading.grade import Verdict, grade
from evals.playing.drive import trial
from evals.playing.faults import SOMEBODY
from evals.playing.ground import open_ground
from evals.playing.reference import Oracle
from evals.playing.state import Snapshot, difference
from evals.suites import of_suites
from kit.settings import load_settings


def named(name: str) -> Scenario:
    return next(one for one in of_suites() if one.id == name)


async def played(scenario: Scenario, database: Urls, home: Path) -> tuple[Evidence, Verdict]:
    settings = load_settings(_env_file=None, database_url=database.owner, database_app_url=database.app, home=home)
    async with open_ground(settings, database, knowledge=False) as ground:
        found = await trial(ground.stage, scenario, 1, ground.lane(Oracle)(scenario))
    return found, grade(scenario, found)


@pytest.mark.parametrize("name", ["perde-o-horario-ao-escolher", "perde-o-horario-no-sim", "res-troca-perdida-guarda-a-antiga"])
async def test_a_time_that_is_lost_is_gone_and_others_are_offered(name: str, database: Urls, tmp_path: Path) -> None:
    scenario = named(name)
    [fault] = scenario.faults
    found, verdict = await played(scenario, database, tmp_path)
    assert verdict == Verdict(), name
    lost = next(call for _, call in found.calls if call.tool == fault.tool)
    assert (lost.ok, lost.error) == (False, "slot_taken")
    assert lost.result["slots"]  # what is really free, found after it was taken
    assert SOMEBODY not in json.dumps([one.told() for one in found.changed.rows])


async def test_a_fault_that_takes_nothing_breaks_the_trial_and_is_not_taken_for_carols(database: Urls, tmp_path: Path) -> None:
    scenario = named("perde-o-horario-no-sim")
    nothing = scenario.faults[0].model_copy(update={"tool": "find_slots"})
    found, verdict = await played(scenario.model_copy(update={"faults": (nothing,)}), database, tmp_path)
    assert found.error.startswith("BadFault") and not verdict.passed


def rows(**visits: dict[str, Any]) -> Snapshot:
    return Snapshot({"visits": visits}, {})


def test_what_others_wrote_is_no_change_until_it_is_changed() -> None:
    theirs = {"person": SOMEBODY, "status": "booked"}
    others = {"visits": {"b": theirs}}
    before = rows(a={"person": "Ana", "status": "booked"})
    after = rows(a={"person": "Ana", "status": "booked"}, b=theirs)
    assert not difference(before, after, others=others).rows
    assert difference(before, after).rows
    cancelled = replace(after, rows={"visits": {**after.rows["visits"], "b": {**theirs, "status": "cancelled"}}})
    [changed] = difference(before, cancelled, others=others).rows
    assert changed.was == theirs
    [gone] = difference(before, before, others=others).rows
    assert gone.now is None
