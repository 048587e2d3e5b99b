"""Playing a run: trials side by side, each written down as it ends, until all are there or the budget is spent.

One that broke (the machine was busy, a model away) is played a second time at the end, when nothing else is; what broke it
is kept beside it. One that violated is never played again, nor are they when too many broke: that is no bad luck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clinic.scenarios.schema import Scenario
from desk.console import RunLane
from evals import runs
from evals.evidence import Evidence
from evals.grading.grade import grade
from evals.patients.noise import noisy
from evals.patients.simulated import AGAIN, as_meant, mistakes, review
from evals.patients.users import Ask, NoPatient
from evals.playing.drive import trial
from evals.playing.stage import AT_ONCE_MOST, Stage
from evals.runs import Run, Trial
from evals.scoring import scored

Hold = Callable[[Scenario, int], Awaitable[Evidence]]
Judge = Callable[[Scenario, Evidence], Awaitable[dict[str, Any]]]
_FEW, _SHARE = 3, 4  # that may break and be played again: so many, or one of so many


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may cost; None: as much as it takes."""

    reais: float | None = None
    minutes: float | None = None


@dataclass(slots=True)
class Player:
    """`told` is called after each trial, with how many are done and due. `lane(scenario)` takes its turns and delivers; `hold`
    holds a talk elsewhere instead, and then there is no stage."""

    stage: Stage | None
    lane: Callable[[Scenario], RunLane] | None
    at_once: int = 2
    ask: Ask | None = None
    judge: Judge | None = None
    told: Callable[[Trial, int, int], None] = lambda _trial, _done, _due: None
    budget: Budget = Budget()
    hold: Hold | None = None

    async def play(self, run: Run, scenarios: Sequence[Scenario]) -> Run:
        """Plays what is left of the run; the run as it then is. Over budget it stops, and the gate will see it."""
        left = runs.left(run, scenarios)
        done, due = len(run.trials), run.due
        spent, began = sum(_cost(one) for one in run.trials), asyncio.get_running_loop().time()
        places, lock = asyncio.Semaphore(min(self.at_once, AT_ONCE_MOST)), asyncio.Lock()
        broken: list[tuple[Scenario, Trial]] = []

        def over() -> bool:
            return _over(self.budget, spent, (asyncio.get_running_loop().time() - began) / 60)

        async def keep(found: Trial) -> None:
            nonlocal done
            async with lock:
                await asyncio.to_thread(runs.add, run.folder, found)
                done += 1
            self.told(found, done, due)

        async def one(scenario: Scenario, noise: str, number: int) -> None:
            nonlocal spent
            async with places:
                if over():
                    return
                found = await self._trial(scenario, noise, number)
                spent += _cost(found)
                if found.verdict.error and not found.verdict.violations:
                    broken.append((scenario, found))
                else:
                    await keep(found)

        async with asyncio.TaskGroup() as group:
            for scenario, noise, number in left:
                group.create_task(one(scenario, noise, number))
        few = len(broken) <= max(_FEW, len(left) // _SHARE)
        for scenario, first in broken:
            found = first
            if few and not over():
                found = replace(await self._trial(scenario, first.noise, first.number), again=first.verdict.error)
                spent += _cost(found)
            await keep(found)
        return await asyncio.to_thread(runs.read, run.folder)

    async def _trial(self, scenario: Scenario, noise: str, number: int) -> Trial:
        played = noisy(scenario, noise, seed=number) if noise else scenario
        evidence, simulated = await self._talk(played, number)
        judged = await self.judge(scenario, evidence) if self.judge and not evidence.error else {}
        verdict, found = scored(scenario, evidence, judged)
        return Trial(scenario.id, scenario.suite, number, noise, verdict, evidence, judged, simulated, found)

    async def _talk(self, scenario: Scenario, number: int) -> tuple[Evidence, dict[str, Any]]:
        """One talk. Where the model that plays the patient is wrong or away it is held again, and that is written down."""
        discarded: list[dict[str, Any]] = []
        while True:
            evidence = await self._held(scenario, number)
            wrong = mistakes(scenario, evidence)
            away = evidence.error.startswith(NoPatient.__name__)
            if not (wrong or away) or len(discarded) == AGAIN:
                break
            found = grade(scenario, as_meant(evidence)).violations  # seen, although the talk does not count
            discarded.append({"mistakes": list(wrong), "away": away, "violations": list(found)})
        return evidence, review(wrong, discarded) if scenario.patient.mode == "model" else {}

    async def _held(self, scenario: Scenario, number: int) -> Evidence:
        if self.hold is not None:
            return await self.hold(scenario, number)
        assert self.stage is not None
        assert self.lane is not None
        return await trial(self.stage, scenario, number, self.lane(scenario), ask=self.ask)


def _cost(trial: Trial) -> float:
    return sum(turn.cost_brl for turn in trial.evidence.turns)


def _over(budget: Budget, reais: float, minutes: float) -> bool:
    return (budget.reais is not None and reais >= budget.reais) or (budget.minutes is not None and minutes >= budget.minutes)
