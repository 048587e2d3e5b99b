"""What the verbs of reports take and give beside a report itself. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.reports.findings import Findings
from clinic.reports.history import Past
from clinic.reports.models import Draft, Pattern, Report, SourceReport, State
from clinic.reports.ranges import Ranges


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a page of the source: reports that are new, that were corrected, and that we had already."""

    new: int = 0
    corrected: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """A report that is ours to write, until the lease behind `token` is over. `history`: newest first, this one not in it.

    `findings`: what was found in it, by the limits of `ranges`.
    `asked`: what a person who wants it written again said was wrong with it, else empty.
    """

    report: Report
    source: SourceReport
    person_name: str
    caregiver: str
    findings: Findings
    history: tuple[Past, ...]
    ranges: Ranges
    token: UUID
    attempts: int
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How writing ended: every version in order, the last one being what stands. `error_code`: why it failed, ours."""

    approved: bool
    drafts: Sequence[Draft]
    patterns: Sequence[Pattern] = ()
    ms: int = 0
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Who moved a report, when and why. `hand` as in states.By; `why`: a code of ours, or what a person wrote."""

    at: datetime
    was: State | None
    became: State
    hand: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Send:
    """A report's message to one of the family. `status` and `error_code` are the outbox row's; `held`: window | quiet."""

    contact_id: UUID
    name: str
    message_id: UUID
    conversation_id: UUID
    status: str
    held: str | None
    error_code: str | None
    attempt: int
    at: datetime
    sent_at: datetime | None
    sure: bool = True  # where it failed: no attempt's answer stayed out
    until: datetime | None = None  # when what is held leaves or is dropped

    @property
    def may_have_arrived(self) -> bool:
        """Whether sending it once more could be twice."""
        return not (self.status in ("failed", "cancelled") and self.sure)

    @property
    def over(self) -> bool:
        """Whether nothing more will be tried by itself."""
        return self.status not in ("queued", "sending", "unknown")

    @property
    def arrived(self) -> bool:
        """Whether the wire took it."""
        return self.status in ("sent", "delivered", "read")


@dataclass(frozen=True, slots=True)
class Family:
    """Somebody in a person's list of recipients, whatever they agreed to.

    `barred`: why nothing goes to them now: not_asked | revoked | opted_out | doubted | no_phone. None: it does.
    """

    contact_id: UUID
    name: str
    kind: str
    phone: str | None
    consented_at: datetime | None
    consent: str | None  # said | person | document
    consented_by: str | None
    revoked_at: datetime | None
    barred: str | None


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report with all that stands behind it. Drafts and steps oldest first. `family`: whoever is in the list."""

    report: Report
    source: SourceReport
    drafts: tuple[Draft, ...]
    steps: tuple[Step, ...]
    patterns: tuple[Pattern, ...]
    sends: tuple[Send, ...]
    family: tuple[Family, ...]

    @property
    def draft(self) -> Draft | None:
        """What stands now."""
        return next((one for one in self.drafts if one.id == self.report.draft_id), None)


@dataclass(frozen=True, slots=True)
class Page:
    """Reports, newest taken first. `before`: where the next page begins, None when this is the last."""

    reports: tuple[Report, ...]
    before: int | None
