"""Read and typing marks: when a turn begins, the patient sees that it was read and that somebody writes.

A courtesy: it hears of turns as the console does, beside them; a lost bell, a slow wire or a failure cost nothing but it.
"""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

from channels.registry import BadChannel
from clinic.conversations.outgoing import courtesy_store
from db.listening import hear
from db.pool import Pool
from db.session import clinic_session
from jobs.senders import Senders
from kit.errors import CarolError
from kit.ids import is_sandbox
from kit.log import get_logger
from kit.tasks import end

log = get_logger(__name__)

CHANGES = "carol_changes"  # NOTIFY channel: what changed, by ids
_SECONDS = 5.0
_AT_ONCE = 32  # beyond that nobody is shown anything: what matters goes first
_REMEMBERED = 2048  # turns


class Courtesy:
    """Listens until stopped. Any number may run: each turn is shown by one of them."""

    def __init__(self, pool: Pool, senders: Senders, *, listen_url: str) -> None:
        self._pool = pool
        self._senders = senders
        self._listen_url = listen_url
        self._seen: dict[UUID, None] = {}
        self._busy: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Hears of turns for ever."""
        try:
            async for told in hear(self._listen_url, CHANGES):
                if told is not None and (turn := _turn(told)) is not None:
                    self._begin(*turn)
        finally:
            await end(list(self._busy))

    def _begin(self, clinic_id: UUID, conversation_id: UUID, turn_id: UUID) -> None:
        """Each change of a turn is told; the first one that is heard counts."""
        if turn_id in self._seen or is_sandbox(clinic_id) or len(self._busy) >= _AT_ONCE:
            return
        self._seen[turn_id] = None
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        task = asyncio.create_task(self._show(clinic_id, conversation_id, turn_id))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _show(self, clinic_id: UUID, conversation_id: UUID, turn_id: UUID) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                async with clinic_session(self._pool, clinic_id) as s:
                    seen = await courtesy_store.begin(s, conversation_id, turn_id)
                if seen is not None:
                    _, sender = await self._senders.of(self._pool, clinic_id, seen.account_id)
                    await sender.mark_read(seen.reply_to, seen.provider_id, typing=True)
        except (CarolError, BadChannel, TimeoutError) as error:
            log.info("not_shown", conversation_id=str(conversation_id), error=type(error).__name__)
        except Exception as error:  # a courtesy never fails anybody
            log.warning("courtesy_broke", conversation_id=str(conversation_id), error=type(error).__name__)


def _turn(told: str) -> tuple[UUID, UUID, UUID] | None:
    """(clinic, conversation, turn) of a change that is about a turn."""
    try:
        change = json.loads(told)
        if change.get("what") != "turn":
            return None
        return UUID(change["clinic"]), UUID(change["conversation"]), UUID(change["turn"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
