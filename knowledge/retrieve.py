"""Which passages answer a question, or that none does.

The score is the cosine plus a little of the trigram similarity: the first forgives words, the second forgives spelling
and knows names. Rank fusion was measured and is worse here: an equal vote drags a good encoder down.
"""

from __future__ import annotations

from uuid import UUID

from db.pool import Pool
from db.session import clinic_session
from kit.text import expand_chat, strip_hidden
from knowledge import store
from knowledge.calibration import Calibration, calibration_of
from knowledge.embed import Embedder
from knowledge.models import Found, Retrieval
from knowledge.store import DenseLeg, Scored

MAX_QUESTION = 600
CANDIDATES = 40  # of each leg: the blend can lift a passage by 0.10 at most, which is never from this far down


async def search(
    pool: Pool, dense: DenseLeg, embedder: Embedder, clinic_id: UUID, question: str, *, k: int = 4
) -> Retrieval:
    """The at most `k` passages of the clinic that answer `question`, best first. Raises Unavailable."""
    asked = understood(question)
    calibration = calibration_of(embedder.model_id)
    scored: list[Scored] = []
    if asked:
        [vector] = await embedder.embed_queries([asked])
        near = await dense.nearest(clinic_id, vector, model_id=embedder.model_id, limit=max(k, CANDIDATES))
        async with clinic_session(pool, clinic_id) as s:
            scored = await store.score(
                s, asked, vector, model_id=embedder.model_id, dense=list(near), limit=max(k, CANDIDATES)
            )
    considered = fuse(scored, calibration)[:k]
    return Retrieval(
        question=question,
        passages=answering(considered, calibration),
        considered=considered,
        threshold=calibration.threshold,
        model_id=embedder.model_id,
    )


def understood(question: str) -> str:
    """The question as it is searched: nothing hidden, chat shorthand spelled out, at most 600 characters."""
    return expand_chat(" ".join(strip_hidden(question[: 4 * MAX_QUESTION]).split())[:MAX_QUESTION])


def fuse(scored: list[Scored], calibration: Calibration) -> tuple[Found, ...]:
    """Both similarities blended into one score, best first; ties by id, so that the order never wavers."""
    found = [
        Found(
            id=one.id,
            document_id=one.document_id,
            source=one.source,
            title=one.title,
            heading=one.heading,
            content=one.content,
            score=one.dense + calibration.lexical * one.lexical,
            dense=one.dense,
            lexical=one.lexical,
        )
        for one in scored
    ]
    return tuple(sorted(found, key=lambda one: (-one.score, one.id)))


def answering(considered: tuple[Found, ...], calibration: Calibration) -> tuple[Found, ...]:
    """Those that may be answered from: none unless the best reaches the model's threshold, then what stands near it."""
    if not considered or considered[0].score < calibration.threshold:
        return ()
    return tuple(one for one in considered if one.score >= calibration.threshold - calibration.slack)
