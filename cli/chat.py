"""`carol chat`: the same conversation as any wire's, in a terminal or, with --json, for a script."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cli.messages import say, words
from kit.errors import CarolError, Invalid, NotFound

if TYPE_CHECKING:
    from clinic.tenants.models import Clinic
    from db.pool import Pool
    from desk.console import Exchange
    from kit.settings import Settings

SOMEONE = "+5531900000999"  # who writes when nobody is named: a number nobody can have
_LEAVE = frozenset({"sair", "/sair", "exit", "quit"})
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Room:
    """A clinic with a desk of its own beside any other desk that runs."""

    pool: Pool
    clinic: Clinic
    run_lane: Callable[[UUID, UUID], Any]

    def instant(self, said: str | None) -> datetime | None:
        """An ISO date and time; without an offset it is the clinic's wall clock. Raises Invalid."""
        if not said:
            return None
        try:
            at = datetime.fromisoformat(said)
        except ValueError:
            raise Invalid(say("chat.bad_instant", given=said)) from None
        return at if at.tzinfo else at.replace(tzinfo=self.clinic.zone)


def run(settings: Settings, *, clinic: str | None, person: str, at: str | None, as_json: bool) -> int:
    """Holds the conversation until the input ends; returns the exit code."""
    from cli.stack import prepare, running_stack
    from kit.log import configure

    configure(settings.model_copy(update={"log_level": "error", "log_format": "json"}))

    def tell(line: str) -> None:
        print(line, file=sys.stderr)

    with running_stack(settings, tell=tell) as stack:
        prepare(settings, stack, tell=tell)
        return asyncio.run(_hold(settings, stack.urls.app, clinic, person, at, as_json))


async def _hold(settings: Settings, app_url: str, slug: str | None, person: str, at: str | None, as_json: bool) -> int:
    async with _room(settings, app_url, slug) as room:
        room.instant(at)  # a wrong clock stops the start, not the first message
        if as_json:
            return await _script(room, person, at)
        return await _terminal(room, person, at)


@asynccontextmanager
async def _room(settings: Settings, app_url: str, slug: str | None) -> AsyncIterator[Room]:
    from clinic.tenants.service import clinic_for
    from db.pool import create_pool
    from desk.minds import open_minds
    from desk.turn import take_turn
    from jobs.delivery import deliver_due
    from jobs.senders import Senders
    from knowledge.library import open_library

    pool = create_pool(app_url, max_size=6, name="carol-chat")
    await pool.open()
    try:
        clinic = await clinic_for(pool, await _clinic_id(pool, slug))
        async with (
            open_library(settings, pool, app_url) as library,
            open_minds(settings, library, warm=False) as minds,
            Senders() as senders,
        ):

            async def run_lane(clinic_id: UUID, conversation_id: UUID) -> None:
                await take_turn(pool, minds, clinic_id, conversation_id)
                await deliver_due(pool, senders, settings)

            yield Room(pool, clinic, run_lane)
    finally:
        await pool.close()


async def _clinic_id(pool: Pool, slug: str | None) -> UUID:
    from db import system

    clinics = await system.clinics(pool)
    names = ", ".join(name for _, name, _ in clinics)
    if slug:
        found = next((clinic_id for clinic_id, name, _ in clinics if name == slug), None)
        if found is None:
            raise NotFound(say("chat.no_clinic", slug=slug, clinics=names or "-"))
        return found
    real = [clinic_id for clinic_id, _, demo in clinics if not demo] or [clinic_id for clinic_id, _, _ in clinics]
    if len(real) != 1:
        raise Invalid(say("chat.which_clinic", clinics=names or "-"))
    return real[0]


async def _exchange(room: Room, person: str, text: str, at: str | None, message_id: str | None = None) -> Exchange:
    from desk.console import exchange

    return await exchange(
        room.pool, room.clinic.id, person, text,
        at=room.instant(at), message_id=message_id, wait=_PATIENCE, run_lane=room.run_lane,
    )  # fmt: skip


async def _script(room: Room, person: str, at: str | None) -> int:
    """One message a line in (plain text, or JSON with text, at and id), one JSON a reply out."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        if not line.strip():
            continue
        try:
            given = _given(line)
            found = await _exchange(room, str(given.get("as") or person), given["text"], given.get("at") or at, given.get("id"))
            out = as_json(found)
        except CarolError as error:
            out = {"error": error.code, "message": refused(error)}
        print(json.dumps(out, ensure_ascii=False, default=str), flush=True)
    return 0


def _given(line: str) -> dict[str, Any]:
    """A line of input. A line that is no JSON object is the message itself."""
    try:
        loaded = json.loads(line)
    except ValueError:
        return {"text": line.rstrip("\r\n")}
    if not isinstance(loaded, dict):
        return {"text": line.rstrip("\r\n")}
    if not isinstance(loaded.get("text"), str):
        raise Invalid(say("chat.bad_line"))
    return loaded


def as_json(found: Exchange) -> dict[str, Any]:
    """What one message led to: the words, what was done, and how it was thought."""
    answer = found.answer
    return {
        "text": "\n\n".join(line.text for line in answer.replies),
        "replies": [{"id": line.id, "text": line.text, "status": line.status, "at": line.at} for line in answer.replies],
        "receipts": [
            {"id": write.id, "tool": write.tool, "entity": write.entity, "entity_id": write.entity_id, "result": write.result}
            for write in answer.writes
        ],
        "trace": [
            {
                "turn": turn.id,
                "status": turn.status,
                "outcome": turn.outcome,
                "model": turn.model,
                "steps": turn.trace,
                "tokens_in": turn.tokens_in,
                "tokens_out": turn.tokens_out,
                "cost_brl": turn.cost_brl,
            }
            for turn in answer.turns
        ],
        "cases": [{"case": case.number, "kind": case.kind, "due_at": case.due_at} for case in answer.cases],
        "owner": answer.owner,
        "conversation": found.stored.conversation_id,
        "done": answer.done,
    }


async def _terminal(room: Room, person: str, at: str | None) -> int:
    """A person types, Carol answers."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print(say("chat.welcome", clinic=room.clinic.name, person=person), style="bold")
    console.print(say("chat.how"), style="dim")
    while (line := await asyncio.to_thread(_read)) is not None and line.strip().casefold() not in _LEAVE:
        if not line.strip():
            continue
        try:
            found = await _exchange(room, person, line, at)
        except CarolError as error:
            console.print(refused(error), style="red", markup=False)
            continue
        for reply in found.answer.replies:
            console.print(say("chat.carol", text=reply.text), style="green", markup=False)
        for write in found.answer.writes:
            console.print(say("chat.receipt", tool=write.tool, id=str(write.id)[-12:]), style="dim", markup=False)
        if not found.answer.replies:
            console.print(say("chat.silence" if found.answer.done else "chat.still"), style="dim")
    return 0


def refused(error: CarolError) -> str:
    """Why a message was not taken, in the words of this command when it has some."""
    told: dict[str, str] = words("chat.refused")
    return told.get(error.code, str(error))


def _read() -> str | None:
    try:
        return input(say("chat.you"))
    except (EOFError, KeyboardInterrupt):
        return None
