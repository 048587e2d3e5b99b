"""The agenda of a day, by professional, and the proof behind each visit."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.conversations import Slug
from api.shapes import ReceiptOut

router = APIRouter(prefix="/api", tags=["agenda"])


class WindowOut(BaseModel):
    """When a professional works that day, where; local wall clock."""

    opens: time
    closes: time
    unit: str


class ItemOut(BaseModel):
    """What stands in the agenda. A hold is kept until `expires_at`; a block has only a reason.

    `status` of a visit: booked, confirmed, cancelled, completed, no_show. `booked_by`: carol, person, import.
    """

    kind: Literal["visit", "hold", "block"]
    id: UUID
    starts_at: datetime
    ends_at: datetime
    service: str | None
    person: str | None
    unit: str | None
    room: str | None
    convenio: str | None
    price_cents: int | None
    status: str | None
    booked_by: str | None
    conversation: UUID | None
    expires_at: datetime | None
    reason: str | None


class ColumnOut(BaseModel):
    """One professional's day."""

    professional: UUID
    name: str
    specialty: str
    windows: list[WindowOut]
    items: list[ItemOut]


class DayOut(BaseModel):
    """A day of the agenda. `now` is the clock it was asked with; `holiday` its name, when it is one."""

    day: date
    zone: str
    now: datetime
    holiday: str | None
    opens: time | None
    closes: time | None
    columns: list[ColumnOut]


class PromiseOut(BaseModel):
    """A message that told the patient of it."""

    message: UUID
    conversation: UUID
    text: str
    at: datetime


class ProofOut(BaseModel):
    """A visit or hold with every receipt about it, oldest first, and the messages that promised it."""

    item: ItemOut
    professional: str
    receipts: list[ReceiptOut]
    promises: list[PromiseOut]


@router.get("/agenda")
async def agenda(
    request: Request,
    clinic: Slug,
    day: date | None = None,
    at: Annotated[str | None, Query(max_length=40, description="The clock to see it at; else now.")] = None,
) -> DayOut:
    """The day's agenda, today's unless told. Holds that are over at `at` are left out; cancelled visits are in."""
    raise NotImplementedError


@router.get("/agenda/{kind}/{item_id}")
async def proof(request: Request, kind: Literal["visit", "hold"], item_id: UUID, clinic: Slug) -> ProofOut:
    """Why this stands in the agenda."""
    raise NotImplementedError
