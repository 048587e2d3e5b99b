"""A run of scenarios as it is watched: on a terminal a bar, and above it what went wrong; in a pipe, a line a trial."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from evals.runs import Trial

Say = Callable[..., str]
Tell = Callable[["Trial", int, int], None]


@contextmanager
def watched(console: Console, say: Say, *, done: int, due: int) -> Iterator[Tell]:
    """Tells each trial as it ends. Who watches a bar is told of what went wrong alone."""
    if not console.is_terminal:

        def line(trial: Trial, done: int, due: int) -> None:
            for text in told(trial, done, due, say):
                console.print(text, markup=False, highlight=False, soft_wrap=True)

        yield line
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        counted: dict[str, int] = {}
        bar = progress.add_task(say("playing"), total=due, completed=done)

        def advance(trial: Trial, done: int, due: int) -> None:
            counted[how(trial)] = counted.get(how(trial), 0) + 1
            if not trial.verdict.passed:
                for text in told(trial, done, due, say):
                    progress.console.print(text, markup=False, highlight=False)
            description = " · ".join(f"{say(f'{name}_many')} {count}" for name, count in sorted(counted.items()))
            progress.update(bar, completed=done, total=due, description=description)

        yield advance


def how(trial: Trial) -> str:
    """How it ended: broke, violated, failed or passed."""
    verdict = trial.verdict
    return "broke" if verdict.error else "violated" if verdict.violations else "failed" if verdict.failures else "passed"


def told(trial: Trial, done: int, due: int, say: Say) -> list[str]:
    """One trial in lines: how it ended, and why."""
    verdict, noise = trial.verdict, f" ({trial.noise})" if trial.noise else ""
    first = say("trial", done=done, due=due, mark=say(how(trial)), scenario=trial.scenario, noise=noise)
    why = (*verdict.violations, *verdict.failures, *([verdict.error] if verdict.error else []))
    again = [say("again", why=trial.again)] if trial.again else []
    return [first, *(say("why", what=what) for what in why), *again]
