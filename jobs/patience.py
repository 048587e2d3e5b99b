"""How long delivery waits, for what, and when it gives up. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.conversations.outgoing.outbox import Claimed
from kit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How patient delivery is. Seconds."""

    timeout: float = 15.0
    grace: float = 60.0  # for the wire to say whether an unanswered send arrived
    resends: int = 2  # of a message that may have arrived, by a wire that cannot tell
    max_attempts: int = 5
    patience: float = 900.0  # a message tried that often is given up once it is this old,
    too_old: float = 1800.0  # and in any case at this age: a late answer about free times misleads
    poll: float = 1.0
    pace: float = 1.0  # of what the wires ask for between messages; 0: as fast as they are taken
    fail_over_after: float = 120.0  # a wire is down this long before another one speaks for it
    marks: bool = True  # patients see that it was read, and that somebody writes

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        return cls(
            timeout=settings.delivery_timeout_seconds,
            grace=settings.delivery_grace_seconds,
            max_attempts=settings.delivery_max_attempts,
            poll=settings.delivery_poll_seconds,
            pace=settings.delivery_pace,
            fail_over_after=settings.delivery_fail_over_seconds,
            marks=settings.delivery_marks,
        )

    def gives_up(self, claimed: Claimed) -> bool:
        """Whether a message that could not be sent now is tried no more."""
        return claimed.age >= self.too_old or (claimed.attempts >= self.max_attempts and claimed.age >= self.patience)
