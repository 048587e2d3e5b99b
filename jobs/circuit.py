"""Which accounts rest after failing, so that a broken one neither hammers its provider nor keeps the others waiting. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

_IN_A_ROW = 3  # failures of any kind before an account rests; an alarm rests it at once
_RESEND_FIRST, _RESEND_MOST = 5.0, 60.0


def wait_before(attempt: int, retry_after: float | None, *, alarm: bool) -> float:
    """Seconds until the next try: 5, 10, 20, 40, then 60, or longer when the provider asked for it.

    An alarm waits for a person, nobody knows how long: it is probed every minute, so that the repair is noticed.
    """
    backoff = min(_RESEND_FIRST * 2.0 ** (max(attempt, 1) - 1), _RESEND_MOST)
    return _RESEND_MOST if alarm else max(backoff, retry_after or 0.0)


@dataclass(slots=True)
class _State:
    failures: int = 0
    rests_until: float = 0.0


@dataclass(slots=True)
class Circuits:
    """One state per account. `now` is a monotonic clock in seconds."""

    _states: dict[UUID, _State] = field(default_factory=dict)

    def rest_of(self, account_id: UUID, now: float) -> float:
        """Seconds this account still rests; 0 when it may send."""
        state = self._states.get(account_id)
        return max(0.0, state.rests_until - now) if state else 0.0

    def note_failure(self, account_id: UUID, now: float, *, wait: float, alarm: bool) -> bool:
        """Counts a refusal. True when the account rests from now on."""
        state = self._states.setdefault(account_id, _State())
        state.failures += 1
        rested = state.rests_until > now
        if alarm or state.failures >= _IN_A_ROW:
            state.rests_until = max(state.rests_until, now + min(wait, _RESEND_MOST))
            return not rested
        return False

    def note_success(self, account_id: UUID) -> None:
        self._states.pop(account_id, None)
