"""Words that give orders to the machine instead of asking something: from who writes, or from inside a document. Pure."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from agent.offline.spelling import fold
from kit import fast_yaml
from kit.text import strip_hidden

_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")


@cache
def lists() -> dict[str, Any]:
    """The patterns of others.yaml, as written."""
    raw: dict[str, Any] = fast_yaml.load(Path(__file__).with_name("others.yaml").read_text(encoding="utf-8"))
    return raw


@cache
def _any(*names: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for name in names for one in lists()[name]))


def orders(text: str) -> bool:
    """Whether it is written as an order to the system, a role to play or a permission nobody here gives."""
    return _any("to_her", "orders").search(_lined(text)) is not None


def beside(text: str) -> str:
    """What is said besides the orders, sentence by sentence; "" when the whole message is one."""
    return " ".join(one for one in _SENTENCES.split(strip_hidden(text)) if one.strip() and not orders(one)).strip()


def to_her(text: str) -> bool:
    """Whether a sentence of a document speaks to whoever reads it to patients, and not to patients."""
    return _any("to_her").search(_lined(text)) is not None


def _lined(text: str) -> str:
    """Folded line by line, so that the start of a line is still seen."""
    return "\n".join(fold(line) for line in strip_hidden(text).splitlines())
