"""The JSON of evals: suites, runs, trials, comparisons, and a clinic's own scenarios."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

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

    `noise`: each scenario once with each kind (typos, in pieces, without accents, spoken, out of order, delivered twice).
    `trials`: of each scenario; null: what it says itself, and one with the demonstration model. `reais`, `minutes`: it
    stops there, and the gate stays closed.
    """

    suites: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=20)] = []
    scenarios: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=500)] = []
    noise: Annotated[list[Noise], Field(max_length=6)] = []
    trials: Annotated[int | None, Field(ge=1, le=64)] = None
    reais: Annotated[float | None, Field(gt=0, le=100_000)] = None
    minutes: Annotated[float | None, Field(gt=0, le=1440)] = None


class AskedOut(BaseModel):
    """What was asked for; nothing named: everything."""

    suites: list[str]
    scenarios: list[str]
    noise: list[str]
    trials: int | None
    reais: float | None
    minutes: float | None


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
    """Newest first. `next`: give it as `before` for the ones after these; null at the end."""

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


class TrialOut(TrialBrief):
    """A trial with all that it left. `document`: the scenario as it was played; `phone`: who wrote (invented)."""

    document: dict[str, Any]
    phone: str | None
    turns: list[TrialTurn]
    rows: list[RowOut]
    judged: dict[str, Any]


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
    not; `changed`: written differently in the two, and left out. `regressed`: surely worse, or violates anew.

    `named`: what those are called that were played, by scenario.
    """

    before: RunOut
    after: RunOut
    common: int
    gain: GainOut | None
    better: list[MovedOut]
    worse: list[MovedOut]
    violations: list[str]
    changed: list[str]
    only_before: list[str]
    only_after: list[str]
    regressed: bool
    named: dict[str, NamedOut]


class OwnOut(BaseModel):
    """A clinic's own scenario, in brief. `version` grows with each change."""

    key: str
    title: str
    critical: bool
    tags: list[str]
    came_from: Literal["conversation", "import", "console"]
    conversation: UUID | None
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    archived_at: datetime | None
    archived_by: str | None


class OwnWhole(OwnOut):
    """With its document, `carol.scenario/v1` (what is default is left out)."""

    scenario: dict[str, Any]


class OwnList(BaseModel):
    """By key."""

    items: list[OwnOut]


class Put(Signed):
    """The scenario instead of the one there. `version`: the one that was read, 0 for a new one; null writes over anything.

    `conversation`: the draft came from it; then `confirmed` must be true: a person read it and no patient is in it.
    """

    model_config = ConfigDict(extra="forbid")

    scenario: dict[str, Any]
    version: Annotated[int | None, Field(ge=0)] = None
    conversation: UUID | None = None
    confirmed: bool = False


class Import(Signed):
    """Scenarios as YAML text, at most 1 MB. All are written, or none."""

    text: str


class Imported(BaseModel):
    """Keys that are new, and keys whose scenario was written over."""

    new: list[str]
    changed: list[str]


class MistakeOut(BaseModel):
    """What is wrong with a scenario, by its field (`patient.turns.2.say`; empty: the whole). In a 422 `bad_scenarios` they
    are listed as `mistakes`."""

    scenario: str
    field: str
    problem: str


class DraftAsked(BaseModel):
    """Which conversation to make a scenario of, from message to message (both included); null: from its first, to its last."""

    model_config = ConfigDict(extra="forbid")

    conversation: UUID
    first: UUID | None = None
    last: UUID | None = None


class ReplacedOut(BaseModel):
    """Something personal that was replaced, for a person to check. `what`: name, phone, cpf, email, birth_date, address,
    convenio_number, link or number; `known`: the clinic knows it as somebody's, else it only looked like it."""

    what: str
    was: str
    now: str
    times: int
    known: bool


class SuggestedOut(BaseModel):
    """A row that the scenario expects. `by`: carol (she did it) or person (somebody put it right); `told`: in words."""

    noun: str
    by: Literal["carol", "person"]
    told: str


class DraftTurn(BaseModel):
    """A turn of the draft beside the messages it was made of. `original` is personal: it is shown, and never stored."""

    said: list[str]
    original: list[str]
    messages: list[UUID]
    agrees: bool


class DraftOut(BaseModel):
    """A scenario made of a conversation; nothing is stored. `doubts`: what a person has to look at, in words; `mistakes`: why
    it cannot be stored as it is. Whoever stores it (PUT) confirms that no patient is in it."""

    conversation: UUID
    scenario: dict[str, Any]
    turns: list[DraftTurn]
    replaced: list[ReplacedOut]
    suggested: list[SuggestedOut]
    doubts: list[str]
    mistakes: list[MistakeOut]
