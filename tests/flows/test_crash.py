"""kill -9 of a desk between claim and commit: the turn is tried again, what its tools did happened once, one reply leaves."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from db.embedded import Urls
from db.session import clinic_session
from desk.turn import take_turn
from tests.flows.house import ANA, House
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("where", ["think-1", "think-2", "adopt", "adopted"])
async def test_a_desk_killed_anywhere_leaves_one_visit_and_one_reply(
    database: Urls, house: House, brain: ScriptedBrain, where: str
) -> None:
    brain.then(
        calls("find_slots", service="consulta dermatológica", when="amanhã"),
        lambda m: calls("propose_visit", slot=last_result(m)["slots"][0]["slot"], person_name="Ana Lima"),
        lambda m: f"{last_result(m)['summary']['label']} para Ana Lima. Posso marcar?",
    )
    await house.say(ANA, "dermatologista amanhã, Ana Lima")
    await house.hear(ANA, "sim")
    died = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.flows.dying_desk",
        database.app, str(house.clinic.id), str(house.conversations[ANA]), where, cwd=ROOT,
    )  # fmt: skip
    assert await died.wait() == -signal.SIGKILL
    async with clinic_session(house.pool, house.clinic.id) as s:  # the dead holder's lease runs out
        await s.execute("UPDATE conversations SET lease_until = now() WHERE lease_until IS NOT NULL")
    brain.steps.clear()
    confirm = lambda m: f"Marquei {last_result(m)['summary']['label']}."  # noqa: E731
    if where == "think-1":
        brain.then(lambda m: calls("book_visit", proposal=briefing(m)["proposal"]["proposal"]))
    brain.then(confirm)
    await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    assert len(await house.visits(ANA)) == 1
    receipts = await house.rows("SELECT id FROM tool_receipts WHERE tool = 'book_visit'")
    assert len(receipts) == 1
    assert sum(said.startswith("Marquei") for said in await house.said(ANA)) == 1
    [lane] = await house.rows("SELECT due_at, lease_token, attempts FROM conversations")
    assert lane == {"due_at": None, "lease_token": None, "attempts": 0}
