"""A run of Carol's as a log of Inspect's, for its viewer and its tools. The only file that knows Inspect.

Our player has played and our grader has graded before Inspect is asked: it shows, and decides nothing. A trial that is missing
or that broke is a sample with the score 0, never one that is left out. `python -m evals.inspect_tasks RUN [--log-dir DIR]` ends
with our gate's answer, whatever Inspect says: 0 passed, 1 did not.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from inspect_ai import Epochs, Task, eval, task
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser, ModelOutput
from inspect_ai.scorer import Score, Target, mean, scorer
from inspect_ai.solver import TaskState, solver

from evals.gate import decide
from evals.runs import Run, Trial, read
from kit import fast_yaml

_KS = (2, 3, 4, 8)


@task
def carol(run: str, trials: int = 0) -> Task:
    """The scenarios of a stored run that are due as many trials as `trials` (0: the most that any is due)."""
    stored = read(Path(run))
    wanted = trials or max(stored.head.trials.values(), default=1)
    return _task(stored, wanted)


def tasks(run: Run) -> list[Task]:
    """One task for each number of trials that scenarios are due: epochs are a task's, not a sample's."""
    return [_task(run, times) for times in sorted(set(run.head.trials.values()))]


def _task(run: Run, times: int) -> Task:
    due = [name for name, count in run.head.trials.items() if count == times]
    return Task(
        dataset=[
            Sample(id=_id(name, noise), input=name, metadata={"scenario": name, "noise": noise})
            for name in due
            for noise in run.head.noise or ("",)
        ],
        solver=_told(run),
        scorer=[passed(run), safe(run)],
        epochs=Epochs(times, ["mean", *(f"pass_k_{k}" for k in _KS if k <= times)]),
        name=f"carol-{times}",
        metadata={
            "run": run.head.id, "tier": run.head.tier, "model": run.head.model, "offline": run.head.offline,
            "patients": run.head.patients, "judge": run.head.judge, "commit": run.head.commit, "prompts": run.head.prompts,
            "offline_figures_are_no_quality": run.head.offline,
        },
    )  # fmt: skip


def _id(scenario: str, noise: str) -> str:
    return f"{scenario}~{noise}" if noise else scenario


def _found(run: Run, state: Any) -> Trial | None:
    key = (state.metadata["scenario"], state.metadata["noise"], state.epoch)
    return next((one for one in run.trials if one.key == key), None)


@solver
def _told(run: Run) -> Any:
    """Puts into the sample what was said, called and changed in the stored trial."""

    async def solve(state: TaskState, generate: object) -> TaskState:
        trial = _found(run, state)
        if trial is not None:
            state.messages = list(_messages(trial))
            state.output = ModelOutput.from_content(
                run.head.model, trial.evidence.turns[-1].reply if trial.evidence.turns else ""
            )
            state.metadata |= {
                "calls": [[number, call.tool, dict(call.args), call.ok] for number, call in trial.evidence.calls],
                "rows": [one.told() for one in trial.evidence.changed.rows],
                "judged": dict(trial.judged),
                "simulated": dict(trial.simulated),
                "cost_brl": sum(turn.cost_brl for turn in trial.evidence.turns),
                "tokens": sum(turn.tokens for turn in trial.evidence.turns),
            }
        return state

    return solve


def _messages(trial: Trial) -> Iterator[ChatMessage]:
    for turn in trial.evidence.turns:
        yield from (ChatMessageUser(content=text) for text in turn.said)
        yield from (ChatMessageAssistant(content=text) for text in turn.replies)


@scorer(metrics=[mean()])
def passed(run: Run) -> Any:
    """1: nothing was missing, nothing forbidden happened, nothing broke."""

    async def score(state: TaskState, target: Target) -> Score:
        trial = _found(run, state)
        return _score(trial, trial is not None and trial.verdict.passed)

    return score


@scorer(metrics=[mean()])
def safe(run: Run) -> Any:
    """1: the trial was played to its end and nothing forbidden happened."""

    async def score(state: TaskState, target: Target) -> Score:
        trial = _found(run, state)
        return _score(trial, trial is not None and not trial.verdict.violations and not trial.verdict.error)

    return score


def _score(trial: Trial | None, right: bool) -> Score:
    if trial is None:
        return Score(value=0, explanation=_say("not_played"))
    verdict = trial.verdict
    why = [*(_say("violated", what=one) for one in verdict.violations), *(_say("failed", what=one) for one in verdict.failures)]
    return Score(
        value=int(right), explanation="\n".join([*why, *([_say("broke", what=verdict.error)] if verdict.error else [])])
    )


def write(run: Run, log_dir: Path) -> Sequence[EvalLog]:
    """Writes the logs; no model is asked and nothing leaves this machine."""
    os.environ["LANGSMITH_TRACING"] = "false"
    logs: list[EvalLog] = eval(
        tasks(run), model=None, log_dir=str(log_dir), display="none", score_display=False, fail_on_error=False,
        score_on_error=True, max_tasks=1,
    )  # fmt: skip
    return logs


def whole(run: Run, logs: Sequence[EvalLog]) -> bool:
    """Whether every trial that was due is a sample with its scores: Inspect calls less than that a success."""
    samples = [one for log in logs if log.status == "success" for one in log.samples or () if one.error is None]
    return len(samples) == run.due and all(set(one.scores or ()) == {"passed", "safe"} for one in samples)


def main(given: Sequence[str] | None = None) -> int:
    """The gate's answer."""
    words = argparse.ArgumentParser(prog="python -m evals.inspect_tasks", description=_say("about"))
    words.add_argument("run", type=Path, help=_say("run"))
    words.add_argument("--log-dir", type=Path, default=None, help=_say("log_dir"))
    asked = words.parse_args(given)
    run = read(asked.run)
    logs = write(run, asked.log_dir or asked.run / "inspect")
    for log in logs:
        print(_say("written", place=log.location))  # noqa: T201 - a command's words
    if not whole(run, logs):
        print(_say("not_whole"), file=sys.stderr)  # noqa: T201
    decision = decide(run)
    print(_say("open") if decision.open else _say("closed", reasons="; ".join(decision.reasons)))  # noqa: T201
    return 0 if decision.open else 1


@cache
def _words() -> Mapping[str, str]:
    loaded: Mapping[str, str] = fast_yaml.load(files("evals").joinpath("inspect_tasks.yaml").read_text("utf-8"))
    return loaded


def _say(key: str, **values: object) -> str:
    return _words()[key].format(**values)


if __name__ == "__main__":
    sys.exit(main())
