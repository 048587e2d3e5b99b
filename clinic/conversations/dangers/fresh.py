"""A danger that was spoken of a short while ago, and that nobody has closed: it is not forgotten in the next message. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from clinic.conversations.dangers import red_flags
from clinic.conversations.models import Author, CaseKind, Message, OpenCase

# An hour: whoever needed the ambulance has it or is under way, and who still writes then writes of something else. The case
# stays with the team for as long as they leave it open.
FRESH = timedelta(minutes=60)

Words = Literal["emergency", "self_harm", "emergency_and_self_harm", "violence"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """An urgent case as it was opened: over which words, and for which sign."""

    case: OpenCase
    opened_at: datetime
    reason: str
    brief: str


@dataclass(frozen=True, slots=True)
class Danger:
    """`words`: which numbers it calls for. `sure`: somebody's plain words or judgement, not likeness alone.

    `case`: what the team owes, the most urgent one; `since`: when it was first spoken of.
    """

    words: Words
    case: OpenCase
    since: datetime
    sure: bool


def fresh(alarms: Sequence[Alarm], history: Sequence[Message], *, now: datetime) -> Danger | None:
    """The danger that is still on: one of the urgent cases nobody closed (`alarms`), spoken of at most `FRESH` before `now`."""
    flagged = [message for message in history if message.author is Author.PATIENT and message.red_flag]
    live = [alarm for alarm in alarms if now - _spoken(alarm, flagged) <= FRESH]
    if not live:
        return None
    since = min(alarm.opened_at for alarm in live)
    lately = [message for message in flagged if message.at >= since]
    codes = {flag for alarm in live for flag in alarm.reason.split("+")} | {str(message.red_flag) for message in lately}
    return Danger(
        words=_words(codes | {alarm.case.kind.value for alarm in live}, codes),
        case=next((alarm.case for alarm in live if alarm.case.kind is CaseKind.EMERGENCY), live[0].case),
        since=since,
        sure=any(_sure(alarm) for alarm in live) or any(red_flags.read(message.text) for message in lately),
    )


def _spoken(alarm: Alarm, flagged: Sequence[Message]) -> datetime:
    """When this danger was last spoken of: a case stays open over a second one of its kind."""
    of_kind = f"{alarm.case.kind.value}:"
    return max([alarm.opened_at, *(message.at for message in flagged if str(message.red_flag).startswith(of_kind))])


def _sure(alarm: Alarm) -> bool:
    """A reader's case names its sign ("emergency:stroke"); any other was opened by somebody's judgement."""
    return ":" not in alarm.reason or red_flags.read(alarm.brief) is not None


def _words(kinds: set[str], codes: set[str]) -> Words:
    both = {one.partition(":")[0] for one in kinds}
    if both >= {"emergency", "self_harm"}:
        return "emergency_and_self_harm"
    if "self_harm" in both:
        return "self_harm"
    return "violence" if codes and all(code == "emergency:violence" for code in codes) else "emergency"
