"""Chat over HTTP: the same inbox, lane, desk and outbox as a wire's, for the page and for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.clinics import clinic_called, clinic_holding, open_clinics
from api.instants import instant
from api.requests import request_id_of
from api.state import house
from clinic.conversations import service
from clinic.conversations.history.transcript_store import Line, TurnRecord, Write
from clinic.conversations.models import OpenCase
from clinic.conversations.service import NoConversation
from clinic.tenants.service import clinic_for
from db.session import clinic_session
from desk.console import WAIT_MOST, exchange
from kit.log import bound

router = APIRouter(prefix="/api", tags=["chat"])


class Words(BaseModel):
    """Something a patient says."""

    model_config = ConfigDict(extra="forbid")

    clinic: Annotated[str, Field(max_length=63)]
    person: Annotated[str, Field(alias="as", max_length=100, description="A phone, or a name for who has none.")]
    text: str
    message_id: Annotated[str | None, Field(description="Yours; the same one again is the same message.")] = None
    at: Annotated[str | None, Field(max_length=40, description="When it is said, for rehearsals; else now.")] = None
    wait: Annotated[float, Field(ge=0, le=WAIT_MOST, description="Seconds to wait for the replies.")] = 0.0


class ChatMessage(BaseModel):
    """One message. `status` is the delivery's, null for the patient's own."""

    id: UUID
    seq: int
    author: str
    kind: str
    text: str
    at: datetime
    status: str | None
    turn: UUID | None


class ChatTurn(BaseModel):
    """How a turn went."""

    turn: UUID
    status: str
    outcome: str | None
    model: str | None
    steps: list[Any]
    tokens_in: int
    tokens_out: int
    cost_brl: Decimal
    seconds: float | None


class ChatReceipt(BaseModel):
    """Something a tool did."""

    id: UUID
    turn: UUID
    tool: str
    result: dict[str, Any]
    entity: str | None
    entity_id: UUID | None


class ChatCase(BaseModel):
    """What a person owes."""

    case: int
    kind: str
    urgent: bool
    due_at: datetime


class ExchangeOut(BaseModel):
    """What came of a message. `done` false: the wait ran out, poll the conversation for the rest."""

    conversation: UUID
    message: UUID
    seq: int
    new: bool
    done: bool
    replies: list[ChatMessage]
    receipts: list[ChatReceipt]
    trace: list[ChatTurn]
    owner: str
    cases: list[ChatCase]


class ReadingOut(BaseModel):
    """A stretch of a conversation. `busy`: Carol is about to answer or answering; `stuck`: a person must."""

    conversation: UUID
    owner: str
    busy: bool
    stuck: bool
    messages: list[ChatMessage]
    receipts: list[ChatReceipt]
    trace: list[ChatTurn]
    cases: list[ChatCase]


class ClinicCard(BaseModel):
    """A clinic, as the page lists it."""

    slug: str
    name: str
    demo: bool
    timezone: str


@router.get("/clinics")
async def clinics(request: Request) -> list[ClinicCard]:
    """Every clinic, by slug."""
    found = await open_clinics(house(request).pool)
    return [ClinicCard(slug=clinic.slug, name=clinic.name, demo=clinic.is_demo, timezone=clinic.timezone) for clinic in found]


@router.post("/chat/messages")
async def say(request: Request, words: Words) -> ExchangeOut:
    """Says something to a clinic's Carol as a patient, and waits for the answer if asked to."""
    pool = house(request).pool
    clinic_id = await clinic_called(pool, words.clinic)
    zone = (await clinic_for(pool, clinic_id)).zone
    with bound(clinic_id=str(clinic_id)):
        found = await exchange(
            pool,
            clinic_id,
            words.person,
            words.text,
            at=instant(words.at, zone),
            message_id=words.message_id,
            wait=words.wait,
            request_id=request_id_of(request),
        )
    answer = found.answer
    return ExchangeOut(
        conversation=found.stored.conversation_id,
        message=found.stored.message_id,
        seq=found.stored.seq,
        new=found.stored.new,
        done=answer.done,
        replies=_messages(answer.replies, zone),
        receipts=_receipts(answer.writes),
        trace=_turns(answer.turns),
        owner=answer.owner,
        cases=_cases(answer.cases, zone),
    )


@router.get("/chat/conversations/{conversation_id}/messages")
async def messages(request: Request, conversation_id: UUID, after: Annotated[int, Query(ge=0, lt=2**63)] = 0) -> ReadingOut:
    """What was said after message `after` (a seq), at most 200 messages."""
    pool = house(request).pool
    clinic_id = await clinic_holding(pool, conversation_id)
    if clinic_id is None:
        raise NoConversation
    zone = (await clinic_for(pool, clinic_id)).zone
    async with clinic_session(pool, clinic_id) as s:
        reading = await service.read(s, conversation_id, after=after)
    return ReadingOut(
        conversation=conversation_id,
        owner=reading.lane.owner,
        busy=reading.lane.busy,
        stuck=reading.lane.stuck,
        messages=_messages(reading.lines, zone),
        receipts=_receipts(reading.writes),
        trace=_turns(reading.turns),
        cases=_cases(reading.cases, zone),
    )


def _messages(lines: Iterable[Line], zone: ZoneInfo) -> list[ChatMessage]:
    return [
        ChatMessage(
            id=line.id,
            seq=line.seq,
            author=line.author,
            kind=line.kind,
            text=line.text,
            at=line.at.astimezone(zone),
            status=line.status,
            turn=line.turn_id,
        )
        for line in lines
    ]


def _turns(turns: Sequence[TurnRecord]) -> list[ChatTurn]:
    return [
        ChatTurn(
            turn=turn.id,
            status=turn.status,
            outcome=turn.outcome,
            model=turn.model,
            steps=list(turn.trace),
            tokens_in=turn.tokens_in,
            tokens_out=turn.tokens_out,
            cost_brl=turn.cost_brl,
            seconds=turn.seconds,
        )
        for turn in turns
    ]


def _receipts(writes: Sequence[Write]) -> list[ChatReceipt]:
    return [
        ChatReceipt(
            id=write.id,
            turn=write.turn_id,
            tool=write.tool,
            result=dict(write.result),
            entity=write.entity,
            entity_id=write.entity_id,
        )
        for write in writes
    ]


def _cases(cases: Sequence[OpenCase], zone: ZoneInfo) -> list[ChatCase]:
    return [
        ChatCase(case=case.number, kind=case.kind, urgent=case.urgent, due_at=case.due_at.astimezone(zone)) for case in cases
    ]
