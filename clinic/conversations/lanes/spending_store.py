"""What was spent, summed from the turns themselves: every one that cost counts, however it ended."""

from __future__ import annotations

from uuid import UUID

from clinic.conversations.lanes.spending import Spent
from db.session import Session


async def spent(s: Session, contact_id: UUID, *, but: UUID, zone: str, month: bool) -> Spent:
    """What this contact's turns, and in the month the clinic's, came to before turn `but`.

    Real time and the clinic's calendar: money is spent today whatever a rehearsed clock says. A turn that kept silent is no
    turn. `month`: whether anybody asks for it; else it is 0.
    """
    params = {"clinic": s.clinic_id, "contact": contact_id, "but": but, "zone": zone}
    own = await s.one(
        """SELECT count(*) FILTER (WHERE t.started_at > now() - interval '1 hour' AND t.status IN ('running', 'adopted')
                                   AND t.outcome IS DISTINCT FROM 'silent') AS turns,
                  coalesce(sum(t.cost_brl) FILTER (WHERE t.started_at >= day.starts), 0) AS day
           FROM (SELECT date_trunc('day', now() AT TIME ZONE %(zone)s) AT TIME ZONE %(zone)s AS starts) day,
                conversations c JOIN turns t ON t.clinic_id = c.clinic_id AND t.conversation_id = c.id
           WHERE c.clinic_id = %(clinic)s AND c.contact_id = %(contact)s AND t.id <> %(but)s
             AND t.started_at > least(day.starts, now() - interval '1 hour')""",
        params,
    )
    assert own is not None  # sums always are
    if not month:
        return Spent(own["turns"], own["day"])
    whole = await s.one(
        """SELECT coalesce(sum(cost_brl), 0) AS month FROM turns WHERE clinic_id = %(clinic)s AND id <> %(but)s
             AND started_at >= date_trunc('month', now() AT TIME ZONE %(zone)s) AT TIME ZONE %(zone)s""",
        params,
    )
    assert whole is not None
    return Spent(own["turns"], own["day"], whole["month"])
