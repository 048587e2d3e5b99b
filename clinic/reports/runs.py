"""A run of reports: sync → process → notify → send, each stage apart. Pure.

A run is a row that hands come and go at: whoever finds one that nobody holds goes on at its stage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from kit.errors import Conflict, NotFound

Trigger = Literal["scheduled", "manual"]
RUN_SECONDS = 300.0  # a whole run, by default; what is not done by then stays pending for the next one
SOON = timedelta(minutes=10)  # until a run that left something undone is followed by another
_DEATHS = 5  # of whoever was at a stage, before the run goes on without it


class Stage(StrEnum):
    """Where a run is."""

    SYNC = "sync"
    PROCESS = "process"
    NOTIFY = "notify"
    SEND = "send"
    DONE = "done"


ORDER: tuple[Stage, ...] = (Stage.SYNC, Stage.PROCESS, Stage.NOTIFY, Stage.SEND)


class NoRun(NotFound):
    """This clinic has no such run."""

    code = "no_pipeline_run"


class RunGoesOn(Conflict):
    """A run of this clinic's reports is under way."""

    code = "pipeline_running"


class NoDesk(NotFound):
    """This clinic sends no reports to families."""

    code = "no_report_desk"


class Lost(Conflict):
    """Somebody else goes on with this run."""

    code = "run_lost"


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it stands. `errors`: a code of ours by stage. `token`: of whoever holds it, when it was just taken."""

    id: UUID
    trigger: Trigger
    asked_by: str
    due_at: datetime | None
    status: Literal["running", "completed", "failed"]
    skip_sync: bool
    skip_send: bool
    stage: Stage
    sync_count: int
    sync_broken: int
    process_approved: int
    process_failed: int
    notify_count: int
    send_success: int
    send_failed: int
    duration_ms: int | None
    sync_ms: int | None
    process_ms: int | None
    notify_ms: int | None
    send_ms: int | None
    errors: Mapping[str, str]
    error_stage: str | None
    error_code: str | None
    attempts: int
    started_at: datetime
    completed_at: datetime | None
    age: float  # seconds since it began, by the database's clock
    token: UUID | None = None

    @property
    def ends_badly(self) -> bool:
        """Whether a stage of it did not do what it is for."""
        return bool(self.errors)

    @property
    def kills(self) -> bool:
        """Whether its stage ended everybody who was at it."""
        return self.attempts > _DEATHS

    def skips(self, stage: Stage) -> bool:
        """Whether it was asked to leave this stage out."""
        return (stage is Stage.SYNC and self.skip_sync) or (stage is Stage.SEND and self.skip_send)


def after(stage: Stage) -> Stage:
    """The stage that follows."""
    return ORDER[place + 1] if (place := ORDER.index(stage)) + 1 < len(ORDER) else Stage.DONE


def summary(run: Run, *, pending: int, held: int = 0, until: datetime | None = None) -> dict[str, Any]:
    """What a run came to, for machines: counts, times and codes. `pending`: reports that wait for the next one; `held`:
    messages, of this run and of those before, that the quiet hours keep until then."""
    return {
        "run": str(run.id),
        "timestamp": run.started_at.isoformat(),
        "trigger": run.trigger,
        "status": run.status,
        "sync": {"new": run.sync_count, "broken": run.sync_broken, "ms": run.sync_ms},
        "process": {"approved": run.process_approved, "failed": run.process_failed, "pending": pending, "ms": run.process_ms},
        "notify": {"notified": run.notify_count, "ms": run.notify_ms},
        "send": {
            "queued": run.send_success,
            "failed": run.send_failed,
            "held": held,
            "until": until.isoformat() if until else None,
            "ms": run.send_ms,
        },
        "errors": dict(run.errors),
        "duration_ms": run.duration_ms,
    }


def follow_up(now: datetime, scheduled: datetime | None, *, errors: int) -> datetime:
    """When the next run comes after one that left something undone: soon, each time twice as long while the source fails
    (`errors` in a row), and never later than the scheduled one."""
    soon = now + SOON * min(1 << max(0, errors - 1), 36)
    return min(soon, scheduled) if scheduled else soon
