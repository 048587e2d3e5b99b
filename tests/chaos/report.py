"""The page that says what was measured: every figure in it comes from the run that writes it."""

from __future__ import annotations

import os
import platform
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.chaos.matrix import MATRIX
from tests.chaos.oracle import Found
from tests.chaos.points import POINTS
from tests.chaos.storm import Storm

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
ZEROS = {  # what must be zero → what the oracle calls it
    "messages lost": ("lost",),
    "messages neither answered nor with a person": ("unanswered",),
    "messages answered twice": ("answered twice",),
    "replies out of order": ("out of order",),
    "replies before their message": ("answered before it was asked",),
    "replies that never left and nobody told": ("not sent", "never reached", "given up in silence"),
    "effects missing, twice or by half": ("effects", "half an effect"),
    "turns of one conversation at the same time": ("overlapping turns", "a fence twice", "turns that never ended"),
    "copies nothing explains": ("unexplained copies",),
    "copies in spite of reconciliation": ("copies in spite of reconciliation",),
}


@dataclass(slots=True)
class Measured:
    """One storm, over."""

    plan: Any
    found: Found
    told: dict[str, Any]
    calls: Counter[str]
    answers: Counter[str]
    duplicated: int

    @classmethod
    def of(cls, storm: Storm, found: Found) -> Measured:
        wires = storm.providers
        return cls(storm.plan, found, storm.told, wires.calls, wires.answers, wires.duplicated)

    @property
    def wrong(self) -> int:
        return sum(self.found.verdict.values())

    def blamed(self, *names: str) -> int:
        return sum(self.found.verdict.get(name, 0) for name in names)

    @property
    def figures(self) -> SimpleNamespace:
        """What the matrix's templates may ask for."""
        count, told = self.found.counts, self.told
        queue = told.get("queue", {})
        return SimpleNamespace(
            at={name: died for name, (_, died) in self.found.points.items()},
            messages=count["messages"], rows=count["rows"], visits=count["visits"], visits_agreed=count["visits_agreed"],
            unnoted=count["accepted_and_never_noted"], copies=count["copies"], accepted=count["accepted"],
            dead=count["dead_letters"], fenced=count["fenced"], duplicated=self.duplicated,
            lost=self.blamed("lost"), unanswered=self.blamed("unanswered"), effects=self.blamed("effects", "half an effect"),
            halves=self.blamed("half an effect"), disorder=self.blamed("out of order"), twice=self.blamed("answered twice"),
            silent=self.blamed("not sent", "never reached", "given up in silence"), overlaps=self.blamed("overlapping turns"),
            refusals=self.calls["unavailable"] + self.calls["limited"] + self.calls["down"], hushed=self.calls["silent"],
            restarts=told.get("postgres_restarts", 0), pauses=told.get("pauses", 0),
            releases=told.get("releases", 0),
            outage=round(told.get("outage_seconds", 0)),
            queued=told.get("queued_at_the_end_of_the_outage", 0), flushed=queue.get("flushed", 0),
            queue_killed=queue.get("killed", 0),
        )  # fmt: skip


@dataclass(slots=True)
class Run:
    """Everything one `make chaos` measured."""

    seed: int
    at: datetime
    storms: dict[str, Measured] = field(default_factory=dict)  # crash | blind | store
    minds: dict[str, Any] = field(default_factory=dict)
    full: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def wrong(self) -> int:
        return sum(measured.wrong for measured in self.storms.values())

    @property
    def whole(self) -> bool:
        return {"crash", "blind", "store"} <= set(self.storms) and bool(self.minds) and bool(self.full)


def page(run: Run) -> str:
    """The document."""
    parts = [_head(run), _storms(run), _zeros(run), _kills(run.storms["crash"]), _matrix(run), _foot(run)]
    return "\n\n".join(parts) + "\n"


def _head(run: Run) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("langgraph", "psycopg", "fastapi", "uvicorn", "celery"))
    return (
        "# Reliability\n\n"
        f"Written by `make chaos` on {run.at:%Y-%m-%d %H:%M} UTC, seed {run.seed}, in {run.seconds / 60:.0f} minutes: "
        f"{os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, Python {sys.version.split()[0]}; {versions}. "
        f"Load of the machine over fifteen minutes: {os.getloadavg()[2]:.1f} (ours included).\n\n"
        "Patients write over signed webhooks of both wires to real processes over a real Postgres; processes kill themselves "
        "with `kill -9` at named points, the store is killed, providers refuse, fall silent and go away. When all is over and "
        "nothing moves any more, every row and the providers' own books are compared. Each draw comes from the seed; which "
        "process meets it first is the machine's affair, so two runs of one seed differ in counts and not in zeros."
    )


