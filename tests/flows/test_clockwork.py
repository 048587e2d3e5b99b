"""With beat down somebody notices, says so, and does what cannot wait."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from clinic.conversations.cases import case_store
from clinic.conversations.models import CaseKind
from db import beats
from db.session import clinic_session
from jobs.clockwork import LATE, StandIn
from jobs.schedule import EVERY
from kit.clock import utc_now
from tests.flows.served import Served
from tests.flows.wires import ask, until


async def stand_still(served: Served, seconds: float = LATE + 1) -> None:
    """As if it had last beaten so long ago."""
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE beats SET at = now() - make_interval(secs => %(s)s::float)", {"s": seconds})


async def owe_late(served: Served) -> None:
    """A patient was promised an answer an hour ago, and another one's turn has no due time."""
    await ask(served, "evolution", "Quero falar com alguém", message_id="A")
    await served.rows("UPDATE conversations SET due_at = NULL RETURNING id")
    await served.rows("UPDATE messages SET stored_at = now() - interval '5 minutes' RETURNING id")
    [row] = await served.rows("SELECT id FROM conversations")
    async with clinic_session(served.pool, served.clinic) as s:
        ago = utc_now() - timedelta(hours=1)
        await case_store.open_case(s, row["id"], CaseKind.PERSON_ASKED, reason="x", brief="", due_at=ago, at=ago)


async def clockwork(served: Served) -> str:
    answer = await served.http.get("/ready")
    assert answer.json()["ready"]  # it serves all the same
    return str(answer.json()["clockwork"])


async def test_ready_says_that_the_clock_stands_still(served: Served) -> None:
    await beats.note(served.pool)
    assert await clockwork(served) == "ok"
    await stand_still(served)
    assert await clockwork(served) == "late"
    await beats.note(served.pool)
    assert await clockwork(served) == "ok"
    assert "clockwork.beats" in {beat["task"] for beat in EVERY.values()}


async def test_while_it_goes_nobody_stands_in(served: Served) -> None:
    await owe_late(served)
    await beats.note(served.pool)
    assert not await StandIn(served.pool).look()
    assert [row["due_at"] for row in await served.rows("SELECT due_at FROM conversations")] == [None]


async def test_when_it_stands_still_what_cannot_wait_is_done_and_it_is_said_once(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    await owe_late(served)
    await stand_still(served)
    one, other = StandIn(served.pool), StandIn(served.pool)
    assert all(await asyncio.gather(one.look(), other.look(), one.look()))
    [lane] = await served.rows("SELECT due_at IS NOT NULL AS due FROM conversations")
    assert lane["due"]
    [case] = await served.rows("SELECT slips_at IS NULL OR slips_at > now() AS looked_at FROM cases")
    assert case["looked_at"]
    told = capsys.readouterr().out
    assert 1 <= told.count("event='clockwork_late'") <= 2  # each process says it once
    await beats.note(served.pool)
    assert not await one.look()
    assert "event='clockwork_back'" in capsys.readouterr().out


async def test_a_stand_in_looks_by_itself(served: Served) -> None:
    await owe_late(served)
    await stand_still(served)
    clock = StandIn(served.pool, every=0.05)
    await clock.start()
    try:

        async def rung() -> bool:
            return bool((await served.rows("SELECT due_at IS NOT NULL AS due FROM conversations"))[0]["due"])

        await until(rung)
    finally:
        await clock.stop()
