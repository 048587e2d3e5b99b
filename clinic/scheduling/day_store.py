"""What stands in the agenda between two instants, and one thing of it."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from clinic.scheduling.day import Item, ItemKind
from db.session import Session

_VISITS: LiteralString = """
    SELECT a.id, a.professional_id, a.starts_at, a.ends_at, a.service_id, p.name AS person, a.unit_id, a.room_id,
           a.convenio_id, a.price_cents, a.status, a.booked_by, a.conversation_id
    FROM appointments a JOIN people p ON p.clinic_id = a.clinic_id AND p.id = a.person_id
    """
_HOLDS: LiteralString = """
    SELECT h.id, h.professional_id, h.starts_at, h.ends_at, h.service_id, q.person, h.unit_id, h.room_id,
           q.convenio_id, q.price_cents, h.conversation_id, h.expires_at
    FROM holds h
    LEFT JOIN LATERAL (
      SELECT p.name AS person, r.convenio_id, r.price_cents FROM proposals r
      JOIN people p ON p.clinic_id = r.clinic_id AND p.id = r.person_id
      WHERE r.clinic_id = h.clinic_id AND r.conversation_id = h.conversation_id AND r.hold_id = h.id
      ORDER BY r.created_at DESC LIMIT 1) q ON true
    """
_LONG = "1 day"  # no visit lasts longer: what began earlier is over


async def between(s: Session, *, start: datetime, end: datetime, at: datetime) -> list[Item]:
    """Visits, cancelled ones too, holds that stand at `at`, and blocks, by their start."""
    params = {"clinic": s.clinic_id, "start": start, "end": end, "at": at, "long": _LONG}
    visits = await s.all(
        _VISITS
        + """WHERE a.clinic_id = %(clinic)s AND a.starts_at < %(end)s AND a.ends_at > %(start)s
             AND a.starts_at > %(start)s - %(long)s::interval""",
        params,
    )
    holds = await s.all(
        _HOLDS
        + """WHERE h.clinic_id = %(clinic)s AND h.starts_at < %(end)s AND h.ends_at > %(start)s AND h.expires_at > %(at)s""",
        params,
    )
    blocks = await s.all(
        """SELECT DISTINCT b.id, CASE WHEN c.resource = 'professional' THEN c.resource_id END AS professional_id,
                  b.starts_at, b.ends_at, b.reason
           FROM blocks b LEFT JOIN claims c ON c.clinic_id = b.clinic_id AND c.block_id = b.id
           WHERE b.clinic_id = %(clinic)s AND b.starts_at < %(end)s AND b.ends_at > %(start)s
             AND (c.id IS NULL OR c.resource = 'professional')""",
        params,
    )
    found = [
        *(Item(kind=ItemKind.VISIT, **row) for row in visits),
        *(Item(kind=ItemKind.HOLD, **row) for row in holds),
        *(Item(kind=ItemKind.BLOCK, **row) for row in blocks),
    ]
    return sorted(found, key=lambda item: (item.starts_at, item.ends_at, str(item.id)))


async def visit(s: Session, visit_id: UUID) -> Item | None:
    """One visit, whatever became of it."""
    row = await s.one(
        _VISITS + """WHERE a.clinic_id = %(clinic)s AND a.id = %(id)s""",
        {"clinic": s.clinic_id, "id": visit_id},
    )
    return Item(kind=ItemKind.VISIT, **row) if row else None


async def hold(s: Session, hold_id: UUID) -> Item | None:
    """One hold, while it is kept."""
    row = await s.one(
        _HOLDS + """WHERE h.clinic_id = %(clinic)s AND h.id = %(id)s""",
        {"clinic": s.clinic_id, "id": hold_id},
    )
    return Item(kind=ItemKind.HOLD, **row) if row else None
