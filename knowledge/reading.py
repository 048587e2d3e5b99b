"""One uploaded file read: claimed, read with its lease kept alive, and what came of it written if it is still wanted."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from db.pool import Pool
from db.session import clinic_session
from kit.errors import Unavailable
from kit.log import get_logger
from kit.tasks import end
from knowledge import uploads_store
from knowledge.embed import Embedder
from knowledge.extract import Unreadable
from knowledge.ingest import Prepared, prepare
from knowledge.uploads_store import Claimed

log = get_logger(__name__)

ATTEMPTS = 3  # readers that may die over one file
LEASE = timedelta(seconds=60)
_WAIT_AGAIN = timedelta(seconds=15)  # for an embedding service that did not answer


async def read_document(
    pool: Pool, clinic_id: UUID, document_id: UUID, *, embedder: Embedder, lease: timedelta = LEASE
) -> bool:
    """Reads a waiting document, if nobody else does; True when it came to an end (ready or refused).

    Cancelled, it gives the file back to whoever comes next. Raises Unavailable when Postgres is away.
    """
    async with clinic_session(pool, clinic_id) as s:
        claimed = await uploads_store.claim(s, document_id, lease=lease)
    if claimed is None:
        return False
    reader = _Reader(pool, clinic_id, claimed, embedder, lease)
    try:
        return await reader.read()
    except asyncio.CancelledError:
        await asyncio.shield(reader.put_back())
        raise


class _Reader:
    def __init__(self, pool: Pool, clinic_id: UUID, claimed: Claimed, embedder: Embedder, lease: timedelta) -> None:
        self._pool, self._clinic_id, self._claimed = pool, clinic_id, claimed
        self._embedder, self._lease = embedder, lease

    async def read(self) -> bool:
        if self._claimed.attempts > ATTEMPTS:
            return await self._refuse("document_unfinished")
        try:
            read = await self._while_ours()
        except Unreadable as error:
            return await self._refuse(error.code)
        except Unavailable as error:
            log.warning("reading_waits", document_id=str(self._claimed.id), reason=str(error))
            await self.put_back(wait=_WAIT_AGAIN, problem="reading_waits")
            return False
        return read is not None and await self._adopt(read)

    async def put_back(self, *, wait: timedelta = timedelta(0), problem: str | None = None) -> None:
        """Gives the file back; without Postgres its lease ends by itself."""
        try:
            async with clinic_session(self._pool, self._clinic_id) as s:
                await uploads_store.put_back(s, self._claimed, wait=wait, problem=problem)
        except Unavailable:
            log.warning("reading_not_put_back", document_id=str(self._claimed.id))

    async def _while_ours(self) -> Prepared | None:
        """What the file says; None as soon as it is no longer ours to read."""
        source, data = self._claimed.source, self._claimed.data
        work = asyncio.create_task(prepare(source, data, embedder=self._embedder, media_type=self._claimed.media_type))
        try:
            while not (await asyncio.wait({work}, timeout=self._lease.total_seconds() / 3))[0]:
                async with clinic_session(self._pool, self._clinic_id) as s:
                    if not await uploads_store.extend(s, self._claimed, lease=self._lease):
                        return None
            return await work
        finally:
            await end([work])

    async def _adopt(self, read: Prepared) -> bool:
        async with clinic_session(self._pool, self._clinic_id) as s:
            ours = await uploads_store.adopt(
                s,
                self._claimed,
                read.pieces,
                read.vectors,
                title=read.title,
                mark=read.mark,
                model_id=self._embedder.model_id,
            )
        log.info("document_read", document_id=str(self._claimed.id), passages=len(read.pieces), adopted=ours)
        return ours

    async def _refuse(self, code: str) -> bool:
        async with clinic_session(self._pool, self._clinic_id) as s:
            ours = await uploads_store.refuse(s, self._claimed, code)
        log.info("document_refused", document_id=str(self._claimed.id), code=code, adopted=ours)
        return ours
