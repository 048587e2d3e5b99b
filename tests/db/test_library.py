"""Uploaded files over a real Postgres: who reads them, what answers meanwhile, and whose reading counts in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from db import system
from db.embedded import Urls
from db.session import clinic_session
from kit.errors import Unavailable
from knowledge import reading, store, uploads_store
from knowledge.library import NoDocument, NotKept
from tests.db.test_knowledge import PARKING, PIX, Bag, World, run

LEASE = timedelta(seconds=60)
SCAN = b"%PDF-1.7\nlixo"


class Slow(Bag):
    """Waits in the middle of a reading until told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        self.begun.set()
        await self.go_on.wait()
        return await super().embed_passages(texts)


class Away(Bag):
    async def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        raise Unavailable("embeddings: away")


async def rows(w: World, clinic: Any, query: str, **params: Any) -> list[dict[str, Any]]:
    async with clinic_session(w.pool, clinic) as s:
        return list(await s.all(query, params))  # type: ignore[arg-type]


async def contents(w: World, clinic: Any) -> list[str]:
    return [row["content"] for row in await rows(w, clinic, "SELECT content FROM passages ORDER BY position")]


def test_the_former_passages_answer_until_the_new_file_is_read(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        first = await w.library.upload(clinic, "guia.md", PARKING)
        assert (first.status, first.title, first.passages, first.kept) == ("waiting", "Guia", 0, True)
        assert await w.library.read(clinic, first.id)
        assert not await w.library.read(clinic, first.id)
        second = await w.library.upload(clinic, "guia.md", PIX)
        assert (second.id, second.status, second.passages) == (first.id, "waiting", 2)
        assert len(await contents(w, clinic)) == 2
        assert await w.library.read(clinic, first.id)
        assert await contents(w, clinic) == ["Aceitamos pix."]
        assert (await w.library.documents(clinic))[0].title == "Pagamento"

    run(database, play)


def test_a_refused_file_says_why_and_leaves_the_former_passages(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        document = await w.library.upload(clinic, "guia.pdf", SCAN)
        assert await w.library.read(clinic, document.id)
        [refused] = await w.library.documents(clinic)
        assert (refused.status, refused.problem, refused.passages) == ("refused", "document_broken", 0)
        await w.library.ingest(clinic, "guia.md", PARKING)
        bad = await w.library.upload(clinic, "guia.md", b"<!-- nada para ler -->")
        assert await w.library.read(clinic, bad.id)
        now, _ = await w.library.document(clinic, bad.id)
        assert (now.status, now.problem, now.passages) == ("refused", "document_empty", 2)
        # The former file again: its passages never left, so it is ready at once and nothing is embedded.
        embedded = w.bag.passages_embedded
        back = await w.library.upload(clinic, "guia.md", PARKING)
        assert (back.status, back.problem, back.passages) == ("ready", None, 2)
        assert w.bag.passages_embedded == embedded
        assert (await rows(w, clinic, "SELECT data FROM document_files WHERE document_id = %(id)s", id=bad.id))[0][
            "data"
        ] == PARKING

    run(database, play)


def test_the_same_file_is_ready_at_once_while_the_model_is_the_same(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        await w.library.ingest(clinic, "guia.md", PARKING)
        assert (await w.library.upload(clinic, "guia.md", PARKING)).status == "ready"
        w.bag.model_id = "another"
        [old] = await w.library.documents(clinic)
        assert not w.library.current(old)
        assert (await w.library.upload(clinic, "guia.md", PARKING)).status == "waiting"
        assert await w.library.read(clinic, old.id)
        assert w.library.current((await w.library.documents(clinic))[0])

    run(database, play)


def test_a_kept_file_is_read_again_and_one_from_before_must_be_sent(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        await w.library.ingest(clinic, "guia.md", PARKING)
        [document] = await w.library.documents(clinic)
        assert document.kept
        assert (await w.library.again(clinic, document.id)).status == "waiting"
        assert await w.library.read(clinic, document.id)
        assert w.bag.passages_embedded == 4
        async with clinic_session(w.pool, clinic) as s:
            await s.execute("DELETE FROM document_files")
        with pytest.raises(NotKept):
            await w.library.again(clinic, document.id)
        await w.library.forget(clinic, document.id)
        with pytest.raises(NoDocument):
            await w.library.again(clinic, document.id)
        with pytest.raises(NoDocument):
            await w.library.forget(clinic, document.id)

    run(database, play)


def test_ingesting_an_unchanged_file_keeps_it_when_it_was_not(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        await w.library.ingest(clinic, "guia.md", PARKING)
        async with clinic_session(w.pool, clinic) as s:
            await s.execute("DELETE FROM document_files")
        assert (await w.library.ingest(clinic, "guia.md", PARKING)).outcome == "unchanged"
        assert (await w.library.documents(clinic))[0].kept

    run(database, play)


@pytest.mark.parametrize("meanwhile", ["deleted", "replaced", "ingested", "taken"])
def test_a_reading_that_was_overtaken_writes_nothing(database: Urls, meanwhile: str) -> None:
    slow = Slow()

    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        document = await w.library.upload(clinic, "guia.md", PARKING)
        reader = asyncio.create_task(w.library.read(clinic, document.id))
        await slow.begun.wait()
        if meanwhile == "deleted":
            await w.library.forget(clinic, document.id)
        elif meanwhile == "replaced":
            await w.library.upload(clinic, "guia.md", PIX)
        elif meanwhile == "ingested":
            async with clinic_session(w.pool, clinic) as s:
                file = {"source": "guia.md", "title": "x", "media_type": "text/markdown", "content_hash": "h", "bytes": 1}
                await store.replace(s, file, [], [], model_id="bag")
        else:
            async with clinic_session(w.pool, clinic) as s:
                await s.execute("UPDATE documents SET lease_until = now() - interval '1 second'")
                assert await uploads_store.claim(s, document.id, lease=LEASE)
        slow.go_on.set()
        assert not await reader
        assert await contents(w, clinic) == []
        kept = await w.library.documents(clinic)
        assert [one.status for one in kept] == {
            "deleted": [],
            "replaced": ["waiting"],
            "ingested": ["ready"],
            "taken": ["reading"],
        }[meanwhile]

    run(database, play, embedder=slow)


def test_a_reader_keeps_its_lease_while_it_reads_and_stops_once_the_file_is_gone(database: Urls) -> None:
    slow = Slow()

    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        document = await w.library.upload(clinic, "guia.md", PARKING)
        reader = asyncio.create_task(w.library.read(clinic, document.id, lease=timedelta(seconds=0.6)))
        await slow.begun.wait()
        await asyncio.sleep(1.0)
        assert await system.waiting_documents(w.pool, limit=5) == []
        await w.library.forget(clinic, document.id)
        async with asyncio.timeout(2):
            assert not await reader  # although its embedder never answers

    run(database, play, embedder=slow)


def test_a_reader_told_to_stop_gives_the_file_back_at_once(database: Urls) -> None:
    slow = Slow()

    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        document = await w.library.upload(clinic, "guia.md", PARKING)
        reader = asyncio.create_task(w.library.read(clinic, document.id))
        await slow.begun.wait()
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        assert await system.waiting_documents(w.pool, limit=5) == [(clinic, document.id)]
        assert (await rows(w, clinic, "SELECT status, attempts FROM documents")) == [{"status": "waiting", "attempts": 0}]

    run(database, play, embedder=slow)


def test_a_file_over_which_three_readers_died_is_refused(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        document = await w.library.upload(clinic, "guia.md", PARKING)
        for _ in range(reading.ATTEMPTS):
            async with clinic_session(w.pool, clinic) as s:
                assert await uploads_store.claim(s, document.id, lease=LEASE)
            assert not await w.library.read(clinic, document.id)
            async with clinic_session(w.pool, clinic) as s:
                await s.execute("UPDATE documents SET lease_until = now() - interval '1 second'")
        assert await w.library.read(clinic, document.id)
        [refused] = await w.library.documents(clinic)
        assert (refused.status, refused.problem) == ("refused", "document_unfinished")
        await w.library.again(clinic, document.id)
        assert await w.library.read(clinic, document.id)
        assert (await w.library.documents(clinic))[0].status == "ready"

    run(database, play)


def test_embeddings_that_are_away_make_it_wait_without_counting_tries(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        document = await w.library.upload(clinic, "guia.md", PARKING)
        for _ in range(reading.ATTEMPTS + 1):
            assert not await w.library.read(clinic, document.id)
            assert await system.waiting_documents(w.pool, limit=5) == []  # not before its wait is over
            async with clinic_session(w.pool, clinic) as s:
                await s.execute("UPDATE documents SET lease_until = NULL")
        [waiting] = await w.library.documents(clinic)
        assert (waiting.status, waiting.problem) == ("waiting", "reading_waits")

    run(database, play, embedder=Away())


def test_two_uploads_of_one_name_at_once_are_one_document_with_the_later_file(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        both = await asyncio.gather(*(w.library.upload(clinic, "guia.md", data) for data in (PARKING, PIX)))
        assert len({one.id for one in both}) == 1
        [row] = await rows(
            w, clinic, "SELECT bytes, length(data) AS kept FROM documents JOIN document_files f ON f.document_id = id"
        )
        assert row["bytes"] == row["kept"]

    run(database, play)


def test_the_porter_knows_what_waits_and_no_clinic_sees_another_s_file(database: Urls) -> None:
    async def play(w: World) -> None:
        ours, theirs = await w.clinic("a"), await w.clinic("b")
        first = await w.library.upload(ours, "guia.md", PARKING)
        second = await w.library.upload(theirs, "guia.md", PIX)
        assert await system.waiting_documents(w.pool, limit=5) == [(ours, first.id), (theirs, second.id)]
        assert len(await rows(w, ours, "SELECT data FROM document_files")) == 1
        assert not await w.library.read(ours, second.id)
        with pytest.raises(NoDocument):
            await w.library.document(ours, second.id)
        with pytest.raises(NoDocument):
            await w.library.forget(ours, second.id)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with clinic_session(w.pool, ours) as s:
                await s.execute(
                    "INSERT INTO document_files (clinic_id, document_id, data) VALUES (%(clinic)s, %(id)s, 'x')",
                    {"clinic": theirs, "id": second.id},
                )

    run(database, play)
