"""The dialogue state of a conversation in LangGraph's own tables, read when its turn is claimed and written when it is adopted.

The stock saver has a transaction of its own for every read and write, one asyncio.Lock for all conversations of the process,
and knows no tenant. A turn needs one state at its start and leaves one at its end, and the desk already holds a transaction
of the clinic at both: the state travels with the turn as a draft, and a draft that is not adopted never reaches a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.postgres.base import BasePostgresSaver
from psycopg.types.json import Jsonb

from db.session import Session

_DRAFT = "draft"


@dataclass(slots=True)
class Draft:
    """One turn's dialogue state: the adopted one it starts from (None: it starts afresh), then the one it leaves."""

    thread_id: str
    checkpoint: Checkpoint | None = None
    metadata: CheckpointMetadata = field(default_factory=lambda: CheckpointMetadata())
    written: bool = False  # by this turn
    pending: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def new_id(self) -> str | None:
        """The id of the state this turn left; None: it left none."""
        return self.checkpoint["id"] if self.checkpoint and self.written else None


class DraftSaver(BasePostgresSaver):
    """Gives the graph the draft that came in its config. Holds nothing: one serves every turn of a process.

    A graph that stops half way finds its pending writes again in the same draft only: a turn that died is taken afresh.
    """

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        draft = _draft_of(config)
        if draft.checkpoint is None:
            return None
        return CheckpointTuple(_place(draft), draft.checkpoint, draft.metadata, None, list(draft.pending))

    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        draft = _draft_of(config)
        draft.checkpoint, draft.metadata, draft.written = checkpoint, metadata, True
        draft.pending.clear()
        return _place(draft)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        _draft_of(config).pending.extend((task_id, channel, value) for channel, value in writes)


def config_of(draft: Draft) -> dict[str, Any]:
    """The config of a run whose dialogue state is this draft."""
    return {"configurable": {"thread_id": draft.thread_id, "checkpoint_ns": "", _DRAFT: draft}}


def _draft_of(config: RunnableConfig) -> Draft:
    draft: Draft = config["configurable"][_DRAFT]
    return draft


def _place(draft: Draft) -> RunnableConfig:
    assert draft.checkpoint is not None  # only asked once there is one
    where = {"thread_id": draft.thread_id, "checkpoint_ns": "", "checkpoint_id": draft.checkpoint["id"]}
    return {"configurable": {**where, _DRAFT: draft}}


async def open_draft(s: Session, conversation_id: UUID, checkpoint_id: str | None) -> Draft:
    """A turn's draft over the adopted state. Without one, or when it is gone, the thread starts afresh."""
    draft = Draft(_thread(s, conversation_id))
    if checkpoint_id is None:
        return draft
    row = await s.one(
        """SELECT checkpoint, metadata FROM checkpoints
           WHERE clinic_id = %(clinic)s AND thread_id = %(thread)s AND checkpoint_ns = '' AND checkpoint_id = %(id)s""",
        {"clinic": s.clinic_id, "thread": draft.thread_id, "id": checkpoint_id},
    )
    if row is not None:
        draft.checkpoint, draft.metadata = row["checkpoint"], row["metadata"]
    return draft


async def adopt(s: Session, draft: Draft) -> None:
    """Writes down the state this turn left, in place of every other of the conversation. Raises TypeError for a value
    that is not plain: the state is one small row, and whatever is larger has a table of its own."""
    checkpoint = draft.checkpoint
    if checkpoint is None or not draft.written:
        return
    for channel, value in checkpoint["channel_values"].items():
        if not (value is None or isinstance(value, str | int | float | bool)):
            raise TypeError(f"dialogue state {channel}: {type(value).__name__} is not plain")
    await s.execute(
        """WITH past AS (
             DELETE FROM checkpoints WHERE clinic_id = %(clinic)s AND thread_id = %(thread)s AND checkpoint_id <> %(id)s)
           INSERT INTO checkpoints (clinic_id, thread_id, checkpoint_ns, checkpoint_id, checkpoint, metadata)
           VALUES (%(clinic)s, %(thread)s, '', %(id)s, %(checkpoint)s, %(metadata)s)""",
        {
            "clinic": s.clinic_id,
            "thread": draft.thread_id,
            "id": checkpoint["id"],
            "checkpoint": Jsonb(checkpoint),
            "metadata": Jsonb(draft.metadata),
        },
    )


def _thread(s: Session, conversation_id: UUID) -> str:
    return f"{s.clinic_id}:{conversation_id}"
