"""The JSON of evals: suites, runs, trials, comparisons."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.conversations import Signed
from api.shapes import StepOut

Mark = Literal["passed", "failed", "violated", "broken"]
Noise = Literal["burst", "typos", "bare", "spoken", "disorder", "twice"]


class ScenarioName(BaseModel):
    """A scenario to choose. `known_failing`: the demonstration model does not pass it yet."""

    id: str
    title: str
    critical: bool
    known_failing: bool


class SuiteOut(BaseModel):
    """A suite: the clinic's own is called `clinic`, the others come with Carol. Counts are of scenarios."""

    name: str
    title: str
    scenarios: int
    critical: int
    known_failing: int


class SuiteWhole(SuiteOut):
    """A suite with its scenarios."""

    items: list[ScenarioName]


class RunAsked(Signed):
    """What to play: whole suites, single scenarios, or both; neither: everything.

    `noise`: each scenario again with each kind (typos, in pieces, without accents, spoken, out of order, delivered twice).
    `trials`: of each scenario; null: what it says itself, and one with the demonstration model. `reais`, `minutes`: it
    stops there, and the gate stays closed.
    """

    suites: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=20)] = []
    scenarios: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=500)] = []
    noise: Annotated[list[Noise], Field(max_length=6)] = []
    trials: Annotated[int | None, Field(ge=1, le=64)] = None
    reais: Annotated[float | None, Field(gt=0, le=100_000)] = None
    minutes: Annotated[float | None, Field(gt=0, le=1440)] = None


class RepeatAsked(Signed):
    """Which scenarios of a run are played again: those of which some trial came out so."""

    only: Literal["failed", "violated", "broken", "wrong", "passed", "all"] = "wrong"


class AskedOut(BaseModel):
    """What was asked for; nothing named: everything. `repeats`: the run of which these scenarios are played again."""

    suites: list[str]
    scenarios: list[str]
    noise: list[str]
    trials: int | None
    reais: float | None
    minutes: float | None
    repeats: UUID | None


class RunOut(BaseModel):
    """A run. Counts are of trials: `done` of `due` (0 until it has begun) are `passed`, `failed` (something is missing),
    `violated` (something forbidden happened) or `broken` (no verdict).

    `state`: queued, running, ended, stopped (by a person) or broken (its process died; what it wrote is kept, and it can
    be resumed). `open`: it passed the gate; null until that is decided; `reasons`: why not. `offline`: figures of the
    demonstration model say nothing about quality. `error`: a code of why it broke. `seconds_left`: while it runs, when known.
    """

    id: UUID
    state: Literal["queued", "running", "ended", "stopped", "broken"]
    asked: AskedOut
    asked_by: str
    asked_at: datetime
    model: str
    tier: str
    offline: bool
    due: int
    done: int
    passed: int
    failed: int
    violated: int
    broken: int
    open: bool | None
    reasons: list[str]
    began_at: datetime | None
    ended_at: datetime | None
    stopping: bool
    stop_asked_by: str | None
    error: str | None
    seconds_left: float | None


class RunPage(BaseModel):
    """Newest first. `next`: give it as `before` for the ones after these; null at the end."""

    items: list[RunOut]
    next: UUID | None


class SuiteCountOut(BaseModel):
    """How one suite went so far; counts are of trials but `scenarios`."""

    suite: str
    title: str
    scenarios: int
    trials: int
    passed: int
    failed: int
    violated: int
    broken: int


class FiguresOut(BaseModel):
    """Of a run that ended. `share` with its 95 % interval, by whole scenarios; `pass_hat`: all of k trials right, by k;
    `violations_below`: without any violation, with 95 % certainty fewer than this share. Seconds to answer: half within
    `p50`, 95 % within `p95`."""

    share: float | None = None
    low: float | None = None
    high: float | None = None
    pass_hat: dict[str, float | None] = {}
    violations_below: float | None = None
    cost_brl: float = 0
    cost_brl_each: float | None = None
    tokens: int = 0
    p50: float | None = None
    p95: float | None = None


class RunWhole(RunOut):
    """A run with its suites. `report`: it has written one."""

    suites: list[SuiteCountOut]
    figures: FiguresOut | None
    report: bool
    noise: list[str]
    commit: str


