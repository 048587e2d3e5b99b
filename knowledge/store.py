"""Documents and passages in Postgres: the dense leg on PGVectorStore, everything else our own SQL.

Every statement sees one clinic. Ours run in a `clinic_session`; PGVectorStore opens its own transactions, so there the
clinic is set as each of them begins. Its hybrid mode is never used: it searches one clinic with another's words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db.pool import APP_ROLE
from db.session import Session
from kit.errors import Unavailable
from kit.ids import new_id
from knowledge.models import Document, Piece

if TYPE_CHECKING:
    from langchain_postgres import PGVectorStore

_clinic: ContextVar[UUID | None] = ContextVar("knowledge_clinic", default=None)


def create_engine(app_url: str, *, max_size: int = 5) -> AsyncEngine:
    """SQLAlchemy's engine for PGVectorStore, under the app role; it belongs to one event loop. `await engine.dispose()`.

    A transaction begun without a clinic sees no row at all.
    """
    engine = create_async_engine(
        make_url(app_url).set(drivername="postgresql+psycopg"),
        pool_size=max_size,
        max_overflow=0,
        connect_args={
            "application_name": "carol-knowledge",
            "options": "-c jit=off -c timezone=UTC -c statement_timeout=15s -c idle_in_transaction_session_timeout=30s",
        },
    )
    event.listen(engine.sync_engine, "connect", _drop_privileges)
    event.listen(engine.sync_engine, "begin", _enter_clinic)
    return engine


def _drop_privileges(connection: Any, _record: object) -> None:
    """Gives up the owner's rights when all we were given is the owner's login, as db/pool.py does."""
    cursor = connection.cursor()
    cursor.execute("SELECT current_user")
    if cursor.fetchone()[0] != APP_ROLE:
        cursor.execute("SET ROLE carol_app")
    cursor.close()
    connection.commit()  # or the pool's first rollback would give the rights back


def _enter_clinic(connection: Connection) -> None:
    clinic = _clinic.get()
    connection.exec_driver_sql(
        "SELECT set_config('app.clinic_id', %(clinic)s, true)", {"clinic": "" if clinic is None else str(clinic)}
    )


@contextmanager
def _inside(clinic_id: UUID) -> Iterator[None]:
    token = _clinic.set(clinic_id)
    try:
        yield
    finally:
        _clinic.reset(token)


class DenseLeg:
    """Nearest passages of one clinic by cosine: an exact scan (there is no vector index), so never fewer than exist."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._store: PGVectorStore | None = None
        self._lock = asyncio.Lock()

    async def nearest(self, clinic_id: UUID, vector: Sequence[float], *, model_id: str, limit: int) -> dict[UUID, float]:
        """Cosine by passage id, best first, among the passages embedded by `model_id` in that many dimensions."""
        wanted = {"model_id": {"$eq": model_id}, "dimension": {"$eq": len(vector)}}
        try:
            with _inside(clinic_id):
                store = await self._open()
                try:
                    found = await store.asimilarity_search_with_score_by_vector(list(vector), k=limit, filter=wanted)
                except DBAPIError as error:
                    if not error.connection_invalidated:
                        raise
                    # The server restarted under an idle connection; the pool is fresh now.
                    found = await store.asimilarity_search_with_score_by_vector(list(vector), k=limit, filter=wanted)
        except (OperationalError, InterfaceError, TimeoutError) as error:
            raise Unavailable(f"database: {type(error).__name__}") from error
        return {UUID(document.id): 1.0 - distance for document, distance in found}

    async def _open(self) -> PGVectorStore:
        async with self._lock:
            if self._store is None:
                self._store = await _vector_store(self._engine)
            return self._store


