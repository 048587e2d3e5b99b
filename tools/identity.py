"""What a contact we doubt may not be told, whoever asks for it: who they are comes first."""

from __future__ import annotations

from dataclasses import replace

from clinic.patients import assurance, assurance_store, names
from clinic.patients.models import Dependant
from db.session import clinic_session
from tools.context import Result, ToolContext, error


async def unproved(ctx: ToolContext) -> Result | None:
    """Why nothing of the people behind this contact may be told yet; None when it may. Being asked is noted."""
    hidden = ctx.standing.hidden
    if not hidden:
        return None
    async with clinic_session(ctx.pool, ctx.clinic.id) as s:
        if not assurance.provable(hidden) or await assurance_store.locked(s, ctx.desk.contact.id, at=ctx.now):
            return error("identity_by_person")
        await assurance_store.ask(s, ctx.desk.contact.id, hidden[0].person_id, at=ctx.now)
    return error("needs_identity")


def named(ctx: ToolContext, name: str) -> Dependant | None:
    """Somebody hidden whose whole name was just said: who knows it may book for them, and is shown nothing else."""
    found = [
        person for person in ctx.standing.hidden if names.proves(name, person.name) and names.was_said(name, ctx.said_ever)
    ]
    return replace(found[0], name=names.as_said(found[0].name, ctx.said_ever)) if len(found) == 1 else None
