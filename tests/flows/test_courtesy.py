"""Read and typing marks: once per turn, beside it, and never in its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from clinic.conversations.lanes import lane_store
from db.embedded import Urls
from db.session import clinic_session
from jobs.courtesy import Courtesy
from jobs.delivery import Delivery
from jobs.senders import Senders
from kit.ids import new_id, new_sandbox_id
from tests.flows.served import QUICK, Served, serve
from tests.flows.wires import ask, until


async def begins(served: Served) -> UUID:
    """The desk takes the turn of the one conversation, and thinks."""
    [row] = await served.rows("SELECT id FROM conversations")
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE conversations SET due_at = now(), lease_until = NULL")
    async with clinic_session(served.pool, served.clinic) as s:
        lease = await lane_store.claim(s, row["id"], lease=timedelta(seconds=30))
    assert lease is not None
    return lease.turn_id


async def listening(served: Served, deliveries: int = 1) -> None:
    """Every process that shows marks has its ear on the bell, beside the API's own."""

    async def heard() -> bool:
        rows = await served.rows(
            """SELECT count(*) AS n FROM pg_stat_activity
               WHERE query = 'LISTEN carol_changes' AND datname = current_database()"""
        )
        return int(rows[0]["n"]) == deliveries + 1

    await until(heard)


async def shown(served: Served, turn: UUID) -> bool:
    return (await served.rows("SELECT shown_turn FROM conversations"))[0]["shown_turn"] == turn


async def test_cloud_shows_read_and_typing_when_a_turn_begins(database: Urls) -> None:
    async with serve(database, policy=QUICK) as served:
        await listening(served)
        await ask(served, "cloud", message_id="wamid.UM")
        await ask(served, "cloud", "tem horário?", message_id="wamid.DOIS")
        assert not served.cloud.read
        await begins(served)

        async def read() -> bool:
            return served.cloud.read == ["wamid.DOIS"] and served.cloud.typing == ["wamid.DOIS"]

        await until(read)


async def test_evolution_shows_read_and_composing(database: Urls) -> None:
    async with serve(database, policy=QUICK) as served:
        await listening(served)
        await ask(served, "evolution", message_id="3EBUM")
        await begins(served)

        async def read() -> bool:
            return served.evolution.read == ["3EBUM"] and bool(served.evolution.presences)

        await until(read)


async def test_two_processes_show_it_once_and_each_turn_anew(database: Urls) -> None:
    async with serve(database, policy=QUICK) as served:
        other = Delivery(served.pool, QUICK, listen_url=database.app)
        await other.start()
        try:
            await listening(served, deliveries=2)
            await ask(served, "cloud", message_id="wamid.UM")
            for turn in (1, 2):
                taken = await begins(served)
                async with clinic_session(served.pool, served.clinic) as s:  # its story grows, which is told as well
                    await s.execute("UPDATE turns SET tokens_in = 1 WHERE id = %(id)s", {"id": taken})

                async def read(times: int = turn) -> bool:
                    return len(served.cloud.read) >= times

                await until(read)
                await until(lambda taken=taken: shown(served, taken))  # type: ignore[misc]
                assert len(served.cloud.read) == turn
        finally:
            await other.stop()


async def test_nothing_is_shown_where_it_is_switched_off_or_where_a_person_answers(database: Urls) -> None:
    async with serve(database, policy=replace(QUICK, marks=False)) as served:
        await ask(served, "cloud", message_id="wamid.UM")
        turn = await begins(served)
        async with Senders() as senders:
            courtesy = Courtesy(served.pool, senders, listen_url=database.app)
            [row] = await served.rows("SELECT id FROM conversations")
            assert not await shown(served, turn)
            async with clinic_session(served.pool, served.clinic) as s:
                await s.execute("UPDATE conversations SET owner = 'person'")
            await courtesy._show(served.clinic, row["id"], turn)
            assert not served.cloud.read
            async with clinic_session(served.pool, served.clinic) as s:
                await s.execute("UPDATE conversations SET owner = 'carol'")
            await courtesy._show(served.clinic, row["id"], turn)
        assert served.cloud.read == ["wamid.UM"]


async def test_a_rehearsal_shows_nobody_anything(database: Urls) -> None:
    async with serve(database) as served, Senders() as senders:
        courtesy = Courtesy(served.pool, senders, listen_url=database.app)
        courtesy._begin(new_sandbox_id(), new_id(), new_id())
        assert not courtesy._busy


async def test_a_wire_that_fails_or_is_slow_costs_the_reply_nothing(database: Urls, caplog: Any) -> None:
    async with serve(database, policy=QUICK) as served:
        await listening(served)
        served.cloud.faults.hang(on="courtesy", times=5)
        await ask(served, "cloud", message_id="wamid.UM")
        turn = await begins(served)
        await until(lambda: shown(served, turn))
        async with clinic_session(served.pool, served.clinic) as s:
            await s.execute("UPDATE conversations SET lease_until = NULL, due_at = now()")
        await served.reply("Olá!")

        async def sent() -> bool:
            return [one.text for one in served.cloud.sent] == ["Olá!"]

        await until(sent)
