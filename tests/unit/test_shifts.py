"""Which shift and day a report is of, and which runs are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.reports.digests import source_digest
from clinic.reports.models import Medication, Shift, SourceReport, Vital
from clinic.reports.shifts import HOURS, due_runs, next_run, place, shift_of

ZONE = ZoneInfo("America/Sao_Paulo")
MORNING, AFTERNOON, NIGHT = Shift.MORNING, Shift.AFTERNOON, Shift.NIGHT


def local(text: str, zone: ZoneInfo = ZONE) -> datetime:
    """ "10 07:00" of March 2026."""
    day, clock = text.split()
    return datetime.combine(date(2026, 3, int(day)), time.fromisoformat(clock), zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("began", "closed", "shift", "day"),
    [
        ("10 07:00", "10 12:00", MORNING, 10),
        ("10 12:00", "10 18:00", AFTERNOON, 10),
        ("10 18:00", "11 07:00", NIGHT, 10),
        ("10 06:50", "10 12:05", MORNING, 10),
        ("10 06:00", "10 12:00", MORNING, 10),
        ("10 05:59", "10 12:00", NIGHT, 9),
        ("10 11:45", "10 18:10", AFTERNOON, 10),
        ("10 17:40", "11 07:20", NIGHT, 10),
        ("10 06:40", "10 06:55", NIGHT, 9),  # a note of the night's end
        ("10 06:30", "10 07:20", NIGHT, 9),  # more of it before the change than after
        ("10 11:30", "10 12:10", MORNING, 10),
        ("10 07:00", "10 19:30", MORNING, 10),  # closed late
        ("10 07:00", "13 09:00", MORNING, 10),  # closed very late
        ("10 23:30", "11 07:00", NIGHT, 10),
        ("11 00:00", "11 07:00", NIGHT, 10),
        ("11 02:15", "11 07:10", NIGHT, 10),
        ("10 18:00", "10 18:00", NIGHT, 10),
        ("10 11:59", "10 11:59", MORNING, 10),
    ],
)
def test_the_shift_and_its_day(began: str, closed: str, shift: Shift, day: int) -> None:
    assert shift_of(local(began), local(closed), ZONE) == (shift, date(2026, 3, day))


def test_the_clinics_own_clock_decides() -> None:
    began, closed = local("10 07:00"), local("10 12:00")
    assert shift_of(began, closed, ZoneInfo("America/Manaus")) == (MORNING, date(2026, 3, 10))  # 06:00 there
    assert shift_of(began, closed, ZoneInfo("America/Rio_Branco")) == (NIGHT, date(2026, 3, 9))
    assert shift_of(began, closed, ZoneInfo("Asia/Tokyo")) == (NIGHT, date(2026, 3, 10))


REPORT = SourceReport("1", "7", "Zilda", "Neide", local("10 07:00"), local("10 12:00"), "Bem")


@pytest.mark.parametrize(
    ("began", "named", "day"),
    [
        ("10 02:00", NIGHT, 9),
        ("10 18:30", NIGHT, 10),
        ("10 07:00", NIGHT, 9),
        ("10 07:00", AFTERNOON, 10),
        ("10 23:30", MORNING, 11),
    ],
)
def test_what_the_source_calls_it_wins(began: str, named: Shift, day: int) -> None:
    report = replace(REPORT, began_at=local(began), shift=named)
    assert place(report, ZONE) == (named, date(2026, 3, day))
    assert place(replace(report, shift=None, began_at=local("10 07:00")), ZONE) == (MORNING, date(2026, 3, 10))


@given(began=st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), hours=st.floats(0, 80))
def test_every_pair_of_instants_has_a_shift_near_its_day(began: datetime, hours: float) -> None:
    shift, day = shift_of(began, began + timedelta(hours=hours), ZONE)
    assert abs((day - began.astimezone(ZONE).date()).days) <= 1
    assert shift is NIGHT or day == began.astimezone(ZONE).date()


def runs(now: str, last: str | None) -> list[str]:
    found = due_runs(local(now), HOURS, ZONE, local(last) if last else None)
    return [one.astimezone(ZONE).strftime("%d %H:%M") for one in found]


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("10 11:59", "09 20:00", []),
        ("10 12:00", "09 20:00", ["10 12:00"]),
        ("10 12:00", "10 12:00", []),
        ("10 13:00", "10 12:00", []),
        ("10 18:02", "10 12:00", ["10 18:00"]),
        ("10 23:00", "10 12:00", ["10 18:00", "10 20:00"]),
        ("12 12:30", "10 18:00", ["10 20:00", "11 12:00", "11 18:00", "11 20:00", "12 12:00"]),
        ("10 09:00", None, ["09 20:00"]),
        ("10 12:30", None, ["10 12:00"]),
        ("10 12:30", "11 12:00", []),  # a last one ahead: the clock was put back
    ],
)
def test_the_runs_that_are_due(now: str, last: str | None, due: list[str]) -> None:
    assert runs(now, last) == due


def test_a_clock_that_stood_still_for_a_month_makes_up_for_a_week() -> None:
    found = due_runs(local("31 21:00"), HOURS, ZONE, local("01 12:00"))
    assert len(found) == 21 and found[0] == local("25 12:00")


def test_hours_that_a_change_of_the_clocks_skips_or_repeats_are_due_once() -> None:
    zone, twice = ZoneInfo("America/New_York"), (time(1, 30), time(2, 30))
    spring = due_runs(datetime(2026, 3, 9, tzinfo=UTC), twice, zone, datetime(2026, 3, 8, 5, tzinfo=UTC))
    autumn = due_runs(datetime(2026, 11, 2, tzinfo=UTC), twice, zone, datetime(2026, 11, 1, 4, tzinfo=UTC))
    assert (len(spring), len(autumn)) == (2, 2)


@given(
    start=st.datetimes(datetime(2018, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    steps=st.lists(st.integers(1, 60 * 30), max_size=30),
    zone=st.sampled_from(["America/Sao_Paulo", "America/New_York", "America/Rio_Branco"]),
)
def test_however_the_clock_goes_each_run_is_due_once(start: datetime, steps: list[int], zone: str) -> None:
    now, last, seen = start, start, list[datetime]()
    for step in steps:
        now += timedelta(minutes=step)
        due = due_runs(now, HOURS, ZoneInfo(zone), last)
        seen += due
        last = due[-1] if due else last
        ahead = next_run(now, HOURS, ZoneInfo(zone))
        assert ahead is not None and now < ahead <= now + timedelta(hours=17)
    assert seen == sorted(set(seen)) and seen == list(
        due_runs(now, HOURS, ZoneInfo(zone), start, forgotten=timedelta(days=999))
    )


def test_nothing_is_due_without_hours() -> None:
    assert due_runs(local("10 12:00"), (), ZONE, None) == ()
    assert next_run(local("10 12:00"), (), ZONE) is None


def test_a_digest_changes_with_what_a_family_could_read_and_with_nothing_else() -> None:
    vitals = (Vital("PA", "130x80", "mmHg", local("10 08:00")), Vital("FC", "72"))
    medicines = (Medication("AAS", "100 mg", None, True), Medication("AAS", "100 mg", None, None))
    whole = replace(REPORT, body="Evacuação", vitals=vitals, medications=medicines)
    same = [
        replace(whole, closed_at=local("10 13:00")),
        replace(whole, vitals=vitals[::-1], medications=medicines[::-1]),
        replace(whole, began_at=whole.began_at.astimezone(ZONE)),
        replace(whole, body="Evacuac\u0327a\u0303o"),
    ]
    other = [
        replace(whole, body="Evacuou"),
        replace(whole, subject_id="8"),
        replace(whole, subject_name="Zilda P."),
        replace(whole, caregiver=""),
        replace(whole, began_at=local("10 08:00")),
        replace(whole, shift=MORNING),
        replace(whole, vitals=vitals[:1]),
        replace(whole, vitals=(replace(vitals[0], value="140x80"), vitals[1])),
        replace(whole, medications=(medicines[0], replace(medicines[1], given=False))),
        replace(whole, medications=(replace(medicines[0], note="cuspiu"), medicines[1])),
    ]
    assert {source_digest(one) for one in same} == {source_digest(whole)}
    assert len({source_digest(one) for one in (whole, *other)}) == len(other) + 1
