"""The verbs of a clinic's scenarios and runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from clinic.scenarios import importing, reading, runs_store, saving_store, store
from clinic.scenarios.comparing import Comparison, Played, compare
from clinic.scenarios.models import (
    Asked,
    CameFrom,
    Kept,
    NoScenario,
    NotConfirmed,
    NothingToPlay,
    Only,
    RunRow,
    StillPersonal,
    TrialRow,
)
from clinic.scenarios.redacting import leaks
from clinic.scenarios.saving import texts_of
from clinic.scenarios.schema import Scenario
from db.session import Session
from kit.text import strip_hidden


async def put(
    s: Session,
    scenario: Scenario,
    *,
    by: str,
    version: int | None = None,
    conversation_id: UUID | None = None,
    confirmed: bool = False,
) -> Kept:
    """Keeps a scenario. One from a conversation needs somebody who read it, each time its words change. Raises NotConfirmed,
    StillPersonal, Overtaken."""
    if conversation_id is not None or await _reworded(s, scenario):
        if not confirmed:
            raise NotConfirmed
        found = leaks(texts_of(scenario.model_dump(mode="json")), await saving_store.known(s))
        if found:
            raise StillPersonal(found)
    came_from: CameFrom = "console" if conversation_id is None else "conversation"
    return await store.keep(s, scenario, by=signed(by), came_from=came_from, conversation_id=conversation_id, version=version)


async def _reworded(s: Session, scenario: Scenario) -> bool:
    """Whether this is another wording of a scenario that came from a conversation."""
    try:
        there = await store.one(s, scenario.id)
    except NoScenario:
        return False
    return there.came_from == "conversation" and there.digest != scenario.digest


async def take_in(s: Session, text: str, *, by: str) -> tuple[list[str], list[str]]:
    """Keeps every scenario of the text; keys that are new, and keys written over. Raises BadScenarios: then nothing is kept."""
    scenarios = importing.read(text)
    there = {one.key for one in await store.every(s, archived=True)}
    for scenario in scenarios:
        await store.keep(s, scenario, by=signed(by), came_from="import")
    keys = [one.id for one in scenarios]
    return [key for key in keys if key not in there], [key for key in keys if key in there]


async def written(s: Session) -> str:
    """The clinic's scenarios as one text, which `take_in` reads back."""
    return reading.written([one.scenario for one in await store.every(s)])


async def ask(s: Session, asked: Asked, *, by: str) -> RunRow:
    """A run in line."""
    return await runs_store.run(s, await runs_store.ask(s, asked, by=signed(by)))


async def repeat(s: Session, run_id: UUID, *, only: Only, known: Collection[str], by: str) -> RunRow:
    """A run in line of those scenarios of a run that came out so, played as that one played them. `known`: the names that
    there still are. Raises NoRun; NothingToPlay when none of them is left."""
    found = await runs_store.run(s, run_id)
    chosen = tuple(name for name in await runs_store.scenarios(s, run_id, only=only) if name in known)
    if not chosen:
        raise NothingToPlay
    return await ask(s, replace(found.asked, suites=(), scenarios=chosen, repeats=str(run_id)), by=by)


async def compared(s: Session, before: UUID, after: UUID) -> tuple[RunRow, RunRow, Comparison, list[TrialRow]]:
    """Two runs side by side, and the trials of both. Raises NoRun."""
    one, other = await runs_store.run(s, before), await runs_store.run(s, after)
    was, now = await runs_store.outcomes(s, before), await runs_store.outcomes(s, after)
    return one, other, compare(_played(one, was), _played(other, now)), [*was, *now]


def _played(run: RunRow, trials: Sequence[TrialRow]) -> Played:
    passed: dict[str, list[bool]] = {}
    for one in trials:
        passed.setdefault(one.scenario, []).append(one.passed)
    digests = dict(run.head.get("scenarios") or {})
    return Played(digests, passed, frozenset(one.scenario for one in trials if one.violations))


def signed(by: str) -> str:
    """A name as it is shown: one line, nothing hidden."""
    return " ".join(strip_hidden(by).split())[:60]
