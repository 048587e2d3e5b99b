"""Changes as they commit, as server-sent events: ids only; whoever hears one reads the rows again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

from api.changes import Change
from api.clinics import clinic_called
from api.conversations import Slug
from api.state import house

router = APIRouter(prefix="/api", tags=["events"])


class GraphOut(BaseModel):
    """The conversation's state machine, from the compiled graph itself. Edges are [from, to, conditional]."""

    nodes: list[str]
    edges: list[tuple[str, str, bool]]


async def _clinic(request: Request, response: Response, clinic: Slug) -> UUID:
    response.headers["Cache-Control"] = "no-store"
    return await clinic_called(house(request).pool, clinic)


@router.get("/events", response_class=EventSourceResponse)
async def events(request: Request, clinic_id: Annotated[UUID, Depends(_clinic)]) -> AsyncIterator[Change | ServerSentEvent]:
    """An endless stream: `event: ready` means read everything again (first of all, and whenever something may have been
    missed); `event: changed` carries a Change. Comments keep it open. Nothing is replayed. 404 for an unknown clinic.
    """
    with house(request).changes.listener(clinic_id) as listener:
        async for changes in listener.told():
            if changes is None:
                yield ServerSentEvent(event="ready", data={})  # a browser passes on no event without data
            for change in changes or ():
                yield ServerSentEvent(event="changed", data=change)


@router.get("/graph")
async def graph(request: Request) -> GraphOut:
    """The states and their ways; `__start__` and `__end__` are the two ends."""
    nodes, edges = await asyncio.to_thread(_shape)
    return GraphOut(nodes=nodes, edges=edges)


def _shape() -> tuple[list[str], list[tuple[str, str, bool]]]:
    from graphs.conversation import shape  # a second of imports, which a process without a desk does not pay at start

    return shape()
