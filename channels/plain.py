"""What a wire does that can only send: the other verbs of a Sender, answered honestly."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from channels.base import Capabilities, Event, Fetched, LinkState, MediaGone, Outgoing
from kit.errors import Unavailable


class PlainSender:
    """To be inherited from: each wire overrides what it can."""

    capabilities = Capabilities()

    async def mark_read(self, to: str, provider_id: str, *, typing: bool) -> None:
        """Nothing to show."""

    async def fetch(self, source: Mapping[str, Any], *, most: int) -> Fetched:
        """Raises MediaGone: this wire brings no files."""
        raise MediaGone

    async def find(self, message: Outgoing, *, since: datetime, but: Collection[str] = ()) -> str | None:
        """Raises Unavailable: this wire keeps no history."""
        raise Unavailable("no history")

    async def history(self, *, since: datetime, until: datetime) -> list[Event]:
        """Raises Unavailable: this wire keeps no history."""
        raise Unavailable("no history")

    async def state(self) -> LinkState:
        """Unknown."""
        return LinkState.UNKNOWN
