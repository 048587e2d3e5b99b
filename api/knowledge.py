"""What the clinic has written down: its documents, adding one, and asking what would be found."""

from __future__ import annotations

from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import bodies
from api.clinics import clinic_called
from api.conversations import Slug
from api.errors import problem
from api.shapes import PassageOut
from api.state import house, shelf
from clinic.tenants.service import clinic_for
from kit.errors import Forbidden
from kit.ids import is_sandbox
from knowledge import extract
from knowledge.models import Document

if TYPE_CHECKING:
    from knowledge.library import Library

router = APIRouter(prefix="/api/knowledge", tags=["knowledge"])

_BESIDE = 4  # passages shown beside those a turn would be given
_REFUSED = {"document_too_large": 413, "document_unsupported": 415, "document_mismatch": 415}


class OnlyRead(Forbidden):
    """A rehearsal reads the clinic's documents and changes none."""

    code = "documents_only_read"


class DocumentOut(BaseModel):
    """A document. `status`: waiting, reading, ready, refused (then `problem` says why: a stable code and words for staff).

    While a new version waits or was refused, the passages of the former one still answer. `kept`: the file itself is kept,
    so it can be read again.
    """

    id: UUID
    source: str
    title: str
    media_type: str
    bytes: int
    passages: int
    status: str
    problem: str | None
    problem_text: str | None
    uploaded_at: datetime | None
    ingested_at: datetime
    kept: bool
    current: bool  # false: read by an older reader or model; reading it again renews it


class LibraryOut(BaseModel):
    """The clinic's documents by title, and what may be uploaded."""

    documents: list[DocumentOut]
    bytes_most: int
    extensions: list[str]


class PieceOut(BaseModel):
    """A passage of a document, as it is searched."""

    position: int
    heading: str
    text: str


class DocumentWhole(DocumentOut):
    pieces: list[PieceOut]


class Question(BaseModel):
    """A question, as a patient would ask it."""

    model_config = ConfigDict(extra="forbid")

    clinic: Annotated[str, Field(max_length=63)]
    question: Annotated[str, Field(min_length=1, max_length=2000)]


class FindingOut(BaseModel):
    """What a search finds. `found`: something passed the `threshold`; `considered` are the best whether they did or not.

    `score` = `dense` (meaning) + `weight` * `lexical` (words).
    """

    question: str
    understood: str
    found: bool
    threshold: float
    weight: float
    considered: list[PassageOut]
    model: str
    ms: float


@router.get("")
async def library(request: Request, clinic: Slug) -> LibraryOut:
    """The clinic's documents."""
    read = shelf(request)
    found = await read.documents(await _home(request, clinic))
    return LibraryOut(
        documents=[DocumentOut(**_told(read, one)) for one in found],
        bytes_most=extract.MAX_BYTES,
        extensions=list(extract.EXTENSIONS),
    )


@router.put("/documents", status_code=202, response_model=DocumentOut)
async def upload(
    request: Request, clinic: Slug, source: Annotated[str, Query(min_length=1, max_length=1000)]
) -> DocumentOut | Response:
    """Stores the body as the document `source` (its file name), to be read next. 413 over the cap, 415 for another type."""
    home = await _own(request, clinic)
    try:
        body = await bodies.read(request, most=extract.MAX_BYTES, drain=True, seconds=bodies.UPLOAD_SECONDS)
    except bodies.Stalled:
        return problem(408, "stalled", "The body stopped coming.")
    try:
        if body.raw is None:
            raise extract.Unreadable("document_too_large")
        stored = await shelf(request).upload(home, source, body.raw)
    except extract.Unreadable as error:
        return problem(_REFUSED.get(error.code, 422), error.code, str(error))
    return DocumentOut(**_told(shelf(request), stored))


@router.get("/documents/{document_id}")
async def document(request: Request, document_id: UUID, clinic: Slug) -> DocumentWhole:
    """A document with its passages."""
    found, pieces = await shelf(request).document(await _home(request, clinic), document_id)
    return DocumentWhole(
        **_told(shelf(request), found),
        pieces=[
            PieceOut(position=position, heading=piece.heading, text=piece.content) for position, piece in enumerate(pieces)
        ],
    )


@router.post("/documents/{document_id}/again", status_code=202)
async def again(request: Request, document_id: UUID, clinic: Slug) -> DocumentOut:
    """Reads the kept file again (409 when it was not kept)."""
    return DocumentOut(**_told(shelf(request), await shelf(request).again(await _own(request, clinic), document_id)))


@router.delete("/documents/{document_id}", status_code=204)
async def remove(request: Request, document_id: UUID, clinic: Slug) -> None:
    """Forgets a document, its passages and its file."""
    await shelf(request).forget(await _own(request, clinic), document_id)


@router.post("/ask")
async def ask(request: Request, asked: Question) -> FindingOut:
    """What a search finds, by which signal, and why not."""
    home = await _home(request, asked.clinic)
    started = monotonic()
    found = await shelf(request).search(home, asked.question, beside=_BESIDE)
    ms = round((monotonic() - started) * 1000, 1)
    used = {passage.id for passage in found.passages}
    return FindingOut(
        question=found.question,
        understood=found.understood,
        found=found.found,
        threshold=found.threshold,
        weight=found.weight,
        considered=[
            PassageOut(
                id=one.id,
                document=one.document_id,
                source=one.source,
                title=one.title,
                heading=one.heading,
                text=one.content,
                score=one.score,
                dense=one.dense,
                lexical=one.lexical,
                used=one.id in used,
            )
            for one in found.considered
        ],
        model=found.model_id,
        ms=ms,
    )


async def _home(request: Request, slug: str) -> UUID:
    """The clinic whose documents `slug` reads: a rehearsal's are those of the clinic it was copied from."""
    pool = house(request).pool
    clinic = await clinic_for(pool, await clinic_called(pool, slug))
    return clinic.sandbox_of or clinic.id


async def _own(request: Request, slug: str) -> UUID:
    """The clinic whose documents may be changed under `slug`. Raises OnlyRead."""
    clinic_id = await clinic_called(house(request).pool, slug)
    if is_sandbox(clinic_id):
        raise OnlyRead
    return clinic_id


def _told(read: Library, found: Document) -> dict[str, Any]:
    return {
        "id": found.id,
        "source": found.source,
        "title": found.title,
        "media_type": found.media_type,
        "bytes": found.bytes,
        "passages": found.passages,
        "status": found.status,
        "problem": found.problem,
        "problem_text": extract.refusal(found.problem) if found.problem else None,
        "uploaded_at": found.uploaded_at,
        "ingested_at": found.ingested_at,
        "kept": found.kept,
        "current": read.current(found),
    }