class TrialBrief(BaseModel):
    """A trial. `failures`: what should have been and is not; `violations`: what must never be and is; `error`: it broke."""

    id: UUID
    scenario: str
    suite: str
    suite_title: str
    title: str
    critical: bool
    noise: str
    number: int
    mark: Mark
    failures: list[str]
    violations: list[str]
    error: str
    seconds: float
    cost_brl: float
    at: datetime


class TrialPage(BaseModel):
    """The worst first. `next`: give it as `before` for the ones after these; null at the end."""

    items: list[TrialBrief]
    next: UUID | None


class CallOut(BaseModel):
    """A tool that was called. `told`: in words; `effect`: read or write; `error`: its code, empty when it worked."""

    tool: str
    told: str
    ok: bool
    effect: str
    error: str
    args: dict[str, Any]
    result: dict[str, Any]


class TrialTurn(BaseModel):
    """What the patient said, what Carol did and answered. `agrees`: the patient agreed here to what was read back."""

    said: list[str]
    spoken: bool = False
    agrees: bool
    replies: list[str]
    calls: list[CallOut]
    passages: list[str]
    outcome: str
    tokens: int
    cost_brl: float
    seconds: float
    steps: list[StepOut]


class RowOut(BaseModel):
    """A row of the clinic, by noun (visits, people, relationships, aliases, contacts, cases, conversations, blocks).

    `how`: added, changed or removed, or `still`: a table that must not change did. `stands`: expected (it was to happen and
    did), allowed (it might), missing (it was to happen and did not) or unexpected (nobody listed it). `told`: in words.
    A missing row has only the columns that matter.
    """

    noun: str
    how: Literal["added", "changed", "removed", "still"]
    stands: Literal["expected", "allowed", "missing", "unexpected"]
    was: dict[str, Any] | None
    now: dict[str, Any] | None
    told: str


class JudgedOut(BaseModel):
    """What a judge answered to one question. `answer` null: it could not decide. `reasons`: one for each time it was asked.

    `about`: Carol, or the model that played the patient. `standing`: gates (its yes or no counts), shown (it agrees with
    people well enough to be read, not to count) or unfit (it does not). `counts`: its no fails this trial.
    """

    id: str
    ask: str
    rubric: str
    version: int | None
    about: Literal["carol", "patient"]
    answer: bool | None
    reasons: list[str]
    standing: Literal["gates", "shown", "unfit"]
    counts: bool


class BesideOut(BaseModel):
    """The trials shown before and after this one; null at the ends. `place` of `of`, from 1; null: it is not shown itself."""

    previous: UUID | None
    next: UUID | None
    place: int | None
    of: int


class TrialOut(TrialBrief):
    """A trial with all that it left. `document`: the scenario as it was played; `phone`: who wrote (invented)."""

    document: dict[str, Any]
    phone: str | None
    turns: list[TrialTurn]
    rows: list[RowOut]
    judged: list[JudgedOut]


class MovedOut(BaseModel):
    """A scenario that both runs played: how many of its trials passed, of how many."""

    scenario: str
    title: str
    suite: str
    before_passed: int
    before_of: int
    after_passed: int
    after_of: int


class GainOut(BaseModel):
    """How much larger the share of passed is in the second run, with its 95 % interval; negative: smaller."""

    share: float
    low: float
    high: float


class NamedOut(BaseModel):
    """What a scenario is called."""

    title: str
    suite: str


class ComparisonOut(BaseModel):
    """Two runs, by the scenarios that both played unchanged (`common`). `violations`: scenarios that violate now and did
    not; `unseen`: that violate now and were not played before as they are; `changed`: written differently in the two, and
    left out. `regressed`: surely worse, or violates anew.

    `named`: what those are called that were played, by scenario.
    """

    before: RunOut
    after: RunOut
    common: int
    gain: GainOut | None
    better: list[MovedOut]
    worse: list[MovedOut]
    violations: list[str]
    unseen: list[str]
    changed: list[str]
    only_before: list[str]
    only_after: list[str]
    regressed: bool
    named: dict[str, NamedOut]
