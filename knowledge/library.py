"""The knowledge room's door: one per process, for every clinic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from db.pool import Pool
from db.session import clinic_session
from kit.errors import Conflict, NotFound
from kit.settings import Settings
from knowledge import extract, ingest, reading, store, uploads_store
from knowledge.embed import Embedder, embedder_from
from knowledge.models import Document, Ingested, IngestReport, Piece, Retrieval
from knowledge.retrieve import Retriever


class NoDocument(NotFound):
    """The clinic has no such document."""

    code = "document_not_found"


class NotKept(Conflict):
    """The file of this document was not kept: it must be uploaded again."""

    code = "document_not_kept"


class Library:
    """What clinics have written down. `engine` is `store.create_engine`'s; pool, engine and library share one loop."""

    def __init__(self, pool: Pool, engine: AsyncEngine, embedder: Embedder) -> None:
        self._pool = pool
        self._embedder = embedder
        self._retriever = Retriever(pool, store.DenseLeg(engine), embedder)

    @property
    def model_id(self) -> str:
        """The model its searches are made with."""
        return self._embedder.model_id

    async def warm(self) -> None:
        """Loads the embedder ahead of the first search. Raises Unavailable."""
        await self._retriever.warm()

    async def search(self, clinic_id: UUID, question: str, *, k: int = 4, beside: int = 0) -> Retrieval:
        """The passages that answer, or none ("não encontrei"); `considered` has `beside` more. Raises Unavailable."""
        return await self._retriever.search(clinic_id, question, k=k, beside=beside)

    async def upload(self, clinic_id: UUID, name: str, data: bytes) -> Document:
        """Keeps a file, to be read next; nothing happens when its passages are the stored ones. Raises Unreadable."""
        source = ingest.uploaded_name(name)
        media_type = extract.checked(source, data)
        mark = ingest.content_hash(data, self.model_id)
        title = ingest.title_of(source)
        async with clinic_session(self._pool, clinic_id) as s:
            document_id = await uploads_store.upload(s, source=source, title=title, media_type=media_type, mark=mark, data=data)
            return (await store.documents(s, only=document_id))[0]

    async def read(self, clinic_id: UUID, document_id: UUID, *, lease: timedelta = reading.LEASE) -> bool:
        """Reads a waiting file, if nobody else does; True when it came to an end. Raises Unavailable."""
        return await reading.read_document(self._pool, clinic_id, document_id, embedder=self._embedder, lease=lease)

    async def again(self, clinic_id: UUID, document_id: UUID) -> Document:
        """Puts a kept file in line once more. Raises NoDocument and NotKept."""
        async with clinic_session(self._pool, clinic_id) as s:
            if not await uploads_store.again(s, document_id):
                raise NotKept if await store.documents(s, only=document_id) else NoDocument
            return (await store.documents(s, only=document_id))[0]

    async def document(self, clinic_id: UUID, document_id: UUID) -> tuple[Document, list[Piece]]:
        """A document and its passages, in order. Raises NoDocument."""
        async with clinic_session(self._pool, clinic_id) as s:
            found = await store.documents(s, only=document_id)
            if not found:
                raise NoDocument
            return found[0], [piece for _, piece in await store.pieces_of(s, document_id)]

    async def forget(self, clinic_id: UUID, document_id: UUID) -> None:
        """Forgets a document, its passages and its file. Raises NoDocument."""
        async with clinic_session(self._pool, clinic_id) as s:
            if not await uploads_store.remove(s, document_id):
                raise NoDocument

    def current(self, document: Document) -> bool:
        """Whether its passages are as they would be made today."""
        return ingest.current(document, self.model_id)

    async def ingest(self, clinic_id: UUID, source: str, data: bytes, media_type: str | None = None) -> Ingested:
        """Stores a file, or finds it unchanged. Raises Unreadable and Unavailable."""
        return await ingest.ingest(self._pool, clinic_id, source, data, embedder=self._embedder, media_type=media_type)

    async def ingest_folder(self, clinic_id: UUID, folder: Path) -> IngestReport:
        """Ingests a folder (or one file); files that cannot be read are reported. Raises Unavailable."""
        return await ingest.ingest_folder(self._pool, clinic_id, folder, embedder=self._embedder)

    async def refresh(self, clinic_id: UUID) -> Sequence[Ingested]:
        """Re-embeds what another model embedded, which this one cannot find. Raises Unavailable."""
        return await ingest.refresh(self._pool, clinic_id, embedder=self._embedder)

    async def files(self, clinic_id: UUID) -> list[tuple[str, bytes]]:
        """(source, bytes) of every document that answers: the file as it was kept, else the text of its passages."""
        async with clinic_session(self._pool, clinic_id) as s:
            return await uploads_store.files(s)

    async def documents(self, clinic_id: UUID) -> list[Document]:
        """The clinic's documents, by title."""
        async with clinic_session(self._pool, clinic_id) as s:
            return await store.documents(s)

    async def remove(self, clinic_id: UUID, source: str) -> bool:
        """Forgets a document; False when there was none."""
        async with clinic_session(self._pool, clinic_id) as s:
            return await store.remove(s, source)


@asynccontextmanager
async def open_library(
    settings: Settings, pool: Pool, app_url: str, *, around: Callable[[Embedder], Embedder] = lambda embedder: embedder
) -> AsyncIterator[Library]:
    """The library of this process, with the embeddings the settings name, or what is made `around` them; closed at the end."""
    engine = store.create_engine(app_url)
    embedder = embedder_from(
        settings.embeddings_model,
        base_url=settings.embeddings_base_url or None,
        api_key=settings.embeddings_api_key or None,
    )
    try:
        yield Library(pool, engine, around(embedder))
    finally:
        await engine.dispose()
