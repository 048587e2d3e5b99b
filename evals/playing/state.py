"""What a conversation left behind: rows before and after, by noun, as people name things. The SQL of the evals lives here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import LiteralString

from clinic.tenants.models import Clinic
from db.pool import Pool
from db.session import clinic_session
from evals.changes import Changed, Difference, Row

_CALLED: LiteralString = """WITH called AS (
    SELECT c.*, (SELECT min(a.value) FROM contact_aliases a
                 WHERE (a.clinic_id, a.contact_id, a.kind) = (c.clinic_id, c.id, 'phone')) AS phone FROM contacts c)"""
# Each noun as a scenario writes it. `key` tells rows apart and is never compared; instants are the clinic's wall clock.
VIEWS: Mapping[str, LiteralString] = MappingProxyType({
    "visits": """
        SELECT a.id::text AS key, p.name AS person, s.name AS service, r.name AS professional, u.name AS unit,
               v.name AS convenio, a.status, a.price_cents / 100.0 AS price, a.booked_by,
               to_char(a.starts_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD"T"HH24:MI') AS starts
        FROM appointments a JOIN people p ON (p.clinic_id, p.id) = (a.clinic_id, a.person_id)
        JOIN services s ON (s.clinic_id, s.id) = (a.clinic_id, a.service_id)
        JOIN professionals r ON (r.clinic_id, r.id) = (a.clinic_id, a.professional_id)
        JOIN units u ON (u.clinic_id, u.id) = (a.clinic_id, a.unit_id)
        LEFT JOIN convenios v ON (v.clinic_id, v.id) = (a.clinic_id, a.convenio_id)""",
    "people": "SELECT id::text AS key, name, birth_date::text AS birth_date, notes FROM people",
    "aliases": """
        SELECT x.kind || ' ' || x.value AS key, x.kind,
               c.phone
        FROM contact_aliases x JOIN called c ON (c.clinic_id, c.id) = (x.clinic_id, x.contact_id)""",
    "relationships": """
        SELECT r.contact_id || '/' || r.person_id AS key, p.name AS person, r.kind, r.consented_at IS NOT NULL AS consented,

               c.phone
        FROM relationships r JOIN people p ON (p.clinic_id, p.id) = (r.clinic_id, r.person_id)
        JOIN called c ON (c.clinic_id, c.id) = (r.clinic_id, r.contact_id)""",
    "contacts": """
        SELECT c.id::text AS key,
               c.phone, c.opted_out_at IS NOT NULL AS opted_out, c.human_only,
               c.doubt IS NOT NULL AS doubted FROM called c""",
    "cases": """
        SELECT k.id::text AS key, k.kind, k.urgent, k.status,
               c.phone
        FROM cases k JOIN conversations v ON (v.clinic_id, v.id) = (k.clinic_id, k.conversation_id)
        JOIN called c ON (c.clinic_id, c.id) = (v.clinic_id, v.contact_id)""",
    "conversations": """
        SELECT v.id::text AS key, v.owner, v.dead_at IS NOT NULL AS given_up,
               c.phone
        FROM conversations v JOIN called c ON (c.clinic_id, c.id) = (v.clinic_id, v.contact_id)""",
    "blocks": "SELECT id::text AS key, starts_at::text AS starts, ends_at::text AS ends, reason FROM blocks",
})  # fmt: skip
# Nothing that is said may change these: compared whole, row by row.
STILL = (
    "units", "unit_hours", "rooms", "equipment", "professionals", "services", "service_professionals", "service_rooms",
    "service_equipment", "convenios", "convenio_services", "weekly_hours", "holidays", "channel_accounts",
    "documents", "document_files", "passages", "gaps", "template_states", "webhook_events", "dead_letters", "notices",
    "reconciliations", "early_statuses",
)  # fmt: skip
# What a conversation is made of, and what follows from rows compared above: it changes with every turn.
WORKING = (
    "messages", "turns", "outbox", "tool_receipts", "commitments", "media", "step_ups", "holds", "claims", "offers",
    "proposals", "checkpoints", "checkpoint_blobs", "checkpoint_writes", "rehearsals", "sandbox_journal",
)  # fmt: skip
# A conversation is a row the first time somebody writes, and so are its contact and that contact's alias.
_COMES_WITH_THE_FIRST_WORD = frozenset({"contacts", "conversations"})
_FRESH: Mapping[str, Row] = MappingProxyType({
    "contacts": {"opted_out": False, "human_only": False, "doubted": False},
    "conversations": {"owner": "carol", "given_up": False},
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows by noun and key, and a digest of each table that must be still."""

    rows: Mapping[str, Mapping[str, Row]]
    still: Mapping[str, str]


async def snapshot(pool: Pool, clinic: Clinic) -> Snapshot:
    """The clinic's rows as they are now."""
    async with clinic_session(pool, clinic.id) as s:
        found = await s.all(_ROWS, {"zone": str(clinic.timezone)})
        digests = await s.all(_DIGESTS)
    rows: dict[str, dict[str, Row]] = {noun: {} for noun in VIEWS}
    for one in found:
        row = dict(one["row"])
        rows[one["noun"]][row.pop("key")] = row
    return Snapshot(rows, {one["name"]: one["digest"] for one in digests})


def _digest(table: LiteralString) -> LiteralString:
    volatile: LiteralString = " - 'state' - 'state_since' - 'paced_until'" if table == "channel_accounts" else ""
    return (  # names of tables from the list above, never anybody's words
        "SELECT '" + table + "' AS name, md5(coalesce(string_agg(r, '|' ORDER BY r), '')) AS digest "  # noqa: S608
        "FROM (SELECT (to_jsonb(t)" + volatile + ")::text AS r FROM " + table + " t) x"
    )  # fmt: skip


# One statement for all nouns; numbers come as JSON's.
_ROWS: LiteralString = _CALLED + " UNION ALL ".join(
    [" SELECT '" + noun + "' AS noun, to_jsonb(v) AS row FROM (" + view + ") v" for noun, view in VIEWS.items()]  # noqa: S608
)
_DIGESTS: LiteralString = " UNION ALL ".join([_digest(table) for table in STILL])


Others = Mapping[str, Mapping[str, Row]]


def difference(before: Snapshot, after: Snapshot, *, others: Others = MappingProxyType({})) -> Difference:
    """What changed between the two. A contact and a conversation that merely began are no change, nor are rows that others
    wrote meanwhile (by noun and key, as they wrote them)."""
    found: list[Changed] = []
    for noun, now in after.rows.items():
        was = {**before.rows[noun], **others.get(noun, {})}
        pairs = [(was.get(key), now.get(key)) for key in {**was, **now}]
        found += [Changed(noun, old, new) for old, new in pairs if old != new and not _merely_began(noun, old, new)]
    moved = tuple(name for name, digest in after.still.items() if before.still[name] != digest)
    return Difference(tuple(found), moved)


def _merely_began(noun: str, was: Row | None, now: Row | None) -> bool:
    if noun not in _COMES_WITH_THE_FIRST_WORD or was is not None or now is None:
        return False
    return all(now[name] == value for name, value in _FRESH[noun].items())
