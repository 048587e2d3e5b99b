"""From which instant a run reads, and what it may call seen at the end of each page. Pure.

`seen` is the watermark: everything up to it was told, except what is committed later, so reading begins `look_back` before
it. The first row that is broken holds `seen` back until it is mended, or for `retell` at most.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from channels.primecare.base import Mark


@dataclass(frozen=True, slots=True)
class Place:
    """A row in the source's order. `at` and `key` are the source's own spelling; `instant` is what it means."""

    instant: datetime
    at: str
    key: str


@dataclass(frozen=True, slots=True)
class Window:
    """What one page may read: from `start` (inclusive), or strictly after (`at`, `key`), to `until` (inclusive)."""

    start: datetime
    until: datetime
    seen: datetime
    held: datetime | None = None
    after: tuple[str, str] | None = None

    @property
    def first(self) -> bool:
        """Whether this is the first page of a run."""
        return self.after is None

    @classmethod
    def of(cls, mark: Mark | None, until: datetime, look_back: timedelta) -> Self:
        """The page that a mark asks for. A position nobody can read is passed over: more is told again, nothing is lost."""
        until = until.astimezone(UTC)
        if mark is None:
            return cls(until - look_back, until, until)
        seen = mark.closed_at.astimezone(UTC)
        fresh = cls(_before(seen, look_back), until, seen)
        if not mark.position:
            return fresh
        try:
            told = json.loads(mark.position)
            start, seen = (datetime.fromisoformat(told[name]).astimezone(UTC) for name in ("start", "seen"))
            held = datetime.fromisoformat(told["held"]).astimezone(UTC) if told["held"] else None
            return cls(start, until, seen, held, (str(told["at"]), str(told["key"])))
        except (ValueError, KeyError, TypeError):
            return fresh

    def holding(self, broken_at: datetime, retell: timedelta) -> Window:
        """The same, held back by a broken row of that instant unless it has been told for long enough."""
        if broken_at < self.until - retell or (self.held is not None and self.held <= broken_at):
            return self
        return replace(self, held=broken_at)

    def ended(self, last: Place | None, *, more: bool, look_back: timedelta) -> Mark:
        """The mark after this page, whose last row was `last`."""
        seen, key = (max(self.seen, last.instant), last.key) if more and last else (max(self.seen, self.until), "")
        if self.held is not None and self.held + look_back < seen:
            seen, key = self.held + look_back, ""
        if not (more and last):
            return Mark(seen, key)
        told = {"start": self.start.isoformat(), "seen": self.seen.isoformat(), "at": last.at, "key": last.key}
        return Mark(seen, key, json.dumps({**told, "held": self.held.isoformat() if self.held else ""}))


def _before(instant: datetime, look_back: timedelta) -> datetime:
    """`look_back` before, or the beginning of time."""
    beginning = datetime(1970, 1, 1, tzinfo=UTC)
    return max(instant - look_back, beginning) if instant > beginning + look_back else beginning
