"""A turn replayed: a fresh sandbox as another was just before the first message that the turn answered."""

from __future__ import annotations

import json
from uuid import UUID

from clinic.rehearsals import branching_store, service, store
from clinic.rehearsals.models import Branched
from clinic.rehearsals.tables import ACCOUNTS, BRANCHED
from clinic.rehearsals.undoing import renamed, undone
from db.pool import Pool
from db.session import clinic_session
from kit.ids import new_id, new_sandbox_id


async def branch(pool: Pool, rehearsal_id: UUID, conversation_id: UUID, turn_id: UUID) -> Branched:
    """Copies a rehearsal as it was before a turn: all of it, or nothing; the one it came from stays as it is.

    Conversations get ids of their own, for an id leads to one clinic. Raises RehearsalOver, NoTurn.
    """
    parent = await service.find(pool, rehearsal_id)
    await service.make_room(pool, parent.clinic_id, but=rehearsal_id)
    async with clinic_session(pool, rehearsal_id) as s:
        heard = await branching_store.heard(s, conversation_id, turn_id)
        rows = await store.whole(s)
    fresh = new_sandbox_id()
    slug = service.slug_of(parent.clinic_slug, fresh)
    names = {UUID(row["id"]): new_id() for row in json.loads(rows["conversations"])} | {rehearsal_id: fresh}
    former = undone({name: renamed(text, names) for name, text in rows.items()}, from_seq=heard.seq, at=heard.stored_at)
    former[ACCOUNTS.name] = former[ACCOUNTS.name].replace(json.dumps(parent.slug), json.dumps(slug))
    async with clinic_session(pool, fresh) as s:
        await store.quietly(s)
        await store.found(s, rows["clinics"], slug=slug, sandbox_of=parent.clinic_id)
        await store.register(
            s, source_version=parent.source_version, expires_in=service.LIFE, parent_id=rehearsal_id, turn_id=turn_id
        )
        await store.fill(s, BRANCHED, former)
        for media_id in await branching_store.files_named(s):
            async with clinic_session(pool, rehearsal_id) as source:
                await branching_store.carry_file(source, s, media_id)
    return Branched(
        rehearsal_id=fresh,
        conversation_id=names[conversation_id],
        person=heard.person,
        said=heard.said,
        at=heard.at,
    )
