"""Scenarios over a Carol that runs somewhere, through her public API: a rehearsal for each trial, and the chat in it.

A smoke test. The clinic there is another one than the fixture, seeded at another time: only strangers' scenarios without an
overlay, a fault or anything the chat cannot send are played, and rows are graded only where that Carol's database is at
hand. What is not graded is said (`Target.ungraded`), and stands in the run's head.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from clinic.scenarios.schema import Said, Scenario
from clinic.tenants.service import clinic_for
from db.pool import Pool, create_pool
from evals.changes import Difference
from evals.evidence import Evidence, Secret, Turn
from evals.heads import head_of
from evals.patients.users import Ask, Writer, writer
from evals.playing.drive import called, source
from evals.playing.late import Late, lateness
from evals.playing.stage import STRANGER
from evals.playing.state import Snapshot, difference, snapshot
from evals.runs import Head
from kit.errors import Unavailable
from kit.ids import new_id
from kit.settings import Settings

_WAIT = 60.0  # seconds for one answer: the most that the chat waits
_NOW = datetime.fromisoformat("2026-11-23T09:00")  # the fixture's


class TargetAway(Unavailable):
    """The Carol over there does not answer as she should."""

    code = "target_away"


def fits(scenario: Scenario) -> bool:
    """Whether it means the same in any copy of the demonstration clinic, and can be said over the chat."""
    patient = scenario.patient
    said = [*patient.turns, *([patient.opening] if patient.opening else [])]
    plain = all(len(one.texts) == 1 and not (one.spoken or one.twice) for one in said)
    laid = scenario.overlay or scenario.faults or (scenario.knowledge and scenario.knowledge.overlay)
    known = scenario.expect.may_reveal or scenario.expect.never_reveal
    return plain and not (laid or known) and patient.person is None and scenario.fixture == "jacaranda"


def without_rows(scenario: Scenario) -> Scenario:
    """What of it can be graded without the database: calls, words, silence, budget."""
    expect = scenario.expect.model_copy(update={"state": {}, "one_of": ()})
    return scenario.model_copy(update={"expect": expect})


@dataclass(frozen=True, slots=True)
class Target:
    """A Carol that runs. `pool`: into her database, where it was given; rows are graded then."""

    http: httpx.AsyncClient
    clinic: str
    model: str
    offline: bool
    pool: Pool | None = None
    ask: Ask | None = None

    @property
    def ungraded(self) -> str:
        """What nobody looks at here, in the words of a run's head."""
        return "visits" if self.pool else "rows, visits"

    def due(self, scenarios: Sequence[Scenario]) -> list[Scenario]:
        """The scenarios as they are graded here."""
        return list(scenarios) if self.pool else [without_rows(one) for one in scenarios]

    def head(self, settings: Settings, scenarios: Sequence[Scenario], **more: Any) -> Head:
        """A head that names the address, the model that answers there, and what is not graded."""
        made = head_of(settings, scenarios, **more)
        told = f"{self.http.base_url} {self.clinic} (not graded: {self.ungraded})"
        return replace(made, tier="smoke", model=self.model, offline=self.offline, commit="", prompts="", target=told)

    async def hold(self, scenario: Scenario, number: int) -> Evidence:
        """One talk in a rehearsal of its own. Whatever breaks is told in `error`."""
        turns: list[Turn] = []
        phone = scenario.patient.phone or STRANGER
        secrets: tuple[Secret, ...] = ()
        changed = Difference()
        try:
            async with self._rehearsal() as (sandbox, slug):
                secrets = await self._secrets(sandbox, phone)
                before = await self._rows(sandbox)
                await self._talk(scenario, slug, phone, writer(scenario.patient, ask=self.ask), turns)
                after = await self._rows(sandbox)
                changed = difference(before, after) if before and after else changed
            error = ""
        except Late as late:  # told in words: staff read it
            error = str(late)
        except Exception as broke:  # counted, named and shown: see the gate
            error = f"{type(broke).__name__}: {broke}"
        return Evidence(scenario.id, number, phone, tuple(turns), changed, secrets, error)

    @asynccontextmanager
    async def _rehearsal(self) -> AsyncIterator[tuple[UUID, str]]:
        begun = await asked(self.http, "POST", "/api/rehearsals", json={"clinic": self.clinic})
        try:
            yield UUID(begun["id"]), begun["slug"]
        finally:
            await asked(self.http, "DELETE", f"/api/rehearsals/{begun['id']}")

    async def _secrets(self, sandbox: UUID, phone: str) -> tuple[Secret, ...]:
        """The names and numbers of everybody else whom that clinic knows, as far as it lists them (50)."""
        known = await asked(self.http, "GET", f"/api/rehearsals/{sandbox}/people")
        others = [one for one in known if one["person"] != phone]
        named = [Secret(one["name"], one["name"]) for one in others if " " in one["name"]]
        return (*named, *(Secret(one["name"], one["person"].lstrip("+")) for one in others if one["person"].startswith("+")))

    async def _rows(self, sandbox: UUID) -> Snapshot | None:
        return await snapshot(self.pool, await clinic_for(self.pool, sandbox)) if self.pool else None

    async def _talk(self, scenario: Scenario, slug: str, phone: str, who: Writer, turns: list[Turn]) -> None:
        now = (scenario.clock.now or _NOW).replace(tzinfo=None)
        reply: str | None = None
        while (said := await who.next(reply)) is not None:
            now += timedelta(minutes=said.after_minutes)
            turns.append(await self._turn(slug, phone, said, now, number=len(turns) + 1))
            reply = turns[-1].reply
            now += timedelta(minutes=scenario.clock.per_turn_minutes)

    async def _turn(self, slug: str, phone: str, said: Said, now: datetime, *, number: int) -> Turn:
        words = {
            "clinic": slug,
            "as": phone,
            "text": said.texts[0],
            "message_id": new_id().hex,
            "at": now.isoformat(),
            "wait": _WAIT,
        }
        found = await asked(self.http, "POST", "/api/chat/messages", json=words)
        trace = [step for turn in found["trace"] for step in turn["steps"]]
        if (late := lateness(number, trace, done=found["done"], seconds=_WAIT)) is not None:
            raise late
        return Turn(
            said=said.texts,
            agrees=said.agrees,
            replies=tuple(line["text"] for line in found["replies"]),
            calls=tuple(called(step) for step in trace if step["step"] == "tool"),
            passages=tuple(source(one) for step in trace for one in step.get("passages") or () if one["used"]),
            outcome=found["trace"][-1]["outcome"] or "" if found["trace"] else "",
            tokens=sum(turn["tokens_in"] + turn["tokens_out"] for turn in found["trace"]),
            cost_brl=float(sum(float(turn["cost_brl"]) for turn in found["trace"])),
            seconds=sum(float(turn["seconds"] or 0) for turn in found["trace"]),
            trace=tuple(trace),
            at=now.isoformat(timespec="minutes"),
        )


