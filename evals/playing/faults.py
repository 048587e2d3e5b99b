"""Tools that fail at a given call of a trial, as the world fails: somebody else takes the time first, or nothing answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from clinic.patients import store as patients
from clinic.scenarios.schema import Fault
from clinic.scheduling import agenda, offers_store
from clinic.scheduling import store as schedule
from clinic.scheduling.visits import Offer
from clinic.tenants.placing import Claim, Visit
from clinic.tenants.seeding_store import AgendaMoved, add_visits
from db.session import clinic_session
from evals.changes import Row
from evals.playing.state import snapshot
from kit.errors import Invalid
from kit.ids import new_id
from tools import toolset
from tools.context import Result, ToolContext, error

SOMEBODY = "Zulmira Outra Paciente"
"""Who takes a time: of no contact, and in no scenario."""


class BadFault(Invalid):
    """A fault that did not happen as the scenario says: it proves nothing."""

    code = "bad_fault"


@dataclass(slots=True)
class World:
    """What fails in a trial, and what others did meanwhile. `others`: rows by noun and key, none of them Carol's doing."""

    faults: Sequence[Fault]
    others: dict[str, dict[str, Row]] = field(default_factory=dict)
    problem: str = ""
    _calls: Counter[str] = field(default_factory=Counter)

    def of(self, tool: str) -> str | None:
        """How the next call of this tool fails."""
        self._calls[tool] += 1
        return next((one.error for one in self.faults if one.tool == tool and one.on_call == self._calls[tool]), None)


_failing: ContextVar[World | None] = ContextVar("failing", default=None)
_really = toolset.run


@contextmanager
def failing(faults: Sequence[Fault]) -> Iterator[World]:
    """Inside, and only in this task and those it starts, the tools named fail as told."""
    world = World(faults)
    if not faults:
        yield world
        return
    toolset.run = _run
    token = _failing.set(world)
    try:
        yield world
    finally:
        _failing.reset(token)
    if world.problem:
        raise BadFault(world.problem)


async def _run(ctx: ToolContext, name: str, given: Mapping[str, Any], *, max_calls: int, max_writes: int) -> Result:
    world = _failing.get()
    code = world.of(name) if world is not None else None
    if world is not None and code == "slot_taken":
        await _take(world, ctx, name, given)
    elif code is not None:
        return error(code)
    return await _really(ctx, name, given, max_calls=max_calls, max_writes=max_writes)


async def _take(world: World, ctx: ToolContext, name: str, given: Mapping[str, Any]) -> None:
    """Somebody else books the time that this call is about. What was held for it has run out, as holds do."""
    offer = await _meant(ctx, given)
    if offer is None:
        world.problem = f"{name}: no time to take in {sorted(given)}"
        return
    person, visit = new_id(), new_id()
    try:
        async with clinic_session(ctx.pool, ctx.clinic.id) as s:
            await schedule.drop_holds_of(s, ctx.desk.lease.conversation_id)
            await patients.insert_person(s, person, SOMEBODY)
            await add_visits(s, [_visit(ctx, offer, visit, person)], ctx.now)
    except AgendaMoved:
        world.problem = f"{name}: the time was taken already"
        return
    rows = (await snapshot(ctx.pool, ctx.clinic)).rows
    for noun, key in (("people", str(person)), ("visits", str(visit))):
        world.others.setdefault(noun, {})[key] = rows[noun][key]


async def _meant(ctx: ToolContext, given: Mapping[str, Any]) -> Offer | None:
    handle = given.get("slot") or (ctx.proposal.offer if ctx.proposal else None)
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        known = await offers_store.offers(s, ctx.desk.lease.conversation_id, now=ctx.now)
    return next((one for one in known if one.handle == str(handle).strip().upper()), None)


def _visit(ctx: ToolContext, offer: Offer, visit: UUID, person: UUID) -> Visit:
    slot, service = offer.slot, ctx.clinic.service_by_id[offer.service_id]
    start, end = schedule.span_of(slot, before=service.buffer_before_minutes, after=service.buffer_after_minutes)
    things = [("professional", slot.professional_id), *([("room", slot.room_id)] if slot.room_id else [])]
    things += [("equipment", one) for one in agenda.equipment_at(ctx.clinic, service, slot.unit_id)]
    claims = [Claim(kind, one, start, end) for kind, one in things]
    return Visit(
        id=visit, person_id=person, service=service, professional_id=slot.professional_id, unit_id=slot.unit_id,
        room_id=slot.room_id, convenio_id=None, starts_at=slot.starts_at, ends_at=slot.ends_at, status="booked",
        claims=(*claims, Claim("person", person, slot.starts_at, slot.ends_at)),
    )  # fmt: skip
