"""How a fact that stands on nothing is called."""

from __future__ import annotations

from typing import Literal

FactKind = Literal[
    "ungrounded_date",
    "ungrounded_time",
    "ungrounded_price",
    "ungrounded_phone",
    "ungrounded_url",
    "ungrounded_name",
    "ungrounded_address",
]
Problem = tuple[FactKind, str]
