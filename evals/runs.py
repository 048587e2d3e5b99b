"""A run on disk: what was asked, and one line a trial as it ends. A crash costs the trials under way; the rest is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from clinic.scenarios.schema import Scenario
from evals.evidence import Evidence
from evals.grading.grade import Verdict
from evals.grading.retrieval import Retrieved
from kit.errors import Invalid, NotFound

_HEAD, _TRIALS = "run.json", "trials.jsonl"


class OtherRun(Invalid):
    """This folder holds a run of something else."""

    code = "other_run"


class NoRun(NotFound):
    """There is no run in this folder."""

    code = "no_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a run is of. Runs are compared scenario by scenario, where the digests agree."""

    id: str
    began_at: str
    tier: str  # T0 offline | T1 | T2
    model: str
    offline: bool
    noise: tuple[str, ...] = ()
    patients: str = ""  # the model that plays them
    judge: str = ""
    target: str = ""  # the address of a running Carol, and what was not graded there; empty: played in this process
    commit: str = ""
    prompts: str = ""  # digest of everything the model is told in files
    scenarios: Mapping[str, str] = field(default_factory=dict)  # id → digest
    trials: Mapping[str, int] = field(default_factory=dict)  # id → how many are due
    played: Mapping[str, str] = field(default_factory=dict)  # id → digest of what is played, whatever is expected of it
    graded: tuple[Mapping[str, str], ...] = ()  # each judging of its trials: version of the grading, when, by which commit


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial that ended, judged."""

    scenario: str
    suite: str
    number: int
    noise: str
    verdict: Verdict
    evidence: Evidence
    judged: Mapping[str, Any] = field(default_factory=dict)
    simulated: Mapping[str, Any] = field(default_factory=dict)  # what the model that played the patient did wrong
    retrieved: Retrieved | None = None  # passages against what answers; None where a scenario says nothing about them
    again: str = ""  # why it is played a second time: what broke the first

    @property
    def key(self) -> tuple[str, str, int]:
        return self.scenario, self.noise, self.number


@dataclass(frozen=True, slots=True)
class Run:
    """A run and the trials it has so far."""

    folder: Path
    head: Head
    trials: tuple[Trial, ...]

    @property
    def due(self) -> int:
        """How many trials it must have to be whole."""
        return sum(self.head.trials.values()) * max(1, len(self.head.noise))

    def by_scenario(self) -> dict[str, list[bool]]:
        """Whether each trial passed, by scenario."""
        found: dict[str, list[bool]] = {}
        for one in self.trials:
            found.setdefault(one.scenario, []).append(one.verdict.passed)
        return found


def begin(folder: Path, head: Head) -> Run:
    """A new run, or the one that was begun here and not ended. Raises OtherRun."""
    if (folder / _HEAD).exists():
        run = read(folder)
        if not same(run.head, head):
            raise OtherRun(str(folder))
        _end_line(folder / _TRIALS)
        return run
    folder.mkdir(parents=True, exist_ok=True)
    _put(folder / _HEAD, json.dumps(asdict(head), ensure_ascii=False, indent=1))
    return Run(folder, head, ())


def judged_anew(run: Run, head: Head, trials: Sequence[Trial]) -> Run:
    """The run with other verdicts over the same talks. Those it had stay beside it, by the number of their judging."""
    old = [{"key": list(one.key), **asdict(one.verdict)} for one in run.trials]
    number = max(1, len(run.head.graded))
    _put(run.folder / f"verdicts-{number}.json", json.dumps(old, ensure_ascii=False, indent=1))
    _put(run.folder / _TRIALS, "".join(f"{line(one)}\n" for one in trials))
    _put(run.folder / _HEAD, json.dumps(asdict(head), ensure_ascii=False, indent=1))
    return Run(run.folder, head, tuple(trials))


def _put(path: Path, text: str) -> None:
    """Whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8")
    os.replace(part, path)


def same(one: Head, other: Head) -> bool:
    """Whether two heads are of the same scenarios, played in the same way by the same models."""
    return _of_what(one) == _of_what(other)


def _of_what(head: Head) -> tuple[object, ...]:
    return (head.tier, head.model, head.target, head.patients, head.judge, dict(head.scenarios), head.noise, dict(head.trials))


def _end_line(log: Path) -> None:
    """A line that a crash cut short ends here: the next trial must not be written behind it."""
    if log.exists() and not log.read_bytes().endswith(b"\n"):
        with log.open("ab") as cut:
            cut.write(b"\n")


def add(folder: Path, trial: Trial) -> None:
    """Writes one trial, whole or not at all, so that it outlives us."""
    with (folder / _TRIALS).open("ab") as log:
        log.write(line(trial).encode() + b"\n")
        log.flush()
        os.fsync(log.fileno())


def line(trial: Trial) -> str:
    """One trial as it is written down."""
    return json.dumps(
        {
            "scenario": trial.scenario,
            "suite": trial.suite,
            "number": trial.number,
            "noise": trial.noise,
            "verdict": asdict(trial.verdict),
            "evidence": trial.evidence.as_json(),
            "judged": dict(trial.judged),
            "simulated": dict(trial.simulated),
            "retrieved": asdict(trial.retrieved) if trial.retrieved else None,
            "again": trial.again,
        },
        ensure_ascii=False,
        default=str,
    )


def restored(folder: Path, head: Head, lines: Iterable[str]) -> Run:
    """A run whose trials were kept elsewhere, in a folder of its own again."""
    begin(folder, head)
    _put(folder / _TRIALS, "".join(f"{one}\n" for one in lines))
    return read(folder)


def read(folder: Path) -> Run:
    """A run from its folder; a line that a crash cut short is left out. Raises NoRun."""
    try:
        head = json.loads((folder / _HEAD).read_text("utf-8"))
    except FileNotFoundError:
        raise NoRun(str(folder)) from None
    head |= {name: tuple(head.get(name) or ()) for name in ("noise", "graded")}
    known: dict[tuple[str, str, int], Trial] = {}
    for one in _lines(folder / _TRIALS):
        known[one.key] = one
    return Run(folder, Head(**head), tuple(known.values()))


def _lines(path: Path) -> Iterator[Trial]:
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            given = json.loads(line)
        except ValueError:
            continue
        told = given["verdict"]
        yield Trial(
            scenario=given["scenario"],
            suite=given["suite"],
            number=given["number"],
            noise=given["noise"],
            verdict=Verdict(tuple(told["failures"]), tuple(told["violations"]), told["error"]),
            evidence=Evidence.of(given["evidence"]),
            judged=given["judged"],
            simulated=given.get("simulated", {}),
            retrieved=Retrieved.of(given.get("retrieved")),
            again=given.get("again", ""),
        )


def left(run: Run, scenarios: Iterable[Scenario]) -> list[tuple[Scenario, str, int]]:
    """What is still to be played: (scenario, noise, number)."""
    done = {one.key for one in run.trials}
    return [
        (scenario, noise, number)
        for scenario in scenarios
        for noise in run.head.noise or ("",)
        for number in range(1, run.head.trials[scenario.id] + 1)
        if (scenario.id, noise, number) not in done
    ]
