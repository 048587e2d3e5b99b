"""Passages embedded once in a run: a clinic is seeded anew for each thing laid over it, with the same documents."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.embed import Embedder


class Remembered:
    """An embedder that remembers every passage it was given. For what dies with a run: nothing is ever forgotten."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, list[float]] = {}

    @property
    def model_id(self) -> str:
        return self._embedder.model_id

    @property
    def dimension(self) -> int | None:
        return self._embedder.dimension

    async def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        """What people ask, by the embedder itself."""
        return await self._embedder.embed_queries(texts)

    async def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        """What the clinic wrote; only what is new is embedded."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= dict(zip(new, await self._embedder.embed_passages(new), strict=True))
        return [self._known[text] for text in texts]
