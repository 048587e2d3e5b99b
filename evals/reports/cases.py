"""Shift reports to be told to families, as files: what a message must keep, a good message, and that message spoilt."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from agent.reports.order import Order
from clinic.reports.models import Medication, Shift, SourceReport, Vital
from clinic.reports.patterns import detect
from clinic.reports.ranges import Ranges
from clinic.reports.source_text import source_text
from kit import fast_yaml

ZONE = ZoneInfo("America/Sao_Paulo")
CLINIC, SIGNS = "Jacarandá em Casa", "Carol"
_BEGINS = {Shift.MORNING: time(7), Shift.AFTERNOON: time(12), Shift.NIGHT: time(18)}

Kind = Literal[
    "number", "dose", "time", "medication", "negation", "omitted", "invented", "name", "greeting", "alarm", "advice",
    "diagnosis", "promise", "jargon", "contact", "attention",
]  # fmt: skip
Some = Annotated[str, StringConstraints(min_length=1)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Defect(_Read):
    """One way to spoil the good message: words swapped, and `also` in other places; words added; or a `whole` message."""

    kind: Kind
    swap: tuple[str, str] | None = None
    also: tuple[tuple[str, str], ...] = Field(default=(), alias="and")
    add: str = ""
    whole: str = ""

    def on(self, message: str) -> str:
        """The spoilt message. Raises ValueError when it is the same, or a swap finds nothing."""
        spoilt = self.whole or message
        for old, new in (*([self.swap] if self.swap else []), *self.also):
            if old not in spoilt:
                raise ValueError(f"not in the message: {old}")
            spoilt = spoilt.replace(old, new, 1)
        if self.add:
            head, mark, tail = spoilt.rstrip().partition("\n\n*Pontos de Atenção*")
            spoilt = f"{head} {self.add}{mark}{tail}"
        if spoilt == message:
            raise ValueError("nothing spoilt")
        return spoilt


class Gold(_Read):
    """A fact a message may not lack: any of these patterns over flat text says it."""

    say: Some
    any: tuple[Some, ...] = Field(min_length=1)


class Case(_Read):
    """One report. `person_reads`: it goes to a person whatever is written. `formless`: its messages lack the house's form.

    `also`: other good messages of the same report.
    """

    id: Some
    person: Some
    caregiver: Some
    shift: Shift
    day: date
    age: int | None = None
    body: Some
    vitals: tuple[tuple[Some, Some, str, str], ...] = ()
    meds: tuple[tuple[object, ...], ...] = ()
    person_reads: bool = False
    critical: tuple[Gold, ...] = ()
    never: tuple[Some, ...] = ()
    formless: bool = False
    good: str
    also: tuple[str, ...] = ()
    defects: tuple[Defect, ...] = ()

    @model_validator(mode="after")
    def _holds(self) -> Case:
        for one in self.defects:
            one.on(self.good)
        return self

    @property
    def held(self) -> bool:
        """Whether it was kept aside while the checks were written."""
        return self.id.startswith("held-")

    def order(self) -> Order:
        """As a worker would be given it."""
        began = datetime.combine(self.day, _BEGINS[self.shift], ZONE)
        report = SourceReport(
            self.id, self.id, self.person, self.caregiver, began, began, self.body,
            tuple(Vital(name, value, unit, self._at(at)) for name, value, unit, at in self.vitals),
            tuple(self._medication(one) for one in self.meds), self.shift,
        )  # fmt: skip
        text = source_text(report, ZONE)
        ranges = Ranges(self.age)
        patterns = detect(text, ranges)
        return Order(text, self.person, self.caregiver, self.shift, self.day, CLINIC, SIGNS, patterns=patterns, ranges=ranges)

    def _at(self, clock: str) -> datetime | None:
        return datetime.combine(self.day, time.fromisoformat(clock), ZONE) if clock else None

    def _medication(self, told: tuple[object, ...]) -> Medication:
        name, dose, at, given, *note = told
        assert given is None or isinstance(given, bool)
        return Medication(str(name), str(dose), self._at(str(at)), given, str(note[0]) if note else "")


def cases() -> tuple[Case, ...]:
    """Every report of the suite, in the order of its files. Raises ValidationError."""
    return tuple(one for one in _all() if not one.formless)


def formless() -> tuple[Case, ...]:
    """Reports with messages that others wrote, who know nothing of the house's form: for the rules alone."""
    return tuple(one for one in _all() if one.formless)


@cache
def _all() -> tuple[Case, ...]:
    folder = files("evals.reports").joinpath("cases")
    found = [
        Case.model_validate(one)
        for path in sorted(folder.iterdir(), key=lambda one: one.name)
        for one in fast_yaml.load(path.read_text("utf-8"))
    ]
    if len({one.id for one in found}) != len(found):
        raise ValueError("an id is used twice")
    return tuple(found)
