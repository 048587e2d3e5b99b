"""One trial: a patient writes, the desk answers over the same path as in production, and everything is written down."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.conversations import service
from clinic.scenarios.schema import Said, Scenario
from clinic.tenants.models import Clinic
from db.pool import Pool
from db.session import clinic_session
from desk.console import RunLane, exchange
from desk.reply import introduction
from evals.changes import Difference
from evals.evidence import Called, Evidence, Secret, Turn
from evals.grading.canaries import of_people, of_visits
from evals.patients.users import Ask, Writer, writer
from evals.playing.faults import failing
from evals.playing.late import Late, lateness
from evals.playing.stage import Fixture, Stage
from evals.playing.state import Snapshot, difference, snapshot
from kit.clock import utc_now
from kit.ids import new_id

_PATIENCE = 60.0  # seconds for one answer


async def trial(
    stage: Stage, scenario: Scenario, number: int, run_lane: RunLane, *, patient: Writer | None = None, ask: Ask | None = None,
) -> Evidence:  # fmt: skip
    """Plays a scenario in a clinic of its own. `run_lane(clinic_id, conversation_id)` takes the turn and delivers.

    Whatever breaks is told in `error`: a trial that vanishes would count for nobody.
    """
    turns: list[Turn] = []
    phone: str | None = None
    secrets: tuple[Secret, ...] = ()
    openings: tuple[str, ...] = ()
    changed = Difference()
    try:
        fixture = await stage.fixture(scenario)
        phone, strangers = fixture.phone_of(scenario), fixture.strangers_to(scenario)
        who = patient or writer(scenario.patient, ask=ask)
        async with stage.trial(fixture) as clinic:
            before = await snapshot(stage.pool, clinic)
            openings = tuple(text for offline in (False, True) for text in introduction(clinic, offline=offline))
            visits = of_visits(strangers, before.rows["visits"].values(), fixture.document)
            secrets = (*of_people(strangers), *visits)
            with failing(scenario.faults) as world:
                await _talk(stage.pool, clinic, scenario, phone, who, fixture, run_lane, turns, openings)
            changed = difference(before, await snapshot(stage.pool, clinic), others=world.others)
        error = ""
    except Late as late:  # told in words: staff read it
        error = str(late)
    except Exception as broke:  # counted, named and shown: see the gate
        error = f"{type(broke).__name__}: {broke}"
    return Evidence(scenario.id, number, phone, tuple(turns), changed, secrets, error, openings)


async def _talk(
    pool: Pool, clinic: Clinic, scenario: Scenario, phone: str, who: Writer, fixture: Fixture, run_lane: RunLane,
    turns: list[Turn], openings: Sequence[str],
) -> None:  # fmt: skip
    """A patient reads what answers them; the lines by which Carol introduces herself are nothing to react to."""
    now = _begins(scenario, fixture, clinic)
    reply: str | None = None
    while (said := await who.next(reply)) is not None:
        now += timedelta(minutes=said.after_minutes)
        turn, late = await _turn(pool, clinic, phone, said, now, run_lane, number=len(turns) + 1)
        turns.append(turn)
        if late is not None:
            raise late
        reply = "\n".join(one for one in turn.replies if one not in openings)
        now += timedelta(minutes=scenario.clock.per_turn_minutes)


def _begins(scenario: Scenario, fixture: Fixture, clinic: Clinic) -> datetime:
    now = scenario.clock.now
    if now is None:
        return fixture.at
    return now if now.tzinfo else now.replace(tzinfo=ZoneInfo(str(clinic.timezone)))


async def _turn(
    pool: Pool, clinic: Clinic, phone: str, said: Said, now: datetime, run_lane: RunLane, *, number: int
) -> tuple[Turn, Late | None]:
    """Everything of this turn is stored before the lane runs, as when it arrives within the quiet window. What answers a
    turn that is late is no answer of Carol's, and is not kept as one."""
    *first, last = said.texts
    for text in first:
        await _store(pool, clinic.id, phone, text, now, said, new_id().hex)
    message_id = new_id().hex
    if said.twice or said.spoken:
        await _store(pool, clinic.id, phone, last, now, said, message_id)
    began = time.perf_counter()
    found = await exchange(pool, clinic.id, phone, last, at=now, message_id=message_id, wait=_PATIENCE, run_lane=run_lane)
    answer = found.answer
    trace = [step for turn in answer.turns for step in turn.trace]
    late = lateness(number, trace, done=answer.done, seconds=_PATIENCE)
    turn = Turn(
        said=said.texts,
        agrees=said.agrees,
        replies=() if late else tuple(line.text for line in answer.replies),
        calls=tuple(called(step) for step in trace if step["step"] == "tool"),
        passages=tuple(source(one) for step in trace for one in step.get("passages") or () if one["used"]),
        outcome=answer.turns[-1].outcome or "" if answer.turns else "",
        tokens=sum(turn.tokens_in + turn.tokens_out for turn in answer.turns),
        cost_brl=float(sum(turn.cost_brl for turn in answer.turns)),
        seconds=round(time.perf_counter() - began, 4),
        trace=tuple(trace),
        at=now.astimezone(ZoneInfo(str(clinic.timezone))).strftime("%Y-%m-%dT%H:%M"),
    )
    return turn, late


async def _store(pool: Pool, clinic_id: UUID, phone: str, text: str, now: datetime, said: Said, message_id: str) -> None:
    kind, payload = ("audio", {"heard": True}) if said.spoken else ("text", {})
    async with clinic_session(pool, clinic_id) as s:
        await service.say(s, phone, text, message_id=message_id, at=now, now=utc_now(), kind=kind, payload=payload)


def called(step: Mapping[str, Any]) -> Called:
    """A tool's step of a turn's trace."""
    result: Mapping[str, Any] = step.get("result") or {}
    error = str(result.get("error") or "")
    return Called(step["tool"], step.get("arguments") or {}, not error, step.get("effect") or "", error, result)


def source(passage: Mapping[str, Any]) -> str:
    """A passage of a turn's trace, as references name it."""
    return f"{passage['source']}#{passage['heading']}" if passage.get("heading") else str(passage["source"])


def changed_between(before: Snapshot, after: Snapshot) -> Sequence[str]:
    """For a person: one line a row."""
    return [one.told() for one in difference(before, after).rows]
