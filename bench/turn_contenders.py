"""Ways to take a turn: the bare graph, the same with the library's Postgres saver, and Carol's desk.

Ours runs the whole path of a message: stored in the inbox, lane claimed, window and briefing read, graph with guardrails
and checkpoint, reply and outbox row committed. The floor keeps nothing and checks nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, LiteralString, Protocol
from uuid import UUID

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

from bench.instant import ANSWERED, ASKED, Instant
from bench.plain_graph import history, plain_graph
from bench.stage import Stage, minds_of, phones
from clinic.conversations.inbox import receive
from clinic.conversations.models import Arrival, Outcome, QuietWindow
from clinic.patients.models import ContactAlias
from db.session import clinic_session
from desk.turn import take_turn
from jobs.delivery import Policy, deliver_due
from jobs.senders import Senders
from kit.clock import utc_now

_serial = count(1)


class Contender(Protocol):
    """One way to take a turn."""

    name: str

    async def one(self, place: int) -> None:
        """A turn of the conversation at `place`."""

    async def reset(self) -> None:
        """Every conversation is again as long as it was."""


@dataclass(slots=True)
class Floor:
    """The graph without a checkpointer: the history is handed in."""

    before: int
    model: Instant
    name: str = "bare graph"
    _graph: Any = None

    def __post_init__(self) -> None:
        self._graph = plain_graph(self.model)

    async def one(self, place: int) -> None:
        done = await self._graph.ainvoke({"messages": [*history(self.before), HumanMessage(ASKED)]})
        assert done["messages"][-1].content == ANSWERED

    async def reset(self) -> None:
        return None


@dataclass(slots=True)
class Stock:
    """The same graph with the library's Postgres saver, as its documentation has it."""

    before: int
    model: Instant
    saver: AsyncPostgresSaver
    size: int
    name: str = "graph + AsyncPostgresSaver"
    _graph: Any = None
    round: int = 0

    def __post_init__(self) -> None:
        self._graph = plain_graph(self.model, self.saver)

    def _config(self, place: int) -> dict[str, Any]:
        return {"configurable": {"thread_id": f"{self.before}-{self.round}-{place}"}}

    async def one(self, place: int) -> None:
        done = await self._graph.ainvoke({"messages": [HumanMessage(ASKED)]}, self._config(place))
        assert done["messages"][-1].content == ANSWERED

    async def reset(self) -> None:
        self.round += 1
        for place in range(self.size):
            await self._graph.aupdate_state(self._config(place), {"messages": history(self.before)}, as_node="think")


@dataclass(slots=True)
class Ours:
    """A message to the desk: inbox, turn, outbox row; then to the patient when `senders` are given."""

    before: int
    model: Instant
    stage: Stage
    conversations: Sequence[tuple[str, UUID]]
    senders: Senders | None = None
    thinks: bool = True
    name: str = "Carol"
    mark: int = 0
    minds: Any = None

    def __post_init__(self) -> None:
        self.minds = minds_of(self.model)

    async def one(self, place: int) -> None:
        phone, conversation_id = self.conversations[place]
        arrival = arriving(self.stage, phone)
        pool, clinic_id = self.stage.pool, self.stage.clinic.id
        async with clinic_session(pool, clinic_id) as s:
            await receive(s, arrival, now=utc_now(), quiet=QuietWindow(0, 0))
        if self.thinks:
            assert await take_turn(pool, self.minds, clinic_id, conversation_id) is Outcome.SPOKE
        if self.senders is not None:
            assert await deliver_due(pool, self.senders, Policy()) >= 1

    async def reset(self) -> None:
        async with clinic_session(self.stage.pool, self.stage.clinic.id) as s:
            ids = [conversation_id for _, conversation_id in self.conversations]
            await s.execute("DELETE FROM messages WHERE conversation_id = ANY(%(ids)s) AND seq > %(mark)s",
                            {"ids": ids, "mark": self.mark})  # fmt: skip
            await s.execute(
                "UPDATE conversations SET due_at = NULL, waiting_since = NULL WHERE id = ANY(%(ids)s)", {"ids": ids}
            )


def arriving(stage: Stage, phone: str) -> Arrival:
    """A patient's message, new to the inbox."""
    return Arrival(
        account_id=stage.account_id,
        provider_id=f"b{next(_serial)}",
        aliases=(ContactAlias("phone", phone),),
        reply_to=phone,
        text=ASKED,
        display_name="Ana",
    )


async def conversations_of(stage: Stage, model: Instant, size: int, before: int) -> Ours:
    """`size` conversations of `before` answered messages, each with a checkpoint of its own."""
    known: list[tuple[str, UUID]] = []
    for phone in phones(size, series=before % 100):
        async with clinic_session(stage.pool, stage.clinic.id) as s:
            arrival = arriving(stage, phone)
            stored = await receive(s, arrival, now=utc_now(), quiet=QuietWindow(0, 0))
        known.append((phone, stored.conversation_id))
    ours = Ours(before, model, stage, known)
    for _, conversation_id in known:
        assert await take_turn(stage.pool, ours.minds, stage.clinic.id, conversation_id) is Outcome.SPOKE
    async with clinic_session(stage.pool, stage.clinic.id) as s:
        ids = [conversation_id for _, conversation_id in known]
        await s.execute("DELETE FROM messages WHERE conversation_id = ANY(%(ids)s)", {"ids": ids})
        await s.execute(_HISTORY, {"ids": ids, "before": before, "asked": ASKED, "answered": ANSWERED, "at": utc_now()})
        row = await s.one("SELECT max(seq) AS mark FROM messages")
    assert row is not None
    ours.mark = row["mark"]
    return ours


_HISTORY: LiteralString = """
  INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, text, turn_id, at)
  SELECT c.clinic_id, gen_random_uuid(), c.id, c.account_id, CASE WHEN n %% 2 = 0 THEN 'in' ELSE 'out' END,
         CASE WHEN n %% 2 = 0 THEN 'patient' ELSE 'carol' END, CASE WHEN n %% 2 = 0 THEN %(asked)s ELSE %(answered)s END,
         (SELECT t.id FROM turns t WHERE t.clinic_id = c.clinic_id AND t.conversation_id = c.id LIMIT 1), %(at)s
  FROM conversations c, generate_series(0, %(before)s - 1) AS n WHERE c.id = ANY(%(ids)s) ORDER BY c.id, n"""
