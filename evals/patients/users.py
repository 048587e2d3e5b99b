"""Patients: what they say next, given what Carol answered. Scripted, reacting by rules, or played by a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Protocol

from clinic.scenarios.schema import Answer, Patient, Said, Scenario
from evals.words import matches
from kit import fast_yaml
from kit.errors import Unavailable

Ask = Callable[[str, Sequence[tuple[str, str]]], Awaitable[str]]
"""A model: instructions and the conversation so far as (who, words); what this person writes next."""


STOP, YES = "###FIM###", "###SIM###"


class Writer(Protocol):
    """Somebody who writes. None: nothing more."""

    async def next(self, reply: str | None) -> Said | None:
        """What they say to Carol's last reply; None before the first word."""
        ...


class Scripted:
    """These turns, whatever comes back."""

    def __init__(self, patient: Patient) -> None:
        self._left = list(patient.turns)

    async def next(self, reply: str | None) -> Said | None:
        return self._left.pop(0) if self._left else None


class Reacting:
    """Answers by the first rule that fits and is not used up. No rule fits: nothing more to say."""

    def __init__(self, patient: Patient) -> None:
        self._patient = patient
        self._used: Counter[int] = Counter()
        self._turns = 0

    async def next(self, reply: str | None) -> Said | None:
        self._turns += 1
        if reply is None:
            return self._patient.opening
        if self._turns > self._patient.most_turns or (self._patient.stop_when and matches(self._patient.stop_when, reply)):
            return None
        for place, rule in enumerate(self._patient.rules):
            if self._used[place] < rule.most and fits(rule, reply):
                self._used[place] += 1
                return _said(rule)
        return None


def fits(rule: Answer, reply: str) -> bool:
    """Whether a reply is what the rule waits for."""
    wanted = (rule.when, *rule.and_)
    return all(matches(one, reply) for one in wanted) and not any(matches(one, reply) for one in rule.not_)


def _said(rule: Answer) -> Said:
    return Said(say=rule.say, agrees=rule.agrees, after_minutes=rule.after_minutes)


class NoPatient(Unavailable):
    """The model that plays the patient does not answer: no fault of Carol's."""

    code = "no_patient"


class Played:
    """A model plays the person, who knows what the scenario says that they know. A yes is marked, and the mark removed.

    Who wants to leave while Carol waits for an answer is asked once more: else a talk would end between the yes and the
    write. Words beside the mark of the end are said, and what Carol does then is seen.
    """

    def __init__(self, patient: Patient, ask: Ask) -> None:
        words = _words()
        self._patient, self._ask, self._stay = patient, ask, words["stay"].format(stop=STOP)
        self._rules = words["rules"].format(
            persona=patient.persona,
            goal=patient.goal,
            known="\n".join(f"- {name}: {value}" for name, value in patient.known.items()) or f"- {words['nothing']}",
            unknown="; ".join(patient.unknown) or words["nothing"],
            stop=STOP,
            yes=YES,
        )
        self._talk: list[tuple[str, str]] = [("carol", words["begin"])]
        self._turns = 0

    async def next(self, reply: str | None) -> Said | None:
        self._turns += 1
        if reply is None:
            assert self._patient.opening is not None
            self._talk.append(("patient", "\n".join(self._patient.opening.texts)))
            return self._patient.opening
        self._talk.append(("carol", reply or "…"))
        if self._turns > self._patient.most_turns:
            return None
        text = await self._ask(self._rules, self._talk)
        if not _said_by(text) and "?" in reply:
            text = await self._ask(self._rules, [*self._talk[:-1], ("carol", f"{reply}\n\n{self._stay}")])
        if not (said := _said_by(text)):
            return None
        self._talk.append(("patient", said))
        return Said(say=said, agrees=YES in text)


def _said_by(text: str) -> str:
    return text.replace(STOP, "").replace(YES, "").strip().strip('"').strip()[:4096]


@cache
def _words() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(files("evals.patients").joinpath("patient.yaml").read_text("utf-8"))
    return loaded


def writer(patient: Patient, *, ask: Ask | None = None) -> Writer:
    """The patient of a scenario. A played one needs a model: raises NoPatient."""
    match patient.mode:
        case "script":
            return Scripted(patient)
        case "rules":
            return Reacting(patient)
        case "model":
            if ask is None:
                raise NoPatient("a simulated patient needs a model")
            return Played(patient, ask)


def standing_in(scenario: Scenario) -> Scenario:
    """The scenario with the scripted stand-in of a simulated patient, for proofs without any model; others as they are."""
    patient = scenario.patient
    if patient.mode != "model":
        return scenario
    assert patient.opening is not None
    turns = (patient.opening, *patient.stand_in)
    return scenario.model_copy(
        update={"patient": patient.model_copy(update={"mode": "script", "turns": turns, "opening": None})}
    )
