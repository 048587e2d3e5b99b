"""A clinic's own scenarios in Postgres: one row each, the document as `carol.scenario/v1` writes it."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.scenarios.models import CameFrom, Kept, NoScenario, Overtaken
from clinic.scenarios.schema import Scenario
from db.session import Session
from kit.ids import new_id

_READ: LiteralString = """SELECT id, key, document, digest, came_from, conversation_id, version, created_at, created_by,
  updated_at, updated_by, archived_at, archived_by FROM scenarios"""


async def every(s: Session, *, archived: bool = False) -> list[Kept]:
    """The clinic's scenarios by key; the archived ones too when asked for."""
    rows = await s.all(_READ + " WHERE archived_at IS NULL OR %(archived)s ORDER BY key", {"archived": archived})
    return [_kept(row) for row in rows]


async def one(s: Session, key: str) -> Kept:
    """The scenario of that key, archived or not. Raises NoScenario."""
    row = await s.one(_READ + " WHERE key = %(key)s", {"key": key})
    if row is None:
        raise NoScenario
    return _kept(row)


async def keep(
    s: Session,
    scenario: Scenario,
    *,
    by: str,
    came_from: CameFrom,
    conversation_id: UUID | None = None,
    version: int | None = None,
) -> Kept:
    """Writes the scenario under its id, new or instead of the one that is there; an archived one is back.

    `version`: the one that was read and changed, 0 for none. Raises Overtaken when another is there; None never raises.
    """
    row = await s.one(
        """INSERT INTO scenarios AS t (clinic_id, id, key, document, digest, came_from, conversation_id, created_by, updated_by)
           VALUES (%(clinic)s, %(id)s, %(key)s, %(document)s, %(digest)s, %(came_from)s, %(conversation)s, %(by)s, %(by)s)
           ON CONFLICT (clinic_id, key) DO UPDATE SET document = excluded.document, digest = excluded.digest,
             version = t.version + 1, updated_at = clock_timestamp(), updated_by = excluded.updated_by,
             archived_at = NULL, archived_by = NULL
           WHERE %(version)s::int IS NULL OR t.version = %(version)s
           RETURNING id, key, document, digest, came_from, conversation_id, version, created_at, created_by, updated_at,
             updated_by, archived_at, archived_by""",
        {
            "clinic": s.clinic_id,
            "id": new_id(),
            "key": scenario.id,
            "document": Jsonb(scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)),
            "digest": scenario.digest,
            "came_from": came_from,
            "conversation": conversation_id,
            "by": by,
            "version": version,
        },
    )
    if row is None or (version and row["version"] == 1):
        raise Overtaken
    return _kept(row)


async def archive(s: Session, key: str, *, by: str) -> Kept:
    """No run plays it any more. Again changes nothing. Raises NoScenario."""
    await s.execute(
        """UPDATE scenarios SET archived_at = clock_timestamp(), archived_by = %(by)s
           WHERE key = %(key)s AND archived_at IS NULL""",
        {"key": key, "by": by},
    )
    return await one(s, key)


async def count(s: Session) -> tuple[int, int]:
    """(how many are played, how many of these are critical)."""
    row = await s.one(
        """SELECT count(*) AS n, count(*) FILTER (WHERE (document ->> 'critical')::boolean) AS critical
           FROM scenarios WHERE archived_at IS NULL"""
    )
    assert row is not None  # an aggregate always has a row
    return row["n"], row["critical"]


def _kept(row: dict[str, Any]) -> Kept:
    return Kept(scenario=Scenario.model_validate(row.pop("document")), **row)
