"""What of the reports is looked at between runs, and by whoever only looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.session import Session


async def to_send(s: Session, *, limit: int) -> Sequence[UUID]:
    """Approved or fallback ones that are in no outbox yet and that no run will see to, oldest first.

    While a run goes on they are its own; and what the reviewer approved in a run that was asked to send nothing waits for
    the next one, where what a person or the clock decided does not.
    """
    rows = await s.all(
        """SELECT id FROM reports r
           WHERE clinic_id = %(clinic)s AND state IN ('approved', 'fallback') AND queued_at IS NULL
             AND NOT EXISTS (SELECT FROM pipeline_runs p WHERE p.clinic_id = r.clinic_id AND p.status = 'running')
             AND (approved_how <> 'reviewer' OR NOT EXISTS (
               SELECT FROM pipeline_runs p WHERE p.clinic_id = r.clinic_id AND p.skip_send
                 AND r.processed_at BETWEEN p.started_at AND p.completed_at))
           ORDER BY approved_at, id LIMIT %(limit)s""",
        {"clinic": s.clinic_id, "limit": limit},
    )
    return [row["id"] for row in rows]


async def unwritten(s: Session) -> int:
    """Reports that are being written or wait for it, also those not to be tried yet."""
    row = await s.one(
        "SELECT count(*) AS n FROM reports WHERE clinic_id = %(clinic)s AND state IN ('pending', 'processing')",
        {"clinic": s.clinic_id},
    )
    assert row is not None  # a count always is
    return int(row["n"])


async def known(s: Session, external_ids: Sequence[str]) -> dict[str, str]:
    """By external id, the digest of the report's latest revision."""
    rows = await s.all(
        """SELECT DISTINCT ON (external_id) external_id, source_digest FROM reports
           WHERE clinic_id = %(clinic)s AND external_id = ANY(%(ids)s) ORDER BY external_id, revision DESC""",
        {"clinic": s.clinic_id, "ids": list(external_ids)},
    )
    return {row["external_id"]: row["source_digest"] for row in rows}


async def first_due(s: Session, ids: Sequence[UUID]) -> datetime | None:
    """When the fallback text of the first of these goes; None: only a person lets any of them go."""
    row = await s.one(
        """SELECT min(review_due_at) AS at FROM reports WHERE clinic_id = %(clinic)s AND id = ANY(%(ids)s)
             AND NOT ARRAY[coalesce(review_reason, ''), coalesce(error_code, '')] && ARRAY['other_name', 'report_person']""",
        {"clinic": s.clinic_id, "ids": list(ids)},
    )
    return row["at"] if row else None
