"""A day of reports as figures, and which days are over. Pure.

Figures are of events: what was decided or sent on a day counts on that day, so that a day that is over changes no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

TARGET = 80.0  # percent of reports that need no person: what is hoped for (docs/runbooks/reports.md)
MOST_DAYS = 31  # caught up after an outage


@dataclass(frozen=True, slots=True)
class Day:
    """Reports of one day of the clinic's calendar. Every count is of reports, each once.

    `total`: taken. `approved`: by the reviewer alone; `failed`: refused by the reviewer, whatever a person made of it;
    `person`: approved by a person, also what the reviewer had agreed to and a rule held for them (urgent, a correction): until
    somebody decides, such a one counts in `total` only; `fallback`: the fallback text stood in for it. `send_failed`: not all
    that were to read it got it; where nobody has agreed to receive it nothing failed.
    """

    day: date
    total: int = 0
    approved: int = 0
    person: int = 0
    failed: int = 0
    fallback: int = 0
    sent: int = 0
    send_failed: int = 0
    avg_process_ms: int | None = None
    closed: bool = False

    @property
    def decided(self) -> int:
        """How many the writer and reviewer ended, either way; what was agreed to and held by rule they did not end."""
        return self.approved + self.failed

    @property
    def approval_rate(self) -> float | None:
        """Percent of those decided that needed no person; None where nothing was. What a rule holds for a person weighs
        neither way: it says nothing of how well is written."""
        return share(self.approved, self.decided)

    @property
    def fallback_rate(self) -> float | None:
        """Percent of what was cleared for sending that was the fallback text."""
        return share(self.fallback, self.approved + self.person + self.fallback)

    @property
    def send_failed_rate(self) -> float | None:
        """Percent of the sends that ended which nobody received."""
        return share(self.send_failed, self.sent + self.send_failed)


def light(rate: float | None, *, least: float) -> Literal["good", "attention", "urgent"] | None:
    """What an approval rate means: as hoped for, above what an alert is opened at (`least`), or below it."""
    if rate is None:
        return None
    return "good" if rate >= TARGET else "attention" if rate >= least else "urgent"


def share(part: int, whole: int) -> float | None:
    """Percent, to two places; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A day's midnights by the clinic's clock: [start, end)."""
    return datetime.combine(day, time(0), zone), datetime.combine(day + timedelta(days=1), time(0), zone)


def to_close(now: datetime, zone: ZoneInfo, *, last: date | None, first: date | None, most: int = MOST_DAYS) -> list[date]:
    """The days that are over and not closed, oldest first: after `last`, or from `first`, the day of the first report.

    After a longer outage the latest `most` of them.
    """
    if last is None and first is None:
        return []
    over = now.astimezone(zone).date() - timedelta(days=1)
    begin = last + timedelta(days=1) if last else first
    assert begin is not None
    return [begin + timedelta(days=n) for n in range((over - begin).days + 1)][-most:]
