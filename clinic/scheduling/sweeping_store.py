"""What the agenda forgets by itself."""

from __future__ import annotations

from datetime import datetime

from db.session import Session


async def drop_abandoned_holds(s: Session, now: datetime) -> int:
    """Frees what expired holds kept; how many. A rehearsal has a clock of its own, and its holds are left to it."""
    return await s.execute(
        """DELETE FROM holds h USING conversations c
           WHERE h.clinic_id = %(clinic)s AND c.clinic_id = h.clinic_id AND c.id = h.conversation_id
             AND c.clock_at IS NULL AND h.expires_at <= %(now)s""",
        {"clinic": s.clinic_id, "now": now},
    )