def _storms(run: Run) -> str:
    lines = ["| storm | messages | conversations | kills | points | webhooks refused | replies | storm, s | until idle, s |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for one in run.storms.values():
        count = one.found.counts
        lines.append(
            f"| {one.plan.name} | {count['messages']} | {one.plan.conversations} | {count['kills']} | {count['points']} "
            f"| {count['webhooks_refused']} of {count['webhooks']} | {count['replies']} | {one.told['storm_seconds']:.0f} "
            f"| {one.told['idle_seconds']:.0f} |"
        )
    return "\n".join(lines)


def _zeros(run: Run) -> str:
    lines = [f"| what must be zero | {' | '.join(one.plan.name for one in run.storms.values())} |  |",
             f"| --- | {'---: | ' * len(run.storms)}--- |"]  # fmt: skip
    for what, names in ZEROS.items():
        counts = [one.blamed(*names) for one in run.storms.values()]
        cells = [str(n) for n in counts]
        if what.endswith("reconciliation"):
            cells[list(run.storms).index("blind")] = f"({run.storms['blind'].found.counts['copies']})"
        lines.append(f"| {what} | {' | '.join(cells)} | {'✗' if any(counts) else '✓'} |")
    blind = run.storms["blind"].found.counts
    return "\n".join(lines) + (
        f"\n\nIn brackets: what happens with wires that tell nothing of what arrived. There a send whose sender died has to be "
        f"made again: {blind['copies']} copies of {blind['accepted_and_never_noted']} sends that were accepted and never noted."
    )


def _kills(crash: Measured) -> str:
    lines = ["| point | where a process dies | passed | killed |", "| --- | --- | ---: | ---: |"]
    for point in POINTS:
        passed, died = crash.found.points[point.name]
        lines.append(f"| `{point.name}` | {point.told} | {passed} | {died} |")
    count = crash.found.counts
    return "\n".join(lines) + (
        f"\n\nOf {count['messages']} messages {count['held']} were given to a person, because their turn died too often "
        f"({count['dead_letters']} dead letters), and {count['given_up']} of {count['replies']} replies were given up for one, "
        "because their sends did; the patient or the team was told each time. So many deaths in so little time are not a "
        "clinic's day: a process here lives for some thirty steps."
    )


def _matrix(run: Run) -> str:
    given = {name: one.figures for name, one in run.storms.items()}
    given |= {"minds": SimpleNamespace(**run.minds), "full": SimpleNamespace(**run.full)}
    lines = ["## Fault by fault", "", "| | fault | expected | measured here | held by |", "| --- | --- | --- | --- | --- |"]
    for fault in MATRIX:
        proofs = ", ".join(f"`{path}`" for path in fault.proof)
        measured = fault.measured.format(**given) or "in its test"
        lines.append(f"| {fault.number} | {fault.what} | {fault.expected} | {measured} | {proofs} |")
    return "\n".join(lines)


def _foot(run: Run) -> str:
    store = run.storms["store"].plan
    return f"""## What to know when reading this

- The mind is instant and says what the oracle can check; effects go through the real tools. The second reader of dangers is
  left out of these processes: its weights would cost a second of each new one.
- Processes are forked from one that has imported everything, and take three turns at a time each: all that a process does at
  once dies with it.
- Shorter than in production, through settings: a lane's lease {store.lease:.0f} s, a send's patience
  {store.timeout:.0f} s, the grace for a wire to tell {store.grace:.0f} s; and nothing waits for the
  pace of a wire. Back-offs are those of production.
- Where fewer visits are there than were agreed, the missing yes was given to a person with its turn; any other would count
  as an effect missing.
- Postgres writes without `fsync`: processes are killed here, not machines.
- Providers are down for {store.outage:.0f} s. `make chaos TEN_MINUTES=1` keeps them down for ten minutes.
- The two-minute form, which every `make test` runs, is `tests/flows/test_chaos.py`."""
