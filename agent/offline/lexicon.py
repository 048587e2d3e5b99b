"""The word lists of lexicon.yaml: what any Brazilian patient says, whatever the clinic."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from kit import fast_yaml


@cache
def lexicon() -> dict[str, Any]:
    raw: dict[str, Any] = fast_yaml.load(Path(__file__).with_name("lexicon.yaml").read_text(encoding="utf-8"))
    return raw
