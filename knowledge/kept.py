"""Vectors of what comes with Carol: the background and the documents under `seeds/`, which a first start need not wait for.

A passage takes the offline model 56 ms, and the demonstration has more than a hundred: most of what `carol up` took the first
time. The vectors in `kept.npz` are the model's own, found by their text alone; any other text is embedded as ever. Written by
`python -m knowledge.keeping`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

KEPT = Path(__file__).with_suffix(".npz")


def known(model_id: str, texts: Sequence[str]) -> dict[str, Vectors]:
    """The vectors of those among `texts` that are kept, when they are of this model."""
    model, vectors = kept()
    return {text: vectors[key] for text in texts if (key := key_of(text)) in vectors} if model == model_id else {}


def key_of(text: str) -> str:
    """What a text is found by."""
    return sha256(text.encode()).hexdigest()


@cache
def kept() -> tuple[str, dict[str, Vectors]]:
    """The model, and its vectors by the key of their text."""
    with np.load(KEPT, allow_pickle=False) as read:
        return str(read["model"]), dict(zip(read["keys"].tolist(), read["vectors"], strict=True))
