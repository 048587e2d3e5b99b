"""What every tool is given by us and never by the model: the clinic, the conversation, the patient, the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from pydantic import BaseModel

from clinic.conversations.models import Desk
from clinic.patients.assurance import Standing
from clinic.patients.models import Dependant
from clinic.scheduling.visits import Offer, Proposal, Visit
from clinic.tenants.models import Clinic
from db.pool import Pool
from knowledge.models import Retrieval
from tools.errors import sentence

Result = dict[str, Any]


class Passages(Protocol):
    """Whatever can search a clinic's documents (knowledge.retrieve)."""

    async def search(self, clinic_id: UUID, question: str, *, k: int = 4) -> Retrieval: ...


@dataclass(slots=True)
class Whom:
    """For whom this turn speaks, and the people known so far; tools may settle it, the rest of the turn sees it."""

    people: list[Dependant]
    current: Dependant | None = None

    def called(self, handle: str) -> Dependant | None:
        return next((person for person in self.people if person_handle(person.person_id) == handle), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    pool: Pool
    clinic: Clinic
    desk: Desk
    now: datetime
    whom: Whom
    standing: Standing = field(default_factory=Standing)  # how sure we are of who writes
    library: Passages | None = None
    visits: tuple[Visit, ...] = ()
    offers: tuple[Offer, ...] = ()
    proposal: Proposal | None = None
    said_now: tuple[str, ...] = ()  # the patient's words of this turn
    said_ever: tuple[str, ...] = ()  # and of the conversation, as far as it is remembered
    spoken: bool = False  # some of those came by voice and were transcribed: they may be wrong
    vouched: tuple[str, ...] = ()  # then: those that were typed, and what the clinic's side said, which read names back
    searches: list[Retrieval] = field(default_factory=list)  # what was looked up in documents, for the turn's story
    taken: dict[str, int] = field(default_factory=dict)  # calls so far in this turn, by effect

    @property
    def local_now(self) -> datetime:
        return self.now.astimezone(self.clinic.zone)


Effect = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Tool:
    """One verb the model may ask for."""

    name: str
    effect: Effect
    arguments: type[BaseModel]
    run: Callable[[ToolContext, Any], Awaitable[Result]]


def person_handle(person_id: UUID) -> str:
    """Stable for a person, and meaningless outside the conversation."""
    return f"P{person_id.hex[-6:].upper()}"


def visit_handle(visit_id: UUID) -> str:
    return f"V{visit_id.hex[-6:].upper()}"


def error(code: str, **extras: Any) -> Result:
    """An answer the model can act on; its sentence is in errors.yaml."""
    return {"error": code, "message": sentence(code, extras), **extras}
