"""The whole noisy set, played by the demonstration model: `python -m evals.proving.whole [SUITE…]`, half an hour of processor.

A commit plays one share of it. Here every variant is played, and every scenario that is known not to pass: what
fails has to be named, and what is named has to fail.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from io import StringIO

from clinic.scenarios.schema import Scenario
from evals.grading.grade import Verdict, grade
from evals.playing.drive import trial
from evals.playing.ground import Ground, open_ground, scratch_database
from evals.proving.selftest import known
from evals.proving.shares import known_noise, reads, variants
from evals.suites import of_suites
from kit.log import configure
from kit.settings import load_settings


def wrong(name: str, verdict: Verdict) -> str:
    """What of a scenario or a variant is not as it is told to be, in words; empty when it is."""
    named = name in known() or name in known_noise()
    if named and verdict.passed:
        return "is named as known and passes: take it out"
    return "" if named or verdict.passed else str(verdict)


async def played(ground: Ground, every: Iterable[tuple[str, Scenario]]) -> AsyncIterator[tuple[str, Verdict]]:
    """Each with its verdict, as it ends. What broke and violated nothing is played once more, as in a run."""
    for name, scenario in every:
        for _ in range(2):
            verdict = grade(scenario, await trial(ground.stage, scenario, 1, ground.lane()(scenario)))
            if not verdict.error or verdict.violations:
                break
        yield name, verdict


async def _every(names: list[str]) -> bool:
    settings = load_settings(model="")  # the demonstration model's, whichever is configured
    configure(settings, stream=StringIO())  # what the house writes while it is played is not what is asked here
    chosen = [one for one in of_suites() if not names or one.suite in names or one.id in names]
    count = passed = failed = 0
    with scratch_database(settings) as urls:
        for documents in (False, True):
            here = [one for one in chosen if reads(one) is documents]
            plain = [(one.id, one) for one in here if one.id in known()]
            noisy = [(one.name, one.said) for one in variants([one for one in here if one.id not in known()])]
            async with open_ground(settings, urls, knowledge=documents) as ground:
                async for name, verdict in played(ground, [*plain, *noisy]):
                    count, passed = count + 1, passed + verdict.passed
                    if told := wrong(name, verdict):
                        failed += 1
                        _say(f"{name}: {told}")
    _say(f"{count} played, {passed} passed, {failed} not as told")
    return not failed


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command's words


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(_every(sys.argv[1:])) else 1)
