"""Files as the clinic uploaded them, and who reads them: kept at once, read under a lease, adopted if still wanted.

While a newer file waits, is being read or was refused, the document's hash and passages are those of the former one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.rows import DictRow

from db.session import Session
from kit.ids import new_id
from knowledge import store
from knowledge.models import Piece

DOCUMENTS: LiteralString = "carol_documents"  # the bell: something waits to be read


@dataclass(frozen=True, slots=True)
class Claimed:
    """A file in a reader's hands. Whoever uploads the document anew, or claims it again, changes `uploaded_at` or
    `attempts`, and nothing this reader writes counts any more."""

    id: UUID
    source: str
    title: str
    media_type: str
    data: bytes
    attempts: int
    uploaded_at: datetime | None


async def upload(s: Session, *, source: str, title: str, media_type: str, mark: str, data: bytes) -> UUID:
    """The document: its file kept, to be read, or found to be the one whose passages are stored.

    Two at once for one source wait for each other; the later one is read.
    """
    same = await _same(s, source, mark)
    if same is not None:
        await _settle(s, same, data)
        return UUID(str(same["id"]))
    row = await s.one(
        """INSERT INTO documents (clinic_id, id, source, title, media_type, content_hash, bytes, status, uploaded_at)
           VALUES (%(clinic)s, %(id)s, %(source)s, %(title)s, %(media_type)s, '', %(bytes)s, 'waiting', clock_timestamp())
           ON CONFLICT (clinic_id, source) DO UPDATE SET media_type = excluded.media_type, bytes = excluded.bytes,
             status = 'waiting', problem = NULL, uploaded_at = excluded.uploaded_at, lease_until = NULL, attempts = 0
           RETURNING id""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "source": source,
            "title": title,
            "media_type": media_type,
            "bytes": len(data),
        },
    )
    assert row is not None  # an upsert always returns its row
    document_id: UUID = row["id"]
    await keep(s, document_id, data)
    await _ring(s)
    return document_id


async def unchanged(s: Session, *, source: str, mark: str, data: bytes) -> bool:
    """Whether the stored passages of `source` are those of this very file; then it is kept, and ready."""
    same = await _same(s, source, mark)
    if same is not None:
        await _settle(s, same, data)
    return same is not None


async def _same(s: Session, source: str, mark: str) -> DictRow | None:
    return await s.one(
        "SELECT id, status FROM documents WHERE source = %(source)s AND content_hash = %(mark)s FOR UPDATE",
        {"source": source, "mark": mark},
    )


async def _settle(s: Session, same: DictRow, data: bytes) -> None:
    """A newer file waited or was refused, and the former one is back: its passages never went away."""
    if same["status"] == "ready":
        await _keep_if_missing(s, same["id"], data)
        return
    await s.execute(
        """UPDATE documents SET status = 'ready', problem = NULL, lease_until = NULL, attempts = 0,
             uploaded_at = clock_timestamp(), bytes = %(bytes)s WHERE id = %(id)s""",
        {"id": same["id"], "bytes": len(data)},
    )
    await keep(s, same["id"], data)


async def keep(s: Session, document_id: UUID, data: bytes) -> None:
    """Keeps the file of a document instead of the one it had."""
    await s.execute(
        """INSERT INTO document_files (clinic_id, document_id, data) VALUES (%(clinic)s, %(id)s, %(data)s)
           ON CONFLICT (clinic_id, document_id) DO UPDATE SET data = excluded.data""",
        {"clinic": s.clinic_id, "id": document_id, "data": data},
    )


async def _keep_if_missing(s: Session, document_id: UUID, data: bytes) -> None:
    """Keeps the file of a document that was read before files were kept."""
    await s.execute(
        """INSERT INTO document_files (clinic_id, document_id, data) VALUES (%(clinic)s, %(id)s, %(data)s)
           ON CONFLICT (clinic_id, document_id) DO NOTHING""",
        {"clinic": s.clinic_id, "id": document_id, "data": data},
    )


async def again(s: Session, document_id: UUID) -> bool:
    """Puts the kept file in line to be read once more; False when none is kept. One in line already stays there."""
    row = await s.one("SELECT FROM document_files WHERE document_id = %(id)s", {"id": document_id})
    if row is None:
        return False
    await s.execute(
        """UPDATE documents SET status = 'waiting', problem = NULL, uploaded_at = coalesce(uploaded_at, ingested_at),
             lease_until = NULL, attempts = 0 WHERE id = %(id)s AND status IN ('ready', 'refused')""",
        {"id": document_id},
    )
    await _ring(s)
    return True


