"""Whether a promised answer has slipped, what the patient is then told, and the next promise. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from clinic.conversations.cases import handoff
from clinic.conversations.models import CaseKind, Promise
from clinic.tenants.models import Clinic
from kit import fast_yaml, ptbr

SLIPS = 2  # a patient is told so often that it takes longer: the second time with a day; then the case stays late
_URGENT_SLIPS = 1  # who was told to call 192 is told once more, not until when to wait
_GRACE = timedelta(minutes=15)  # for whoever took it, to write


@dataclass(frozen=True, slots=True)
class Slip:
    """The patient is told in these words; the promise is now until `due_at`. `at_night`: the quiet hours do not hold it."""

    text: str
    due_at: datetime
    again_at: datetime | None
    at_night: bool


@dataclass(frozen=True, slots=True)
class Later:
    """Not yet."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Never:
    """The patient is told nothing more. `late`: all the same nobody answered in time."""

    late: bool


Verdict = Slip | Later | Never


def verdict(clinic: Clinic, case: Promise, *, opted_out: bool, quiet_until: datetime | None, now: datetime) -> Verdict:
    """What becomes of a promise at `now`; `quiet_until`: the end of the quiet hours it is in.

    Answered or resolved it was kept; before its deadline nothing slips.
    """
    if case.status == "resolved" or case.answered_at is not None:
        return Never(late=False)
    if now < case.due_at:
        return Later(case.due_at)
    if case.taken_at is not None and now < case.taken_at + _GRACE:
        return Later(case.taken_at + _GRACE)
    if case.kind is CaseKind.OPT_OUT or opted_out or not case.told or case.slips >= (_URGENT_SLIPS if case.urgent else SLIPS):
        return Never(late=True)
    if case.urgent:
        return Slip(_urgent(case), case.due_at, None, at_night=True)
    if quiet_until is not None:
        return Later(quiet_until)
    first = case.slips == 0
    due_at = handoff.deadline(clinic, case.kind, now=now) if first else handoff.end_of_next_day(clinic, now=now)
    words = ptbr.until(due_at.astimezone(clinic.zone), now=now.astimezone(clinic.zone))
    text = _texts()["slipped" if first else "slipped_again"].format(case=case.number, until=words)
    return Slip(text, due_at, due_at, at_night=False)


def _urgent(case: Promise) -> str:
    return _texts()[_danger(case)].format(case=case.number)


def _danger(case: Promise) -> str:
    if case.reason.endswith(f"+{CaseKind.SELF_HARM}"):  # as the alarm wrote it
        return "emergency_and_self_harm"
    return "self_harm" if case.kind is CaseKind.SELF_HARM else "violence" if case.reason.endswith(":violence") else "emergency"


@cache
def _texts() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(files("clinic.conversations.handover").joinpath("keeping.yaml").read_text("utf-8"))
    return loaded
