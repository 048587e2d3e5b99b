"""A file becomes passages the clinic can be answered from: read, cut, embed, then one transaction.

Only what changed is done again: the content hash covers the bytes, how they are cut and which model embeds them.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from uuid import UUID

from db.pool import Pool
from db.session import clinic_session
from kit.text import strip_hidden
from knowledge import extract, split, store, uploads_store
from knowledge.apart import extract_apart
from knowledge.embed import Embedder
from knowledge.models import Document, Extracted, Ingested, IngestReport, Piece


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file as it will be searched. `mark` is its content hash."""

    title: str
    media_type: str
    mark: str
    pieces: Sequence[Piece]
    vectors: Sequence[Sequence[float]]


async def prepare(source: str, data: bytes, *, embedder: Embedder, media_type: str | None = None) -> Prepared:
    """Reads, cuts and embeds a file. Raises Unreadable and Unavailable. About 56 ms of CPU a passage, offline."""
    if extract.checked(source, data, media_type) in extract.PARSED:
        found = await extract_apart(source, data, media_type)
    else:
        found = await asyncio.to_thread(extract.extract, source, data, media_type)
    title, pieces = await asyncio.to_thread(cut, source, found)
    if not pieces:
        raise extract.Unreadable("document_empty")
    vectors = await embedder.embed_passages([piece.embeddable for piece in pieces])
    return Prepared(title, found.media_type, content_hash(data, embedder.model_id), pieces, vectors)


def cut(source: str, found: Extracted) -> tuple[str, list[Piece]]:
    """A file's title and its passages."""
    title = strip_hidden(found.title).strip() or title_of(source)
    return title, split.split(found.text, title=title)


async def ingest(
    pool: Pool, clinic_id: UUID, source: str, data: bytes, *, embedder: Embedder, media_type: str | None = None
) -> Ingested:
    """Stores `data` as the document `source`, instead of what was there; nothing happens when nothing changed.

    Raises Unreadable (a sentence for staff) and Unavailable.
    """
    source = _name(source)
    mark = content_hash(data, embedder.model_id)
    async with clinic_session(pool, clinic_id) as s:
        if await uploads_store.unchanged(s, source=source, mark=mark, data=data):
            return Ingested(source, "unchanged")
    read = await prepare(source, data, embedder=embedder, media_type=media_type)
    document = {
        "source": source,
        "title": read.title,
        "media_type": read.media_type,
        "content_hash": read.mark,
        "bytes": len(data),
    }
    async with clinic_session(pool, clinic_id) as s:
        document_id = await store.replace(s, document, read.pieces, read.vectors, model_id=embedder.model_id)
        await uploads_store.keep(s, document_id, data)
    return Ingested(source, "stored", len(read.pieces))


async def ingest_folder(pool: Pool, clinic_id: UUID, folder: Path, *, embedder: Embedder) -> IngestReport:
    """Ingests every file below `folder` (or the one file it is), then re-embeds what another model left behind.

    A file that cannot be read is reported and stops no other. Hidden files and links are left alone.
    """
    done: list[Ingested] = []
    for source, path in await asyncio.to_thread(_files, folder):
        try:
            data = await asyncio.to_thread(_read, path)
            done.append(await ingest(pool, clinic_id, source, data, embedder=embedder))
        except extract.Unreadable as error:
            done.append(Ingested(source, "refused", reason=str(error)))
    return IngestReport((*done, *await refresh(pool, clinic_id, embedder=embedder)))


async def refresh(pool: Pool, clinic_id: UUID, *, embedder: Embedder) -> tuple[Ingested, ...]:
    """Re-embeds, from their stored passages, the documents that the embedder's model cannot search."""
    async with clinic_session(pool, clinic_id) as s:
        stale = await store.stale_documents(s, model_id=embedder.model_id, dimension=embedder.dimension)
    done = []
    for document_id, source, was in stale:
        async with clinic_session(pool, clinic_id) as s:
            pieces = await store.pieces_of(s, document_id)
        vectors = await embedder.embed_passages([piece.embeddable for _, piece in pieces])
        fresh = {passage: vector for (passage, _), vector in zip(pieces, vectors, strict=True)}
        now = f"{was.rpartition(_MODEL)[0]}{_MODEL}{embedder.model_id}"
        async with clinic_session(pool, clinic_id) as s:
            if await store.re_embed(s, document_id, was=was, now=now, vectors=fresh, model_id=embedder.model_id):
                done.append(Ingested(source, "re-embedded", len(pieces)))
    return tuple(done)


_MODEL = ";model="
NAME_MOST, _SUFFIX_MOST = 200, 12


def content_hash(data: bytes, model_id: str) -> str:
    """What makes a stored document current: its bytes, the splitter and the model."""
    return f"sha256={sha256(data).hexdigest()};split={split.VERSION}{_MODEL}{model_id}"


def current(document: Document, model_id: str) -> bool:
    """Whether its passages were cut and embedded as they would be today; true when it has none yet."""
    return not document.passages or document.content_hash.endswith(f";split={split.VERSION}{_MODEL}{model_id}")


def _files(folder: Path) -> list[tuple[str, Path]]:
    """(source, path) of every file below `folder`, or of the one file it is."""
    root, below = (folder, folder.rglob("*")) if folder.is_dir() else (folder.parent, iter([folder]))
    found = ((path.relative_to(root), path) for path in below if path.is_file() and not path.is_symlink())
    return sorted((name.as_posix(), path) for name, path in found if not any(part.startswith(".") for part in name.parts))


def _read(path: Path) -> bytes:
    if path.stat().st_size > extract.MAX_BYTES:
        raise extract.Unreadable("document_too_large")
    return path.read_bytes()


def _name(source: str) -> str:
    name = " ".join(strip_hidden(source).split()).strip("/")[:NAME_MOST]
    if not name:
        raise extract.Unreadable("document_unsupported")
    return name


def uploaded_name(given: str) -> str:
    """The name a file is kept under, whatever its sender made of it: no folders, nothing hidden, 200 characters.

    The extension outlives the cut. Raises Unreadable when nothing is left.
    """
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    name = " ".join(strip_hidden(base.encode("utf-8", "ignore").decode("utf-8")).split())
    suffix = PurePath(name).suffix[:_SUFFIX_MOST]
    return _name(name[: NAME_MOST - len(suffix)].removesuffix(suffix) + suffix if len(name) > NAME_MOST else name)


def title_of(source: str) -> str:
    words = PurePath(source).stem.replace("_", " ").replace("-", " ").strip()
    return (words[:1].upper() + words[1:]) or source
