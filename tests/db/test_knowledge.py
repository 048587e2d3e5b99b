"""The knowledge room over a real Postgres: what re-ingest changes, and that no clinic ever sees another's passage."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cli.ingest import ClinicNotFound, lines, load
from db.embedded import Urls
from db.pool import Pool, create_pool
from db.session import clinic_session
from kit.errors import Unavailable
from kit.ids import new_id
from kit.settings import load_settings
from kit.text import plain
from knowledge.extract import Unreadable
from knowledge.library import Library
from knowledge.store import DenseLeg, create_engine


class Bag:
    """An embedder of words by hash: deterministic, and near when words are shared. No weights, no time."""

    def __init__(self, model_id: str = "bag", dimension: int = 48) -> None:
        self.model_id = model_id
        self.dimension = dimension
        self.passages_embedded = 0

    def vector(self, text: str) -> list[float]:
        counts = np.full(self.dimension, 1e-3)
        for word in plain(text).replace(".", " ").replace("?", " ").split():
            counts[zlib.crc32(word.encode()) % self.dimension] += 1.0
        return [float(number) for number in counts / np.linalg.norm(counts)]

    async def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        return [self.vector(text) for text in texts]

    async def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        self.passages_embedded += len(texts)
        return [self.vector(text) for text in texts]


@dataclass(slots=True)
class World:
    pool: Pool
    engine: AsyncEngine
    bag: Bag
    library: Library

    async def clinic(self, slug: str) -> UUID:
        clinic = new_id()
        async with clinic_session(self.pool, clinic) as s:
            await s.execute(
                "INSERT INTO clinics (id, slug, name, timezone) VALUES (%(id)s, %(slug)s, %(slug)s, 'America/Sao_Paulo')",
                {"id": clinic, "slug": slug},
            )
        return clinic


@asynccontextmanager
async def world(url: str, *, connections: int = 4, embedder: Bag | None = None) -> AsyncIterator[World]:
    pool = create_pool(url, max_size=connections)
    await pool.open()
    engine = create_engine(url, max_size=connections)
    bag = embedder or Bag()
    try:
        yield World(pool, engine, bag, Library(pool, engine, bag))
    finally:
        await engine.dispose()
        await pool.close()


Play = Callable[[World], Coroutine[Any, Any, None]]


def run(urls: Urls, play: Play, **options: Any) -> None:
    async def whole() -> None:
        async with world(urls.app, **options) as w:
            await play(w)

    asyncio.run(whole())


PARKING = "# Estacionamento\n\nTemos convênio com o estacionamento ao lado.\n\n## Preço\n\nPacientes pagam dez reais.".encode()
PIX = b"# Pagamento\n\nAceitamos pix."


def test_the_same_file_again_does_nothing_and_a_new_text_replaces_the_old(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        assert (await w.library.ingest(clinic, "guia.md", PARKING)).passages == 2
        assert (await w.library.ingest(clinic, "guia.md", PARKING)).outcome == "unchanged"
        assert w.bag.passages_embedded == 2
        await w.library.ingest(clinic, "guia.md", PIX)
        [document] = await w.library.documents(clinic)
        assert (document.title, document.passages, document.model_id) == ("Pagamento", 1, "bag")
        seen = (await w.library.search(clinic, "estacionamento ao lado")).considered
        assert [one.content for one in seen] == ["Aceitamos pix."]
        assert await w.library.remove(clinic, "guia.md")
        assert not await w.library.remove(clinic, "guia.md")
        assert (await w.library.search(clinic, "pix")).considered == ()

    run(database, play)


def test_a_failed_re_ingest_leaves_the_old_text_whole(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        await w.library.ingest(clinic, "guia.md", PARKING)

        class Crooked(Bag):
            async def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
                return [[1.0]] * (len(texts) - 1) + [[float("nan")]]

        with pytest.raises(psycopg.DataError):
            await Library(w.pool, w.engine, Crooked()).ingest(clinic, "guia.md", PIX * 2)
        assert [one.passages for one in await w.library.documents(clinic)] == [2]
        with pytest.raises(Unreadable):
            await w.library.ingest(clinic, "guia.md", b"---")
        assert (await w.library.search(clinic, "estacionamento")).considered[0].source == "guia.md"

    run(database, play)


def test_two_at_once_for_one_source_leave_one_whole_document(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        files = [f"# T{n}\n\nUm {n}.\n\n## S\n\nDois {n}.".encode() for n in range(8)]
        await asyncio.gather(*(w.library.ingest(clinic, "guia.md", data) for data in files))
        seen = (await w.library.search(clinic, "um dois", k=20)).considered
        assert len(seen) == 2
        assert len({one.heading.split()[0] for one in seen}) == 1

    run(database, play)


def test_another_model_neither_finds_nor_compares_until_it_re_embeds(database: Urls) -> None:
    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        await w.library.ingest(clinic, "a.md", PARKING)
        await w.library.ingest(clinic, "b.md", PIX)
        larger = Bag("bag-2", dimension=96)
        after = Library(w.pool, w.engine, larger)
        assert (await after.search(clinic, "pix")).considered == ()
        await after.ingest(clinic, "b.md", PIX)
        assert {one.source for one in (await after.search(clinic, "pix")).considered} == {"b.md"}
        assert [(one.source, one.outcome) for one in await after.refresh(clinic)] == [("a.md", "re-embedded")]
        assert len((await after.search(clinic, "pix")).considered) == 3
        assert await after.refresh(clinic) == ()
        assert (await after.ingest(clinic, "a.md", PARKING)).outcome == "unchanged"
        assert (await w.library.search(clinic, "pix")).considered == ()

    run(database, play)


def test_a_folder_is_ingested_whole_and_a_bad_file_stops_no_other(database: Urls, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pix.md").write_bytes(PIX)
    (tmp_path / "guia.txt").write_bytes("Atendemos às terças.".encode("cp1252"))
    (tmp_path / "foto.png").write_bytes(b"\x89PNG")
    (tmp_path / ".oculto.md").write_bytes(PIX)

    async def play(w: World) -> None:
        clinic = await w.clinic("a")
        report = await w.library.ingest_folder(clinic, tmp_path)
        assert [(one.source, one.outcome) for one in report.files] == [
            ("foto.png", "refused"), ("guia.txt", "stored"), ("sub/pix.md", "stored")]  # fmt: skip
        assert report.refused[0].reason.endswith(".")
        assert (await w.library.ingest_folder(clinic, tmp_path)).count("unchanged") == 2
        assert (await w.library.ingest_folder(clinic, tmp_path / "guia.txt")).files[0].outcome == "unchanged"
        assert [one.title for one in await w.library.documents(clinic)] == ["Guia", "Pagamento"]

    run(database, play)


def test_the_dense_leg_is_exact(database: Urls) -> None:
    async def play(w: World) -> None:
        ours, theirs = await w.clinic("a"), await w.clinic("b")
        rng = np.random.default_rng(7)
        stored: dict[UUID, Any] = {}
        for clinic, count in ((ours, 30), (theirs, 300)):
            async with clinic_session(w.pool, clinic) as s:
                document = new_id()
                await s.execute(
                    "INSERT INTO documents (clinic_id, id, source, title, media_type, content_hash, bytes)"
                    " VALUES (%(c)s, %(d)s, 'x', 'x', 'text/plain', '', 0)",
                    {"c": clinic, "d": document},
                )
                vectors = rng.normal(size=(count, 48))
                rows: list[dict[str, Any]] = [
                    {"d": document, "id": new_id(), "n": n, "v": str(list(map(float, v)))} for n, v in enumerate(vectors)
                ]
                await s.many(
                    "INSERT INTO passages (id, document_id, position, content, embedding, model_id, dimension)"
                    " VALUES (%(id)s, %(d)s, %(n)s, 'x', %(v)s::vector, 'bag', 48)",
                    rows,
                )
                if clinic == ours:
                    stored = {row["id"]: vector for row, vector in zip(rows, vectors, strict=True)}
        leg = DenseLeg(w.engine)
        for _ in range(20):
            query = rng.normal(size=48)
            cosine = {one: float(v @ query / np.linalg.norm(v) / np.linalg.norm(query)) for one, v in stored.items()}
            best = sorted(cosine, key=lambda one: -cosine[one])[:10]
            found = await leg.nearest(ours, list(map(float, query)), model_id="bag", limit=10)
            assert list(found) == best
            assert found[best[0]] == pytest.approx(cosine[best[0]], abs=1e-6)
        assert len(await leg.nearest(ours, [1.0] * 48, model_id="bag", limit=500)) == 30
        async with clinic_session(w.pool, ours) as s:
            indexes = await s.all("SELECT indexdef FROM pg_indexes WHERE tablename = 'passages'")
        assert not any("hnsw" in row["indexdef"] or "ivfflat" in row["indexdef"] for row in indexes)

    run(database, play)


def canary(slug: str, n: int) -> bytes:
    return f"# Segredo {n}\n\nA senha do cofre da clínica {slug} é canario{slug}{n}, e o convênio é o mesmo de sempre.".encode()


async def two_clinics(w: World) -> dict[UUID, str]:
    clinics = {await w.clinic(slug): slug for slug in ("azul", "verde")}
    for clinic, slug in clinics.items():
        for n in range(6):
            await w.library.ingest(clinic, f"{n}.md", canary(slug, n))
    return clinics


def test_no_clinic_sees_another_s_passage_through_200_interleaved_searches(database: Urls) -> None:
    async def play(w: World) -> None:
        clinics = await two_clinics(w)
        empty = await w.clinic("nova")
        slugs = {**clinics, empty: "nova"}
        leg = DenseLeg(w.engine)
        own = {clinic: set(await leg.nearest(clinic, [1.0] * 48, model_id="bag", limit=50)) for clinic in slugs}
        assert [len(ids) for ids in own.values()] == [6, 6, 0]

        async def one(n: int) -> None:
            mine = list(slugs)[n % 3]
            # The dense leg by itself: what follows it would hide its leak.
            assert set(await leg.nearest(mine, w.bag.vector("canario"), model_id="bag", limit=50)) == own[mine]
            other = "verde" if slugs[mine] == "azul" else "azul"
            seen = (await w.library.search(mine, f"qual a senha do cofre canario{other}{n % 6}?", k=20)).considered
            assert len(seen) == (0 if mine == empty else 6)
            assert all(f"canario{slugs[mine]}" in found.content for found in seen)

        await asyncio.gather(*(one(n) for n in range(200)))

    run(database, play, connections=2)


def test_a_cancelled_or_failed_search_leaves_no_clinic_behind(database: Urls) -> None:
    async def play(w: World) -> None:
        clinics = list((await two_clinics(w)).items())
        (blue, _), (green, _) = clinics
        leg = DenseLeg(w.engine)
        vector = w.bag.vector("senha do cofre")

        async def broken() -> None:
            with pytest.raises(Exception, match=r"vector|NaN"):
                await leg.nearest(blue, [float("nan")] * 48, model_id="bag", limit=5)

        for n in range(60):
            task = asyncio.create_task(w.library.search(blue, f"senha do cofre {n}", k=20))
            await asyncio.sleep(n / 20_000)
            task.cancel()
            await asyncio.gather(task, broken(), return_exceptions=True)
            seen = (await w.library.search(green, "senha do cofre", k=20)).considered
            assert ["canarioverde" in found.content for found in seen] == [True] * 6
            assert await count_unset(w.engine) == 0
        assert len(await leg.nearest(blue, vector, model_id="bag", limit=50)) == 6

    run(database, play, connections=1)


async def count_unset(engine: AsyncEngine) -> int:
    """How many passages a transaction sees on the vector engine when nobody said which clinic."""
    async with engine.connect() as connection:
        return int((await connection.exec_driver_sql("SELECT count(*) FROM passages")).scalar_one())


def test_a_stronger_login_gives_its_rights_up(database: Urls) -> None:
    async def whole() -> None:
        async with world(database.superuser, connections=1) as w:
            clinic = await w.clinic("a")
            await w.library.ingest(clinic, "a.md", PIX)
            assert len((await w.library.search(clinic, "pix")).considered) == 1
            for _ in range(3):  # a connection back from the pool is still nobody
                async with w.engine.connect() as connection:
                    row = await connection.exec_driver_sql("SELECT current_user, (SELECT count(*) FROM passages)")
                    assert tuple(row.one()) == ("carol_app", 0)

    asyncio.run(whole())


def test_a_database_that_is_away_is_unavailable(database: Urls) -> None:
    async def whole() -> None:
        engine = create_engine("postgresql://carol_app:x@127.0.0.1:1/carol")
        with pytest.raises(Unavailable):
            await DenseLeg(engine).nearest(new_id(), [1.0], model_id="bag", limit=1)
        await engine.dispose()
        async with world(database.app, connections=1) as w:
            clinic = await w.clinic("a")
            await w.library.ingest(clinic, "a.md", PIX)
            await w.library.search(clinic, "pix")
            with psycopg.connect(database.superuser, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'carol-knowledge' AND datname = current_database()"
                )
            assert len((await w.library.search(clinic, "pix")).considered) == 1  # an idle connection that died

    asyncio.run(whole())


def test_the_command_ingests_a_path_for_the_clinic_it_names(
    database: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pix.md").write_bytes(PIX)
    (tmp_path / "foto.png").write_bytes(b"\x89PNG")
    monkeypatch.setattr("knowledge.embed.embedder_from", lambda *args, **options: Bag())

    async def play(w: World) -> None:
        await w.clinic("azul")
        settings = load_settings()
        told = lines(await load(database.app, "azul", tmp_path, settings), tmp_path)
        assert "pix.md: lido, 1 trechos" in told
        assert told[-1] == "documentos: 1 lidos, 0 sem mudança, 1 recusados"
        assert lines(await load(database.app, "azul", tmp_path / "pix.md", settings), tmp_path)[0] == "pix.md: sem mudança"
        with pytest.raises(ClinicNotFound, match="azul"):
            await load(database.app, "verde", tmp_path, settings)

    run(database, play)
