"""Rows of one clinic carried into another: read whole in one statement, so that they agree, and written whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from clinic.conversations.models import ContactGone
from clinic.rehearsals.models import RehearsalOver
from clinic.rehearsals.tables import BRANCHED, COPIED, MEDIA, Table
from db.session import Session

Rows = dict[str, str]  # by table: its rows as JSON text

# What a rehearsal takes of a table: not all of it, and not as it is.
_ONLY: Mapping[str, LiteralString] = {
    "contact_aliases": "kind IN ('phone', 'console')",
    "appointments": "starts_at >= %(since)s",
    "blocks": "ends_at >= %(since)s",
    "claims": """appointment_id IN (SELECT id FROM appointments WHERE starts_at >= %(since)s)
                 OR block_id IN (SELECT id FROM blocks WHERE ends_at >= %(since)s)""",
}
_INSTEAD: Mapping[str, LiteralString] = {
    # Everybody is new to Carol, so that greeting, disclosure and consent are rehearsed too.
    "contacts": '{"told_ai_at": null, "opted_out_at": null, "human_only": false}',
    "appointments": '{"conversation_id": null}',
}

_READ = sql.SQL(
    """SELECT {name} AS name, coalesce(jsonb_agg(to_jsonb(t) - 'clinic_id'::text || {changed}::jsonb), '[]')::text AS rows
       FROM {table} t WHERE {where}"""
)
_CLINIC = sql.SQL("SELECT 'clinics' AS name, to_jsonb(c)::text AS rows FROM clinics c")
_WRITE = sql.SQL(
    """INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(
         jsonb_populate_record(null::{table}, jsonb_build_object('clinic_id', current_clinic())), %(rows)s::jsonb)"""
)
_ERASE = sql.SQL("DELETE FROM {table} WHERE clinic_id = %(clinic)s")


async def copied(s: Session, *, since: datetime) -> Rows:
    """What a rehearsal takes of the session's clinic, its agenda from `since` on; of one instant."""
    return await _read(s, COPIED, only=_ONLY, instead=_INSTEAD, params={"since": since})


async def whole(s: Session) -> Rows:
    """Everything in the session's rehearsal but the bytes of its files; of one instant. Raises RehearsalOver."""
    rows = await _read(s, BRANCHED)
    if "clinics" not in rows:  # erased meanwhile
        raise RehearsalOver
    return rows


async def _read(
    s: Session,
    tables: Sequence[Table],
    *,
    only: Mapping[str, LiteralString] = {},
    instead: Mapping[str, LiteralString] = {},
    params: Mapping[str, Any] = {},
) -> Rows:
    parts = [
        _READ.format(
            name=sql.Literal(table.name),
            changed=sql.Literal(instead.get(table.name, "{}")),
            table=sql.Identifier(table.name),
            where=sql.SQL(only.get(table.name, "true")),
        )
        for table in tables
    ]
    found = await s.all(sql.SQL(" UNION ALL ").join([_CLINIC, *parts]).as_string(), params)
    return {row["name"]: row["rows"] for row in found}


async def quietly(s: Session) -> None:
    """Until the transaction ends nothing is journaled: copying and erasing are no part of a rehearsal's story."""
    await s.execute("SELECT set_config('app.journal', 'off', true)")


async def found(s: Session, clinic: str, *, slug: str, sandbox_of: UUID) -> None:
    """Makes the session's sandbox: a clinic like `clinic` (its row as JSON text) under a slug of its own."""
    await s.execute(
        """INSERT INTO clinics SELECT * FROM jsonb_populate_record(null::clinics, %(row)s::jsonb || %(own)s)""",
        {"row": clinic, "own": Jsonb({"id": str(s.clinic_id), "slug": slug, "sandbox_of": str(sandbox_of)})},
    )


async def fill(s: Session, tables: Sequence[Table], rows: Rows) -> None:
    """Writes these rows into the session's clinic."""
    async with s.together():
        for table in (table for table in tables if rows[table.name] != "[]"):
            await s.execute(_WRITE.format(table=sql.Identifier(table.name)).as_string(), {"rows": rows[table.name]})


async def register(
    s: Session, *, source_version: int, expires_in: timedelta, parent_id: UUID | None = None, turn_id: UUID | None = None
) -> None:
    """Writes down what the session's sandbox was copied from, and how long it is kept."""
    await s.execute(
        """INSERT INTO rehearsals (clinic_id, source_version, parent_id, parent_turn_id, expires_at)
           VALUES (%(clinic)s, %(version)s, %(parent)s, %(turn)s, now() + %(life)s)""",
        {"clinic": s.clinic_id, "version": source_version, "parent": parent_id, "turn": turn_id, "life": expires_in},
    )


async def registered(s: Session) -> dict[str, Any] | None:
    """The session's rehearsal, or None when it is over."""
    return await s.one(
        """SELECT c.id, c.slug, c.sandbox_of AS clinic_id, r.source_version, r.parent_id, r.created_at, r.expires_at
           FROM clinics c JOIN rehearsals r ON r.clinic_id = c.id
           WHERE c.id = %(clinic)s AND r.expires_at > now()""",
        {"clinic": s.clinic_id},
    )


class StillWritten(Exception):
    """Something was written into the sandbox while it was being erased: nothing is erased yet."""


async def erase(s: Session) -> bool:
    """Deletes the session's sandbox with everything in it; False when there is none. Raises StillWritten."""
    await quietly(s)
    try:
        async with s.together():
            for table in reversed((*BRANCHED, MEDIA)):
                await s.execute(_ERASE.format(table=sql.Identifier(table.name)).as_string(), {"clinic": s.clinic_id})
        return bool(await s.execute("DELETE FROM clinics WHERE id = %(clinic)s", {"clinic": s.clinic_id}))
    except psycopg.errors.ForeignKeyViolation as error:
        raise StillWritten from error


@contextmanager
def still_there() -> Iterator[None]:
    """Whatever is written inside the block needs the sandbox. Raises RehearsalOver when it was erased meanwhile."""
    try:
        yield
    except (psycopg.errors.ForeignKeyViolation, ContactGone) as error:
        raise RehearsalOver from error
