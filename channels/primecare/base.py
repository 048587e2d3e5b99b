"""Where closed shift reports come from: what every source does, and the ways it can fail. Knows no table of ours.

The words of this file are the whole contract with whoever stores: pages of plain `SourceReport`s, the rows that could not
be read, and a mark to begin from next time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from clinic.reports.digests import source_digest as digest
from clinic.reports.models import SourceReport
from kit.errors import Invalid, Unavailable

__all__ = [
    "BadSource",
    "Broken",
    "Fault",
    "Mark",
    "Page",
    "Source",
    "SourceDown",
    "SourceRefused",
    "SourceSchema",
    "SourceSlow",
    "SourceTls",
    "digest",
]

ID_MOST = 200  # characters of an external id


class SourceDown(Unavailable):
    """The source of shift reports does not answer, or stopped in the middle."""

    code = "source_down"


class SourceSlow(Unavailable):
    """The source of shift reports took longer than it may."""

    code = "source_slow"


class SourceRefused(Invalid):
    """The source of shift reports refuses this user."""

    code = "source_refused"


class SourceTls(Invalid):
    """No connection to the source that is encrypted as configured: certificate, or a server without TLS."""

    code = "source_tls"


class SourceSchema(Invalid):
    """The source's tables are not as the configuration says. Names tables and columns of the configuration only."""

    code = "source_schema"


class BadSource(Invalid):
    """The configuration of the source cannot be used. Names fields, never values."""

    code = "bad_source"


class Fault(StrEnum):
    """Why a row is no report yet. Told with its external id, never with its content."""

    NO_ID = "no_id"
    LONG_ID = "long_id"
    NO_SUBJECT = "no_subject"  # who was cared for: the id or the name is absent
    NO_BEGINNING = "no_beginning"
    NO_CLOSING = "no_closing"  # said to be closed, and not when
    BAD_DATE = "bad_date"  # an instant that is none: 0000-00-00, 31/02, a word
    BACKWARDS = "backwards"  # closed before it began
    FUTURE = "future"  # closed more than a day from now
    EMPTY = "empty"  # no words, no measurement, no medicine
    TOO_LONG = "too_long"
    ENCODING = "encoding"  # bytes that are not in the character set they are said to be in
    BAD_TEXT = "bad_text"  # a number, a list or a map where words are expected
    BAD_VITALS = "bad_vitals"
    BAD_MEDICATIONS = "bad_medications"
    UNREADABLE = "unreadable"  # a line or a file that cannot be taken apart, perhaps still being written
    BAD_FILE = "bad_file"  # a file too large, or that this process may not read


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a source was read. Keep `closed_at` and `external_id` of the last page of a run: that is the watermark.

    `position` is the source's own note of where a page ended, and means something to the next page alone. A mark without
    it is a watermark: reading begins `look_back` before it, since rows are committed late and corrected afterwards. The
    watermark of any page is safe to keep: what was not told yet, and what was broken, comes again after it.
    """

    closed_at: datetime  # last changed, where the source is ordered by that
    external_id: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that could not be read: which, and why. `external_id` is the file and line where the row has no id."""

    external_id: str
    code: Fault


@dataclass(frozen=True, slots=True)
class Page:
    """What was read, oldest closing first. Also what was told before: whoever stores compares id and `digest`."""

    reports: tuple[SourceReport, ...]
    broken: tuple[Broken, ...]
    next: Mark
    more: bool


class Source(Protocol):
    """Somewhere shift reports are written. Read-only."""

    async def closed_since(self, mark: Mark | None, until: datetime, limit: int = 500) -> Page:
        """The next at most `limit` rows closed at or before `until`, after `mark`; ask again with `next` while `more`.

        None is a first run: reading begins `look_back` before `until`. A row that is broken is told again at every run until
        it is mended (for as long as the configuration says) and keeps no other row back.

        Raises SourceDown or SourceSlow (later may do), SourceRefused, SourceTls, SourceSchema or BadSource (somebody must act).
        """
        ...

    async def check(self) -> None:
        """Whether it could be read now: reachable, this user admitted, all that is configured there. Raises as above."""
        ...
