"""A scenario, as it is written: who writes to which clinic, what they say, and what must be true afterwards.

`carol.scenario/v1`. The same shape in a suite's file, in a clinic's own row, and in an export.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

SCHEMA: Literal["carol.scenario/v1"] = "carol.scenario/v1"
SUITES = (
    "scheduling", "policy", "emergency", "benign", "privacy", "boundary", "handoff", "resilience", "tone", "retrieval",
    "noise",
)  # fmt: skip
NOUNS = ("visits", "people", "relationships", "contacts", "cases", "conversations", "blocks")

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
DocumentName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\.md$", max_length=80)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Row = dict[str, Any]


def _regex(value: Any) -> Any:
    try:
        re.compile(str(value))
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


def _as_json(value: Any) -> Any:
    """YAML reads dates; a row, an export and a digest hold them as words."""
    return json.loads(json.dumps(value, default=lambda one: one.isoformat()))


Regex = Annotated[str, StringConstraints(min_length=1, max_length=500), BeforeValidator(_regex)]


class Part(BaseModel):
    """Strict: a key that is misspelt is an error, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(Part):
    """One turn of a patient: one message, or several that arrive together and are answered together."""

    say: Words | tuple[Words, ...]
    agrees: bool = False
    """Here the patient agrees to what was read back; a write is allowed in this turn, and only then."""
    after_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 400)] = 0
    """The clock goes on by so much before it is said."""
    spoken: bool = False
    """A voice note: these are the words that were heard."""
    twice: bool = False
    """The wire delivers it twice under one id."""

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.say,) if isinstance(self.say, str) else self.say


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Regexes = Annotated[tuple[Regex, ...], BeforeValidator(_several)]


def _said(value: Any) -> Any:
    return {"say": value} if isinstance(value, str | list | tuple) else value


Turn = Annotated[Said, BeforeValidator(_said)]


class Answer(Part):
    """What a reactive patient says when Carol's last reply matches (without accents or case): `when` and every `and` are
    in it, and no `not`."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    when: Regex
    and_: Regexes = Field((), alias="and")
    not_: Regexes = Field((), alias="not")
    say: Words | tuple[Words, ...]
    agrees: bool = False
    after_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 400)] = 0
    """They take so long to answer."""
    most: Annotated[int, Field(ge=1, le=10)] = 2
    """How often; a patient does not repeat one sentence for ever."""


class Patient(Part):
    """Who writes. `script`: these turns, whatever comes back. `rules`: reacts, offline. `model`: a simulated person."""

    mode: Literal["script", "rules", "model"] = "script"
    person: str | None = None
    """The key of somebody in the clinic's document; none: a stranger's new number."""
    phone: Annotated[str, StringConstraints(pattern=r"^\+\d{10,15}$")] | None = None
    turns: tuple[Turn, ...] = ()
    opening: Turn | None = None
    rules: tuple[Answer, ...] = ()
    stop_when: Regex | None = None
    most_turns: Annotated[int, Field(ge=1, le=30)] = 10
    persona: str = ""
    goal: str = ""
    known: dict[str, str] = Field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    stand_in: tuple[Turn, ...] = ()
    """What a scripted person says in the place of a simulated one, after the opening: for proofs, which need no model."""

    @model_validator(mode="after")
    def _whole(self) -> Patient:
        if self.mode == "script" and not self.turns:
            raise ValueError("a scripted patient needs turns")
        if self.mode != "script" and (self.turns or self.opening is None):
            raise ValueError("a reacting patient has an opening and no turns")
        if self.mode == "rules" and not self.rules:
            raise ValueError("a patient of rules needs rules")
        if self.mode == "model" and not (self.persona and self.goal):
            raise ValueError("a simulated patient needs a persona and a goal")
        if self.stand_in and self.mode != "model":
            raise ValueError("only a simulated patient has a stand-in")
        return self


class Change(Part):
    """A row before and after; each names only the columns that matter."""

    was: Row
    now: Row


class Rows(Part):
    """What may and must happen to one noun: every row listed, and no other. `optional`: rows that may appear or not."""

    inserted: tuple[Row, ...] = ()
    updated: tuple[Change, ...] = ()
    deleted: tuple[Row, ...] = ()
    optional: tuple[Row, ...] = ()


class Call(Part):
    """A call to a tool. `by_turn`: not later than this turn (from 1)."""

    name: str
    args: Row = Field(default_factory=dict)
    ok: bool | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    by_turn: Annotated[int, Field(ge=1)] | None = None


class Saying(Part):
    """Words of Carol's, without accents or case. Each condition given must hold, in one reply of the scope.

    `turn`: any, first, last, or its number from 1. `all`/`any`: plain words; `regex`: a pattern. `label`: what these words
    say, for who reads that they were said or were not; completes "disse …": `que pode esperar em casa`.
    """

    turn: Literal["any", "first", "last"] | Annotated[int, Field(ge=1)] = "any"
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    regex: Regex | None = None
    label: Annotated[str, StringConstraints(max_length=200)] = ""

    @model_validator(mode="after")
    def _something(self) -> Saying:
        if not (self.all or self.any or self.regex):
            raise ValueError("nothing to look for")
        return self


class Question(Part):
    """For a judge, yes or no; versioned with its rubric, never the only check of what is critical."""

    id: Id
    ask: Words
    rubric: str = "default"


class Budget(Part):
    """What a scenario may cost."""

    turns: int | None = None
    tool_calls: int | None = None
    reply_chars: int | None = None
    tokens: int | None = None
    seconds: float | None = None


State = dict[Literal["visits", "people", "relationships", "contacts", "cases", "conversations", "blocks"], Rows]


class Expect(Part):
    """What must be true when all was said. The world is closed: what is not listed must not have changed."""

    state: State = Field(default_factory=dict)
    one_of: tuple[State, ...] = ()
    """Several right ends: beside `state`, one of these must be what happened, whole."""
    must_call: tuple[Call, ...] = ()
    must_not_call: tuple[Call, ...] = ()
    must_say: tuple[Saying, ...] = ()
    must_not_say: tuple[Saying, ...] = ()
    never_reveal: tuple[str, ...] = ()
    """People (keys of the document) beside those who are strangers to the writer anyway."""
    may_reveal: tuple[str, ...] = ()
    """People whom the writer may hear of although they are not theirs."""
    silent: bool = False
    """Carol says nothing in the last turn."""
    judge: tuple[Question, ...] = ()
    budget: Budget = Budget()

    @property
    def positive(self) -> bool:
        """Whether doing nothing at all would fail."""
        rows = _asks(self.state) or (bool(self.one_of) and all(_asks(one) for one in self.one_of))
        return bool(rows or self.must_call or self.must_say)


def _asks(state: State) -> bool:
    return any(one.inserted or one.updated or one.deleted for one in state.values())


class Fault(Part):
    """A tool that fails at its n-th call, as the world fails. `slot_taken`: just before it, somebody else really takes the
    time. `unavailable`: nothing answers."""

    tool: str
    on_call: Annotated[int, Field(ge=1)] = 1
    error: Literal["slot_taken", "unavailable"]


class Knowledge(Part):
    """Which of the clinic's documents answer: `file`, `file#Heading` or `file#Title › Heading`; none: nothing written does."""

    refs: tuple[str, ...] = ()
    k: Annotated[int, Field(ge=1, le=10)] = 4
    overlay: dict[DocumentName, Annotated[str, StringConstraints(min_length=1, max_length=20_000)]] = Field(
        default_factory=dict
    )
    """Documents added to the fixture's, or put in the place of those of the same name."""


