"""What is to be written, and for whom. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from clinic.reports.history import NO_HISTORY, History, told
from clinic.reports.models import Pattern, Shift
from clinic.reports.ranges import ADULT, Ranges


@dataclass(frozen=True, slots=True)
class Order:
    """One report to be told to a family. `text` is the source text: what the spans of facts, patterns and traces count in.

    `ranges` are the limits that its measures were held against. `clinic` and `signs` say who writes; `tone` and `notes` are
    the clinic's own wishes; `asked`: what a person who wants it written again said was wrong.
    """

    text: str
    person: str
    caregiver: str
    shift: Shift
    day: date
    clinic: str
    signs: str = "Carol"
    tone: str = ""
    notes: str = ""
    patterns: tuple[Pattern, ...] = ()
    ranges: Ranges = ADULT
    history: History = NO_HISTORY
    asked: str = ""

    @property
    def first_name(self) -> str:
        """What the caregiver may be called."""
        return self.caregiver.split()[0] if self.caregiver.split() else ""

    @property
    def repetition(self) -> str:
        """The only sentence about earlier reports that may stand in the message, word by word; empty for none."""
        return told(self.history, self.patterns)
