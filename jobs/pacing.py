"""How fast a wire may be spoken through: to one person, and in all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from channels.registry import ChannelKind

BUBBLES = 3.0  # to one person that may leave at once after a pause: one reply
NAP = 2.0  # seconds worth waiting for in place; a longer wait is written into the row
PAIR_RATE = "131056"  # too fast to one person
LIMITS = frozenset({"4", "80007", "130429", "133016", "rate_limited"})  # too fast in all
_PAIR_FIRST, _PAIR_MOST = 4.0, 256.0


@dataclass(frozen=True, slots=True)
class Rate:
    """What an account takes in all: so many a second, so many at once after a pause."""

    per_second: float
    burst: float


# A Cloud number that is also used in the WhatsApp Business app takes 20 a second: said in its credentials. Evolution has no
# limit of its own, but WhatsApp bans phones that write as machines do.
_RATES: Mapping[str, Rate] = {ChannelKind.CLOUD: Rate(80.0, 40.0), ChannelKind.EVOLUTION: Rate(1.0, 5.0)}


def rate_of(kind: str, credentials: Mapping[str, str]) -> Rate | None:
    """An account's pace; its credential `messages_per_second` wins. None: no limit."""
    default = _RATES.get(kind)
    try:
        said = float(credentials.get("messages_per_second", ""))
    except ValueError:
        return default
    if default is None or not 0.01 <= said <= 1000:
        return default
    return Rate(said, max(1.0, min(default.burst, said * default.burst / default.per_second)))


def pair_wait(ages: Iterable[float], spacing: float) -> float:
    """Seconds until one more message may go to a person: a bucket of three bubbles that refills every `spacing` seconds.

    `ages` are the seconds since each earlier message.
    """
    if spacing <= 0:
        return 0.0
    tokens, before = BUBBLES, None
    for age in sorted(ages, reverse=True):
        if before is not None:
            tokens = min(BUBBLES, tokens + (before - age) / spacing)
        tokens, before = tokens - 1.0, age
    if before is not None:
        tokens = min(BUBBLES, tokens + before / spacing)
    return max(0.0, (1.0 - tokens) * spacing)


def pair_backoff(attempt: int, retry_after: float | None) -> float:
    """Seconds after a wire said that we write too fast to one person: 4, 16, 64, 256."""
    return max(retry_after or 0.0, min(_PAIR_FIRST ** max(attempt, 1), _PAIR_MOST))
