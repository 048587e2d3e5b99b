"""Several things at once in one rehearsal: it ends while it is written to, and is branched while Carol thinks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from clinic.conversations.models import Outcome, Stored
from clinic.rehearsals import branching, branching_store, saying, service, store
from clinic.rehearsals.branching_store import Heard
from clinic.rehearsals.models import Branched, RehearsalOver
from clinic.rehearsals.saying import Voice
from db import system
from db.embedded import Urls
from db.session import Session, clinic_session
from desk.turn import take_turn
from jobs.sweeps import expired_rehearsals
from kit.ids import new_id
from tests.flows.house import ANA, NOW, House, brains_of
from tests.flows.scripted import ScriptedBrain, Step

RUI = "Rui"
_VISIT = """INSERT INTO appointments (clinic_id, id, person_id, service_id, professional_id, unit_id, starts_at, ends_at,
                                      booked_by, created_at, conversation_id)
            SELECT clinic_id, %(id)s, person_id, service_id, professional_id, unit_id, starts_at, ends_at, 'carol', now(),
                   %(of)s
            FROM appointments LIMIT 1"""
_HOLD = """INSERT INTO holds (clinic_id, id, conversation_id, service_id, professional_id, unit_id, starts_at, ends_at,
                              expires_at, created_at)
           SELECT clinic_id, %(id)s, %(of)s, service_id, professional_id, unit_id, starts_at, ends_at, ends_at, now()
           FROM appointments LIMIT 1"""
_CLAIM = """INSERT INTO claims (clinic_id, id, resource, resource_id, during, hold_id)
            SELECT clinic_id, id, 'room', id, tstzrange(starts_at, ends_at), id FROM holds WHERE id = %(id)s"""


@pytest.fixture
async def rehearsal(house: House) -> UUID:
    return await service.begin(house.pool, house.clinic, now=NOW)


def scripted(house: House, *steps: Step, meanwhile: Callable[[], Awaitable[Any]] | None = None) -> None:
    """The house's mind says these; `meanwhile` happens while it thinks for the first time."""
    brain = ScriptedBrain(*steps)
    think, pending = brain.think, [meanwhile] if meanwhile else []

    async def thinking(*given: Any, **more: Any) -> Any:
        if pending:
            await pending.pop()()
        return await think(*given, **more)

    brain.think = thinking  # type: ignore[method-assign]
    house.minds = replace(house.minds, brains=brains_of(brain))  # type: ignore[arg-type]


async def hear(house: House, rehearsal: UUID, text: str, *, person: str = ANA) -> Stored:
    return await saying.say(house.pool, Voice(rehearsal_id=rehearsal, person=person, at=NOW), text, message_id=new_id().hex)


async def rows(house: House, clinic: UUID, query: str, **params: Any) -> list[dict[str, Any]]:
    async with clinic_session(house.pool, clinic) as s:
        return list(await s.all(query, params))  # type: ignore[arg-type]


async def is_gone(urls: Urls, rehearsal: UUID) -> bool:
    async with await psycopg.AsyncConnection.connect(urls.superuser) as connection:
        for table in (
            "contacts",
            "conversations",
            "messages",
            "turns",
            "appointments",
            "holds",
            "sandbox_journal",
            "rehearsals",
        ):
            left = await connection.execute(f"SELECT FROM {table} WHERE clinic_id = %s", (rehearsal,))  # type: ignore[arg-type]
            if left.rowcount:
                return False
    return True


async def test_it_ends_while_a_visit_is_being_booked_in_it(house: House, rehearsal: UUID, database: Urls) -> None:
    stored = await hear(house, rehearsal, "oi")
    async with clinic_session(house.pool, rehearsal) as s:
        await s.one("SELECT FROM conversations WHERE id = %(id)s FOR UPDATE", {"id": stored.conversation_id})
        await s.execute(_VISIT, {"id": new_id(), "of": stored.conversation_id})
        ending = asyncio.create_task(service.end(house.pool, rehearsal))
        await asyncio.sleep(0.3)  # it waits for the lane
        assert not ending.done()
    assert await ending
    assert await is_gone(database, rehearsal)


