"""The knowledge room's door: one per process, for every clinic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from db.pool import Pool
from db.session import clinic_session
from knowledge import ingest, store
from knowledge.embed import Embedder
from knowledge.models import Document, Ingested, IngestReport, Retrieval
from knowledge.retrieve import Retriever


class Library:
    """What clinics have written down. `engine` is `store.create_engine`'s; pool, engine and library share one loop."""

    def __init__(self, pool: Pool, engine: AsyncEngine, embedder: Embedder) -> None:
        self._pool = pool
        self._embedder = embedder
        self._retriever = Retriever(pool, store.DenseLeg(engine), embedder)

    async def warm(self) -> None:
        """Loads the embedder ahead of the first search. Raises Unavailable."""
        await self._retriever.warm()

    async def search(self, clinic_id: UUID, question: str, *, k: int = 4) -> Retrieval:
        """The passages that answer, or none ("não encontrei"). Raises Unavailable."""
        return await self._retriever.search(clinic_id, question, k=k)

    async def ingest(self, clinic_id: UUID, source: str, data: bytes, media_type: str | None = None) -> Ingested:
        """Stores a file, or finds it unchanged. Raises Unreadable and Unavailable."""
        return await ingest.ingest(self._pool, clinic_id, source, data, embedder=self._embedder, media_type=media_type)

    async def ingest_folder(self, clinic_id: UUID, folder: Path) -> IngestReport:
        """Ingests a folder (or one file); files that cannot be read are reported. Raises Unavailable."""
        return await ingest.ingest_folder(self._pool, clinic_id, folder, embedder=self._embedder)

    async def refresh(self, clinic_id: UUID) -> Sequence[Ingested]:
        """Re-embeds what another model embedded, which this one cannot find. Raises Unavailable."""
        return await ingest.refresh(self._pool, clinic_id, embedder=self._embedder)

    async def documents(self, clinic_id: UUID) -> list[Document]:
        """The clinic's documents, by title."""
        async with clinic_session(self._pool, clinic_id) as s:
            return await store.documents(s)

    async def remove(self, clinic_id: UUID, source: str) -> bool:
        """Forgets a document; False when there was none."""
        async with clinic_session(self._pool, clinic_id) as s:
            return await store.remove(s, source)
