"""Two runs side by side: what got better, what got worse, and whether the difference is more than luck. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from evals.runs import Run, Trial
from evals.stats import Interval, paired


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

    @property
    def regressed(self) -> bool:
        """Surely worse, or with a violation that was not there."""
        return bool(self.violations) or (self.gain is not None and self.gain.high < 0)


def compare(before: Run, after: Run) -> Comparison:
    """What `after` is against `before`. Scenarios whose text changed between them are named and left out."""
    old, new = before.head.scenarios, after.head.scenarios
    changed = {name for name in old if name in new and old[name] != new[name]}
    was, now = before.by_scenario(), after.by_scenario()
    common = [name for name in was if name in now and name not in changed]
    moved = [Moved(name, _count(was[name]), _count(now[name])) for name in common]
    return Comparison(
        better=tuple(one for one in moved if one.gain > 0),
        worse=tuple(one for one in moved if one.gain < 0),
        gain=paired({name: was[name] for name in common}, {name: now[name] for name in common}) if common else None,
        common=len(common),
        changed=tuple(sorted(changed)),
        only_before=tuple(sorted(set(old) - set(new))),
        only_after=tuple(sorted(set(new) - set(old))),
        violations=tuple(sorted(_violating(after.trials) - _violating(before.trials))),
    )


def _count(trials: list[bool]) -> tuple[int, int]:
    return sum(trials), len(trials)


def _violating(trials: tuple[Trial, ...]) -> set[str]:
    return {one.scenario for one in trials if one.verdict.violations}
