"""A clinic's own scenarios and the runs of scenarios, as rows tell them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from clinic.scenarios.schema import Scenario
from kit.errors import Conflict, Forbidden, Invalid, NotFound

OWN: Literal["clinic"] = "clinic"
"""The suite of a clinic's own scenarios, and the fixture that means: this clinic, as it is."""

CameFrom = Literal["conversation", "import", "console"]
RunState = Literal["queued", "running", "ended", "stopped", "broken"]
Mark = Literal["passed", "failed", "violated", "broken"]
Only = Literal["all", "passed", "failed", "violated", "broken", "wrong"]


class NoScenario(NotFound):
    """This clinic has no such scenario."""

    code = "no_scenario"


class NoRun(NotFound):
    """This clinic has no such run."""

    code = "no_run"


class NoTrial(NotFound):
    """This run has no such trial."""

    code = "no_trial"


class NotWritten(NotFound):
    """This run has not written its report yet: it does when it ends."""

    code = "run_not_written"


class RunOver(Conflict):
    """This run is over."""

    code = "run_over"


class RunGoesOn(Conflict):
    """This run is not over."""

    code = "run_goes_on"


class Lost(Conflict):
    """Another process has this run now."""

    code = "run_lost"


class Overtaken(Conflict):
    """Somebody changed this scenario meanwhile."""

    code = "scenario_overtaken"


class NotInRehearsal(Forbidden):
    """A rehearsal has no scenarios and no runs: its clinic has."""

    code = "not_in_rehearsal"


class NothingToPlay(Invalid):
    """There is no such suite, no such scenario, or nothing in it."""

    code = "nothing_to_play"


class NotConfirmed(Invalid):
    """Somebody must say that they read it and that no patient is in it."""

    code = "not_confirmed"


def mark_of(violations: Sequence[str], error: str, failures: Sequence[str]) -> Mark:
    """What a verdict comes to."""
    return "violated" if violations else "broken" if error else "failed" if failures else "passed"


class StillPersonal(Invalid):
    """There still is data of the clinic's patients in it."""

    code = "still_personal"

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__()
        self.told = {"found": list(found)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A clinic's own scenario, as it is kept."""

    id: UUID
    key: str
    scenario: Scenario
    digest: str
    came_from: CameFrom
    conversation_id: UUID | None
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    archived_at: datetime | None
    archived_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a run is to play. Nothing named: every suite, the clinic's own among them. `trials`: of each scenario; None: as
    many as it says itself. `noise`: each scenario again with each kind. `reais`, `minutes`: it stops there.
    `repeats`: the run whose scenarios these are, played again because of how they came out."""

    suites: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    trials: int | None = None
    reais: float | None = None
    minutes: float | None = None
    repeats: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Asked:
        """From its row."""
        suites, scenarios, noise = (tuple(map(str, given.get(name) or ())) for name in ("suites", "scenarios", "noise"))
        return cls(
            suites=suites, scenarios=scenarios, noise=noise, repeats=given.get("repeats"),
            trials=given.get("trials"), reais=given.get("reais"), minutes=given.get("minutes"),
        )  # fmt: skip

    @property
    def kinds(self) -> tuple[str, ...]:
        """How each scenario is played: as it is written, and again with each noise; empty: only as it is written."""
        return ("", *self.noise) if self.noise else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run. The counts are of trials; `open` is None until the gate has decided. `seconds_each`: what a trial took lately."""

    id: UUID
    state: RunState
    asked: Asked
    asked_by: str
    asked_at: datetime
    model: str
    tier: str
    offline: bool
    head: Mapping[str, Any] = field(default_factory=dict)
    due: int
    done: int
    passed: int
    failed: int
    violated: int
    broken: int
    open: bool | None
    reasons: tuple[str, ...]
    figures: Mapping[str, Any] = field(default_factory=dict)
    reported: bool
    began_at: datetime | None
    ended_at: datetime | None
    attempts: int
    stop_asked_at: datetime | None
    stop_asked_by: str | None
    error: str | None
    seconds_each: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """Until it ends, as far as one can tell; None when it is not going or nothing has ended yet."""
        if self.state != "running" or self.seconds_each is None or not self.due:
            return None
        return round(max(0, self.due - self.done) * self.seconds_each, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteCount:
    """How one suite of a run went so far. The counts are of trials."""

    suite: str
    scenarios: int
    trials: int
    passed: int
    failed: int
    violated: int
    broken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """A trial, in brief."""

    id: UUID
    scenario: str
    suite: str
    title: str
    critical: bool
    noise: str
    number: int
    passed: bool
    failures: tuple[str, ...]
    violations: tuple[str, ...]
    error: str
    seconds: float
    cost_brl: float
    at: datetime

    @property
    def mark(self) -> Mark:
        """One word: what must never be comes first, and what broke is neither right nor wrong."""
        return mark_of(self.violations, self.error, self.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialWhole(TrialRow):
    """A trial with all that it left. `document`: the scenario as it was played; `told`: rows beside what was expected."""

    document: Mapping[str, Any]
    evidence: Mapping[str, Any]
    told: Mapping[str, Any]
    judged: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Where a trial stands among those that are shown, the worst first. `place` from 1; None: it is none of them."""

    previous: UUID | None
    next: UUID | None
    place: int | None
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A trial to be written down."""

    scenario: Scenario
    noise: str
    number: int
    failures: tuple[str, ...]
    violations: tuple[str, ...]
    error: str
    evidence: Mapping[str, Any]
    told: Mapping[str, Any]
    judged: Mapping[str, Any]
    seconds: float
    cost_brl: float
