"""Conversations as staff see them: the list, a transcript, the story of a turn, and who speaks for the clinic."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.shapes import CaseOut, ContactOut, LineOut, ReceiptOut, TurnBrief, TurnOut

router = APIRouter(prefix="/api", tags=["conversations"])

Slug = Annotated[str, Query(max_length=63, description="The clinic, or a rehearsal's sandbox, by slug.")]


class LastLine(BaseModel):
    """The newest message of a conversation."""

    author: Literal["patient", "carol", "person", "automatic"]
    kind: str
    text: str
    at: datetime
    status: str | None


class ConversationBrief(BaseModel):
    """A conversation in a list. `waiting`: messages of the patient that nobody answered yet."""

    id: UUID
    contact: ContactOut
    channel: str
    owner: Literal["carol", "person"]
    owner_name: str | None
    case: CaseOut | None
    busy: bool
    stuck: bool
    waiting: int
    last: LastLine | None


class ConversationPage(BaseModel):
    """`next`: give it as `before` for the ones after these; null at the end."""

    items: list[ConversationBrief]
    next: str | None


class QuickReply(BaseModel):
    """Something the patient could press now: `label` is shown, `text` is sent."""

    label: str
    text: str


class ConversationOut(ConversationBrief):
    """A transcript: its newest messages, oldest first. `earlier`: there are older ones, ask with `before` the first seq."""

    clinic: str
    clock_at: datetime | None
    messages: list[LineOut]
    earlier: bool
    turns: list[TurnBrief]
    receipts: list[ReceiptOut]
    cases: list[CaseOut]
    quick_replies: list[QuickReply]


class Signed(BaseModel):
    """Who of the clinic does it, as they sign."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, Field(min_length=1, max_length=60)]


class GiveBack(Signed):
    """`resolve`: the open cases are done."""

    resolve: bool = False


class PersonWords(Signed):
    """What a person of the clinic answers. The same `message_id` again is the same message."""

    text: str
    message_id: Annotated[str, Field(max_length=100)]


@router.get("/conversations")
async def conversations(
    request: Request,
    clinic: Slug,
    q: Annotated[str, Query(max_length=100, description="Name, phone or words.")] = "",
    owner: Literal["carol", "person"] | None = None,
    open_case: bool | None = None,
    before: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 40,
) -> ConversationPage:
    """The clinic's conversations, the newest word first. Raises a 404 for an unknown clinic."""
    raise NotImplementedError


@router.get("/conversations/{conversation_id}")
async def conversation(
    request: Request,
    conversation_id: UUID,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 80,
) -> ConversationOut:
    """A transcript with the turns and receipts behind its messages."""
    raise NotImplementedError


@router.get("/conversations/{conversation_id}/turns/{turn_id}")
async def turn(request: Request, conversation_id: UUID, turn_id: UUID) -> TurnOut:
    """The story of one turn; it grows while the turn runs."""
    raise NotImplementedError


@router.get("/conversations/{conversation_id}/export")
async def export(request: Request, conversation_id: UUID) -> dict[str, Any]:
    """The whole conversation as one JSON document (schema "carol.conversation/1"): messages, turns with steps, receipts."""
    raise NotImplementedError


@router.post("/conversations/{conversation_id}/take")
async def take(request: Request, conversation_id: UUID, signed: Signed) -> ConversationBrief:
    """A person speaks from now on; Carol is silent, even mid-turn. Taking what is already theirs changes only the name."""
    raise NotImplementedError


@router.post("/conversations/{conversation_id}/reply")
async def reply(request: Request, conversation_id: UUID, words: PersonWords) -> LineOut:
    """A person answers, through the same outbox; it takes the conversation when Carol still had it."""
    raise NotImplementedError


@router.post("/conversations/{conversation_id}/give-back")
async def give_back(request: Request, conversation_id: UUID, given: GiveBack) -> ConversationBrief:
    """Carol answers again, beginning with what was left unanswered."""
    raise NotImplementedError


@router.get("/media/{media_id}", response_class=Response)
async def media(request: Request, media_id: UUID, clinic: Slug) -> Response:
    """A file that came with a message, as it came; a browser shows it as media and never runs it."""
    raise NotImplementedError
