"""Rehearsals: the production path in a sandbox, with a clock, a choice of models, branches and played mishaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from agent.choices import FAILING, OFFLINE, choices, may_ask_for
from api import bodies
from api.clinics import clinic_called
from api.conversations import Slug
from api.errors import problem
from api.instants import instant
from api.requests import request_id_of
from api.shapes import PersonOut
from api.state import house
from clinic.conversations.models import QuietWindow, Stored
from clinic.conversations.service import EmptyMessage
from clinic.rehearsals import branching, media, people_store, saying, service
from clinic.rehearsals.models import Rehearsal, RehearsalOver
from clinic.rehearsals.saying import Voice
from clinic.tenants.service import clinic_for
from db.pool import Pool
from db.session import clinic_session
from kit import fast_yaml
from kit.clock import utc_now
from kit.errors import Invalid
from kit.ids import new_id

router = APIRouter(prefix="/api", tags=["rehearsals"])

Named = Annotated[str, Field(max_length=100, description="A phone, or a name for who has none.")]


class UnknownModel(Invalid):
    """No model of that name may be rehearsed with."""

    code = "unknown_model"


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
    return [
        ModelOut(
            name=choice.name,
            label=_labels().get(choice.name, choice.name),
            offline=choice.name == OFFLINE,
            default=choice.default,
        )
        for choice in choices(house(request).settings)
    ]


@router.post("/rehearsals", status_code=201)
async def begin(request: Request, asked: Begin) -> RehearsalOut:
    """Copies the clinic's configuration, people and agenda into a fresh sandbox; its documents are read where they are."""
    pool = house(request).pool
    clinic = await clinic_for(pool, await clinic_called(pool, asked.clinic))
    return await _out(pool, await service.find(pool, await service.begin(pool, clinic, now=utc_now())))


@router.get("/rehearsals")
async def rehearsals(request: Request, clinic: Slug) -> list[RehearsalOut]:
    """The clinic's rehearsals, newest first."""
    pool = house(request).pool
    found = await service.of_clinic(pool, await clinic_for(pool, await clinic_called(pool, clinic)))
    return [await _out(pool, one) for one in found]


@router.get("/rehearsals/{rehearsal_id}")
async def rehearsal(request: Request, rehearsal_id: UUID) -> RehearsalOut:
    """One rehearsal. 404 once it has expired."""
    pool = house(request).pool
    return await _out(pool, await service.find(pool, rehearsal_id))


@router.delete("/rehearsals/{rehearsal_id}", status_code=204)
async def end(request: Request, rehearsal_id: UUID) -> None:
    """Erases a rehearsal and everything said in it."""
    if not await service.end(house(request).pool, rehearsal_id):
        raise RehearsalOver


@router.get("/rehearsals/{rehearsal_id}/people")
async def people(request: Request, rehearsal_id: UUID, q: Annotated[str, Query(max_length=100)] = "") -> list[RehearsedPerson]:
    """People to rehearse as, at most 50, those with visits ahead first."""
    pool = house(request).pool
    found = await service.find(pool, rehearsal_id)
    async with clinic_session(pool, found.id) as s:
        parts = await people_store.parts(s, q, now=utc_now())
    return [
        RehearsedPerson(
            person=part.person,
            name=part.name,
            people=[PersonOut(id=one.person_id, name=one.name, relationship=one.relationship.value) for one in part.people],
            visits=part.visits,
        )
        for part in parts
    ]


@router.post("/rehearsals/{rehearsal_id}/messages", status_code=202)
async def say(request: Request, rehearsal_id: UUID, words: RehearsedWords) -> SaidOut:
    """Says something as a patient; the reply comes through the same desk and outbox as any other."""
    voice = await _voice(request, rehearsal_id, words.person, words.at, words.model)
    if words.quiet:
        voice = replace(voice, quiet=_window(request))
    return _said(await saying.say(house(request).pool, voice, words.text, message_id=words.message_id))


