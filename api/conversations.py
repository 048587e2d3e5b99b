"""Conversations as staff see them: the list, a transcript, the story of a turn, and who speaks for the clinic."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import menus, telling
from api.clinics import clinic_called, clinic_holding
from api.export import document
from api.files import file_response
from api.quick_replies import QuickReply, quick_replies
from api.requests import request_id_of
from api.shapes import CaseOut, ContactOut, LineOut, ReceiptOut, TurnBrief, TurnOut
from api.state import files, house
from clinic.conversations import reading
from clinic.conversations.handover import takeover
from clinic.conversations.history import story_store
from clinic.conversations.history.listing_store import Brief, Place, Wanted
from clinic.conversations.models import Owner
from clinic.conversations.reading import Transcript
from clinic.conversations.service import NoConversation
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db.session import clinic_session
from kit.blobs import NoBlob, OtherOwner
from kit.clock import business_now
from kit.errors import Invalid, NotFound

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
    """`brief`: what the person settled, for Carol. `resolve`: the open cases are done, even those nobody answered."""

    brief: Annotated[str, Field(max_length=2000)] = ""
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
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    wanted = Wanted(Owner(owner) if owner else None, open_case)
    async with clinic_session(pool, found.id) as s:
        items, following = await reading.page(s, wanted, text=q, after=_place(before), limit=limit)
    return ConversationPage(
        items=[brief_of(item, found.zone) for item in items], next=f"{following.seq}.{following.id}" if following else None
    )


@router.get("/conversations/{conversation_id}")
async def conversation(
    request: Request,
    conversation_id: UUID,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 80,
) -> ConversationOut:
    """A transcript with the turns and receipts behind its messages."""
    pool = house(request).pool
    clinic = await _clinic_of(request, conversation_id)
    async with clinic_session(pool, clinic.id) as s:
        shown = await reading.transcript(s, conversation_id, before=before, limit=limit)
        now = business_now(shown.brief.clock_at)
        pressable = await quick_replies(s, clinic, shown, now=now) if before is None else []
    return _transcript(clinic, shown, pressable)


@router.get("/conversations/{conversation_id}/turns/{turn_id}")
async def turn(request: Request, conversation_id: UUID, turn_id: UUID) -> TurnOut:
    """The story of one turn; it grows while the turn runs."""
    pool = house(request).pool
    clinic = await _clinic_of(request, conversation_id)
    async with clinic_session(pool, clinic.id) as s:
        told = await reading.story(s, conversation_id, turn_id)
    return telling.story(conversation_id, told, telling.limits(house(request).settings), clinic.zone)


@router.get("/conversations/{conversation_id}/export")
async def export(request: Request, response: Response, conversation_id: UUID) -> dict[str, Any]:
    """The whole conversation as one JSON document (schema "carol.conversation/1"): messages, turns with steps, receipts."""
    clinic = await _clinic_of(request, conversation_id)
    async with clinic_session(house(request).pool, clinic.id) as s:
        whole = await reading.whole(s, conversation_id)
    response.headers["Content-Disposition"] = f'attachment; filename="carol-{conversation_id}.json"'
    return document(clinic, whole, limits=telling.limits(house(request).settings))


@router.post("/conversations/{conversation_id}/take")
async def take(request: Request, conversation_id: UUID, signed: Signed) -> ConversationBrief:
    """A person speaks from now on; Carol is silent, even mid-turn. Taking what is already theirs changes only the name."""
    pool = house(request).pool
    clinic = await _clinic_of(request, conversation_id)
    async with clinic_session(pool, clinic.id) as s:
        await takeover.take(s, conversation_id, by=signed.by)
        return brief_of(await reading.brief(s, conversation_id), clinic.zone)


@router.post("/conversations/{conversation_id}/reply")
async def reply(request: Request, conversation_id: UUID, words: PersonWords) -> LineOut:
    """A person answers, through the same outbox; it takes the conversation when Carol still had it."""
    pool = house(request).pool
    clinic = await _clinic_of(request, conversation_id)
    async with clinic_session(pool, clinic.id) as s:
        seq = await takeover.reply(
            s, conversation_id, words.text, by=words.by, message_id=words.message_id, request_id=request_id_of(request)
        )
        [said] = await story_store.entries(s, conversation_id, before=seq + 1, limit=1)
    return telling.line(said, (), clinic.zone)


@router.post("/conversations/{conversation_id}/give-back")
async def give_back(request: Request, conversation_id: UUID, given: GiveBack) -> ConversationBrief:
    """Carol answers again, beginning with what was left unanswered."""
    pool = house(request).pool
    clinic = await _clinic_of(request, conversation_id)
    async with clinic_session(pool, clinic.id) as s:
        await takeover.give_back(s, conversation_id, by=given.by, brief=given.brief, resolve=given.resolve)
        return brief_of(await reading.brief(s, conversation_id), clinic.zone)


@router.get("/media/{media_id}", response_class=Response)
async def media(request: Request, media_id: UUID, clinic: Slug) -> Response:
    """A file that came with a message, without its metadata; a browser shows it as media and never runs it."""
    pool = house(request).pool
    clinic_id = await clinic_called(pool, clinic)
    async with clinic_session(pool, clinic_id) as s:
        found = await story_store.media(s, media_id)
    if found is None:
        raise NoMedia
    try:
        data = found.data if found.data is not None else await files(request).get(clinic_id, found.store_key or "")
    except (NoBlob, OtherOwner):
        raise NoMedia from None
    return file_response(request, data, media_type=found.about.media_type, name=found.about.name)


class BadPlace(Invalid):
    """`before` must be the `next` of an earlier page."""

    code = "bad_place"


class NoMedia(NotFound):
    """There is no such file."""

    code = "no_media"


def _place(text: str | None) -> Place | None:
    if text is None:
        return None
    seq, _, conversation = text.partition(".")
    try:
        place = Place(int(seq), UUID(conversation))
    except ValueError:
        raise BadPlace from None
    if not 0 <= place.seq < 2**63:
        raise BadPlace
    return place


async def _clinic_of(request: Request, conversation_id: UUID) -> Clinic:
    pool = house(request).pool
    clinic_id = await clinic_holding(pool, conversation_id)
    if clinic_id is None:
        raise NoConversation
    return await clinic_for(pool, clinic_id)


def brief_of(found: Brief, zone: ZoneInfo) -> ConversationBrief:
    """A conversation as lists show it."""
    last = found.last
    return ConversationBrief(
        id=found.id,
        contact=telling.contact(found),
        channel=found.channel,
        owner=found.owner.value,
        owner_name=found.owner_name,
        case=telling.case(found.case, zone) if found.case else None,
        busy=found.busy,
        stuck=found.stuck,
        waiting=found.waiting,
        last=LastLine(author=last.author.value, kind=last.kind, text=last.text, at=last.at.astimezone(zone), status=last.status)
        if last
        else None,
    )


def _transcript(clinic: Clinic, shown: Transcript, pressable: list[QuickReply]) -> ConversationOut:
    zone, clock = clinic.zone, shown.brief.clock_at
    now = business_now(clock)
    offered = menus.offered(shown.entries)
    return ConversationOut(
        **dict(brief_of(shown.brief, zone)),
        clinic=clinic.slug,
        clock_at=clock.astimezone(zone) if clock else None,
        messages=[
            telling.line(
                entry,
                shown.behind.get(entry.id, ()),
                zone,
                ledger=shown.ledger.get(entry.id, ()),
                at=now,
                menu=offered.get(entry.id),
            )
            for entry in shown.entries
        ],
        earlier=shown.earlier,
        turns=[telling.turn(turn, zone) for turn in shown.turns],
        receipts=telling.receipts(shown.proofs, zone),
        cases=[telling.case(case, zone) for case in shown.cases],
        quick_replies=pressable,
    )
