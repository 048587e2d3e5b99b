"""What is wrong with the reports, as figures tell it. Pure.

An alert is known by its key: while what it tells of lasts it stays one, told once; dismissed, it stays dismissed until it
went away; of another cause it is another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from clinic.reports.metrics import Day
from clinic.reports.runs import Run
from clinic.tenants.policies import Thresholds
from kit.errors import Conflict, Invalid, NotFound

Severity = Literal["info", "warning", "critical"]
FEW = 5  # decisions or sends: of fewer no share is told
WINDOW = timedelta(hours=24)  # what shares are of
STOPPED = 600.0  # seconds without a beat of the clock; a deploy takes less
OVERDUE = timedelta(minutes=15)  # a run takes five


class NoAlert(NotFound):
    """This clinic has no such alert."""

    code = "no_alert"


class AlertOver(Conflict):
    """What this alert told of is over by itself."""

    code = "alert_over"


class NoReason(Invalid):
    """An alert is dismissed with a reason, and by somebody."""

    code = "no_reason"


@dataclass(frozen=True, slots=True)
class Figures:
    """What alerts are told from. `recent`: the last WINDOW. `last`: the run that ended last, of those
    that failed or left no stage out.

    `stuck`: reports in review for longer than the threshold; `oldest`: since when the first of them is. `synced_at`: when the
    source last answered, `taken_at`: when it last told something new, `since`: since when runs are made. `due`: since when a
    run waits to begin or goes on, `silent`: seconds since the clock gave a sign of life.
    """

    recent: Day
    last: Run | None = None
    stuck: int = 0
    oldest: datetime | None = None
    synced_at: datetime | None = None
    taken_at: datetime | None = None
    since: datetime | None = None
    due: datetime | None = None
    silent: float = 0.0


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that is wrong now. `details`: figures, codes and ids; never words."""

    kind: str
    severity: Severity
    key: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """An alert as it was kept: open until `resolved_at`."""

    id: UUID
    kind: str
    severity: Severity
    key: str
    details: Mapping[str, Any]
    opened_at: datetime
    seen_at: datetime
    resolved_at: datetime | None
    dismissed_at: datetime | None
    dismissed_by: str | None
    dismissed_why: str | None
    notified_at: datetime | None

    @property
    def active(self) -> bool:
        """Whether it asks for somebody."""
        return self.resolved_at is None and self.dismissed_at is None


def check(figures: Figures, thresholds: Thresholds, now: datetime) -> Sequence[Alert]:
    """All that is wrong now, the worst first."""
    found = [
        *_clock(figures, now),
        *_run(figures),
        *_sends(figures, thresholds),
        *_silence(figures, thresholds, now),
        *_decisions(figures, thresholds),
    ]
    if figures.stuck:
        minutes = int((now - figures.oldest).total_seconds() // 60) if figures.oldest else 0
        details = {"reports": figures.stuck, "minutes": minutes, "threshold": thresholds.review_stuck_minutes}
        found.append(Alert("review_stuck", "warning", "review_stuck", details))
    return sorted(found, key=lambda one: ("critical", "warning", "info").index(one.severity))


def _clock(figures: Figures, now: datetime) -> list[Alert]:
    """Nothing happens by itself; or the clock goes, and nobody takes up what it rings for."""
    if figures.silent >= STOPPED:
        return [Alert("clock_stopped", "critical", "clock_stopped", {"minutes": int(figures.silent // 60)})]
    if figures.due is not None and now - figures.due > OVERDUE:
        minutes = int((now - figures.due).total_seconds() // 60)
        return [Alert("run_overdue", "critical", "run_overdue", {"minutes": minutes})]
    return []


def _run(figures: Figures) -> list[Alert]:
    run = figures.last
    if run is None:
        return []
    found = []
    if run.status == "failed":
        stage, code = run.error_stage or run.stage.value, run.error_code or "unknown"
        details = {"run": str(run.id), "stage": stage, "code": code}
        found.append(Alert("pipeline_failed", "critical", f"pipeline_failed:{stage}:{code}", details))
    if run.sync_broken:
        found.append(Alert("source_broken", "warning", "source_broken", {"run": str(run.id), "rows": run.sync_broken}))
    return found


def _sends(figures: Figures, thresholds: Thresholds) -> list[Alert]:
    day = figures.recent
    rate = day.send_failed_rate
    if rate is None or day.sent + day.send_failed < FEW or rate <= thresholds.send_failed:
        return []
    details = {"rate": rate, "failed": day.send_failed, "threshold": thresholds.send_failed}
    return [Alert("send_failing", "critical", "send_failing", details)]


def _silence(figures: Figures, thresholds: Thresholds, now: datetime) -> list[Alert]:
    """The source does not answer, or has had nothing new, for longer than it may."""
    silent = timedelta(hours=thresholds.silent_hours)
    if figures.since is None or now - figures.since <= silent:
        return []
    answered = max(figures.synced_at or figures.since, figures.since)
    if now - answered > silent:
        return [Alert("source_silent", "critical", "source_silent:no_answer", {"why": "no_answer", **_hours(now - answered)})]
    if figures.taken_at is not None and now - figures.taken_at > silent:
        told = {"why": "nothing_new", **_hours(now - figures.taken_at)}
        return [Alert("source_silent", "warning", "source_silent:nothing_new", told)]
    return []


def _hours(span: timedelta) -> dict[str, int]:
    return {"hours": int(span.total_seconds() // 3600)}


def _decisions(figures: Figures, thresholds: Thresholds) -> list[Alert]:
    day, found = figures.recent, []
    if day.decided >= FEW and (rate := day.approval_rate) is not None and rate < thresholds.approval:
        details = {"rate": rate, "decided": day.decided, "threshold": thresholds.approval}
        found.append(Alert("low_approval", "warning", "low_approval", details))
    cleared = day.approved + day.person + day.fallback
    if cleared >= FEW and (rate := day.fallback_rate) is not None and rate > thresholds.fallback:
        details = {"rate": rate, "fallback": day.fallback, "threshold": thresholds.fallback}
        found.append(Alert("high_fallback", "warning", "high_fallback", details))
    return found
