"""`carol lanes`: conversations that stand still, clinic by clinic, and trying again what was given up. Ids and codes only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from cli.messages import Words

if TYPE_CHECKING:
    from datetime import datetime

    from clinic.conversations.lanes.dead_letters_store import DeadLetter
    from clinic.conversations.lanes.lane_watch_store import LateLane
    from db.pool import Pool

LATE_SECONDS = 60.0
Found = TypeVar("Found")
_say = Words("lanes.yaml").say

lanes = typer.Typer(no_args_is_help=False, help="Conversas paradas: atrasadas, ou desistidas depois de muitas falhas.")


@lanes.callback(invoke_without_command=True)
def show(ctx: typer.Context) -> None:
    """The command without more: a line per lane that is late or given up; exit code 1 when there is one."""
    if ctx.invoked_subcommand is not None:
        return
    told = with_pool(lines)
    for line in told or [_say("fine")]:
        typer.echo(line)
    if told:
        raise typer.Exit(1)


@lanes.command("replay", help="Tenta de novo o que ficou sem resposta numa conversa desistida.")
def replay(
    letter: Annotated[str, typer.Argument(help="O identificador que `carol lanes` mostra.", show_default=False)],
    by: Annotated[str, typer.Option("--by", help="Quem pede, como assina.")] = "carol lanes",
) -> None:
    """The command: exit code 2 when there is nothing by that name or a person has the conversation."""
    from clinic.conversations.lanes.dead_letters_store import NoDeadLetter, PersonOwns

    try:
        count = with_pool(lambda pool: replayed(pool, UUID(letter), by=by))
    except ValueError:
        raise _refused("not_an_id", letter) from None
    except NoDeadLetter:
        raise _refused("unknown", letter) from None
    except PersonOwns:
        raise _refused("person_owns", letter) from None
    typer.echo(_say("replayed." + ("none" if count == 0 else "one" if count == 1 else "many"), count=count))


def _refused(sentence: str, letter: str) -> typer.Exit:
    typer.echo(_say(sentence, id=letter), err=True)
    return typer.Exit(2)


async def lines(pool: Pool) -> list[str]:
    """A line per lane that is late or given up, clinic by clinic, the late ones first."""
    from clinic.conversations.lanes import dead_letters_store, lane_watch_store
    from db import system
    from db.session import clinic_session
    from kit.clock import utc_now

    told: list[str] = []
    for clinic_id, slug, _ in await system.clinics(pool):
        async with clinic_session(pool, clinic_id) as s:
            late = await lane_watch_store.late(s, seconds=LATE_SECONDS)
            dead = await dead_letters_store.listed(s)
        told += [_late(slug, lane) for lane in late]
        told += [_dead(slug, letter, now=utc_now()) for letter in dead]
    return told


def _late(clinic: str, lane: LateLane) -> str:
    known = {"conversation": lane.conversation_id, "attempts": lane.attempts, "error": lane.error or ""}
    return _say("late", clinic=clinic, age=_age(lane.seconds), **known).rstrip()


def _dead(clinic: str, letter: DeadLetter, *, now: datetime) -> str:
    known = {"conversation": letter.conversation_id, "attempts": letter.attempts, "error": letter.error, "id": letter.id}
    age = _age((now - letter.died_at).total_seconds())
    return _say("dead", clinic=clinic, age=age, waiting=letter.waiting, **known)


async def replayed(pool: Pool, letter: UUID, *, by: str) -> int:
    """Replays a dead letter of whichever clinic has it; how many messages wait again. Raises NoDeadLetter, PersonOwns."""
    from clinic.conversations.lanes import dead_letters_store
    from clinic.conversations.lanes.dead_letters_store import NoDeadLetter
    from db import system
    from db.session import clinic_session

    for clinic_id, _, _ in await system.clinics(pool):
        try:
            async with clinic_session(pool, clinic_id) as s:
                return await dead_letters_store.replay(s, letter, by=by)
        except NoDeadLetter:
            continue
    raise NoDeadLetter


def with_pool(work: Callable[[Pool], Awaitable[Found]], *, tell: Callable[[str], None] = typer.echo) -> Found:
    """What `work` gives, over the database of this machine or of the settings, migrated. `tell` hears what takes long."""
    from cli.stack import running_stack
    from db.migrate import upgrade
    from db.pool import create_pool
    from kit.errors import Invalid
    from kit.settings import load_settings

    async def run(app_url: str) -> Found:
        pool = create_pool(app_url, max_size=2, name="carol-lanes")
        await pool.open()
        try:
            return await work(pool)
        finally:
            await pool.close()

    try:
        settings = load_settings()
    except Invalid as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    with running_stack(settings, tell=tell) as stack:
        upgrade(stack.urls.owner)
        return asyncio.run(run(stack.urls.app))


def _age(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size:
            return _say(f"age.{unit}", n=int(seconds // size))
    return _say("age.seconds", n=int(max(seconds, 0)))
