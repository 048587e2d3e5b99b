"""What the clinic wrote, cut into passages, and what a search found among them. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Extracted:
    """A file as text: Markdown, whatever it came as. `title` is what the file calls itself, or empty."""

    text: str
    media_type: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a document that can be read alone. `heading` is the path to it ("Convênios › Unimed")."""

    heading: str
    content: str

    @property
    def embeddable(self) -> str:
        """What is embedded: a passage without its headings often does not say what it is about."""
        return f"{self.heading}\n{self.content}" if self.heading else self.content


@dataclass(frozen=True, slots=True)
class Document:
    """`status` is waiting, reading, ready or refused; `problem` a code of knowledge/refusals.yaml. The hash and the passages
    are of what was read last, whatever waits; `kept`: the file itself is there to be read again."""

    id: UUID
    source: str
    title: str
    media_type: str
    bytes: int
    passages: int
    model_id: str
    ingested_at: datetime
    status: str
    problem: str | None
    uploaded_at: datetime | None
    content_hash: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A passage and why it was found. Its text is data that somebody wrote, never an instruction.

    `dense` is the cosine from the clinic's centre (-1 to 1), `lexical` that of their words (0 to 1), `score`
    the blend.
    """

    id: UUID
    document_id: UUID
    source: str
    title: str
    heading: str
    content: str
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """`passages` may be answered from, best first; empty means "não encontrei".

    `considered` are the best of the clinic whether they answer or not, for the trace and for staff. `understood` is the
    question as it was searched; `weight` that of lexical similarity in a score.
    """

    question: str
    understood: str
    passages: tuple[Found, ...]
    considered: tuple[Found, ...]
    threshold: float
    weight: float
    model_id: str

    @property
    def found(self) -> bool:
        return bool(self.passages)


@dataclass(frozen=True, slots=True)
class Ingested:
    """One file of an ingest: `outcome` is stored, unchanged, re-embedded or refused; `reason` is for staff."""

    source: str
    outcome: str
    passages: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IngestReport:
    files: tuple[Ingested, ...]

    def count(self, outcome: str) -> int:
        return sum(1 for file in self.files if file.outcome == outcome)

    @property
    def refused(self) -> tuple[Ingested, ...]:
        return tuple(file for file in self.files if file.outcome == "refused")
