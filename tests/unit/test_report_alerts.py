"""What figures of reports are an alert, which days are over, when a run that left something is followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.reports.alerts import Alert, Figures, Opened, check
from clinic.reports.metrics import Day, bounds, to_close
from clinic.reports.runs import Run, Stage, after, follow_up
from clinic.reports.telling import said
from clinic.tenants.policies import Thresholds
from kit.ids import new_id

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Sao_Paulo")
TODAY = date(2026, 11, 23)
RUN = Run(
    id=new_id(), trigger="scheduled", asked_by="", due_at=NOW, status="completed", skip_sync=False, skip_send=False,
    stage=Stage.DONE, sync_count=3, sync_broken=0, process_approved=3, process_failed=0, notify_count=0, send_success=3,
    send_failed=0, duration_ms=9, sync_ms=1, process_ms=5, notify_ms=1, send_ms=2, errors={}, error_stage=None,
    error_code=None, attempts=0, started_at=NOW, completed_at=NOW, age=1.0,
)  # fmt: skip


def kinds(thresholds: Thresholds | None = None, **figures: Any) -> list[str]:
    known = Figures(recent=figures.pop("recent", Day(TODAY)), **figures)
    return [one.kind for one in check(known, thresholds or Thresholds(), NOW)]


def test_a_good_day_alarms_nobody() -> None:
    day = Day(TODAY, total=40, approved=36, person=2, failed=4, fallback=2, sent=40)
    assert kinds(recent=day, last=RUN, synced_at=NOW, taken_at=NOW, since=NOW - timedelta(days=9)) == []


@pytest.mark.parametrize(
    ("approved", "failed", "alarms"),
    [(7, 3, False), (69, 31, True), (70, 30, False), (0, 5, True), (0, 4, False)],  # of few no share is told
)
def test_too_few_approved(approved: int, failed: int, alarms: bool) -> None:
    assert ("low_approval" in kinds(recent=Day(TODAY, approved=approved, failed=failed))) is alarms


@pytest.mark.parametrize(("fallback", "approved", "alarms"), [(2, 8, False), (21, 79, True), (20, 80, False), (1, 1, False)])
def test_too_many_fallbacks(fallback: int, approved: int, alarms: bool) -> None:
    assert ("high_fallback" in kinds(recent=Day(TODAY, approved=approved, fallback=fallback))) is alarms


@pytest.mark.parametrize(("sent", "lost", "alarms"), [(8, 2, False), (7, 3, True), (1, 1, False)])
def test_sends_that_fail(sent: int, lost: int, alarms: bool) -> None:
    assert ("send_failing" in kinds(recent=Day(TODAY, sent=sent, send_failed=lost))) is alarms


def test_thresholds_are_the_clinics() -> None:
    day = Day(TODAY, approved=9, failed=1, fallback=1, sent=9, send_failed=1)
    strict = Thresholds(approval=95, fallback=5, send_failed=5)
    assert kinds(strict, recent=day) == ["send_failing", "low_approval", "high_fallback"]
    assert kinds(recent=day) == []


def test_a_run_that_failed_is_another_alert_for_another_cause() -> None:
    def key(stage: str, code: str) -> str:
        run = replace(RUN, status="failed", errors={stage: code}, error_stage=stage, error_code=code)
        [found] = check(Figures(recent=Day(TODAY), last=run), Thresholds(), NOW)
        assert (found.kind, found.severity) == ("pipeline_failed", "critical")
        return found.key

    assert key("sync", "source_down") == key("sync", "source_down") != key("sync", "source_refused") != key("send", "broke")


def test_a_review_that_is_stuck_and_rows_that_cannot_be_read() -> None:
    found = check(
        Figures(recent=Day(TODAY), stuck=3, oldest=NOW - timedelta(minutes=95), last=replace(RUN, sync_broken=2)),
        Thresholds(),
        NOW,
    )
    assert [(one.kind, one.severity) for one in found] == [("source_broken", "warning"), ("review_stuck", "warning")]
    assert found[1].details == {"reports": 3, "minutes": 95, "threshold": 60}


def test_a_silent_source() -> None:
    long, ago, lately = NOW - timedelta(days=9), NOW - timedelta(hours=25), NOW - timedelta(hours=1)
    assert kinds(since=long, synced_at=lately, taken_at=lately) == []
    assert kinds(since=long, synced_at=lately, taken_at=ago) == ["source_silent"]
    assert kinds(since=long, synced_at=ago, taken_at=ago) == ["source_silent"]
    assert kinds(since=long) == ["source_silent"]  # it never answered
    assert kinds(since=lately) == []  # it began an hour ago
    assert kinds(since=None) == []
    assert kinds(Thresholds(silent_hours=48), since=long, synced_at=ago, taken_at=ago) == []
    assert [one.severity for one in check(Figures(Day(TODAY), since=long, synced_at=ago), Thresholds(), NOW)] == ["critical"]


def test_a_clock_that_stands_still_and_a_run_that_nobody_ends() -> None:
    assert kinds(silent=599.0, due=NOW - timedelta(minutes=15)) == []
    assert kinds(silent=0.0, due=NOW + timedelta(hours=3)) == []
    assert kinds(silent=0.0, due=NOW - timedelta(minutes=16)) == ["run_overdue"]
    assert kinds(silent=600.0) == ["clock_stopped"]
    assert kinds(silent=600.0, due=NOW - timedelta(minutes=16)) == ["clock_stopped"]  # the one is why of the other
    titles = [
        said(one).title
        for minutes in (12, 119, 120, 47 * 60, 48 * 60)
        for one in check(Figures(Day(TODAY), silent=minutes * 60.0), Thresholds(), NOW)
    ]
    ages = ("12 minutos", "119 minutos", "2 horas", "47 horas", "2 dias")
    assert titles == [f"o relógio da Carol está parado há {age}" for age in ages]


def test_every_alert_has_its_words_and_no_hole_in_them() -> None:
    figures = Figures(
        recent=Day(TODAY, approved=5, failed=9, fallback=9, sent=1, send_failed=9),
        last=replace(RUN, status="failed", error_stage="sync", error_code="something_new", sync_broken=1),
        stuck=1, oldest=NOW, since=NOW - timedelta(days=3), synced_at=NOW, taken_at=NOW - timedelta(days=2),
    )  # fmt: skip
    others = (replace(figures, synced_at=None), replace(figures, silent=9e9), replace(figures, due=NOW - timedelta(days=1)))
    found = [alert for known in (figures, *others) for alert in check(known, Thresholds(), NOW)]
    assert {one.kind for one in found} == {
        "clock_stopped", "run_overdue",
        "pipeline_failed", "source_broken", "send_failing", "source_silent", "review_stuck", "low_approval", "high_fallback"
    }  # fmt: skip
    for one in found:
        words = said(one)
        assert words.title
        assert words.action
        assert "{" not in words.title + words.action
        assert "None" not in words.title + words.action
    kept = Opened(new_id(), *_parts(found[0]), NOW, NOW, None, None, None, None, None)
    assert said(kept) == said(found[0])


def _parts(one: Alert) -> tuple[Any, ...]:
    return one.kind, one.severity, one.key, one.details


def test_shares_of_nothing_are_none() -> None:
    assert (Day(TODAY).approval_rate, Day(TODAY).fallback_rate, Day(TODAY).send_failed_rate) == (None, None, None)
    assert Day(TODAY, approved=40, failed=5).approval_rate == 88.89


def test_days_are_over_at_the_clinics_midnight() -> None:
    before, past = datetime(2026, 11, 24, 2, 59, tzinfo=UTC), datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    last = date(2026, 11, 22)
    assert to_close(before, ZONE, last=last, first=None) == []
    assert to_close(past, ZONE, last=last, first=None) == [TODAY]
    assert to_close(past, ZONE, last=None, first=date(2026, 11, 21)) == [date(2026, 11, 21), last, TODAY]
    assert to_close(past, ZONE, last=None, first=None) == []
    assert to_close(past, ZONE, last=TODAY, first=None) == []
    assert to_close(past, ZONE, last=date(2026, 1, 1), first=None, most=3) == [date(2026, 11, 21), last, TODAY]
    start, end = bounds(TODAY, ZONE)
    assert (start, end) == (datetime(2026, 11, 23, 3, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC))


def test_what_was_left_undone_is_tried_again_soon_and_never_after_the_scheduled_run() -> None:
    scheduled = NOW + timedelta(hours=3)
    minutes = [(follow_up(NOW, scheduled, errors=errors) - NOW) / timedelta(minutes=1) for errors in (0, 1, 2, 3, 4, 5, 60)]
    assert minutes == [10, 10, 20, 40, 80, 160, 180]


def test_stages_follow_each_other() -> None:
    assert [after(stage) for stage in (Stage.SYNC, Stage.PROCESS, Stage.NOTIFY, Stage.SEND)] == [
        Stage.PROCESS, Stage.NOTIFY, Stage.SEND, Stage.DONE,
    ]  # fmt: skip