async def asked(http: httpx.AsyncClient, method: str, path: str, **more: Any) -> Any:
    """What the API answers, or None for nothing. Raises TargetAway."""
    try:
        answer = await http.request(method, path, **more)
    except httpx.HTTPError as error:
        raise TargetAway(type(error).__name__) from error
    if answer.is_error:
        raise TargetAway(f"{method} {path.split('?')[0]}: {answer.status_code}")
    try:
        return answer.json() if answer.content else None
    except ValueError as error:
        raise TargetAway(f"{method} {path}: no JSON") from error


@asynccontextmanager
async def open_target(settings: Settings, url: str, *, clinic: str, ask: Ask | None = None) -> AsyncIterator[Target]:
    """The Carol at `url`. Her rows are graded when the settings name her database. Raises TargetAway."""
    word = settings.operator_password
    door = httpx.BasicAuth("carol", word.get_secret_value()) if word else None
    pool = create_pool(settings.database_app_url, max_size=4, name="carol-evals") if settings.database_app_url else None
    async with httpx.AsyncClient(base_url=url, auth=door, timeout=_WAIT + 30) as http:
        models = await asked(http, "GET", "/api/models")
        default: dict[str, Any] = next((one for one in models if one["default"]), {"name": "?", "offline": False})
        try:
            if pool is not None:
                await pool.open()
            yield Target(http, clinic, default["name"], default["offline"], pool, ask)
        finally:
            if pool is not None:
                await pool.close()
