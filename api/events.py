"""Changes as they commit, as server-sent events: ids only; whoever hears one reads the rows again."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.conversations import Slug

router = APIRouter(prefix="/api", tags=["events"])


class Change(BaseModel):
    """Something of a clinic changed. `what`: message, status, turn, owner, case, agenda or knowledge."""

    what: Literal["message", "status", "turn", "owner", "case", "agenda", "knowledge"]
    conversation: UUID | None
    turn: UUID | None


class GraphOut(BaseModel):
    """The conversation's state machine, from the compiled graph itself. Edges are [from, to, conditional]."""

    nodes: list[str]
    edges: list[tuple[str, str, bool]]


@router.get("/events", response_class=Response)
async def events(request: Request, clinic: Slug) -> Response:
    """An endless stream: `event: changed` with a Change as data; first `event: ready`; a comment every 15 s.

    After a reconnect read everything again: nothing is replayed.
    """
    raise NotImplementedError


@router.get("/graph")
async def graph(request: Request) -> GraphOut:
    """The states and their ways."""
    raise NotImplementedError
