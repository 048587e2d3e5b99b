"""Free starts and the reasons there are none, rule by rule, and across the nights the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from clinic.scheduling.availability import free_slots, why_not
from clinic.scheduling.intervals import Interval
from clinic.scheduling.models import (
    Agenda,
    BookingRules,
    Holiday,
    NeverRule,
    OpeningHours,
    Reason,
    ServiceShape,
    Slot,
    WorkingWindow,
)

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
MANAUS = ZoneInfo("America/Manaus")
NORONHA = ZoneInfo("America/Noronha")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def some_id(n: int) -> UUID:
    return UUID(int=n)


ANA, BRUNO = some_id(1), some_id(2)
CENTRO, SAVASSI = some_id(11), some_id(12)
ROOM_1, ROOM_2, ROOM_3 = some_id(21), some_id(22), some_id(23)
LASER, CHAIR = some_id(31), some_id(32)
CLEANING = some_id(41)
TUESDAY = date(2026, 3, 10)
MONDAY_NOON = datetime(2026, 3, 9, 12, 0, tzinfo=SAO_PAULO)
NO_RULES = BookingRules(step_minutes=30)
VISIT = ServiceShape(CLEANING, 30)


def at(hour: int, minute: int = 0, day: date = TUESDAY, zone: ZoneInfo = SAO_PAULO, fold: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)


def morning(opens: int = 8, closes: int = 10, room: UUID | None = None, unit: UUID = CENTRO) -> Agenda:
    return Agenda(working={ANA: (WorkingWindow(1, time(opens), time(closes), unit, room),)})


def with_busy(agenda: Agenda, resource: UUID, *busy: Interval) -> Agenda:
    return Agenda(agenda.working, agenda.opening, agenda.holidays, {**agenda.busy, resource: busy}, agenda.placed)


def hours(slots: list[Slot], zone: ZoneInfo = SAO_PAULO) -> list[str]:
    return [slot.starts_at.astimezone(zone).strftime("%H:%M") for slot in slots]


def found(
    agenda: Agenda, service: ServiceShape = VISIT, rules: BookingRules = NO_RULES, now: datetime = MONDAY_NOON
) -> list[str]:
    return hours(free_slots([TUESDAY], agenda=agenda, service=service, rules=rules, now=now, zone=SAO_PAULO))


def reason(
    starts_at: datetime,
    agenda: Agenda,
    service: ServiceShape = VISIT,
    rules: BookingRules = NO_RULES,
    now: datetime = MONDAY_NOON,
    who: UUID = ANA,
) -> Reason | None:
    return why_not(starts_at, who, agenda=agenda, service=service, rules=rules, now=now, zone=SAO_PAULO)


def test_the_last_start_lets_the_visit_end_at_closing() -> None:
    assert found(morning()) == ["08:00", "08:30", "09:00", "09:30"]
    assert found(morning(), ServiceShape(CLEANING, 50)) == ["08:00", "08:30", "09:00"]


def test_the_grid_counts_from_the_window_opening() -> None:
    window = WorkingWindow(1, time(8, 10), time(9, 40), CENTRO)
    assert found(Agenda(working={ANA: (window,)}), rules=BookingRules(step_minutes=20)) == ["08:10", "08:30", "08:50", "09:10"]


def test_slots_carry_the_visit_without_buffers_in_utc() -> None:
    [slot] = free_slots(
        [TUESDAY],
        agenda=morning(),
        service=ServiceShape(CLEANING, 45, 10, 10),
        rules=NO_RULES,
        now=MONDAY_NOON,
        zone=SAO_PAULO,
        limit=1,
    )
    assert (slot.starts_at, slot.ends_at) == (
        datetime(2026, 3, 10, 11, 0, tzinfo=UTC),
        datetime(2026, 3, 10, 11, 45, tzinfo=UTC),
    )
    assert slot.starts_at.utcoffset() == timedelta(0)


def test_a_visit_may_touch_another_but_buffers_and_interval_push_it_away() -> None:
    agenda = with_busy(morning(8, 12), ANA, Interval(at(9), at(10)))
    assert found(agenda) == ["08:00", "08:30", "10:00", "10:30", "11:00", "11:30"]
    assert found(agenda, ServiceShape(CLEANING, 30, buffer_after=10)) == ["08:00", "10:00", "10:30", "11:00", "11:30"]
    assert found(agenda, ServiceShape(CLEANING, 30, buffer_before=10)) == ["08:00", "08:30", "10:30", "11:00", "11:30"]
    assert found(agenda, rules=BookingRules(step_minutes=30, min_interval=15)) == ["08:00", "10:30", "11:00", "11:30"]


def test_rooms_take_buffers_but_not_the_interval_between_visits() -> None:
    agenda = with_busy(morning(room=ROOM_1), ROOM_1, Interval(at(8), at(8, 30)))
    assert found(agenda, rules=BookingRules(step_minutes=30, min_interval=30)) == ["08:30", "09:00", "09:30"]
    assert found(agenda, ServiceShape(CLEANING, 30, buffer_before=5)) == ["09:00", "09:30"]


def test_the_usual_room_is_preferred_and_another_allowed_one_replaces_it() -> None:
    agenda = with_busy(morning(room=ROOM_2), ROOM_2, Interval(at(9), at(10)))
    service = ServiceShape(CLEANING, 30, room_ids=(ROOM_1, ROOM_2))
    slots = free_slots([TUESDAY], agenda=agenda, service=service, rules=NO_RULES, now=MONDAY_NOON, zone=SAO_PAULO)
    assert [slot.room_id for slot in slots] == [ROOM_2, ROOM_2, ROOM_1, ROOM_1]


def test_a_room_of_another_unit_is_no_room_here() -> None:
    agenda = Agenda(working=morning().working, placed={ROOM_1: SAVASSI, LASER: SAVASSI})
    assert found(agenda, ServiceShape(CLEANING, 30, room_ids=(ROOM_1,))) == []
    assert found(agenda, ServiceShape(CLEANING, 30, equipment_ids=(LASER,))) == []
    assert reason(at(8), agenda, ServiceShape(CLEANING, 30, room_ids=(ROOM_1,))) is Reason.NO_ROOM
    assert reason(at(8), agenda, ServiceShape(CLEANING, 30, equipment_ids=(LASER,))) is Reason.NO_EQUIPMENT


def test_every_piece_of_equipment_must_be_free() -> None:
    agenda = with_busy(morning(), LASER, Interval(at(8), at(9)))
    agenda = with_busy(agenda, CHAIR, Interval(at(9), at(9, 30)))
    assert found(agenda, ServiceShape(CLEANING, 30, equipment_ids=(LASER, CHAIR))) == ["09:30"]


def test_opening_hours_and_holidays_close_a_unit() -> None:
    working = morning(7, 12).working
    opening = {CENTRO: (OpeningHours(1, time(8), time(9)), OpeningHours(1, time(9), time(11)))}
    assert found(Agenda(working, opening), ServiceShape(CLEANING, 60)) == ["08:00", "08:30", "09:00", "09:30", "10:00"]
    assert found(Agenda(working, {CENTRO: ()})) == []
    assert found(Agenda(working, opening, (Holiday(TUESDAY),))) == []
    assert found(Agenda(working, opening, (Holiday(TUESDAY, SAVASSI),))) != []
    assert found(Agenda(working, opening, (Holiday(TUESDAY, CENTRO, time(10), time(22)),))) == ["10:00", "10:30"]


def test_notice_and_horizon() -> None:
    rules = BookingRules(min_notice=timedelta(hours=20, minutes=45), horizon_days=1, step_minutes=30)
    assert found(morning(), rules=rules) == ["09:00", "09:30"]
    assert found(morning(), rules=BookingRules(horizon_days=0)) == []
    assert found(morning(), now=at(8, 30) + timedelta(seconds=1)) == ["09:00", "09:30"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (NeverRule(weekday=1), []),
        (NeverRule(weekday=2), ["08:00", "08:30", "09:00", "09:30"]),
        (NeverRule(day=TUESDAY, from_time=time(9)), ["08:00", "08:30"]),
        (NeverRule(until_time=time(8, 15)), ["08:30", "09:00", "09:30"]),
        (NeverRule(from_time=time(8, 45), until_time=time(9)), ["08:00", "09:00", "09:30"]),
        (NeverRule(professional_id=BRUNO), ["08:00", "08:30", "09:00", "09:30"]),
        (NeverRule(service_id=CLEANING, unit_id=CENTRO), []),
        (NeverRule(service_id=some_id(99)), ["08:00", "08:30", "09:00", "09:30"]),
    ],
)
def test_never_rules(rule: NeverRule, expected: list[str]) -> None:
    assert found(morning(), rules=BookingRules(step_minutes=30, never=(rule,))) == expected


def test_windows_have_a_validity() -> None:
    def window(since: date | None, until: date | None) -> Agenda:
        return Agenda(working={ANA: (WorkingWindow(1, time(8), time(9), CENTRO, None, since, until),)})

    assert found(window(TUESDAY, TUESDAY)) == ["08:00", "08:30"]
    assert found(window(TUESDAY + DAY, None)) == found(window(None, TUESDAY - DAY)) == []


def test_professionals_come_in_the_order_of_the_agenda_and_limit_and_only_choose() -> None:
    window = (WorkingWindow(1, time(8), time(10), CENTRO),)
    agenda = Agenda(working={BRUNO: window, ANA: window})

    def ask(limit: int | None) -> list[Slot]:
        return free_slots(
            [TUESDAY],
            agenda=agenda,
            service=VISIT,
            rules=NO_RULES,
            now=MONDAY_NOON,
            zone=SAO_PAULO,
            limit=limit,
            only=lambda local: local.time() >= time(9),
        )

    assert [(s.professional_id, h) for s, h in zip(ask(3), hours(ask(3)), strict=True)] == [
        (BRUNO, "09:00"),
        (ANA, "09:00"),
        (BRUNO, "09:30"),
    ]
    assert len(ask(None)) == 4
    assert ask(0) == []


def test_only_the_days_asked_are_searched() -> None:
    every_day = tuple(WorkingWindow(n, time(8), time(8, 30), CENTRO) for n in range(7))
    slots = free_slots(
        [TUESDAY + 3 * DAY, TUESDAY],
        agenda=Agenda(working={ANA: every_day}),
        service=VISIT,
        rules=NO_RULES,
        now=MONDAY_NOON,
        zone=SAO_PAULO,
    )
    assert [slot.starts_at.date() for slot in slots] == [TUESDAY, TUESDAY + 3 * DAY]


def test_a_night_window_belongs_to_the_day_each_start_falls_on() -> None:
    agenda = Agenda(working={ANA: (WorkingWindow(0, time(22), time(2), CENTRO),)})
    assert found(agenda) == ["00:00", "00:30", "01:00", "01:30"]
    assert found(agenda, ServiceShape(CLEANING, 90)) == ["00:00", "00:30"]


@pytest.mark.parametrize(
    ("starts_at", "expected"),
    [
        (at(8, day=TUESDAY - DAY), Reason.PAST),
        (at(13, day=TUESDAY - DAY), Reason.TOO_SOON),
        (at(8, day=TUESDAY + 14 * DAY), Reason.TOO_FAR),
        (at(8, day=TUESDAY + 7 * DAY), Reason.HOLIDAY),
        (at(8, day=TUESDAY + DAY), Reason.CLOSED),
        (at(7), Reason.CLOSED),
        (at(12), Reason.NOT_WORKING),
        (at(11, 45), Reason.NOT_WORKING),
        (at(8), Reason.NEVER),
        (at(9), Reason.BUSY),
        (at(10), Reason.NO_ROOM),
        (at(10, 30), Reason.NO_EQUIPMENT),
        (at(11, 10), Reason.OFF_GRID),
        (at(11) + timedelta(seconds=20), Reason.OFF_GRID),
        (at(11), None),
        (at(11, 30), None),
    ],
)
def test_why_not_names_the_first_obstacle(starts_at: datetime, expected: Reason | None) -> None:
    agenda = Agenda(
        working={ANA: (WorkingWindow(1, time(7), time(12), CENTRO),)},
        opening={CENTRO: (OpeningHours(1, time(8), time(18)),)},
        holidays=(Holiday(TUESDAY + 7 * DAY),),
        busy={
            ANA: (Interval(at(9), at(9, 30)),),
            ROOM_1: (Interval(at(10), at(10, 30)),),
            LASER: (Interval(at(10, 30), at(11)),),
        },
    )
    rules = BookingRules(
        min_notice=timedelta(hours=2),
        horizon_days=13,
        step_minutes=30,
        never=(NeverRule(from_time=time(8), until_time=time(8, 30)),),
    )
    service = ServiceShape(CLEANING, 30, room_ids=(ROOM_1,), equipment_ids=(LASER,))
    assert reason(starts_at, agenda, service, rules) is expected


def test_why_not_for_someone_outside_the_agenda_or_at_another_unit() -> None:
    assert reason(at(8), morning(), who=BRUNO) is Reason.NOT_WORKING
    assert (
        why_not(at(8), ANA, agenda=morning(), service=VISIT, rules=NO_RULES, now=MONDAY_NOON, zone=SAO_PAULO, unit_id=SAVASSI)
        is Reason.NOT_WORKING
    )


# The clocks of São Paulo skipped 00:00–01:00 on 4 November 2018 and repeated 23:00–24:00 on 16 February 2019.

SKIPPED = date(2018, 11, 4)
REPEATED = date(2019, 2, 16)


def on(day: date, opens: time, closes: time, zone: ZoneInfo = SAO_PAULO, minutes: int = 30) -> list[Slot]:
    agenda = Agenda(working={ANA: (WorkingWindow(day.weekday(), opens, closes, CENTRO),)})
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - 3 * DAY
    service = ServiceShape(CLEANING, minutes)
    return free_slots([day], agenda=agenda, service=service, rules=NO_RULES, now=now, zone=zone)


def test_the_skipped_hour_is_not_offered() -> None:
    slots = on(SKIPPED, time(0), time(2))
    assert hours(slots) == ["01:00", "01:30"]
    assert slots[0].starts_at == datetime(2018, 11, 4, 3, 0, tzinfo=UTC)
    assert hours(on(SKIPPED, time(0, 30), time(2))) == ["01:00", "01:30"]
    assert on(SKIPPED, time(0), time(1)) == on(SKIPPED, time(0, 15), time(0, 45)) == []


def test_a_working_day_keeps_its_wall_clock_on_both_sides_of_the_change() -> None:
    for day, utc_hour in [(SKIPPED - DAY, 11), (SKIPPED, 10), (REPEATED, 10), (REPEATED + DAY, 11)]:
        [first, *_] = slots = on(day, time(8), time(18))
        assert first.starts_at.hour == utc_hour
        assert len(slots) == 20


def test_the_repeated_hour_makes_the_evening_longer() -> None:
    assert hours(on(REPEATED, time(22), time(0))) == ["22:00", "22:30", "23:00", "23:30", "23:00", "23:30"]
    assert hours(on(REPEATED, time(22), time(23))) == ["22:00", "22:30"]
    assert len(on(REPEATED, time(0), time(0))) == 50
    assert len(on(SKIPPED, time(0), time(0))) == 46


def test_zones_without_the_change_ignore_it() -> None:
    for zone, offset in [(MANAUS, 4), (NORONHA, 2)]:
        slots = on(SKIPPED, time(0), time(2), zone)
        assert hours(slots, zone) == ["00:00", "00:30", "01:00", "01:30"]
        assert slots[0].starts_at.hour == offset


def test_notice_is_elapsed_time_across_the_change() -> None:
    agenda = Agenda(working={ANA: (WorkingWindow(6, time(8), time(10), CENTRO),)})
    eve = datetime(2018, 11, 3, 20, 30, tzinfo=SAO_PAULO)
    rules = BookingRules(min_notice=timedelta(hours=12), step_minutes=30)
    slots = free_slots([SKIPPED], agenda=agenda, service=VISIT, rules=rules, now=eve, zone=SAO_PAULO)
    assert hours(slots) == ["09:30"]
