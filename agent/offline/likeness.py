"""Which subject a message resembles, when no rule is certain: nearest exemplars by meaning, or by letters without a model.

The vectors of the exemplars are kept in a file named by their content and the model, computed once (about 4 s).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agent.offline.spelling import fold
from kit import fast_yaml

Likeness = Callable[[str], str]  # text → intent, or "" when nothing is near enough
Vectors = NDArray[np.float32]

NEAR, CLEAR, MARGIN = 0.905, 0.93, 0.01  # e5 cosines are compressed: nonsense reaches .90, paraphrases start at .89
NEAR_BY_LETTERS = 0.34
TOP = 3


class Encoder(Protocol):
    @property
    def model_id(self) -> str: ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors: ...


@cache
def exemplars() -> tuple[tuple[str, str], ...]:
    """(intent, sentence) pairs, in the order of the file."""
    raw: dict[str, Any] = fast_yaml.load(Path(__file__).with_name("exemplars.yaml").read_text(encoding="utf-8"))
    return tuple((intent, text) for intent, texts in raw.items() for text in texts)


def _grams(text: str) -> dict[str, float]:
    padded = f"  {fold(text)}  "
    counts: dict[str, float] = {}
    for size in (3, 4):
        for start in range(len(padded) - size + 1):
            gram = padded[start : start + size]
            counts[gram] = counts.get(gram, 0.0) + 1.0
    norm = sum(v * v for v in counts.values()) ** 0.5 or 1.0
    return {gram: value / norm for gram, value in counts.items()}


class ByLetters:
    """Likeness of spelling: no model, no file, about a millisecond."""

    def __init__(self) -> None:
        self._known = [(intent, _grams(text)) for intent, text in exemplars()]

    def scores(self, text: str) -> list[tuple[str, float]]:
        """(intent, similarity 0–1) best first, one line an intent."""
        said = _grams(text)
        return _best(((i, sum(v * known.get(g, 0.0) for g, v in said.items())) for i, known in self._known), 1)

    def __call__(self, text: str) -> str:
        intent, score = self.scores(text)[0]
        return intent if score >= NEAR_BY_LETTERS else ""


class ByMeaning:
    """Likeness of meaning over an encoder, a little of the letters blended in. One query vector a call."""

    def __init__(self, encoder: Encoder, cache_dir: Path | None = None) -> None:
        self._encoder, self._cache_dir = encoder, cache_dir
        self._letters = ByLetters()
        self._vectors: Vectors | None = None

    def scores(self, text: str) -> list[tuple[str, float]]:
        if self._vectors is None:
            self._vectors = self._load()
        query = self._encoder.encode_queries([fold(text)])[0]
        spelled = dict(self._letters.scores(text))
        ranked = _best(zip((i for i, _ in exemplars()), map(float, self._vectors @ query), strict=True), TOP)
        return sorted(((i, s + 0.05 * spelled[i]) for i, s in ranked), key=lambda pair: -pair[1])

    def __call__(self, text: str) -> str:
        (intent, score), (_, second) = self.scores(text)[:2]
        return intent if score >= CLEAR or (score >= NEAR and score - second >= MARGIN) else ""

    def _load(self) -> Vectors:
        texts = [fold(text) for _, text in exemplars()]
        mark = sha256("\0".join([self._encoder.model_id, *texts]).encode()).hexdigest()[:20]
        path = self._cache_dir / f"exemplars-{mark}.npy" if self._cache_dir else None
        if path and path.exists():
            vectors: Vectors = np.load(path, allow_pickle=False)
            if vectors.ndim == 2 and len(vectors) == len(texts):
                return vectors
        vectors = self._encoder.encode_queries(texts).astype(np.float32)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".part.npy")
            np.save(fresh, vectors)
            fresh.replace(path)
        return vectors


def _best(pairs: Any, top: int) -> list[tuple[str, float]]:
    """The mean of each intent's `top` best scores (weighted to the best), best intent first."""
    of: dict[str, list[float]] = {}
    for intent, score in pairs:
        of.setdefault(intent, []).append(score)
    merged = []
    for intent, scores in of.items():
        scores.sort(reverse=True)
        head = scores[:top]
        merged.append((intent, 0.7 * head[0] + 0.3 * sum(head) / len(head)))
    return sorted(merged, key=lambda pair: -pair[1])


def by_meaning_or_letters(encoder: Encoder, cache_dir: Path | None) -> Likeness:
    """Likeness of meaning, falling to letters for good the first time the encoder cannot run on this machine."""
    meaning, letters, broken = ByMeaning(encoder, cache_dir), ByLetters(), False

    def nearest(text: str) -> str:
        nonlocal broken
        if not broken:
            try:
                return meaning(text)
            except (ImportError, OSError, RuntimeError):  # no wheel for this processor, or its library does not load
                broken = True
        return letters(text)

    return nearest
