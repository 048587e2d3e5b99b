"""A scenario made of a conversation: its people replaced, its turns kept, and what it must leave behind suggested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from clinic.scenarios.importing import Mistake
from clinic.tenants.models import Clinic
from db.session import Session
from kit.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Replaced:
    """Something personal that was replaced. `known`: the clinic knows it as somebody's."""

    what: str
    was: str
    now: str
    times: int
    known: bool


@dataclass(frozen=True, slots=True)
class Suggested:
    """A row that is expected, and whose doing it was."""

    noun: str
    by: Literal["carol", "person"]
    told: str


@dataclass(frozen=True, slots=True)
class DraftTurn:
    """A turn, and the messages it was made of."""

    said: tuple[str, ...]
    original: tuple[str, ...]
    messages: tuple[UUID, ...]
    agrees: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A scenario's document that nobody has confirmed yet. `mistakes`: why it cannot be kept as it is."""

    document: Mapping[str, Any]
    turns: tuple[DraftTurn, ...]
    replaced: tuple[Replaced, ...]
    suggested: tuple[Suggested, ...]
    doubts: tuple[str, ...]
    mistakes: tuple[Mistake, ...]


async def draft(
    s: Session, clinic: Clinic, conversation_id: UUID, *, first: UUID | None = None, last: UUID | None = None
) -> Draft:
    """The draft. Raises NoConversation."""
    raise Unavailable("drafts")
