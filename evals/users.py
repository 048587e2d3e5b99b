"""Patients: what they say next, given what Carol answered. Scripted, reacting by rules, or played by a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from clinic.scenarios.schema import Answer, Patient, Said
from evals.words import matches

Ask = Callable[[str, Sequence[tuple[str, str]]], Awaitable[str]]
"""A model: instructions and the conversation so far as (who, words); what this person writes next."""


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
            if self._used[place] < rule.most and matches(rule.when, reply):
                self._used[place] += 1
                return _said(rule)
        return None


def _said(rule: Answer) -> Said:
    return Said(say=rule.say, agrees=rule.agrees)


_STOP = "###FIM###"
_YES = "###SIM###"


class Played:
    """A model plays the person. It knows only what the scenario says that they know; a yes is marked, and the mark removed."""

    def __init__(self, patient: Patient, ask: Ask, rules: str) -> None:
        self._patient, self._ask = patient, ask
        known = "\n".join(f"- {name}: {value}" for name, value in patient.known.items()) or "- nada além do objetivo"
        self._rules = rules.format(
            persona=patient.persona,
            goal=patient.goal,
            known=known,
            unknown="; ".join(patient.unknown) or "nada",
            stop=_STOP,
            yes=_YES,
        )
        self._talk: list[tuple[str, str]] = []

    async def next(self, reply: str | None) -> Said | None:
        if reply is None:
            assert self._patient.opening is not None
            self._talk.append(("patient", "\n".join(self._patient.opening.texts)))
            return self._patient.opening
        self._talk.append(("carol", reply))
        if len(self._talk) >= 2 * self._patient.most_turns:
            return None
        text = (await self._ask(self._rules, self._talk)).strip()
        said = text.replace(_STOP, "").replace(_YES, "").strip()
        if not said or text.startswith(_STOP):
            return None
        self._talk.append(("patient", said))
        return Said(say=said[:4096], agrees=_YES in text)


def writer(patient: Patient, *, ask: Ask | None = None, rules: str = "") -> Writer:
    """The patient of a scenario. A played one needs a model."""
    match patient.mode:
        case "script":
            return Scripted(patient)
        case "rules":
            return Reacting(patient)
        case "model":
            if ask is None:
                raise ValueError("a simulated patient needs a model")
            return Played(patient, ask, rules)
