"""Effects that happen once: receipt and effect in one transaction, behind the fence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from clinic.conversations.lanes import lane_store, receipt_store
from db.session import Session, clinic_session
from tools.context import Result, ToolContext


@dataclass(frozen=True, slots=True)
class Done:
    """What an effect left behind: the words for the model, and the row that proves it."""

    result: Result
    entity: str | None = None
    entity_id: UUID | None = None


async def once(
    ctx: ToolContext,
    *,
    tool: str,
    key: str,
    arguments: Mapping[str, Any],
    effect: Callable[[Session], Awaitable[Done | Result]],
) -> Result:
    """Runs `effect` unless this conversation already holds its receipt; then the first result is the answer.

    An effect that returns a plain result (a refusal) leaves no receipt. Raises Fenced when the lane is no longer ours:
    a process that slept through its lease must not act.
    """
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        await lane_store.still_ours(s, ctx.desk.lease)
        earlier = await receipt_store.find(s, ctx.desk.lease.conversation_id, key)
        if earlier is not None:
            return {**earlier.result, "receipt": str(earlier.id)}
        done = await effect(s)
        if not isinstance(done, Done):
            return done
        receipt_id = await receipt_store.write(
            s,
            ctx.desk.lease,
            tool=tool,
            effect="write",
            key=key,
            arguments=arguments,
            result=done.result,
            entity=done.entity,
            entity_id=done.entity_id,
            at=ctx.now,
        )
    return {**done.result, "receipt": str(receipt_id)}
