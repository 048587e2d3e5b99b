"""A conversation held on our own pages and terminal, over the same path as any wire's: said, waited for, read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import UUID

from clinic.conversations import service
from clinic.conversations.models import Stored
from clinic.conversations.service import Answer
from db.pool import Pool
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id

WAIT_MOST = 60.0
_LOOK_FIRST, _LOOK_MOST = 0.02, 0.25  # seconds between looks, growing
RunLane = Callable[[UUID, UUID], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message and what came of it so far. `answer.done`: nothing more is to be expected."""

    stored: Stored
    answer: Answer


async def exchange(
    pool: Pool,
    clinic_id: UUID,
    person: str,
    text: str,
    *,
    at: datetime | None = None,
    message_id: str | None = None,
    wait: float = WAIT_MOST,
    run_lane: RunLane | None = None,
    request_id: str | None = None,
) -> Exchange:
    """Says `text` as `person` (a phone, or a name) and waits up to `wait` seconds for the turn to end and be delivered.

    `message_id` makes a repeated call the same message. `at` is the conversation's clock for this message. Where no front
    desk runs, `run_lane(clinic_id, conversation_id)` takes the turn (and delivers) here. Raises what `service.say` raises.
    """
    async with clinic_session(pool, clinic_id) as s:
        stored = await service.say(
            s, person, text, message_id=message_id or new_id().hex, at=at, now=utc_now(), request_id=request_id
        )
    return Exchange(stored, await _outcome(pool, clinic_id, stored, min(wait, WAIT_MOST), run_lane))


async def _outcome(pool: Pool, clinic_id: UUID, stored: Stored, wait: float, run_lane: RunLane | None) -> Answer:
    deadline, pause = monotonic() + wait, _LOOK_FIRST
    while True:
        if run_lane is not None:
            await run_lane(clinic_id, stored.conversation_id)
        async with clinic_session(pool, clinic_id) as s:
            answer = await service.answer_to(s, stored)
        if answer.done or monotonic() >= deadline:
            return answer
        await asyncio.sleep(min(pause, max(0.0, deadline - monotonic())))
        pause = min(pause * 1.5, _LOOK_MOST)
