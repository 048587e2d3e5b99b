"""By when a person owes an answer: counted in the hours in which the clinic is really open. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from clinic.conversations.models import CaseKind
from clinic.tenants.models import Clinic

_PROMISE = timedelta(hours=1)  # of open time
URGENT = timedelta(minutes=10)  # of any time
_ROUND = timedelta(minutes=30)
_LOOK = 14  # days ahead


def deadline(clinic: Clinic, kind: CaseKind, *, now: datetime) -> datetime:
    """The instant until which a person answers a case opened `now`. An emergency does not wait for opening hours."""
    if kind in (CaseKind.EMERGENCY, CaseKind.SELF_HARM):
        return now + URGENT
    left = _PROMISE
    local = now.astimezone(clinic.zone)
    for ahead in range(_LOOK):
        day = (local + timedelta(days=ahead)).date()
        for opens, closes in open_spans(clinic, datetime.combine(day, time(0), clinic.zone)):
            start = max(opens, local)
            if start >= closes:
                continue
            if closes - start >= left:
                return _rounded(start + left, closes)
            left -= closes - start
    return now + timedelta(days=_LOOK)  # a clinic that never opens: still a date, so that the case shows up as late


def end_of_next_day(clinic: Clinic, *, now: datetime) -> datetime:
    """When the clinic closes on its next open day after today: a promise by day, for when one by hour was not kept."""
    local = now.astimezone(clinic.zone)
    for ahead in range(1, _LOOK):
        day = (local + timedelta(days=ahead)).date()
        if spans := open_spans(clinic, datetime.combine(day, time(0), clinic.zone)):
            return spans[-1][1]
    return now + timedelta(days=_LOOK)


def _rounded(moment: datetime, closes: datetime) -> datetime:
    """Up to the next half hour, as a person would say it, but not past closing."""
    spare = timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)
    return min(moment + (_ROUND - spare if spare else timedelta(0)), closes)


def open_spans(clinic: Clinic, midnight: datetime) -> list[tuple[datetime, datetime]]:
    """When any unit is open on the local day that starts at `midnight`, merged, holidays respected."""
    day, spans = midnight.date(), []
    for unit in clinic.units:
        closures = [h for h in clinic.holidays if h.day == day and h.unit_id in (None, unit.id)]
        for hours in unit.hours:
            if hours.weekday != day.weekday() or any(h.opens is None for h in closures):
                continue
            opens = max([hours.opens, *(h.opens for h in closures if h.opens)])
            closes = min([hours.closes, *(h.closes for h in closures if h.closes)])
            if opens < closes:
                spans.append((datetime.combine(day, opens, clinic.zone), datetime.combine(day, closes, clinic.zone)))
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def is_open(clinic: Clinic, now: datetime) -> bool:
    """Whether any unit is open at this instant."""
    local = now.astimezone(clinic.zone)
    return any(a <= local < b for a, b in open_spans(clinic, datetime.combine(local.date(), time(0), clinic.zone)))
