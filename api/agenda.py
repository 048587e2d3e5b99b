"""The agenda of a day, by professional, and the proof behind each visit."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api import telling
from api.clinics import clinic_called
from api.conversations import Slug
from api.instants import FIRST_YEAR, LAST_YEAR, BadInstant, instant
from api.shapes import ReceiptOut
from api.state import house
from clinic.conversations import reading
from clinic.scheduling import day as days
from clinic.scheduling import day_store
from clinic.scheduling.day import Column, Item
from clinic.scheduling.minutes import LocalClock
from clinic.scheduling.minutes import instant as instant_of
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db.session import clinic_session
from kit.clock import utc_now
from kit.errors import NotFound

router = APIRouter(prefix="/api", tags=["agenda"])


class NoItem(NotFound):
    """There is no such visit or hold; a hold that ran out is gone."""

    code = "no_item"


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
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    now = (instant(at, found.zone) or utc_now()).astimezone(found.zone)
    chosen = day or now.date()
    if not FIRST_YEAR <= chosen.year <= LAST_YEAR:
        raise BadInstant
    start, end = LocalClock(found.zone).whole(chosen)
    async with clinic_session(pool, found.id) as s:
        items = await day_store.between(s, start=instant_of(start), end=instant_of(end), at=now)
    columns = days.columns(found, chosen, items)
    hull = days.hull(found, chosen, columns)
    return DayOut(
        day=chosen,
        zone=found.timezone,
        now=now,
        holiday=days.holiday(found, chosen),
        opens=hull[0] if hull else None,
        closes=hull[1] if hull else None,
        columns=[_column(found, column) for column in columns],
    )


@router.get("/agenda/{kind}/{item_id}")
async def proof(request: Request, kind: Literal["visit", "hold"], item_id: UUID, clinic: Slug) -> ProofOut:
    """Why this stands in the agenda."""
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    async with clinic_session(pool, found.id) as s:
        item = await (day_store.visit(s, item_id) if kind == "visit" else day_store.hold(s, item_id))
        if item is None:
            raise NoItem
        proofs, promises = await reading.about(s, item_id)
    professional = found.professional_by_id.get(item.professional_id) if item.professional_id else None
    return ProofOut(
        item=_item(found, item),
        professional=professional.name if professional else "",
        receipts=telling.receipts(proofs, found.zone),
        promises=[
            PromiseOut(message=said.id, conversation=said.conversation_id, text=said.text, at=said.at.astimezone(found.zone))
            for said in promises
        ],
    )


def _column(clinic: Clinic, column: Column) -> ColumnOut:
    return ColumnOut(
        professional=column.professional.id,
        name=column.professional.name,
        specialty=column.professional.specialty,
        windows=[
            WindowOut(opens=window.opens, closes=window.closes, unit=clinic.unit_by_id[window.unit_id].name)
            for window in column.windows
        ],
        items=[_item(clinic, item) for item in column.items],
    )


def _item(clinic: Clinic, item: Item) -> ItemOut:
    """An item with its names, as the clinic calls things now."""
    service = clinic.service_by_id.get(item.service_id) if item.service_id else None
    unit = clinic.unit_by_id.get(item.unit_id) if item.unit_id else None
    convenio = clinic.convenio_by_id.get(item.convenio_id) if item.convenio_id else None
    return ItemOut(
        kind=item.kind.value,
        id=item.id,
        starts_at=item.starts_at.astimezone(clinic.zone),
        ends_at=item.ends_at.astimezone(clinic.zone),
        service=service.name if service else None,
        person=item.person,
        unit=unit.name if unit else None,
        room=next((room.name for room in clinic.rooms if room.id == item.room_id), None),
        convenio=convenio.name if convenio else None,
        price_cents=item.price_cents,
        status=item.status,
        booked_by=item.booked_by,
        conversation=item.conversation_id,
        expires_at=item.expires_at.astimezone(clinic.zone) if item.expires_at else None,
        reason=item.reason,
    )
