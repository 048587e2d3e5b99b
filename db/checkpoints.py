"""LangGraph's saver over our pool, under row-level security, without the library's one lock for all conversations.

The stock saver takes one asyncio.Lock for every operation even on a pool, so that one slow read blocks every
conversation of the process; and its tables know no tenant. Here each operation is a transaction of one clinic.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any
from uuid import UUID

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncCursor
from psycopg.rows import DictRow, dict_row

from db.pool import Pool
from db.session import Session


class ClinicSaver(AsyncPostgresSaver):
    """A checkpointer that sees one clinic. Made per turn: it holds a pool and an id, nothing else."""

    def __init__(self, pool: Pool, clinic_id: UUID) -> None:
        super().__init__(pool)
        self._pool = pool
        self._clinic_id = clinic_id

    @asynccontextmanager
    async def _cursor(self, *, pipeline: bool = False) -> AsyncIterator[AsyncCursor[DictRow]]:
        async with self._pool.connection() as connection, connection.transaction():
            async with connection.pipeline() if pipeline else nullcontext():
                async with connection.cursor(binary=True, row_factory=dict_row) as cursor:
                    await cursor.execute("SELECT set_config('app.clinic_id', %s, true)", (str(self._clinic_id),))
                    yield cursor


def thread_config(clinic_id: UUID, conversation_id: UUID, checkpoint_id: str | None) -> dict[str, Any]:
    """Where a conversation's dialogue state lives. Without an adopted checkpoint the thread starts afresh."""
    configurable: dict[str, Any] = {"thread_id": f"{clinic_id}:{conversation_id}", "checkpoint_ns": ""}
    if checkpoint_id:
        configurable["checkpoint_id"] = checkpoint_id
    return {"configurable": configurable}


async def prune(s: Session, conversation_id: UUID, *, keep: str) -> None:
    """Drops every state of the conversation but the adopted one: drafts that lost, and the past."""
    await s.execute(
        """WITH gone AS (
             DELETE FROM checkpoints WHERE clinic_id = %(clinic)s AND thread_id = %(thread)s AND checkpoint_id <> %(keep)s),
           writes AS (
             DELETE FROM checkpoint_writes
             WHERE clinic_id = %(clinic)s AND thread_id = %(thread)s AND checkpoint_id <> %(keep)s)
           DELETE FROM checkpoint_blobs b WHERE b.clinic_id = %(clinic)s AND b.thread_id = %(thread)s AND NOT EXISTS (
             SELECT FROM checkpoints c WHERE c.clinic_id = b.clinic_id AND c.thread_id = b.thread_id
               AND c.checkpoint_id = %(keep)s AND c.checkpoint -> 'channel_versions' ->> b.channel = b.version)""",
        {"clinic": s.clinic_id, "thread": f"{s.clinic_id}:{conversation_id}", "keep": keep},
    )