@router.post("/rehearsals/{rehearsal_id}/media", status_code=202, response_model=SaidOut)
async def send_media(
    request: Request,
    rehearsal_id: UUID,
    person: Annotated[str, Query(max_length=100)],
    message_id: Annotated[str, Query(max_length=100)],
    name: Annotated[str, Query(max_length=200)] = "",
    at: Annotated[str | None, Query(max_length=40)] = None,
    model: Annotated[str | None, Query(max_length=100)] = None,
) -> SaidOut | Response:
    """Sends the body, an image or an audio of at most 16 MB, as a patient. 415 for anything else: its bytes decide."""
    voice = await _voice(request, rehearsal_id, person, at, model)
    try:
        body = await bodies.read(request, most=media.MOST, drain=False, seconds=bodies.UPLOAD_SECONDS)
    except bodies.Stalled:
        return problem(408, "stalled", "The body stopped coming.")
    if body.raw is None:
        return problem(413, "too_large", f"A file holds at most {media.MOST} bytes.")
    if not body.raw:
        raise EmptyMessage
    try:
        hears = house(request).patience if house(request).hears else None
        return _said(await saying.show(house(request).pool, voice, body.raw, name=name, message_id=message_id, hears=hears))
    except saying.UnknownMedia as error:
        return problem(415, error.code, str(error))


@router.post("/rehearsals/{rehearsal_id}/plays", status_code=202)
async def play(request: Request, rehearsal_id: UUID, asked: Play) -> list[SaidOut]:
    """Plays a mishap; what was stored, in order."""
    pool = house(request).pool
    voice = await _voice(request, rehearsal_id, asked.person, asked.at, asked.model)
    match asked.play:
        case "burst":
            stored = await saying.burst(pool, voice, asked.texts, window=_window(request))
        case "duplicate":
            stored = await saying.duplicate(pool, voice, asked.texts[0])
        case "failing_model":
            stored = [await saying.say(pool, replace(voice, mind=FAILING), asked.texts[0], message_id=new_id().hex)]
    return [_said(one) for one in stored]


@router.post("/rehearsals/{rehearsal_id}/branches", status_code=201)
async def branch(request: Request, rehearsal_id: UUID, asked: Branch) -> BranchOut:
    """A fresh sandbox as this one was just before a turn: conversation, agenda, holds, what Carol knew."""
    pool = house(request).pool
    made = await branching.branch(pool, rehearsal_id, asked.conversation, asked.turn)
    fresh = await service.find(pool, made.rehearsal_id)
    zone = (await clinic_for(pool, fresh.id)).zone
    return BranchOut(
        rehearsal=await _out(pool, fresh),
        conversation=made.conversation_id,
        person=made.person,
        said=list(made.said),
        at=made.at.astimezone(zone),
    )


async def _out(pool: Pool, found: Rehearsal) -> RehearsalOut:
    async with clinic_session(pool, found.id) as s:
        talks = await people_store.talks(s)
    return RehearsalOut(
        id=found.id,
        slug=found.slug,
        clinic=found.clinic_slug,
        created_at=found.created_at,
        expires_at=found.expires_at,
        stale=found.stale,
        parent=found.parent_id,
        conversations=[
            RehearsedConversation(id=talk.id, person=talk.person, name=talk.name, last_at=talk.last_at) for talk in talks
        ],
    )


async def _voice(request: Request, rehearsal_id: UUID, person: str, at: str | None, model: str | None) -> Voice:
    """How a message is to be said. Raises RehearsalOver, UnknownModel, BadInstant."""
    pool = house(request).pool
    found = await service.find(pool, rehearsal_id)
    if model is not None and not may_ask_for(house(request).settings, model):
        raise UnknownModel
    zone = (await clinic_for(pool, found.id)).zone
    return Voice(rehearsal_id=found.id, person=person, at=instant(at, zone), mind=model, request_id=request_id_of(request))


def _window(request: Request) -> QuietWindow:
    return house(request).quiet


def _said(stored: Stored) -> SaidOut:
    return SaidOut(conversation=stored.conversation_id, message=stored.message_id, seq=stored.seq, new=stored.new)


@cache
def _labels() -> dict[str, str]:
    words: dict[str, dict[str, str]] = fast_yaml.load(files("api").joinpath("rehearsals.yaml").read_text("utf-8"))
    return words["models"]
