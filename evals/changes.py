"""Rows before and after, by noun, as people name things. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """One row, before and after; None where it was not."""

    noun: str
    was: Row | None
    now: Row | None

    def told(self) -> str:
        """For a report: `visits: + {...}`."""
        if self.was is None:
            return f"{self.noun}: + {dict(self.now or {})}"
        if self.now is None:
            return f"{self.noun}: - {dict(self.was)}"
        columns = {name: (self.was[name], self.now[name]) for name in self.now if self.now[name] != self.was[name]}
        return f"{self.noun}: ~ {columns} of {dict(self.was)}"


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changed. `still`: tables that changed although nothing said may change them."""

    rows: tuple[Changed, ...] = ()
    still: tuple[str, ...] = field(default=())

    def of(self, noun: str) -> tuple[Changed, ...]:
        return tuple(one for one in self.rows if one.noun == noun)
