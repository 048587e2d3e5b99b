"""The dialogue state: adopted with the reply or never written, one row a conversation, one clinic's only."""

from __future__ import annotations

from typing import Any, TypedDict
from uuid import UUID

import psycopg
import pytest
from langgraph.graph import END, START, StateGraph

from db.checkpoints import Draft, DraftSaver, adopt, config_of, open_draft
from db.pool import Pool
from db.session import clinic_session
from kit.ids import new_id


class State(TypedDict, total=False):
    said: str
    kept: Any


def graph(**leaves: Any) -> Any:
    """One node that adds a mark to what was said before."""

    def step(state: State) -> State:
        return {"said": state.get("said", "") + "x", **leaves}  # type: ignore[typeddict-item]

    built = StateGraph(State)
    built.add_node("step", step)
    built.add_edge(START, "step")
    built.add_edge("step", END)
    return built.compile(checkpointer=DraftSaver())


async def turn(pool: Pool, clinic: UUID, conversation: UUID, adopted: str | None, **leaves: Any) -> tuple[Draft, str]:
    async with clinic_session(pool, clinic) as s:
        draft = await open_draft(s, conversation, adopted)
    final = await graph(**leaves).ainvoke({}, config_of(draft), durability="exit")
    return draft, final["said"]


async def rows(pool: Pool, clinic: UUID) -> list[str]:
    async with clinic_session(pool, clinic) as s:
        return [row["checkpoint_id"] for row in await s.all("SELECT checkpoint_id FROM checkpoints")]


async def test_an_adopted_state_is_where_the_next_turn_starts_and_the_only_row(pool: Pool) -> None:
    clinic, conversation, adopted = new_id(), new_id(), None
    for expected in ("x", "xx", "xxx"):
        draft, said = await turn(pool, clinic, conversation, adopted)
        assert said == expected
        async with clinic_session(pool, clinic) as s:
            await adopt(s, draft)
        adopted = draft.new_id
        assert await rows(pool, clinic) == [adopted]


async def test_a_draft_that_is_not_adopted_leaves_nothing(pool: Pool) -> None:
    clinic, conversation = new_id(), new_id()
    draft, _ = await turn(pool, clinic, conversation, None)
    assert draft.new_id is not None
    assert await rows(pool, clinic) == []
    assert (await turn(pool, clinic, conversation, None))[1] == "x"


async def test_another_clinic_neither_sees_nor_touches_it(pool: Pool) -> None:
    clinic, other, conversation = new_id(), new_id(), new_id()
    draft, _ = await turn(pool, clinic, conversation, None)
    async with clinic_session(pool, clinic) as s:
        await adopt(s, draft)
    assert (await turn(pool, other, conversation, draft.new_id))[1] == "x"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with clinic_session(pool, other) as s:
            await s.execute(
                "INSERT INTO checkpoints (clinic_id, thread_id, checkpoint_id, checkpoint) VALUES (%(c)s, 't', 'i', '{}')",
                {"c": clinic},
            )
    assert await rows(pool, other) == []


async def test_what_is_not_plain_is_refused(pool: Pool) -> None:
    clinic = new_id()
    draft, _ = await turn(pool, clinic, new_id(), None, kept=["a list would need a blob"])
    with pytest.raises(TypeError, match="kept"):
        async with clinic_session(pool, clinic) as s:
            await adopt(s, draft)
    assert await rows(pool, clinic) == []


async def twice(pool: Pool, clinic: UUID) -> None:
    async with clinic_session(pool, clinic) as s, s.together():
        for _ in range(2):
            await s.execute("INSERT INTO checkpoints (thread_id, checkpoint_id, checkpoint) VALUES ('t', 'i', '{}')")


async def test_statements_sent_together_fail_together(pool: Pool) -> None:
    clinic = new_id()
    with pytest.raises(psycopg.errors.UniqueViolation):
        await twice(pool, clinic)
    assert await rows(pool, clinic) == []
    async with clinic_session(pool, clinic) as s:  # the connection is usable again
        assert await s.one("SELECT 1 AS one") == {"one": 1}