class OracleTurn(Part):
    """What a perfect receptionist does in this turn: calls in order, then these words."""

    calls: tuple[Row, ...] = ()
    say: Words


class When(Part):
    """The frozen clock of the conversation."""

    now: datetime | None = None
    """Local; none: the instant of the fixture."""
    per_turn_minutes: Annotated[int, Field(ge=0, le=1440)] = 1


class Scenario(Part):
    """One conversation and what it must leave behind."""

    schema_: Literal["carol.scenario/v1"] = Field(SCHEMA, alias="schema")
    id: Id
    title: Words
    suite: Literal[
        "scheduling", "policy", "emergency", "benign", "privacy", "boundary", "handoff", "resilience", "tone", "retrieval",
        "noise", "clinic",
    ]  # fmt: skip
    tags: tuple[str, ...] = ()
    critical: bool = False
    """Any violation fails the whole gate."""
    trials: Annotated[int, Field(ge=1, le=64)] = 4
    """With a real model; the offline one answers the same every time."""
    signed_by: str = ""
    """The clinician who read it; empty: nobody did, and reports say so."""
    fixture: Id = "jacaranda"
    overlay: Annotated[Row, BeforeValidator(_as_json)] = Field(default_factory=dict)
    """Parts of a clinic document laid over the fixture's: people, visits, blocks, rules, persona."""
    clock: When = When()
    patient: Patient
    faults: tuple[Fault, ...] = ()
    knowledge: Knowledge | None = None
    oracle: tuple[OracleTurn, ...] = ()
    expect: Expect
    twin_of: Id | None = None
    """The scenario that differs in the one thing that matters."""

    @model_validator(mode="after")
    def _can_fail(self) -> Scenario:
        if not (self.expect.positive or self.expect.silent):
            raise ValueError("nothing is expected that doing nothing would miss")
        if self.critical and not self.checked_without_judge:
            raise ValueError("a critical scenario needs a check that is not a judge's")
        return self

    @property
    def checked_without_judge(self) -> bool:
        return self.expect.positive or bool(self.expect.must_not_call or self.expect.must_not_say)

    @property
    def digest(self) -> str:
        """Twelve digits that change with the scenario, but not with how a check is called: two runs are compared only where
        they agree."""
        labels = {"expect": {name: {"__all__": {"label"}} for name in ("must_say", "must_not_say")}}
        return _digest(self.model_dump_json(by_alias=True, exclude_defaults=True, exclude=labels))

    @property
    def played(self) -> str:
        """Twelve digits that change with what is played, and not with what is expected of it: a stored trial may be judged
        anew while they stay."""
        parts = {"fixture", "overlay", "clock", "patient", "faults"}
        given = self.model_dump(mode="json", by_alias=True, exclude_defaults=True, include=parts)
        laid = dict(self.knowledge.overlay) if self.knowledge else {}
        return _digest(json.dumps([given, laid], sort_keys=True, ensure_ascii=False))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
