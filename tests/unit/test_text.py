"""Text flattened for comparison."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from kit.text import plain


@pytest.mark.parametrize(
    ("written", "flat"),
    [
        ("  São  João, 10H ", "sao joao, 10h"),
        ("AMANHÃ\tÀS\n15:00", "amanha as 15:00"),
        ("Ｆｕｌｌ ﬁm", "full fim"),
        ("саrоl", "carol"),  # Cyrillic letters among Latin ones
        ("e\u0301 aqui", "e aqui"),
    ],
)
def test_what_looks_alike_is_written_alike(written: str, flat: str) -> None:
    assert plain(written) == flat
    assert plain(plain(written)) == flat


def test_every_combining_mark_is_dropped() -> None:
    marks = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))]
    flat = plain("".join(f"a{mark}" for mark in marks))
    assert len(flat) >= len(marks) > 800
    assert not [sign for sign in flat if unicodedata.combining(sign)]