async def _ring(s: Session) -> None:
    await s.execute("SELECT pg_notify(%(channel)s, '')", {"channel": DOCUMENTS})


async def claim(s: Session, document_id: UUID, *, lease: timedelta) -> Claimed | None:
    """The file, ours to read for `lease`; None when somebody else reads it or nothing is left to read."""
    row = await s.one(
        """UPDATE documents SET status = 'reading', attempts = attempts + 1, lease_until = now() + %(lease)s
           WHERE id = %(id)s AND status IN ('waiting', 'reading') AND (lease_until IS NULL OR lease_until < now())
           RETURNING id, source, title, media_type, attempts, uploaded_at,
                     (SELECT data FROM document_files WHERE document_id = documents.id) AS data""",
        {"id": document_id, "lease": lease},
    )
    return Claimed(**{**row, "data": row["data"] or b""}) if row else None


async def _still_ours(s: Session, claimed: Claimed) -> bool:
    row = await s.one(
        """SELECT FROM documents WHERE id = %(id)s AND status = 'reading' AND attempts = %(attempts)s
             AND uploaded_at IS NOT DISTINCT FROM %(uploaded_at)s FOR UPDATE""",
        {"id": claimed.id, "attempts": claimed.attempts, "uploaded_at": claimed.uploaded_at},
    )
    return row is not None


async def extend(s: Session, claimed: Claimed, *, lease: timedelta) -> bool:
    """Still reading; False when it is no longer ours: deleted, uploaded anew, or taken by another."""
    if ours := await _still_ours(s, claimed):
        await s.execute(
            "UPDATE documents SET lease_until = now() + %(lease)s WHERE id = %(id)s", {"id": claimed.id, "lease": lease}
        )
    return ours


async def adopt(
    s: Session,
    claimed: Claimed,
    pieces: Sequence[Piece],
    vectors: Sequence[Sequence[float]],
    *,
    title: str,
    mark: str,
    model_id: str,
) -> bool:
    """What was read takes the place of the former passages; False (nothing done) when it is no longer ours."""
    if ours := await _still_ours(s, claimed):
        await s.execute(
            """UPDATE documents SET title = %(title)s, content_hash = %(mark)s, ingested_at = clock_timestamp(),
                 status = 'ready', problem = NULL, lease_until = NULL, attempts = 0 WHERE id = %(id)s""",
            {"id": claimed.id, "title": title, "mark": mark},
        )
        await store.replace_passages(s, claimed.id, pieces, vectors, model_id=model_id)
    return ours


async def refuse(s: Session, claimed: Claimed, problem: str) -> bool:
    """It cannot be read, `problem` says why; the former passages go on answering. False when it is no longer ours."""
    if ours := await _still_ours(s, claimed):
        await s.execute(
            "UPDATE documents SET status = 'refused', problem = %(problem)s, lease_until = NULL WHERE id = %(id)s",
            {"id": claimed.id, "problem": problem},
        )
    return ours


async def put_back(s: Session, claimed: Claimed, *, wait: timedelta, problem: str | None = None) -> bool:
    """To be read later, by whoever comes: this try does not count. False when it is no longer ours."""
    if ours := await _still_ours(s, claimed):
        await s.execute(
            """UPDATE documents SET status = 'waiting', problem = %(problem)s, attempts = attempts - 1,
                 lease_until = now() + %(wait)s WHERE id = %(id)s""",
            {"id": claimed.id, "wait": wait, "problem": problem},
        )
        await _ring(s)
    return ours


async def remove(s: Session, document_id: UUID) -> bool:
    """Forgets a document, its passages and its file; False when there was none."""
    return await s.execute("DELETE FROM documents WHERE id = %(id)s", {"id": document_id}) > 0


async def files(s: Session) -> list[tuple[str, bytes]]:
    """(source, bytes) of every document that has passages, by source: its file, else its passages' text."""
    rows = await s.all(
        """SELECT d.source, CASE WHEN d.status = 'ready' THEN f.data END AS data, string_agg(
             CASE WHEN p.heading = '' THEN p.content ELSE '## ' || p.heading || E'\n\n' || p.content END, E'\n\n'
             ORDER BY p.position) AS text
           FROM documents d JOIN passages p ON (p.clinic_id, p.document_id) = (d.clinic_id, d.id)
           LEFT JOIN document_files f ON (f.clinic_id, f.document_id) = (d.clinic_id, d.id)
           GROUP BY d.source, d.status, f.data ORDER BY d.source"""
    )
    return [(row["source"], bytes(row["data"]) if row["data"] is not None else row["text"].encode()) for row in rows]
