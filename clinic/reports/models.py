"""A shift report on its way to a family, as rows tell it. No I/O.

Instants are aware and UTC; days and shifts are the clinic's. A span counts characters of the text it is of: [start, end).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from kit.errors import Conflict, Invalid, NotFound


class Shift(StrEnum):
    """Which of the day's shifts a report closes: 07–12, 12–18, 18–07 by the clinic's clock."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    NIGHT = "night"


class State(StrEnum):
    """Where a report is. `states.py` says which follows which."""

    PENDING = "pending"
    PROCESSING = "processing"
    APPROVED = "approved"
    FAILED = "failed"
    REVIEW = "review"
    FALLBACK = "fallback"
    SENT = "sent"
    SEND_FAILED = "send_failed"


class Severity(StrEnum):
    """How much something found in a report asks for: to be known, to be watched, to be acted on."""

    INFO = "info"
    ATTENTION = "attention"
    URGENT = "urgent"


class Trend(StrEnum):
    """How somebody is, compared with before."""

    IMPROVING = "improving"
    STABLE = "stable"
    WORSENING = "worsening"
    UNKNOWN = "unknown"  # too little to tell


class NoReport(NotFound):
    """This clinic has no such report."""

    code = "no_report"


class OtherVersion(Conflict):
    """Somebody changed this report meanwhile."""

    code = "report_changed"


class NotNow(Conflict):
    """A report in this state does not take that step."""

    code = "report_state"


class NotApproved(Conflict):
    """What was to be sent is not what was approved, or not to whom it was approved for."""

    code = "not_approved"


class Lost(Conflict):
    """Another worker took this report meanwhile: nothing of this one's counts."""

    code = "report_lost"


class BadText(Invalid):
    """A text that cannot go to a family: empty, too long, or it names somebody else's relative."""

    code = "bad_text"


@dataclass(frozen=True, slots=True)
class Vital:
    """A measurement as the caregiver wrote it: `value` may be "130x80"."""

    name: str
    value: str
    unit: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Medication:
    """A medicine of the shift. `given` None: the report does not say."""

    name: str
    dose: str = ""
    at: datetime | None = None
    given: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One closed report as the source holds it. `subject` is who was cared for, by the source's own id."""

    external_id: str
    subject_id: str
    subject_name: str
    caregiver: str
    began_at: datetime
    closed_at: datetime
    body: str
    vitals: tuple[Vital, ...] = ()
    medications: tuple[Medication, ...] = ()
    shift: Shift | None = None  # what the source calls it; else read from `began_at`
    born_on: date | None = None  # the subject's date of birth, where the source has it


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a report says, where it says it. `critical`: it may not be missing in what the family reads.

    `kind`: vital | medication | meal | sleep | mood | mobility | elimination | event | care | visit | other.
    `negated`: the report says that it was not so ("não teve febre").
    """

    kind: str
    text: str
    span: Span
    critical: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """What stands out in a report. `kind`: alert_word | behaviour | medication | vital. `key` names which ("fall", "fever")."""

    kind: str
    key: str
    severity: Severity
    span: Span
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Traced:
    """A statement of a draft beside what it rests on in the source. `source` None: nothing was found, which is a problem."""

    draft: Span
    source: Span | None
    kind: str
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a draft may not go. `code` as in `agent/reports`; `quote` is of the draft, or of the source when it was left out."""

    code: str
    quote: str = ""
    critical: bool = True
    by: str = "checks"  # checks | model
    why: str = ""  # a model's reason, in Portuguese


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of what a family would read. `author`: writer | person | fallback."""

    id: UUID
    round: int
    author: str
    text: str
    traced: tuple[Traced, ...] = ()
    problems: tuple[Problem, ...] = ()
    model: str = ""
    ms: int = 0
    cost_brl: float = 0.0
    by: str = ""  # the person, as they signed
    at: datetime | None = None

    @property
    def digest(self) -> str:
        """What an approval is of."""
        return digest_of(self.text)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody of the family who agreed to receive reports of this person."""

    contact_id: UUID
    name: str
    phone: str
    consented_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it stands."""

    id: UUID
    external_id: str
    revision: int
    person_id: UUID
    person_name: str
    caregiver: str
    shift: Shift
    day: date  # of the shift's beginning, by the clinic's calendar
    began_at: datetime
    closed_at: datetime
    source_text: str  # what spans of the source count in
    state: State
    version: int
    round: int
    draft_id: UUID | None
    approved_digest: str | None
    approved_by: str | None
    approved_how: str | None  # reviewer | person | timeout | rejected
    approved_at: datetime | None
    review_reason: str | None
    review_since: datetime | None
    review_due_at: datetime | None
    error_code: str | None
    processed_ms: int | None
    taken_at: datetime
    sent_at: datetime | None
    seq: int  # in the order they were taken; pages count backwards in it
    queued_at: datetime | None = None  # its messages stand in the outbox
    run_id: UUID | None = None
    severity: Severity | None = None  # of the gravest thing found in it
    approved_contacts: frozenset[UUID] = frozenset()


def digest_of(text: str) -> str:
    """What an approval is bound to: the exact words."""
    return sha256(text.encode("utf-8")).hexdigest()


def digest_of_recipients(contacts: frozenset[UUID]) -> str:
    """What an approval is bound to beside the words: exactly these people."""
    return sha256("\n".join(sorted(str(one) for one in contacts)).encode("ascii")).hexdigest()
