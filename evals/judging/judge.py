"""A model's yes or no about what was said, with its reason. Words only: rows, calls and leaks are never a judge's.

Each question is asked twice, with its two answers named in either order; who answers by the order has not answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from agent.brain import Brain
from agent.thoughts import ModelUnavailable, ToolSpec
from clinic.scenarios.schema import Question, Scenario
from evals.evidence import Evidence
from evals.words import folded
from kit import fast_yaml
from kit.errors import Invalid

HOME = Path(str(files("evals.judging"))) / "judges"
_TAG = re.compile(r"<(?=\s*/?\s*conversa)", re.IGNORECASE)
Talk = Sequence[tuple[Literal["patient", "carol"], str]]


class NoRubric(Invalid):
    """A question asks for a rubric that is not there."""

    code = "no_rubric"


class Asked(BaseModel):
    """A standing question of a rubric and the suites it is asked of."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ask: str
    suites: tuple[str, ...]


class Rubric(BaseModel):
    """How a judge is told to judge. Words only; the version names them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rubric: str
    version: int = Field(ge=1)
    instructions: str
    question: str
    patient: str
    carol: str
    silence: str
    yes: str
    no: str
    form: str
    questions: dict[str, Asked]

    @property
    def name(self) -> str:
        """`default@1#3f2a90c1`: the digits change with any word, so that labels never vouch for other words."""
        digest = hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]
        return f"{self.rubric}@{self.version}#{digest}"

    def of(self, suite: str) -> tuple[Question, ...]:
        """The standing questions of a suite."""
        return tuple(
            Question(id=id_, ask=one.ask, rubric=self.rubric) for id_, one in self.questions.items() if suite in one.suites
        )


@cache
def rubric(name: str) -> Rubric:
    """Raises NoRubric."""
    path = HOME / f"{name}.yaml"
    if not path.is_file():
        raise NoRubric(name)
    return Rubric.model_validate(fast_yaml.load(path.read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge holds. `answer` None: undecided, because it answered by the order or not at all."""

    answer: bool | None
    reasons: tuple[str, ...]
    tokens: int = 0


class _YesFirst(BaseModel):
    reason: str
    answer: Literal["sim", "não"]

    @field_validator("answer", mode="before")
    @classmethod
    def _spelt(cls, value: Any) -> Any:
        return {"sim": "sim", "nao": "não"}.get(folded(str(value)).strip(" .!"), value)


class _NoFirst(_YesFirst):
    answer: Literal["não", "sim"]


@dataclass(frozen=True, slots=True)
class Judge:
    """`model` is how it is called in a run's head."""

    brain: Brain
    model: str

    async def opinion(self, about: Rubric, ask: str, talk: Talk) -> Opinion:
        """The answer to one question. Never raises for a model that does not answer: that is undecided."""
        both = await asyncio.gather(self._once(about, ask, talk, _YesFirst), self._once(about, ask, talk, _NoFirst))
        answers = {answer for answer, _, _ in both}
        agreed = answers.pop() if len(answers) == 1 else None
        return Opinion(agreed, tuple(reason for _, reason, _ in both), sum(tokens for _, _, tokens in both))

    async def _once(self, about: Rubric, ask: str, talk: Talk, form: type[_YesFirst]) -> tuple[bool | None, str, int]:
        first, second = (about.yes, about.no) if form is _YesFirst else (about.no, about.yes)
        order = {"first": first, "second": second}
        told = [
            SystemMessage(about.instructions.format(**order)),
            HumanMessage(about.question.format(talk=_written(about, talk), ask=ask, **order)),
        ]
        try:
            thought = await self.brain.think(told, (ToolSpec("answer", about.form, form),))
        except ModelUnavailable as failed:
            return None, failed.code, sum(one.usage.tokens_in + one.usage.tokens_out for one in failed.attempts)
        tokens = thought.tokens_in + thought.tokens_out
        try:
            found = form.model_validate(thought.message.tool_calls[0]["args"])
        except (IndexError, ValidationError):
            return None, "unreadable", tokens
        return found.answer == "sim", found.reason[:600], tokens


def _written(about: Rubric, talk: Talk) -> str:
    """One line a message. Nobody in it can end the tag it stands in."""
    called = {"patient": about.patient, "carol": about.carol}
    return "\n".join(f"{called[who]}: {_TAG.sub('‹', text) or about.silence}" for who, text in talk)


def talk_of(evidence: Evidence) -> Talk:
    """What was said in a trial."""
    found: list[tuple[Literal["patient", "carol"], str]] = []
    for turn in evidence.turns:
        found += [("patient", text) for text in turn.said]
        found += [("carol", text) for text in turn.replies] or [("carol", "")]
    return found


def questions_of(scenario: Scenario) -> tuple[Question, ...]:
    """What is asked about a trial of it: the standing questions of its suite, its own, and those about a patient that a model
    played, which are opinions on the simulator and never on Carol."""
    return (*rubric("default").of(scenario.suite), *scenario.expect.judge, *_of_the_simulator(scenario))


def _of_the_simulator(scenario: Scenario) -> tuple[Question, ...]:
    patient = scenario.patient
    if patient.mode != "model":
        return ()
    known = [f"{name}: {value}" for name, value in patient.known.items()]
    part = " ".join([patient.persona, patient.goal, "; ".join(known)])
    about = rubric("patient")
    asked = ((id_, one.ask.format(part=part)) for id_, one in about.questions.items())
    return tuple(Question(id=f"{about.rubric}-{id_}", ask=ask[:4096], rubric=about.rubric) for id_, ask in asked)


def names_of(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """The rubrics, by their full names, that a run of these asks by."""
    return tuple(sorted({rubric(question.rubric).name for one in scenarios for question in questions_of(one)}))


async def judged(judge: Judge, scenario: Scenario, evidence: Evidence, standings: Mapping[str, str]) -> dict[str, Any]:
    """Every question about a trial: its answer, its reasons, and what the judge's word is worth for that rubric."""
    talk, questions = talk_of(evidence), questions_of(scenario)
    opinions = await asyncio.gather(*(judge.opinion(rubric(one.rubric), one.ask, talk) for one in questions))
    return {
        question.id: {
            "ask": question.ask,
            "rubric": rubric(question.rubric).name,
            "answer": opinion.answer,
            "reasons": list(opinion.reasons),
            "standing": standings.get(question.rubric, "unfit"),
            "tokens": opinion.tokens,
        }
        for question, opinion in zip(questions, opinions, strict=True)
    }