async def test_what_is_said_while_it_ends_is_heard_by_nobody(
    house: House, rehearsal: UUID, database: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hear(house, rehearsal, "oi")
    erased, erase = asyncio.Event(), store.erase

    async def slowly(s: Session) -> bool:
        done = await erase(s)
        erased.set()
        await asyncio.sleep(0.3)  # the two below wait for these rows
        return done

    monkeypatch.setattr(store, "erase", slowly)
    ending = asyncio.create_task(service.end(house.pool, rehearsal))
    await erased.wait()
    answers = await asyncio.gather(
        hear(house, rehearsal, "e agora?"), hear(house, rehearsal, "bom dia", person=RUI), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [RehearsalOver, RehearsalOver]
    assert await ending and await is_gone(database, rehearsal)


async def test_a_turn_whose_rehearsal_ended_comes_to_nothing(house: House, rehearsal: UUID, database: Urls) -> None:
    scripted(house, "Tudo bem?", meanwhile=lambda: service.end(house.pool, rehearsal))
    stored = await hear(house, rehearsal, "oi")
    assert await take_turn(house.pool, house.minds, rehearsal, stored.conversation_id) is None
    assert await is_gone(database, rehearsal)


async def test_what_was_half_written_when_the_message_came_is_not_in_the_branch(house: House, rehearsal: UUID) -> None:
    """Two conversations of one rehearsal: one is being written to while the other's patient speaks."""
    ana = await hear(house, rehearsal, "oi")
    hold = {"id": new_id(), "of": ana.conversation_id}
    async with clinic_session(house.pool, rehearsal) as s:
        await s.execute(_HOLD, hold)
        rui = await hear(house, rehearsal, "bom dia", person=RUI)
        await s.execute(_CLAIM, hold)
    scripted(house, "Bom dia!")
    assert await take_turn(house.pool, house.minds, rehearsal, rui.conversation_id) is Outcome.SPOKE
    [turn] = await rows(house, rehearsal, "SELECT id FROM turns")
    made = await branching.branch(house.pool, rehearsal, rui.conversation_id, turn["id"])
    assert made.said == ("bom dia",)
    fresh = made.rehearsal_id
    assert await rows(house, fresh, "SELECT id FROM holds UNION ALL SELECT id FROM claims WHERE hold_id IS NOT NULL") == []
    known = await rows(house, fresh, "SELECT reply_to FROM conversations ORDER BY reply_to")
    assert [row["reply_to"] for row in known] == [ANA, RUI]


async def test_a_branch_from_a_turn_that_runs(house: House, rehearsal: UUID) -> None:
    stored = await hear(house, rehearsal, "oi")
    branched: list[Branched] = []

    async def branch() -> None:
        [turn] = await rows(house, rehearsal, "SELECT id FROM turns")
        branched.append(await branching.branch(house.pool, rehearsal, stored.conversation_id, turn["id"]))

    scripted(house, "Olá!", "Olá de novo!", meanwhile=branch)
    assert await take_turn(house.pool, house.minds, rehearsal, stored.conversation_id) is Outcome.SPOKE
    [made] = branched
    assert made.said == ("oi",)
    fresh = made.rehearsal_id
    assert await rows(house, fresh, "SELECT id FROM turns UNION ALL SELECT id FROM messages") == []
    again = await hear(house, fresh, "oi")
    assert again.conversation_id == made.conversation_id
    assert await take_turn(house.pool, house.minds, fresh, again.conversation_id) is Outcome.SPOKE


async def test_many_begin_and_branch_at_once(house: House, rehearsal: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LIVE_MOST", 3)
    stored = await hear(house, rehearsal, "oi")
    scripted(house, "Olá!")
    await take_turn(house.pool, house.minds, rehearsal, stored.conversation_id)
    [turn] = await rows(house, rehearsal, "SELECT id FROM turns")
    made = await asyncio.gather(
        *(branching.branch(house.pool, rehearsal, stored.conversation_id, turn["id"]) for _ in range(2)),
        *(service.begin(house.pool, house.clinic, now=NOW) for _ in range(3)),
    )
    assert len({getattr(one, "rehearsal_id", one) for one in made}) == 5
    await service.begin(house.pool, house.clinic, now=NOW)
    assert len(await system.sandboxes_of(house.pool, house.clinic.id)) == 3


async def test_one_that_cannot_end_keeps_no_other(house: House, rehearsal: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    other = await service.begin(house.pool, house.clinic, now=NOW)
    for one in (rehearsal, other):
        await rows(house, one, "UPDATE rehearsals SET expires_at = now() - interval '1 second' RETURNING 1")
    erase = store.erase

    async def never_the_first(s: Session) -> bool:
        if s.clinic_id == rehearsal:
            raise store.StillWritten
        return await erase(s)

    monkeypatch.setattr(store, "erase", never_the_first)
    assert await expired_rehearsals(house.pool) == 1
    assert await system.expired_sandboxes(house.pool) == [rehearsal]


async def test_one_that_ends_while_it_is_branched_is_over(
    house: House, rehearsal: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await hear(house, rehearsal, "oi")
    scripted(house, "Olá!")
    await take_turn(house.pool, house.minds, rehearsal, stored.conversation_id)
    [turn] = await rows(house, rehearsal, "SELECT id FROM turns")
    heard = branching_store.heard

    async def and_then_it_ends(s: Session, *where: UUID) -> Heard:
        found = await heard(s, *where)
        await service.end(house.pool, rehearsal)
        return found

    monkeypatch.setattr(branching_store, "heard", and_then_it_ends)
    with pytest.raises(RehearsalOver):
        await branching.branch(house.pool, rehearsal, stored.conversation_id, turn["id"])
    assert await system.sandboxes_of(house.pool, house.clinic.id) == []
