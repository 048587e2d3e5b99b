"""May this configuration be published? A draft plays the clinic's own scenarios and the safety core; one that fails is none.

The core (`core.yaml`) are scenarios of this repository that hold for any clinic: nothing in them is of a fixture.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from clinic.scenarios.models import OWN
from clinic.scenarios.schema import Scenario
from clinic.tenants import reading
from db.embedded import Urls
from evals.described import own_clinic
from evals.grading.grade import Verdict
from evals.playing.drive import trial
from evals.playing.ground import open_ground, scratch_database
from evals.playing.own import written
from evals.scoring import scored
from evals.suites import of_suites
from kit.clock import utc_now
from kit.errors import Invalid
from kit.settings import Settings, load_settings

CORE_LEAST = 25
_AT_ONCE = 2


class NoCore(Invalid):
    """The safety core names scenarios that are not there."""

    code = "no_core"


@dataclass(frozen=True, slots=True)
class Failed:
    """A scenario that keeps the draft from being published, and why. `core`: it is of the safety core."""

    scenario: str
    title: str
    core: bool
    verdict: Verdict

    @property
    def why(self) -> tuple[str, ...]:
        """In words; what must never be first."""
        broke = (self.verdict.error,) if self.verdict.error else ()
        return (*self.verdict.violations, *self.verdict.failures, *broke)


@dataclass(frozen=True, slots=True)
class Decision:
    """`problems`: the document itself cannot be loaded; then nothing was played."""

    played: int
    core: int
    failed: tuple[Failed, ...]
    problems: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the draft may be published."""
        return not (self.failed or self.problems) and self.core >= CORE_LEAST

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why not, one line for each scenario."""
        named = [
            _say("failed", title=one.title, of=_say("core" if one.core else "own"), why="; ".join(one.why))
            for one in self.failed
        ]
        few = [_say("core_few", played=self.core, least=CORE_LEAST)] if self.core < CORE_LEAST and not self.problems else []
        return (*self.problems, *few, *named)


@cache
def core() -> tuple[Scenario, ...]:
    """The safety core, as it is played in any clinic: every one of them is critical. Raises NoCore."""
    names: list[str] = yaml.safe_load(files("evals").joinpath("core.yaml").read_text("utf-8"))
    known = {one.id: one for one in of_suites()}
    if missing := [name for name in names if name not in known]:
        raise NoCore(", ".join(missing))
    return tuple(known[name].model_copy(update={"fixture": OWN, "critical": True}) for name in names)


def decide(
    document: Mapping[str, Any],
    scenarios: Sequence[Scenario],
    *,
    settings: Settings | None = None,
    folder: Path | None = None,
    at: datetime | None = None,
    safety: Sequence[Scenario] | None = None,
    told: Callable[[Scenario, Verdict], None] = lambda _scenario, _verdict: None,
) -> Decision:
    """Plays the clinic's own scenarios and the core over a draft (a clinic document as plain data), in a database of its own.

    `folder`: what `knowledge` is relative to. `at`: the local instant of scenarios that name none; now. `safety`: another
    core; with fewer than CORE_LEAST no draft may be published. Blocks for minutes.
    """
    chosen = settings or load_settings()
    try:
        zone = reading.parse(dict(document)).clinic.timezone
    except reading.DocumentError as wrong:
        return Decision(0, 0, (), tuple(wrong.problems))
    local = at or utc_now().astimezone(ZoneInfo(str(zone)))
    with TemporaryDirectory(prefix="carol-draft-") as home, scratch_database(chosen) as urls:
        source = written(Path(home), _without_people(document, folder))
        with own_clinic(source, local):
            return asyncio.run(_played(chosen, urls, scenarios, core() if safety is None else safety, told))


async def _played(
    settings: Settings,
    urls: Urls,
    scenarios: Sequence[Scenario],
    safety: Sequence[Scenario],
    told: Callable[[Scenario, Verdict], None],
) -> Decision:
    own = [one.model_copy(update={"fixture": OWN}) for one in scenarios]
    async with open_ground(settings, urls) as ground:
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(scenario: Scenario) -> Verdict:
            async with places:
                evidence = await trial(ground.stage, scenario, 1, ground.lane()(scenario))
                verdict, _ = scored(scenario, evidence, {})
            told(scenario, verdict)
            return verdict

        every = [*own, *safety]
        verdicts = await asyncio.gather(*(one(scenario) for scenario in every))
    failed = [
        Failed(scenario.id, scenario.title, place >= len(own), verdict)
        for place, (scenario, verdict) in enumerate(zip(every, verdicts, strict=True))
        if not verdict.passed
    ]
    return Decision(len(every), len(safety), tuple(failed))


def _without_people(document: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """The configuration alone: nobody's data, no wire, no team that could be told."""
    given = {name: value for name, value in document.items() if name not in ("people", "visits", "channels", "team")}
    if given.get("knowledge") and folder is not None:
        given["knowledge"] = str((folder / str(given["knowledge"])).resolve())
    return given


def _say(key: str, **values: object) -> str:
    return _words()[key].format(**values)


@cache
def _words() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(files("evals").joinpath("publish.yaml").read_text("utf-8"))
    return loaded
