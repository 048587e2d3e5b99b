"""Where a process may die: named functions, wrapped in the forked child. The product has no hooks and knows nothing of it.

A name that is gone fails the storm loudly, instead of leaving a point that nobody dies at.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from random import Random
from typing import Any

from tests.chaos.board import Board


@dataclass(frozen=True, slots=True)
class Point:
    """Dies before or after one of these functions (`module:name`). `told`: what it means, for the report."""

    name: str
    at: tuple[str, ...]
    told: str
    before: bool = False


POINTS = (
    Point("inbox.uncommitted", ("clinic.conversations.inbox:receive",), "message stored, not committed"),
    Point("inbox.committed", ("api.hearing:Ear._inbound",), "message committed, webhook not answered"),
    Point("lane.claimed", ("desk.turn:_claim",), "lane claimed, nothing thought"),
    Point("turn.thought", ("desk.turn:_think",), "model and tools done, nothing adopted"),
    Point(
        "effects.inside", ("clinic.conversations.lanes.receipt_store:write",), "inside a tool's transaction, receipt written"
    ),
    Point("effects.done", ("tools.toolset:run",), "a tool's effect committed, reply not adopted"),
    Point("adopt.inside", ("clinic.conversations.lanes.lane_store:mark_answered",), "inside the adoption's transaction"),
    Point("adopt.done", ("desk.turn:_adopt",), "adopted, nobody rung"),
    Point("send.claimed", ("clinic.conversations.outgoing.outbox:claim",), "outbox row taken, claim not committed"),
    Point(
        "send.unsent",
        ("channels.whatsapp.cloud.sender:CloudSender.send", "channels.whatsapp.evolution.sender:EvolutionSender.send"),
        "outbox row claimed, provider not asked",
        before=True,
    ),
    Point(
        "send.accepted",
        ("channels.whatsapp.cloud.sender:CloudSender.send", "channels.whatsapp.evolution.sender:EvolutionSender.send"),
        "provider accepted, not noted",
    ),
    Point("send.noted", ("jobs.sending:Conversation._sent",), "sending noted"),
)
NAMES = tuple(point.name for point in POINTS)
_YOUNG = 8  # points a process passes before it may die
_passed = [0]
WRITES = frozenset({"propose_visit", "book_visit"})


def install(board: Board, slot: int, rng: Random, rates: dict[str, float]) -> None:
    """Makes this process mortal. Called once, after the fork."""
    for point in POINTS:
        rate = rates.get(point.name.partition(".")[0], 0.0)
        for place in point.at:
            _wrap(place, functools.partial(_pass, board, slot, rng, point, rate), before=point.before)
    _wrap("clinic.conversations.lanes.lane_store:let_go", lambda *_: board.note("fenced"), before=True)
    _wrap("jobs.sending:Conversation._sent", lambda args, _: board.note(f"noted {args[1].id}"), before=False)


def _pass(board: Board, slot: int, rng: Random, point: Point, rate: float, args: tuple[Any, ...], result: Any) -> None:
    if not point.before and result is None and point.name in ("lane.claimed", "send.claimed"):
        return  # it was not ours to take
    if point.name == "effects.done" and args[1] not in WRITES:
        return
    board.passed(slot, point.name)
    _passed[0] += 1
    if rng.random() < rate and board.deadly and _passed[0] > _YOUNG:
        board.died(slot, point.name)
        os.kill(os.getpid(), signal.SIGKILL)


def _wrap(place: str, happens: Callable[[tuple[Any, ...], Any], None], *, before: bool) -> None:
    module, _, path = place.partition(":")
    *holders, name = path.split(".")
    holder: Any = import_module(module)
    for part in holders:
        holder = getattr(holder, part)
    original = getattr(holder, name)  # AttributeError: the product moved on, this table did not

    @functools.wraps(original)
    async def mortal(*args: Any, **kwargs: Any) -> Any:
        if before:
            happens(args, None)
            return await original(*args, **kwargs)
        result = await original(*args, **kwargs)
        happens(args, result)
        return result

    setattr(holder, name, mortal)
