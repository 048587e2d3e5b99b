"""Which shift of which day a report belongs to, and which scheduled runs are due. Pure; the clinic's clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.reports.models import Shift, SourceReport

CHANGES = ((time(7), Shift.MORNING), (time(12), Shift.AFTERNOON), (time(18), Shift.NIGHT))
EARLY = timedelta(hours=1)  # somebody who comes this much before a change of shift may have come for the next one
HOURS = (time(12), time(18), time(20))
FORGOTTEN = timedelta(days=7)  # a run due longer ago than this is not made up for


def place(report: SourceReport, zone: ZoneInfo) -> tuple[Shift, date]:
    """The shift and its day, by what the source calls it if it does, else by when it began."""
    if report.shift is None:
        return shift_of(report.began_at, report.closed_at, zone)
    return report.shift, _day_of(report.shift, report.began_at.astimezone(zone))


def shift_of(began_at: datetime, closed_at: datetime, zone: ZoneInfo) -> tuple[Shift, date]:
    """The shift it began in and the day that shift began; a night after midnight is the day before's.

    Begun an hour or less before a change, and longer after it than before, it is the next shift's: at 06:50 the
    morning's. When it was closed decides nothing else: reports are closed late.
    """
    local = began_at.astimezone(zone)
    change, following = _next_change(local)
    before = change.astimezone(UTC) - began_at
    if before <= EARLY and closed_at - change.astimezone(UTC) > before:
        return following, change.date()
    shift = _running_at(local.time())
    return shift, _day_of(shift, local)


def due_runs(
    now: datetime, hours: Collection[time], zone: ZoneInfo, last: datetime | None, *, forgotten: timedelta = FORGOTTEN
) -> tuple[datetime, ...]:
    """The scheduled instants after `last`, up to now, oldest first, in UTC: one run makes up for all of them.

    Without a last one only the latest is due. A clock that stood still loses none, except those `forgotten` ago or longer.
    An hour that a change of the clocks skips is due when it would have been; one that comes twice is due once.
    """
    since = max(last, now - forgotten) if last is not None else now - timedelta(days=2)
    due = [at for at in _scheduled(since, now, hours, zone) if since < at <= now]
    return tuple(due) if last is not None else tuple(due[-1:])


def next_run(now: datetime, hours: Collection[time], zone: ZoneInfo) -> datetime | None:
    """The first scheduled instant after now, in UTC; None without hours."""
    ahead = _scheduled(now, now + timedelta(days=2), hours, zone)
    return next((at for at in ahead if at > now), None)


def _scheduled(since: datetime, until: datetime, hours: Collection[time], zone: ZoneInfo) -> list[datetime]:
    day, end = since.astimezone(zone).date(), until.astimezone(zone).date()
    found = set()
    while day <= end:
        found |= {datetime.combine(day, hour, zone).astimezone(UTC) for hour in hours}
        day += timedelta(days=1)
    return sorted(found)


def _next_change(local: datetime) -> tuple[datetime, Shift]:
    for clock, shift in CHANGES:
        if local.time() < clock:
            return datetime.combine(local.date(), clock, local.tzinfo), shift
    clock, shift = CHANGES[0]
    return datetime.combine(local.date() + timedelta(days=1), clock, local.tzinfo), shift


def _running_at(clock: time) -> Shift:
    begun = [shift for change, shift in CHANGES if change <= clock]
    return begun[-1] if begun else Shift.NIGHT


def _day_of(shift: Shift, local: datetime) -> date:
    if shift is Shift.NIGHT:
        return local.date() - timedelta(days=1) if local.hour < 12 else local.date()
    # A day shift begun before midnight is nobody's; one begun in the hour before midnight is a clock that is ahead.
    return (local + EARLY).date()
