"""A clinic uploads what it has written, and Carol answers from it; a reader that dies loses nothing."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from db import system
from db.embedded import Urls
from db.pool import Pool
from db.session import clinic_session
from jobs.reading import Reading
from kit.settings import load_settings
from knowledge.embed import offline_embedder
from knowledge.library import Library, open_library
from tests.flows.house import House, brains_of, open_house
from tests.flows.scripted import ScriptedBrain, calls, last_result

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
ANA = "+5531900000101"
ROOT = Path(__file__).parents[2]
SPIRITS = "# Sala de espera\n\nO aquário da sala de espera tem três peixes-palhaço, alimentados às dez da manhã.".encode()


async def settled(library: Library, clinic: UUID, document: UUID) -> str:
    async with asyncio.timeout(30):
        while True:
            found, _ = await library.document(clinic, document)
            if found.status in ("ready", "refused"):
                return found.status
            await asyncio.sleep(0.05)


@asynccontextmanager
async def reading(pool: Pool, library: Library, urls: Urls, *, poll: float) -> AsyncIterator[None]:
    reader = Reading(pool, library, listen_url=urls.app, poll=poll)
    await reader.start()
    try:
        yield
    finally:
        await reader.stop()


@asynccontextmanager
async def clinic(urls: Urls, brain: ScriptedBrain) -> AsyncIterator[tuple[House, Library]]:
    async with open_house(urls, brains_of(brain), at=NOW) as house:
        async with open_library(load_settings(embeddings_model=None), house.pool, urls.app) as library:
            house.minds = type(house.minds)(
                brains=house.minds.brains, library=library, limits=house.minds.limits, lease=house.minds.lease
            )
            yield house, library


async def test_carol_answers_from_a_file_as_soon_as_it_is_read(database: Urls) -> None:
    brain = ScriptedBrain()

    def told(messages: Any) -> str:
        found = last_result(messages)
        return str(found["passages"][0]["text"]) if found["found"] else "Não encontrei essa informação."

    async with clinic(database, brain) as (house, library):
        ask = calls("search_knowledge", question="quantos peixes tem o aquário da sala de espera?")
        brain.then(ask, told)
        assert "Não encontrei" in await house.say(ANA, "quantos peixes tem o aquário?")
        async with reading(house.pool, library, database, poll=60):  # only the bell can wake it in time
            await asyncio.sleep(0.5)
            document = await library.upload(house.clinic.id, "aquario.md", SPIRITS)
            assert await settled(library, house.clinic.id, document.id) == "ready"
        brain.then(ask, told)
        assert "três peixes-palhaço" in await house.say(ANA, "e agora, quantos peixes tem o aquário?")


async def test_a_reader_killed_while_it_reads_leaves_the_file_to_the_next(database: Urls) -> None:
    async with clinic(database, ScriptedBrain()) as (house, library):
        document = await library.upload(house.clinic.id, "aquario.md", SPIRITS)
        died = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.flows.dying_reader",
            database.app, str(house.clinic.id), str(document.id), cwd=ROOT,
        )  # fmt: skip
        assert await died.wait() == -signal.SIGKILL
        assert (await library.document(house.clinic.id, document.id))[0].status == "reading"
        assert await system.waiting_documents(house.pool, limit=5) == []  # until its lease runs out
        async with clinic_session(house.pool, house.clinic.id) as s:
            await s.execute("UPDATE documents SET lease_until = now() - interval '1 second' WHERE status = 'reading'")
        async with reading(house.pool, library, database, poll=0.1):
            assert await settled(library, house.clinic.id, document.id) == "ready"
        assert len((await library.document(house.clinic.id, document.id))[1]) == 1


async def test_two_readers_share_what_waits_and_read_each_file_once(database: Urls) -> None:
    async with clinic(database, ScriptedBrain()) as (house, library):
        names = [f"nota-{number}.md" for number in range(6)]
        waiting = [await library.upload(house.clinic.id, name, f"# Nota\n\nTexto de {name}.".encode()) for name in names]
        async with reading(house.pool, library, database, poll=0.1), reading(house.pool, library, database, poll=0.1):
            for one in waiting:
                assert await settled(library, house.clinic.id, one.id) == "ready"
        rows = await house.rows(
            "SELECT count(*) AS n FROM passages JOIN documents d ON d.id = document_id WHERE starts_with(source, 'nota-')"
        )
        assert rows[0]["n"] == len(names)


async def test_turns_keep_their_pace_while_a_long_file_is_read(database: Urls) -> None:
    async with clinic(database, ScriptedBrain()) as (house, library):
        offline_embedder().encode_queries(["aquecer"])
        parts = "\n\n".join(f"## Item {number}\n\nO item {number} custa {number} reais por mês." for number in range(60))
        document = await library.upload(house.clinic.id, "tabela.md", parts.encode())
        slowest = 0.0
        loop = asyncio.get_running_loop()
        async with reading(house.pool, library, database, poll=0.1):
            while (await library.document(house.clinic.id, document.id))[0].status != "ready":
                started = loop.time()
                await asyncio.sleep(0.01)
                slowest = max(slowest, loop.time() - started)
        assert slowest < 0.5
