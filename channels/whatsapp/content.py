"""What a WhatsApp message carries, whichever wire brought it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Fields of the same names in `channels.base.Inbound`. An edit has the id of the message it edits in `payload["edits"]`."""

    kind: str
    text: str = ""
    choice_id: str | None = None
    quoted_id: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chatter:
    """Not something a person said. `reason` is stable; `unknown` when we have never seen the shape."""

    reason: str
    unknown: bool = False
