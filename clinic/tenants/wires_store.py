"""Channel accounts in Postgres."""

from __future__ import annotations

from uuid import UUID

from psycopg.rows import DictRow

from clinic.tenants.store import ClinicNotFound
from clinic.tenants.wires import Wire
from db.session import Session
from kit.ids import new_id

CONSOLE = "console"


async def wire(s: Session, account_id: UUID) -> Wire | None:
    """One active account, or None."""
    row = await s.one(
        """SELECT clinic_id, id, kind, external_id, credentials, state FROM channel_accounts
           WHERE clinic_id = %(clinic)s AND id = %(id)s AND active""",
        {"clinic": s.clinic_id, "id": account_id},
    )
    return _wire(row) if row else None


async def wires(s: Session, kind: str) -> list[Wire]:
    """The clinic's active accounts of a kind."""
    rows = await s.all(
        """SELECT clinic_id, id, kind, external_id, credentials, state FROM channel_accounts
           WHERE clinic_id = %(clinic)s AND kind = %(kind)s AND active ORDER BY external_id""",
        {"clinic": s.clinic_id, "kind": kind},
    )
    return [_wire(row) for row in rows]


async def console(s: Session) -> UUID:
    """The account of our own pages and terminal, opened when the clinic has none. Raises ClinicNotFound."""
    known = {"clinic": s.clinic_id, "kind": CONSOLE}
    find = """SELECT id FROM channel_accounts a WHERE clinic_id = %(clinic)s AND kind = %(kind)s AND active
              ORDER BY external_id = (SELECT slug FROM clinics WHERE id = a.clinic_id) DESC, external_id LIMIT 1"""
    row = await s.one(find, known) or await s.one(
        """INSERT INTO channel_accounts (clinic_id, id, kind, external_id)
           SELECT id, %(id)s, %(kind)s, slug FROM clinics WHERE id = %(clinic)s
           ON CONFLICT (kind, external_id) DO UPDATE SET active = true RETURNING id""",
        {**known, "id": new_id()},
    )
    if row is None:
        raise ClinicNotFound
    found: UUID = row["id"]
    return found


def _wire(row: DictRow) -> Wire:
    stored = row["credentials"]
    words = {str(name): str(value) for name, value in stored.items()} if isinstance(stored, dict) else {}
    return Wire(row["clinic_id"], row["id"], row["kind"], row["external_id"], words, row["state"])
