"""Several desks in several processes over one database: one turn at a time, one reply each, and who slept is refused."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from clinic.conversations.inbox import receive
from clinic.conversations.models import Arrival, QuietWindow
from clinic.patients.models import ContactAlias
from db.embedded import Urls
from db.session import clinic_session
from desk.runner import FrontDesk
from desk.turn import take_turn
from kit.clock import utc_now
from tests.flows.house import ANA, BIA, House
from tests.flows.scripted import ScriptedBrain
from tests.flows.test_lanes import PATIENCE, die, replay, until

ROOT = Path(__file__).parents[2]
NOBODY_LISTENS = "postgresql://127.0.0.1:1/nowhere?connect_timeout=1"


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A desk process; killed at the end."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.flows.running_desk", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def says(running: asyncio.subprocess.Process, word: str) -> str:
    """The next line that begins with a word; what is logged between is passed over."""
    assert running.stdout is not None
    async with asyncio.timeout(PATIENCE):
        async for line in running.stdout:
            if line.decode().startswith(word):
                return line.decode().strip()
    raise AssertionError(f"never said {word}")


async def overlapping(house: House) -> list[dict[str, Any]]:
    """Turns of one conversation that ran at the same time, by what their rows say."""
    return await house.rows(
        """SELECT a.id FROM turns a JOIN turns b ON b.conversation_id = a.conversation_id AND b.id <> a.id
           WHERE a.started_at < coalesce(b.finished_at, 'infinity') AND b.started_at < coalesce(a.finished_at, 'infinity')"""
    )


async def test_forty_bursts_over_two_processes_get_one_reply_each(database: Urls, house: House) -> None:
    phones = [f"+55319000050{n:02}" for n in range(40)]
    window = QuietWindow(seconds=5.0, cap=60.0)  # much longer than a burst takes, even here

    async def burst(phone: str) -> None:
        for n in range(3):
            for _ in range(1 + n % 2):  # every second message comes twice
                arrival = Arrival(
                    account_id=house.account_id,
                    provider_id=f"{phone}/{n}",
                    aliases=(ContactAlias("phone", phone),),
                    reply_to=phone,
                    text=("oi", "tudo bem", "queria saber de vocês")[n],
                )
                async with clinic_session(house.pool, house.clinic.id) as s:
                    await receive(s, arrival, now=utc_now(), quiet=window)

    async with process(database.app, "desk") as one, process(database.app, "desk") as two:
        await says(one, "ready")
        await says(two, "ready")
        await asyncio.gather(*map(burst, phones))
        await until(house, "SELECT FROM messages WHERE direction = 'in' AND turn_id IS NOT NULL", 120)
    replies = await house.rows(
        "SELECT count(*) AS n FROM messages WHERE direction = 'out' AND author = 'carol' GROUP BY conversation_id, turn_id"
    )
    assert len(replies) == 40
    assert not await house.rows("SELECT FROM messages WHERE direction = 'in' AND turn_id IS NULL")
    turns = await house.rows("SELECT status, count(*) AS n FROM turns GROUP BY status")
    assert turns == [{"status": "adopted", "n": 40}]
    assert await overlapping(house) == []
    sends = await house.rows("SELECT dedupe_key FROM outbox")
    assert len({row["dedupe_key"] for row in sends}) == len(sends)


async def test_messages_without_end_never_meet_two_turns_at_once(database: Urls, house: House) -> None:
    """No quiet window: every message may begin a turn in either process, and most supersede the one before."""
    phones = [f"+55319000060{n:02}" for n in range(6)]
    async with process(database.app, "desk") as one, process(database.app, "desk") as two:
        await says(one, "ready")
        await says(two, "ready")
        for n in range(6):
            await asyncio.gather(*(house.hear(phone, f"mensagem {'abcdef'[n]}") for phone in phones))
            await asyncio.sleep(0.1)
        await until(house, "SELECT FROM messages WHERE direction = 'in' AND turn_id IS NOT NULL", 36)
    assert await overlapping(house) == []
    said = await house.rows(
        """SELECT m.conversation_id AS lane, min(m.seq) AS seq,
                  (SELECT min(i.seq) FROM messages i WHERE i.turn_id = m.turn_id AND i.direction = 'in') AS first,
                  (SELECT max(i.seq) FROM messages i WHERE i.turn_id = m.turn_id AND i.direction = 'in') AS last
           FROM messages m WHERE m.direction = 'out' GROUP BY m.conversation_id, m.turn_id ORDER BY 1, 2"""
    )
    assert {row["lane"] for row in said} == set(house.conversations.values())
    for before, after in pairwise(said):
        assert before["lane"] != after["lane"] or before["last"] < after["first"]


@pytest.mark.parametrize("wants", ["reply", "tool"])
async def test_a_process_that_slept_past_its_lease_is_refused(
    database: Urls, house: House, brain: ScriptedBrain, wants: str
) -> None:
    """SIGSTOP while it thinks, until another desk has answered; then SIGCONT."""
    await house.hear(ANA, "oi, tudo certo?")
    lane = house.conversations[ANA]
    brain.then("Recebi, obrigada.")
    async with process(database.app, "turn", str(house.clinic.id), str(lane), "1.5", wants) as sleeper:
        await says(sleeper, "thinking")
        sleeper.send_signal(signal.SIGSTOP)
        await until(house, "SELECT FROM conversations WHERE lease_until < now()", 1)
        assert await take_turn(house.pool, house.minds, house.clinic.id, lane) is not None
        sleeper.send_signal(signal.SIGCONT)
        assert await says(sleeper, "ended") == "ended None"
    assert "Recebi, obrigada." in (await house.said(ANA))[-1]
    assert "Tarde" not in "".join(await house.said(ANA))
    assert not await house.rows("SELECT FROM cases")
    turns = await house.rows("SELECT status FROM turns ORDER BY started_at")
    assert [row["status"] for row in turns] == ["failed", "adopted"]


async def test_without_a_single_bell_everything_still_happens(house: House, brain: ScriptedBrain) -> None:
    """Nobody hears NOTIFY: messages, what follows a dropped draft and what is replayed are found by looking."""
    await house.hear(BIA, "mensagem que quebra")
    house.conversations[ANA] = house.conversations[BIA]  # `die` speaks of Ana's
    letter = await die(house, brain)
    del house.conversations[ANA]
    brain.then(*("Recebi, obrigada." for _ in range(4)))
    desk = FrontDesk(house.pool, house.minds, listen_url=NOBODY_LISTENS)
    await desk.start()
    try:
        await house.hear(ANA, "oi, tudo certo?")
        await until(house, "SELECT FROM turns WHERE status = 'adopted'", 1)
        await house.hear(ANA, "e amanhã?")
        await until(house, "SELECT FROM turns WHERE status = 'adopted'", 2)
        assert await replay(house, letter) == 1
        await until(house, "SELECT FROM turns WHERE status = 'adopted'", 3)
    finally:
        await desk.stop()
    assert not await house.rows("SELECT FROM messages WHERE direction = 'in' AND turn_id IS NULL")
