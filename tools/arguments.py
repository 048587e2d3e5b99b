"""What the model may say to each tool. Never a clinic, a phone or a person's id: only words and the handles we issued.

Descriptions shown to the model are in descriptions.yaml.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Words = str


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_max_length=600)


class ListServices(Arguments):
    query: Words | None = None


class ClinicFacts(Arguments):
    topic: Literal["hours", "address", "prices", "convenios", "professionals", "payment", "preparation", "all"]
    about: Words | None = None


class FindSlots(Arguments):
    service: Words
    when: Words | None = None  # the patient's own words, never a date the model worked out
    professional: Words | None = None
    unit: Words | None = None
    visit: str | None = None  # handle of the visit being moved, so that it does not count as busy


class ProposeVisit(Arguments):
    slot: str
    person_name: Words | None = None
    convenio: Words | None = None


class BookVisit(Arguments):
    proposal: str


class MyVisits(Arguments):
    pass


class ProposeMove(Arguments):
    visit: str
    slot: str


class MoveVisit(Arguments):
    proposal: str


class ProposeCancel(Arguments):
    visit: str


class CancelVisit(Arguments):
    proposal: str


class ForWhom(Arguments):
    person: str | None = None  # handle of someone this contact already speaks for
    name: Words | None = None
    relationship: Literal["self", "child", "parent", "spouse", "relative", "caregiver", "other"] | None = None


class SearchKnowledge(Arguments):
    question: Words


class Escalate(Arguments):
    kind: Literal["person_asked", "not_understood", "out_of_scope", "medical", "complaint", "other"]
    brief: Words = Field(max_length=600)
