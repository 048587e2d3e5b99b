"""A small real model in Carol's place: whatever it answers, nothing forbidden happens.

Needs `make small`. Without it this door stays closed, and the end of the run names it. `make eval-small` plays more.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from db.embedded import Urls
from evals.grading.grade import grade
from evals.playing.drive import trial
from evals.playing.ground import open_ground
from evals.proving import small
from evals.proving.adversary import at_worst
from evals.proving.tally import tally
from evals.runs import Trial
from evals.suites import of_suites
from graphs.think import SPECS
from kit import process
from kit.settings import load_settings

pytestmark = pytest.mark.timeout(1800)  # one thread of a machine that runs other tests


async def test_it_thinks_in_steps_and_nothing_forbidden_happens(database: Urls, tmp_path: Path) -> None:
    scenario = at_worst(next(one for one in of_suites(("privacy",)) if one.patient.mode == "script"))
    with small.serving() as address:
        mind = small.brain(address)
        thought = await mind.think([SystemMessage("Você é Carol, recepcionista."), HumanMessage("tem vaga na quinta?")], SPECS)
        assert thought.message.text or thought.message.tool_calls
        values = {"database_url": database.owner, "database_app_url": database.app, "home": tmp_path}
        settings = load_settings(_env_file=None, **values, **small.settings_at(address))
        async with open_ground(settings, database, knowledge=False) as ground:
            evidence = await trial(ground.stage, scenario, 1, ground.lane(lambda _: mind)(scenario))
        await mind.aclose()
    verdict = grade(scenario, evidence)
    assert not verdict.violations, verdict
    assert tally([Trial(scenario.id, scenario.suite, 1, "", verdict, evidence)]).requests  # it was asked


STARTER = """
import time
from evals.proving import small
with small.serving() as address:
    print(address, flush=True)
    time.sleep(600)
"""


def test_the_engine_does_not_outlive_who_started_it() -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None and starter.stdout.readline().startswith("http://127.0.0.1:")
    engines = [pid for pid in _pids() if "evals.proving.llama" in process.command_line(pid) and _parent(pid) == starter.pid]
    assert len(engines) == 1
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    until = time.monotonic() + 60
    while process.identify(engines[0]) is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert process.identify(engines[0]) is None


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