async def _vector_store(engine: AsyncEngine) -> PGVectorStore:
    # Two seconds of imports that only a search needs.
    from langchain_core.embeddings import Embeddings
    from langchain_postgres import PGEngine, PGVectorStore

    class Ours(Embeddings):
        """Vectors are made by knowledge/embed.py; PGVectorStore asks for an embedder it never gets to use."""

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise NotImplementedError

        def embed_query(self, text: str) -> list[float]:
            raise NotImplementedError

    return await PGVectorStore.create(
        PGEngine.from_engine(engine),
        Ours(),
        "passages",
        id_column="id",
        content_column="heading",  # the least it can fetch: contents come with the lexical leg
        embedding_column="embedding",
        metadata_json_column="",
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the lexical leg takes it: its text, its telling words without accents, and its vector."""

    text: str
    words: tuple[str, ...]
    vector: Sequence[float]
    model_id: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage with its similarities to a question: `dense` the cosine from the clinic's centre, `trigrams` of the
    whole passage and of its `heading` (0 to 1), `shared` the part of the question's words it holds, rare ones first."""

    id: UUID
    document_id: UUID
    source: str
    title: str
    heading: str
    content: str
    dense: float
    trigrams: float
    heading_trigrams: float
    shared: float


async def score(
    s: Session, asked: Asked, *, near: Sequence[UUID], worded: int, background: Sequence[float], weight: int
) -> list[Scored]:
    """The passages `near` and the `worded` that share most of the question's rare words, each scored, in no order.

    Cosines are taken from the clinic's own centre: the mean of its passages and of `weight` times `background`.
    Trigrams cost 0.15 ms a passage, so only candidates are compared by them.
    """
    rows = await s.all(
        """WITH centre AS MATERIALIZED (
             SELECT count(*) AS passages, (sum(embedding) + %(background)s::vector)
                    * array_fill((1.0 / (count(*) + %(weight)s))::real, ARRAY[%(dimension)s::int])::vector AS at
             FROM passages WHERE model_id = %(model)s AND dimension = %(dimension)s
           ), hits AS MATERIALIZED (
             SELECT p.id, word FROM passages p CROSS JOIN unnest(%(words)s::text[]) AS word
             WHERE p.model_id = %(model)s AND p.dimension = %(dimension)s AND strpos(p.plain, word) > 0
           ), rarity AS (
             SELECT word, ln(1 + passages / (0.5 + count(hits.id))) AS weight
             FROM unnest(%(words)s::text[]) AS word LEFT JOIN hits USING (word) CROSS JOIN centre
             GROUP BY word, passages
           ), shared AS (
             SELECT hits.id, (sum(weight) / (SELECT sum(weight) FROM rarity))::float8 AS part
             FROM hits JOIN rarity USING (word) GROUP BY hits.id ORDER BY part DESC, hits.id
           )
           SELECT p.id, p.document_id, d.source, d.title, p.heading, p.content, coalesce(shared.part, 0) AS shared,
                  word_similarity(plain_text(%(question)s), p.plain) AS trigrams,
                  word_similarity(plain_text(%(question)s), plain_text(p.heading)) AS heading_trigrams,
                  1 - ((p.embedding - centre.at) <=> (%(vector)s::vector - centre.at)) AS dense
           FROM passages p
           JOIN documents d ON d.id = p.document_id
           LEFT JOIN shared ON shared.id = p.id
           CROSS JOIN centre
           WHERE p.model_id = %(model)s AND p.dimension = %(dimension)s
             AND (p.id = ANY(%(near)s) OR p.id IN (SELECT id FROM shared LIMIT %(worded)s))""",
        {
            "question": asked.text,
            "words": list(asked.words),
            "vector": _literal(asked.vector),
            "model": asked.model_id,
            "dimension": len(asked.vector),
            "near": list(near),
            "worded": worded,
            "background": _literal([weight * number for number in background]),
            "weight": weight,
        },
    )
    return [Scored(**row) for row in rows]


async def hash_of(s: Session, source: str) -> str | None:
    """The content hash a document was stored under, or None."""
    row = await s.one("SELECT content_hash FROM documents WHERE source = %(source)s", {"source": source})
    return row["content_hash"] if row else None


async def replace(
    s: Session,
    document: Mapping[str, Any],
    pieces: Sequence[Piece],
    vectors: Sequence[Sequence[float]],
    *,
    model_id: str,
) -> UUID:
    """Stores a document (source, title, media_type, content_hash, bytes) with its passages instead of what it was.

    Two at once for one source wait for each other on the document's row; a file that waited to be read is overtaken.
    """
    row = await s.one(
        """INSERT INTO documents (clinic_id, id, source, title, media_type, content_hash, bytes)
           VALUES (%(clinic)s, %(id)s, %(source)s, %(title)s, %(media_type)s, %(content_hash)s, %(bytes)s)
           ON CONFLICT (clinic_id, source) DO UPDATE SET title = excluded.title, media_type = excluded.media_type,
             content_hash = excluded.content_hash, bytes = excluded.bytes, ingested_at = clock_timestamp(),
             status = 'ready', problem = NULL, uploaded_at = NULL, lease_until = NULL, attempts = 0
           RETURNING id""",
        {"clinic": s.clinic_id, "id": new_id(), **document},
    )
    assert row is not None  # an upsert always returns its row
    document_id: UUID = row["id"]
    await replace_passages(s, document_id, pieces, vectors, model_id=model_id)
    return document_id


async def replace_passages(
    s: Session, document_id: UUID, pieces: Sequence[Piece], vectors: Sequence[Sequence[float]], *, model_id: str
) -> None:
    """Gives a document these passages instead of those it had."""
    await s.execute("DELETE FROM passages WHERE document_id = %(id)s", {"id": document_id})
    await s.many(
        """INSERT INTO passages (clinic_id, id, document_id, position, heading, content, embedding, model_id, dimension)
           VALUES (%(clinic)s, %(id)s, %(document)s, %(position)s, %(heading)s, %(content)s, %(vector)s::vector,
                   %(model)s, %(dimension)s)""",
        [
            {
                "clinic": s.clinic_id,
                "id": new_id(),
                "document": document_id,
                "position": position,
                "heading": piece.heading,
                "content": piece.content,
                "vector": _literal(vector),
                "model": model_id,
                "dimension": len(vector),
            }
            for position, (piece, vector) in enumerate(zip(pieces, vectors, strict=True))
        ],
    )


async def documents(s: Session, *, only: UUID | None = None) -> list[Document]:
    """The clinic's documents, by title; or the one asked for."""
    rows = await s.all(
        """SELECT d.id, d.source, d.title, d.media_type, d.bytes, d.ingested_at, d.status, d.problem, d.uploaded_at,
                  d.content_hash, count(p.id) AS passages, coalesce(min(p.model_id), '') AS model_id,
                  EXISTS (SELECT FROM document_files f WHERE f.document_id = d.id) AS kept
           FROM documents d LEFT JOIN passages p ON p.document_id = d.id
           WHERE %(only)s::uuid IS NULL OR d.id = %(only)s
           GROUP BY d.clinic_id, d.id ORDER BY plain_text(d.title), d.source""",
        {"only": only},
    )
    return [Document(**row) for row in rows]


async def remove(s: Session, source: str) -> bool:
    """Forgets a document and its passages; False when there was none."""
    return await s.execute("DELETE FROM documents WHERE source = %(source)s", {"source": source}) > 0


async def stale_documents(s: Session, *, model_id: str, dimension: int | None) -> list[tuple[UUID, str, str]]:
    """(id, source, content hash) of documents with a passage that `model_id` cannot be compared with."""
    rows = await s.all(
        """SELECT d.id, d.source, d.content_hash FROM documents d
           WHERE EXISTS (SELECT FROM passages p WHERE p.document_id = d.id
                         AND (p.model_id <> %(model)s OR p.dimension <> coalesce(%(dimension)s::int, p.dimension)))
           ORDER BY d.source""",
        {"model": model_id, "dimension": dimension},
    )
    return [(row["id"], row["source"], row["content_hash"]) for row in rows]


async def pieces_of(s: Session, document_id: UUID) -> list[tuple[UUID, Piece]]:
    """A document's passages with their ids, in order."""
    rows = await s.all(
        "SELECT id, heading, content FROM passages WHERE document_id = %(id)s ORDER BY position", {"id": document_id}
    )
    return [(row["id"], Piece(row["heading"], row["content"])) for row in rows]


async def re_embed(
    s: Session, document_id: UUID, *, was: str, now: str, vectors: Mapping[UUID, Sequence[float]], model_id: str
) -> bool:
    """Gives passages new vectors and the document its new hash; False (nothing done) when its hash is no longer `was`."""
    changed = await s.execute(
        "UPDATE documents SET content_hash = %(now)s WHERE id = %(id)s AND content_hash = %(was)s",
        {"id": document_id, "was": was, "now": now},
    )
    if changed:
        await s.many(
            """UPDATE passages SET embedding = %(vector)s::vector, model_id = %(model)s, dimension = %(dimension)s
               WHERE id = %(id)s""",
            [
                {"id": passage, "vector": _literal(vector), "model": model_id, "dimension": len(vector)}
                for passage, vector in vectors.items()
            ],
        )
    return changed > 0


def _literal(vector: Sequence[float]) -> str:
    return f"[{','.join(map(repr, vector))}]"
