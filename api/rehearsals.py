"""Rehearsals: the production path in a sandbox, with a clock, a choice of models, branches and played mishaps."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.conversations import Slug
from api.shapes import PersonOut

router = APIRouter(prefix="/api", tags=["rehearsals"])

Named = Annotated[str, Field(max_length=100, description="A phone, or a name for who has none.")]


class Begin(BaseModel):
    """Which clinic to rehearse with."""

    model_config = ConfigDict(extra="forbid")

    clinic: Annotated[str, Field(max_length=63)]


class RehearsedConversation(BaseModel):
    """A conversation of a rehearsal. `person` is the name or phone to go on as."""

    id: UUID
    person: str
    name: str
    last_at: datetime | None


class RehearsalOut(BaseModel):
    """A sandbox: `slug` names it wherever a clinic is named. `stale`: the clinic's configuration changed since the copy."""

    id: UUID
    slug: str
    clinic: str
    created_at: datetime
    expires_at: datetime
    stale: bool
    parent: UUID | None
    conversations: list[RehearsedConversation]


class RehearsedPerson(BaseModel):
    """Someone the clinic knows, to rehearse as. `visits`: how many lie ahead."""

    person: str
    name: str
    people: list[PersonOut]
    visits: int


class ModelOut(BaseModel):
    """A model that may be rehearsed with. `name` is what to send; `offline`: the built-in demonstration model."""

    name: str
    label: str
    offline: bool
    default: bool


class RehearsedWords(BaseModel):
    """Something said in a rehearsal. `at`: the rehearsal's clock (ISO 8601, local without an offset), else now.

    `model`: one of /api/models, or "failing" for models that do not answer; else the default. `quiet` waits for more, as on
    WhatsApp.
    """

    model_config = ConfigDict(extra="forbid")

    person: Named
    text: str
    message_id: Annotated[str, Field(max_length=100)]
    at: Annotated[str | None, Field(max_length=40)] = None
    model: Annotated[str | None, Field(max_length=100)] = None
    quiet: bool = False


class SaidOut(BaseModel):
    """A stored message. `new` false: it was delivered before, nothing changed."""

    conversation: UUID
    message: UUID
    seq: int
    new: bool


class Play(BaseModel):
    """A mishap: `burst` sends the texts one after the other within the quiet window, `duplicate` delivers the first text
    twice with one id, `failing_model` says it while no model answers."""

    model_config = ConfigDict(extra="forbid")

    play: Literal["burst", "duplicate", "failing_model"]
    person: Named
    texts: Annotated[list[str], Field(min_length=1, max_length=8)]
    at: Annotated[str | None, Field(max_length=40)] = None
    model: Annotated[str | None, Field(max_length=100)] = None


class Branch(BaseModel):
    """Before which turn to begin again."""

    model_config = ConfigDict(extra="forbid")

    conversation: UUID
    turn: UUID


class BranchOut(BaseModel):
    """The fresh sandbox as it was before that turn, and what the patient said then, to say again or otherwise."""

    rehearsal: RehearsalOut
    conversation: UUID
    person: str
    said: list[str]
    at: datetime | None


@router.get("/models")
async def models(request: Request) -> list[ModelOut]:
    """The models a rehearsal may choose among, the default first."""
    raise NotImplementedError


@router.post("/rehearsals", status_code=201)
async def begin(request: Request, asked: Begin) -> RehearsalOut:
    """Copies the clinic's configuration, people and agenda into a fresh sandbox; its documents are read where they are."""
    raise NotImplementedError


@router.get("/rehearsals")
async def rehearsals(request: Request, clinic: Slug) -> list[RehearsalOut]:
    """The clinic's rehearsals, newest first."""
    raise NotImplementedError


@router.get("/rehearsals/{rehearsal_id}")
async def rehearsal(request: Request, rehearsal_id: UUID) -> RehearsalOut:
    """One rehearsal. 404 once it has expired."""
    raise NotImplementedError


@router.delete("/rehearsals/{rehearsal_id}", status_code=204)
async def end(request: Request, rehearsal_id: UUID) -> None:
    """Erases a rehearsal and everything said in it."""
    raise NotImplementedError


@router.get("/rehearsals/{rehearsal_id}/people")
async def people(request: Request, rehearsal_id: UUID, q: Annotated[str, Query(max_length=100)] = "") -> list[RehearsedPerson]:
    """People to rehearse as, at most 50, those with visits ahead first."""
    raise NotImplementedError


@router.post("/rehearsals/{rehearsal_id}/messages", status_code=202)
async def say(request: Request, rehearsal_id: UUID, words: RehearsedWords) -> SaidOut:
    """Says something as a patient; the reply comes through the same desk and outbox as any other."""
    raise NotImplementedError


@router.post("/rehearsals/{rehearsal_id}/media", status_code=202)
async def send_media(
    request: Request,
    rehearsal_id: UUID,
    person: Annotated[str, Query(max_length=100)],
    message_id: Annotated[str, Query(max_length=100)],
    name: Annotated[str, Query(max_length=200)] = "",
    at: Annotated[str | None, Query(max_length=40)] = None,
    model: Annotated[str | None, Query(max_length=100)] = None,
) -> SaidOut:
    """Sends the body, an image or an audio of at most 16 MB, as a patient. 415 for anything else: its bytes decide."""
    raise NotImplementedError


@router.post("/rehearsals/{rehearsal_id}/plays", status_code=202)
async def play(request: Request, rehearsal_id: UUID, asked: Play) -> list[SaidOut]:
    """Plays a mishap; what was stored, in order."""
    raise NotImplementedError


@router.post("/rehearsals/{rehearsal_id}/branches", status_code=201)
async def branch(request: Request, rehearsal_id: UUID, asked: Branch) -> BranchOut:
    """A fresh sandbox as this one was just before a turn: conversation, agenda, holds, what Carol knew."""
    raise NotImplementedError
