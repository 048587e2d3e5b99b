"""By when a person answers, in the hours in which a clinic is really open; whom to tell; what becomes of a promise."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.conversations.cases import handoff, ladder
from clinic.conversations.handover import keeping
from clinic.conversations.handover.keeping import Later, Never, Slip
from clinic.conversations.models import CaseKind, Promise
from clinic.tenants.models import Clinic, Holiday, OpenHours, Unit
from clinic.tenants.policies import Member, Team
from kit import fast_yaml
from kit.ids import new_id

TABLE = fast_yaml.load((Path(__file__).parent / "handoff_cases.yaml").read_text("utf-8"))
_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def clinic_of(name: str) -> Clinic:
    told = TABLE["clinics"][name]
    units = tuple(Unit(new_id(), f"Unidade {n}", "", hours=tuple(_hours(one))) for n, one in enumerate(told["units"]))
    holidays = tuple(_holiday(one, units) for one in told.get("holidays", ()))
    return Clinic(new_id(), name, name, told["zone"], 1, units=units, holidays=holidays)


def _hours(week: dict[str, list[str]]) -> list[OpenHours]:
    found = []
    for days, spans in week.items():
        first, _, last = days.partition("-")
        for weekday in range(_DAYS.index(first), _DAYS.index(last or first) + 1):
            found += [OpenHours(weekday, *map(time.fromisoformat, span.split("-"))) for span in spans]
    return found


def _holiday(told: dict[str, Any], units: tuple[Unit, ...]) -> Holiday:
    half = "from" in told or "until" in told
    return Holiday(
        told["day"] if isinstance(told["day"], date) else date.fromisoformat(told["day"]),
        "feriado",
        units[told["unit"]].id if "unit" in told else None,
        time.fromisoformat(told.get("from", "00:00")) if half else None,
        time.fromisoformat(told.get("until", "23:59")) if half else None,
    )


def _local(clinic: Clinic, told: object) -> datetime:
    at = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
    return at.replace(tzinfo=clinic.zone)


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["why"])
def test_the_deadline_of_a_case(case: dict[str, Any]) -> None:
    clinic = clinic_of(case["clinic"])
    now = _local(clinic, case["now"])
    kind = CaseKind(case.get("kind", "person_asked"))
    for zone in (clinic.zone, ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo")):  # whatever clock asks
        assert handoff.deadline(clinic, kind, now=now.astimezone(zone)).astimezone(clinic.zone) == _local(clinic, case["due"])


@pytest.mark.parametrize("case", TABLE["days"], ids=lambda case: f"{case['clinic']} {case['now']}")
def test_a_promise_by_day(case: dict[str, Any]) -> None:
    clinic = clinic_of(case["clinic"])
    assert handoff.end_of_next_day(clinic, now=_local(clinic, case["now"])) == _local(clinic, case["due"])


ANA, BIA, CAIO = (
    Member(key=key, name=key, phone="+5531999990000", level=level) for key, level in zip("abc", (1, 1, 3), strict=True)
)


def test_the_ladder_goes_up_level_by_level() -> None:
    team = Team(members=(CAIO, ANA, BIA), climb_minutes=30)
    first = ladder.climb(team, told=0, urgent=False)
    assert first is not None
    assert (first.level, first.members, first.again_in) == (1, (ANA, BIA), 1800)
    second = ladder.climb(team, told=1, urgent=False)
    assert second is not None
    assert (second.level, second.members, second.again_in) == (3, (CAIO,), None)
    assert ladder.climb(team, told=3, urgent=False) is None
    assert ladder.climb(Team(), told=0, urgent=True) is None


def test_an_urgent_case_climbs_every_five_minutes_or_sooner() -> None:
    for minutes, expected in ((30, 300), (2, 120)):
        step = ladder.climb(Team(members=(ANA, CAIO), climb_minutes=minutes), told=0, urgent=True)
        assert step is not None
        assert step.again_in == expected


def test_who_was_told_so_far() -> None:
    team = Team(members=(CAIO, ANA, BIA))
    assert ladder.up_to(team, 0) == ladder.up_to(team, 1) == (ANA, BIA)
    assert ladder.up_to(team, 3) == (CAIO, ANA, BIA)
    assert ladder.up_to(Team(), 1) == ()


CLINIC = clinic_of("almoco")
DUE = datetime(2026, 11, 23, 10, 0, tzinfo=CLINIC.zone)


def promise(**more: Any) -> Promise:
    whole: dict[str, Any] = {
        "id": new_id(),
        "number": 7,
        "conversation_id": new_id(),
        "kind": CaseKind.PERSON_ASKED,
        "urgent": False,
        "reason": "person_asked",
        "status": "open",
        "owner_name": None,
        "opened_at": DUE - timedelta(hours=1),
        "due_at": DUE,
        "taken_at": None,
        "answered_at": None,
        "slips": 0,
        "level": 1,
        "slips_at": DUE,
        "climbs": False,
        "told": True,
        "resolved_by": None,
        "resolution": "",
    }
    return Promise(**(whole | more))


def verdict(case: Promise, *, minutes: float, opted_out: bool = False, quiet_until: datetime | None = None) -> object:
    now = DUE + timedelta(minutes=minutes)
    return keeping.verdict(CLINIC, case, opted_out=opted_out, quiet_until=quiet_until, now=now)


def test_before_its_deadline_nothing_slips() -> None:
    assert verdict(promise(), minutes=-1) == Later(DUE)


def test_the_first_slip_promises_an_hour_of_open_time() -> None:
    said = verdict(promise(), minutes=1)
    assert isinstance(said, Slip)
    assert said.due_at == said.again_at == datetime(2026, 11, 23, 11, 30, tzinfo=CLINIC.zone)
    assert "hoje até as 11h30" in said.text
    assert "caso nº 7" in said.text
    assert not said.at_night


def test_the_second_slip_promises_a_day() -> None:
    said = verdict(promise(slips=1), minutes=1)
    assert isinstance(said, Slip)
    assert "amanhã até as 18h" in said.text
    assert said.due_at == datetime(2026, 11, 24, 18, 0, tzinfo=CLINIC.zone)


@pytest.mark.parametrize(
    "more",
    [{"slips": 2}, {"told": False}, {"kind": CaseKind.OPT_OUT}, {"urgent": True, "kind": CaseKind.EMERGENCY, "slips": 1}],
)
def test_then_the_case_stays_late_and_the_patient_is_told_no_more(more: dict[str, Any]) -> None:
    assert verdict(promise(**more), minutes=1) == Never(late=True)
    assert verdict(promise(), minutes=1, opted_out=True) == Never(late=True)


@pytest.mark.parametrize("more", [{"status": "resolved"}, {"answered_at": DUE + timedelta(minutes=5)}, {"answered_at": DUE}])
def test_what_was_answered_does_not_slip(more: dict[str, Any]) -> None:
    assert verdict(promise(**more), minutes=60) == Never(late=False)


def test_whoever_took_it_has_a_quarter_of_an_hour_to_write() -> None:
    taken = DUE - timedelta(minutes=5)
    assert verdict(promise(status="taken", taken_at=taken), minutes=1) == Later(taken + timedelta(minutes=15))
    assert isinstance(verdict(promise(status="taken", taken_at=taken), minutes=10), Slip)


def test_at_night_only_what_is_urgent_is_told() -> None:
    morning = DUE + timedelta(hours=12)
    assert verdict(promise(), minutes=1, quiet_until=morning) == Later(morning)
    for kind, reason, number in (
        (CaseKind.EMERGENCY, "emergency:chest", "192"),
        (CaseKind.EMERGENCY, "emergency:violence", "190"),
        (CaseKind.SELF_HARM, "self_harm:intent", "188"),
    ):
        said = verdict(promise(kind=kind, urgent=True, reason=reason), minutes=1, quiet_until=morning)
        assert isinstance(said, Slip)
        assert said.at_night
        assert number in said.text
        assert said.again_at is None


def test_no_kind_of_case_is_without_words() -> None:
    from clinic.conversations.cases import briefs, notices

    for kind in CaseKind:
        assert briefs.brief(kind, "", people=(), results=(), words=()).wants
        assert notices._texts()["kinds"][kind.value]
