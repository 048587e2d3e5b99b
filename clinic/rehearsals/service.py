"""The verbs of a rehearsal: begin one from a clinic, find it, end it. What is said in it is in `saying`."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from clinic.rehearsals import store
from clinic.rehearsals.models import Rehearsal, RehearsalOver
from clinic.rehearsals.tables import COPIED
from clinic.tenants import wires_store
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db import system
from db.pool import Pool
from db.session import clinic_session
from kit.errors import Unavailable
from kit.ids import is_sandbox, new_sandbox_id

LIFE = timedelta(hours=24)
LIVE_MOST = 20  # of one clinic: the oldest makes room, so that disk stays bounded
_PAST = timedelta(days=30)  # how far back the copied agenda goes
_SLUG_MOST = 40
_ERASE_TRIES = 5


async def begin(pool: Pool, clinic: Clinic, *, now: datetime) -> UUID:
    """Copies the clinic's configuration, people and agenda into a fresh sandbox: all of it, or nothing. Returns its id."""
    source = clinic if clinic.sandbox_of is None else await clinic_for(pool, clinic.sandbox_of)
    await make_room(pool, source.id)
    async with clinic_session(pool, source.id) as s:
        rows = await store.copied(s, since=now - _PAST)
    fresh = new_sandbox_id()
    async with clinic_session(pool, fresh) as s:
        await store.quietly(s)
        await store.found(s, rows["clinics"], slug=slug_of(source.slug, fresh), sandbox_of=source.id)
        await store.register(s, source_version=source.version, expires_in=LIFE)
        await store.fill(s, COPIED, rows)
        await wires_store.console(s)
    return fresh


def slug_of(source: str, fresh: UUID) -> str:
    """The slug of a sandbox: the clinic's own, told apart."""
    return f"{source[:_SLUG_MOST].rstrip('-')}-ensaio-{fresh.hex[-8:]}"


async def make_room(pool: Pool, clinic_id: UUID, *, but: UUID | None = None) -> None:
    """Ends the clinic's oldest rehearsals, never `but`, when one more would be too many."""
    for surplus in (await system.sandboxes_of(pool, clinic_id))[LIVE_MOST - 1 :]:
        if surplus != but:
            await end(pool, surplus)


async def find(pool: Pool, rehearsal_id: UUID) -> Rehearsal:
    """A rehearsal that is not over. Raises RehearsalOver."""
    if not is_sandbox(rehearsal_id):
        raise RehearsalOver
    async with clinic_session(pool, rehearsal_id) as s:
        row = await store.registered(s)
    if row is None:
        raise RehearsalOver
    source = await clinic_for(pool, row["clinic_id"])
    return Rehearsal(
        id=row["id"],
        slug=row["slug"],
        clinic_id=source.id,
        clinic_slug=source.slug,
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        source_version=row["source_version"],
        stale=row["source_version"] != source.version,
        parent_id=row["parent_id"],
    )


async def of_clinic(pool: Pool, clinic: Clinic) -> list[Rehearsal]:
    """The clinic's rehearsals that are not over, newest first."""
    found = []
    for rehearsal_id in await system.sandboxes_of(pool, clinic.sandbox_of or clinic.id):
        try:
            found.append(await find(pool, rehearsal_id))
        except RehearsalOver:
            continue  # its time is over and no sweep has come yet
    return found


async def end(pool: Pool, rehearsal_id: UUID) -> bool:
    """Erases a rehearsal and everything said in it; False when it was over.

    Raises RehearsalOver for a real clinic's id, Unavailable when it is written to without end.
    """
    if not is_sandbox(rehearsal_id):
        raise RehearsalOver
    for _ in range(_ERASE_TRIES):
        # What was being written meanwhile has ended by the next try, and is seen by it.
        with suppress(store.StillWritten):
            async with clinic_session(pool, rehearsal_id) as s:
                return await store.erase(s)
    raise Unavailable("rehearsal: still written")
