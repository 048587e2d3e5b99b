"""What the clinic has written down: its documents, adding one, and asking what would be found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.conversations import Slug
from api.shapes import PassageOut

router = APIRouter(prefix="/api/knowledge", tags=["knowledge"])


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
    raise NotImplementedError


@router.put("/documents", status_code=202)
async def upload(request: Request, clinic: Slug, source: Annotated[str, Query(min_length=1, max_length=200)]) -> DocumentOut:
    """Stores the body as the document `source` (its file name), to be read next. 413 over the cap, 415 for another type."""
    raise NotImplementedError


@router.get("/documents/{document_id}")
async def document(request: Request, document_id: UUID, clinic: Slug) -> DocumentWhole:
    """A document with its passages."""
    raise NotImplementedError


@router.post("/documents/{document_id}/again", status_code=202)
async def again(request: Request, document_id: UUID, clinic: Slug) -> DocumentOut:
    """Reads the kept file again (409 when it was not kept)."""
    raise NotImplementedError


@router.delete("/documents/{document_id}", status_code=204)
async def remove(request: Request, document_id: UUID, clinic: Slug) -> None:
    """Forgets a document, its passages and its file."""
    raise NotImplementedError


@router.post("/ask")
async def ask(request: Request, asked: Question) -> FindingOut:
    """What a search finds, by which signal, and why not."""
    raise NotImplementedError
