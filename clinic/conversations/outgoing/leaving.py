"""May this message leave now? Decided at the instant of the send, whatever was true when it was queued. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.conversations.outgoing.outbox import Claimed
from clinic.tenants.policies import Messaging

WINDOW, QUIET = "window", "quiet"  # why a message is held
MARGIN = timedelta(minutes=5)  # before the platform closes the window by its own clock
WITHHELD = timedelta(hours=48)  # a text that waited longer for the patient to write is not said any more
REENGAGE = "reengage:"  # begins the key of a template that asks the patient to write


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is true of a conversation, on the wire a message would leave by, at the database's `now`."""

    now: datetime
    wrote_at: datetime | None  # when the patient last wrote on this wire
    opted_out: bool
    name: str | None  # of the contact, as their own profile says: untrusted


@dataclass(frozen=True, slots=True)
class Leave:
    """It may be sent."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before `until`. For the window a template asks the patient to write, which ends the wait."""

    why: str  # window | quiet
    until: datetime


@dataclass(frozen=True, slots=True)
class Cancel:
    """Not any more. `owed`: the patient awaited it, so a person must know."""

    code: str
    owed: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """It cannot leave by this wire, and nothing we may send would change that."""

    code: str


Verdict = Leave | Hold | Cancel | Refuse


def verdict(
    claimed: Claimed, standing: Standing, *, window: timedelta | None, templates: bool, messaging: Messaging, zone: ZoneInfo
) -> Verdict:
    """What becomes of a claimed message. `window` is the wire's, None for a wire without one; `templates`: one of ours that
    asks the patient to write is usable on it."""
    now = standing.now
    if claimed.expires_at is not None and now >= claimed.expires_at:
        return Cancel("expired", owed=not claimed.proactive)
    if claimed.proactive:
        if standing.opted_out:
            return Cancel("opted_out", owed=False)
        if (until := quiet_until(now, messaging, zone)) is not None:
            return Hold(QUIET, until)
    if claimed.dedupe_key.startswith(REENGAGE) and standing.wrote_at is not None and standing.wrote_at > claimed.created_at:
        return Cancel("not_needed", owed=False)  # they wrote before they were asked to
    if window is None or "template" in claimed.content:
        return Leave()
    if is_open(standing, window):
        return Leave()
    until = withheld_until(claimed.created_at, claimed.expires_at)
    if now >= until:
        return Cancel("window_closed", owed=True)
    if not templates or standing.opted_out:
        return Refuse("window_closed")
    return Hold(WINDOW, until)


def is_open(standing: Standing, window: timedelta | None) -> bool:
    """Whether the wire takes free text for this patient now."""
    if window is None:
        return True
    return standing.wrote_at is not None and standing.now - standing.wrote_at < window - MARGIN


def withheld_until(created_at: datetime, expires_at: datetime | None) -> datetime:
    """How long a text waits for the patient to write."""
    last = created_at + WITHHELD
    return min(last, expires_at) if expires_at is not None else last


def quiet_until(now: datetime, messaging: Messaging, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that `now` is in, or None outside them. They may pass midnight; from = until means none."""
    local = now.astimezone(zone)
    clock, begin, end = local.time(), messaging.quiet_from, messaging.quiet_until
    overnight = begin > end
    inside = (clock >= begin or clock < end) if overnight else begin <= clock < end
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if overnight and clock >= begin else 0)
    return datetime.combine(day, end, zone)
