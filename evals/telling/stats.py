"""Figures over trials: pass^k, intervals that know that trials of one scenario are not independent. Pure; no figure is NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb, sqrt

from kit.figures import Interval, bootstrap

__all__ = [
    "Interval",
    "clustered",
    "paired",
    "pass_hat",
    "pass_hat_interval",
    "pass_hats",
    "percentile",
    "upper_bound",
    "wilson",
]

_Z = 1.959964  # 95 %


def wilson(passed: int, of: int) -> Interval:
    """Of independent trials. Raises ValueError for none: no trials have no share."""
    if not 0 <= passed <= of or of == 0:
        raise ValueError(f"{passed} of {of}")
    share, z2 = passed / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def pass_hat(passed: int, of: int, k: int) -> float:
    """The chance that k trials drawn of these all pass: C(passed, k) / C(of, k). Raises ValueError with fewer than k trials."""
    if of < k or k < 1:
        raise ValueError(f"pass^{k} of {of} trials")
    return comb(passed, k) / comb(of, k)


def pass_hats(trials: Mapping[str, Sequence[bool]], k: int) -> float | None:
    """The mean of pass^k over scenarios; None when one has fewer than k trials."""
    if not trials or any(len(one) < k for one in trials.values()):
        return None
    return sum(pass_hat(sum(one), len(one), k) for one in trials.values()) / len(trials)


def pass_hat_interval(trials: Mapping[str, Sequence[bool]], k: int) -> Interval | None:
    """The mean of pass^k over scenarios with an interval by drawing whole scenarios; None when one has fewer trials."""
    if not trials or any(len(one) < k for one in trials.values()):
        return None
    return bootstrap([pass_hat(sum(one), len(one), k) for one in trials.values()])


def clustered(trials: Mapping[str, Sequence[bool]], *, seed: int = 0) -> Interval:
    """The mean over scenarios, with an interval by drawing whole scenarios. Raises ValueError for none."""
    means = [sum(one) / len(one) for one in trials.values() if one]
    if not means:
        raise ValueError("no trials")
    return bootstrap(means, seed)


def paired(before: Mapping[str, Sequence[bool]], after: Mapping[str, Sequence[bool]], *, seed: int = 0) -> Interval:
    """How much better `after` is (negative: worse), over the scenarios that both have. Raises ValueError for none."""
    common = [name for name in before if before[name] and after.get(name)]
    gains = [sum(after[name]) / len(after[name]) - sum(before[name]) / len(before[name]) for name in common]
    if not gains:
        raise ValueError("nothing in common")
    return bootstrap(gains, seed)


def upper_bound(trials: int) -> float:
    """No violation in so many independent trials: with 95 % certainty there are fewer than this share. 1.0 for no trials."""
    return 1.0 if trials <= 0 else float(1 - 0.05 ** (1 / trials))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie (nearest rank). Raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, int(share * len(ordered) + 0.5) - 1))]
