"""Which passages answer a question, or that none does.

The score is a cosine plus some lexical similarity (trigrams of the passage and of its heading, and shared words, rare
ones first): the first forgives words, the second forgives spelling and knows names. Rank fusion was measured and is
worse: an equal vote drags a good encoder down.

The cosine is taken from the centre of the clinic's own passages. Texts about one clinic all look alike to a small model
(raw cosines of right and wrong answers overlap between .84 and .90); without what they share, the right one stands out,
and a question that none answers is refused far more often. A few passages of any clinic (`background`) steady the
centre of a clinic that has written little.
"""

from __future__ import annotations

import asyncio
import math
import re
from uuid import UUID

from db.pool import Pool
from db.session import clinic_session
from kit.text import expand_chat, strip_hidden
from knowledge import store
from knowledge.calibration import Calibration, background, calibration_of
from knowledge.embed import Embedder
from knowledge.models import Found, Retrieval
from knowledge.store import Asked, DenseLeg, Scored
from knowledge.wording import in_document_words, telling_words

MAX_QUESTION = 600
NEAR, WORDED = 32, 8  # candidates of the dense leg, and of shared rare words
TRIGRAMS, HEADING, SHARED = 0.55, 0.18, 0.27  # parts of the lexical similarity
BACKGROUND_WEIGHT = 15  # passages that the background counts for


class Retriever:
    """Searches of one process, with one embedder, for every clinic."""

    def __init__(self, pool: Pool, dense: DenseLeg, embedder: Embedder) -> None:
        self._pool, self._dense, self._embedder = pool, dense, embedder
        self._common: list[float] | None = None
        self._lock = asyncio.Lock()

    async def search(self, clinic_id: UUID, question: str, *, k: int = 4, beside: int = 0) -> Retrieval:
        """The at most `k` passages of the clinic that answer `question`, best first; `beside` more are only considered.

        Raises Unavailable.
        """
        model_id = self._embedder.model_id
        calibration = calibration_of(model_id)
        text = understood(question)
        fuller = in_document_words(text)
        considered: tuple[Found, ...] = ()
        if re.search(r"\w", text):
            [vector] = await self._embedder.embed_queries([fuller])
            asked = Asked(text, telling_words(fuller), vector, model_id)
            considered = fuse(await self._candidates(clinic_id, asked, k + beside), calibration)[: k + beside]
        return Retrieval(
            question=question,
            understood=fuller,
            passages=answering(considered[:k], calibration),
            considered=considered,
            threshold=calibration.threshold,
            weight=calibration.lexical,
            model_id=model_id,
        )

    async def _candidates(self, clinic_id: UUID, asked: Asked, k: int) -> list[Scored]:
        near = await self._dense.nearest(clinic_id, asked.vector, model_id=asked.model_id, limit=max(k, NEAR))
        common = await self.warm()
        async with clinic_session(self._pool, clinic_id) as s:
            return await store.score(s, asked, near=list(near), worded=WORDED, background=common, weight=BACKGROUND_WEIGHT)

    async def warm(self) -> list[float]:
        """The mean vector of the background; embeds it the first time (half a second with the offline model)."""
        async with self._lock:
            if self._common is None:
                vectors = await self._embedder.embed_passages(background())
                self._common = [math.fsum(column) / len(vectors) for column in zip(*vectors, strict=True)]
            return self._common


def understood(question: str) -> str:
    """The question as it is searched: nothing hidden, chat shorthand spelled out, at most 600 characters."""
    return expand_chat(" ".join(strip_hidden(question[: 4 * MAX_QUESTION]).split())[:MAX_QUESTION])


def fuse(scored: list[Scored], calibration: Calibration) -> tuple[Found, ...]:
    """Both similarities blended into one score, best first; ties by id, so that the order never wavers."""
    found = []
    for one in scored:
        lexical = TRIGRAMS * one.trigrams + HEADING * one.heading_trigrams + SHARED * one.shared
        found.append(
            Found(
                id=one.id,
                document_id=one.document_id,
                source=one.source,
                title=one.title,
                heading=one.heading,
                content=one.content,
                score=one.dense + calibration.lexical * lexical,
                dense=one.dense,
                lexical=lexical,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.score, one.id)))


def answering(considered: tuple[Found, ...], calibration: Calibration) -> tuple[Found, ...]:
    """Those that may be answered from: none unless the best reaches the model's threshold, then what stands near it."""
    if not considered or considered[0].score < calibration.threshold:
        return ()
    return tuple(one for one in considered if one.score >= calibration.threshold - calibration.slack)
