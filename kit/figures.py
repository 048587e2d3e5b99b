"""A mean with its interval, by drawing again from what was seen. Pure; the same values, the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kit.dice import dice

_DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A share, or a difference of shares, with its 95 % interval."""

    share: float
    low: float
    high: float


def bootstrap(values: Sequence[float], seed: int = 0) -> Interval:
    """The mean of independent values. Raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    rng, count = dice(seed), len(values)
    means = sorted(sum(rng.choices(values, k=count)) / count for _ in range(_DRAWS))
    return Interval(sum(values) / count, means[int(_DRAWS * 0.025)], means[int(_DRAWS * 0.975) - 1])
