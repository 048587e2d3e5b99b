"""Two runs side by side: what got better, what got worse, and whether the difference is more than luck. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kit.figures import Interval, bootstrap


@dataclass(frozen=True, slots=True)
class Played:
    """A run, as comparing needs it. `digests`: of every scenario it is of; `passed`: its trials by scenario."""

    digests: Mapping[str, str]
    passed: Mapping[str, Sequence[bool]]
    violating: frozenset[str]


@dataclass(frozen=True, slots=True)
class Moved:
    """A scenario that both runs played, with how many of its trials passed."""

    scenario: str
    before: tuple[int, int]  # passed, of
    after: tuple[int, int]

    @property
    def gain(self) -> float:
        return self.after[0] / self.after[1] - self.before[0] / self.before[1]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`gain`: over the scenarios both played unchanged; None when there are none."""

    better: tuple[Moved, ...]
    worse: tuple[Moved, ...]
    gain: Interval | None
    common: int
    changed: tuple[str, ...]  # written differently in the two runs: not compared
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    violations: tuple[str, ...]  # scenarios that violate now and did not
    unseen: tuple[str, ...]  # scenarios that violate now, and were not played before as they are now

    @property
    def regressed(self) -> bool:
        """Surely worse, or with a violation that was not there."""
        return bool(self.violations) or (self.gain is not None and self.gain.high < 0)


def compare(before: Played, after: Played) -> Comparison:
    """What `after` is against `before`. Scenarios whose text changed between them are named and left out."""
    old, new = before.digests, after.digests
    changed = {name for name in old if name in new and old[name] != new[name]}
    common = [name for name in before.passed if after.passed.get(name) and before.passed[name] and name not in changed]
    was, now = _of(before), _of(after)
    moved = [Moved(name, _count(before.passed[name]), _count(after.passed[name])) for name in common]
    return Comparison(
        better=tuple(one for one in moved if one.gain > 0),
        worse=tuple(one for one in moved if one.gain < 0),
        gain=bootstrap([one.gain for one in moved]) if moved else None,
        common=len(common),
        changed=tuple(sorted(changed)),
        only_before=tuple(sorted((set(old) - set(new)) | (was - now))),
        only_after=tuple(sorted((set(new) - set(old)) | (now - was))),
        violations=tuple(sorted((after.violating - before.violating) & set(common))),
        unseen=tuple(sorted(after.violating - set(common))),
    )


def _of(run: Played) -> set[str]:
    return {name for name, trials in run.passed.items() if trials}


def _count(trials: Sequence[bool]) -> tuple[int, int]:
    return sum(trials), len(trials)
