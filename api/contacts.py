"""Contacts of a clinic: found, compared, and said to be one human."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.clinics import clinic_called
from api.conversations import Signed, Slug
from api.state import house
from clinic.conversations import joining
from clinic.conversations.history import contacts_store
from clinic.conversations.history.contacts_store import Card
from clinic.conversations.joining import NoContact
from clinic.patients.merging_store import Merge
from clinic.tenants.service import clinic_for
from db.session import Session, clinic_session
from kit.clock import utc_now

router = APIRouter(prefix="/api/contacts", tags=["contacts"])


class SomebodyOut(BaseModel):
    """For whom a contact speaks. `relationship`: self, child, parent, spouse, relative, caregiver, other."""

    id: UUID
    name: str
    relationship: str
    birth_date: date | None


class TalkOut(BaseModel):
    """A conversation of a contact. `channel`: cloud, evolution or console."""

    id: UUID
    channel: str
    last_message_at: datetime | None


class ContactCard(BaseModel):
    """What the clinic knows of a contact. `name`: the person's, else what they call themselves (`profile_name`), else empty.

    `addresses`: phones and console names; `hidden_ids`: how many more only WhatsApp knows. `opted_out`: no automatic message;
    `human_only`: people answer, never Carol; `doubted`: they must prove who they are. `visits`: those ahead. `merged`: how
    many contacts became this one.
    """

    id: UUID
    name: str
    profile_name: str | None
    addresses: list[str]
    hidden_ids: int
    people: list[SomebodyOut]
    conversations: list[TalkOut]
    created_at: datetime
    last_seen_at: datetime | None
    opted_out: bool
    human_only: bool
    doubted: bool
    visits: int
    merged: int


class ContactList(BaseModel):
    """At most 20, the last heard of first."""

    items: list[ContactCard]


class MergeAsk(Signed):
    """`other` becomes part of the contact in the path. `confirm`: though both are known as different people."""

    other: UUID
    confirm: bool = False


class MergeOut(BaseModel):
    """`contact`: who is left. `new`: not done before. `joined`: conversations that became part of another."""

    id: UUID
    by: str
    at: datetime
    new: bool
    joined: int
    contact: ContactCard


@router.get("")
async def contacts(
    request: Request, clinic: Slug, q: Annotated[str, Query(max_length=100, description="Name or phone.")] = ""
) -> ContactList:
    """The clinic's contacts with that name or phone."""
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    async with clinic_session(pool, found.id) as s:
        cards = await contacts_store.found(s, q, now=utc_now())
    return ContactList(items=[_card(one, found.zone) for one in cards])


@router.get("/{contact_id}")
async def contact(request: Request, contact_id: UUID, clinic: Slug) -> ContactCard:
    """One contact, or the one they were merged into."""
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    async with clinic_session(pool, found.id) as s:
        return _card(await _held(s, contact_id), found.zone)


@router.post("/{contact_id}/merge")
async def merge(request: Request, contact_id: UUID, clinic: Slug, asked: MergeAsk) -> MergeOut:
    """Says that both are one human: all that is the other's is this contact's from now on. Said again, it is done.

    A 409 `turns_under_way` while Carol answers both, `two_people` when their names or birth dates differ and it is not
    confirmed; a 404 in a rehearsal.
    """
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    async with clinic_session(pool, found.id) as s:
        done = await joining.merge(s, contact_id, asked.other, by=asked.by, confirmed=asked.confirm, now=utc_now())
        left = await _held(s, done.merge.contact_id)
    return _merge(done.merge, left, found.zone, new=done.new)


async def _held(s: Session, contact_id: UUID) -> Card:
    card = await contacts_store.card(s, contact_id, now=utc_now())
    if card is None:
        raise NoContact
    return card


def _merge(done: Merge, left: Card, zone: ZoneInfo, *, new: bool) -> MergeOut:
    return MergeOut(
        id=done.id,
        by=done.merged_by,
        at=done.at.astimezone(zone),
        new=new,
        joined=len(done.moved.get("joined", ())),
        contact=_card(left, zone),
    )


def _card(card: Card, zone: ZoneInfo) -> ContactCard:
    return ContactCard(
        id=card.id,
        name=card.name,
        profile_name=card.profile_name,
        addresses=list(card.addresses),
        hidden_ids=card.hidden_ids,
        people=[SomebodyOut(id=p.id, name=p.name, relationship=p.kind, birth_date=p.birth_date) for p in card.people],
        conversations=[
            TalkOut(
                id=t.id, channel=t.channel, last_message_at=t.last_message_at.astimezone(zone) if t.last_message_at else None
            )
            for t in card.talks
        ],
        created_at=card.created_at.astimezone(zone),
        last_seen_at=card.last_seen_at.astimezone(zone) if card.last_seen_at else None,
        opted_out=card.opted_out,
        human_only=card.human_only,
        doubted=card.doubted,
        visits=card.visits,
        merged=card.merged,
    )
