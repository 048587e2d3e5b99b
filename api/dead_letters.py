"""Turns that were given up, and trying them again: for whoever runs the house."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.clinics import clinic_called
from api.conversations import Signed, Slug
from api.state import house
from clinic.conversations.lanes import dead_letters_store
from db.session import clinic_session

router = APIRouter(prefix="/api", tags=["dead letters"])


class DeadLetterOut(BaseModel):
    """A turn that failed too often. `error`: a code; `waiting`: messages it left that nobody has answered since."""

    id: UUID
    conversation: UUID
    turn: UUID
    error: str
    attempts: int
    died_at: datetime
    replayed_at: datetime | None
    replayed_by: str | None
    waiting: int


class Replayed(BaseModel):
    """`messages`: how many wait for Carol again; 0 when it was replayed before or answered meanwhile."""

    messages: int


@router.get("/dead-letters")
async def listed(
    request: Request, clinic: Slug, replayed: Annotated[bool, Query(description="Also those tried again.")] = False
) -> list[DeadLetterOut]:
    """What was given up in a clinic, the newest first."""
    pool = house(request).pool
    async with clinic_session(pool, await clinic_called(pool, clinic)) as s:
        found = await dead_letters_store.listed(s, replayed=replayed)
    return [
        DeadLetterOut(
            id=one.id,
            conversation=one.conversation_id,
            turn=one.turn_id,
            error=one.error,
            attempts=one.attempts,
            died_at=one.died_at,
            replayed_at=one.replayed_at,
            replayed_by=one.replayed_by,
            waiting=one.waiting,
        )
        for one in found
    ]


@router.post("/dead-letters/{letter_id}/replay")
async def replay(request: Request, letter_id: UUID, clinic: Slug, signed: Signed) -> Replayed:
    """Carol tries again what was left unanswered; what its tools did is not done twice. Twice is once."""
    pool = house(request).pool
    async with clinic_session(pool, await clinic_called(pool, clinic)) as s:
        return Replayed(messages=await dead_letters_store.replay(s, letter_id, by=signed.by))
