"""What becomes of reports to families where two contacts, or two people, are one: who agreed, and what was sent to whom."""

from __future__ import annotations

from uuid import UUID

from db.session import Session


async def move(s: Session, kept: UUID, other: UUID) -> None:
    """What either contact agreed to receive, the one that is left does; of two agreements the stricter is left. What was
    sent to either was sent to them, once; what waits to leave to both leaves once. After the contacts are settled."""
    params = {"clinic": s.clinic_id, "kept": kept, "other": other}
    await s.execute(
        """UPDATE report_recipients mine SET
             consented_at = CASE WHEN theirs.consented_at IS NOT NULL THEN mine.consented_at END,
             consent = CASE WHEN theirs.consented_at IS NOT NULL THEN mine.consent END,
             revoked_by = CASE WHEN mine.revoked_at IS NULL THEN theirs.revoked_by ELSE mine.revoked_by END,
             revoked_at = coalesce(mine.revoked_at, theirs.revoked_at)
           FROM report_recipients theirs
           WHERE mine.clinic_id = %(clinic)s AND mine.contact_id = %(kept)s AND theirs.clinic_id = mine.clinic_id
             AND theirs.contact_id = %(other)s AND theirs.person_id = mine.person_id""",
        params,
    )
    await s.execute(
        """DELETE FROM report_recipients theirs WHERE clinic_id = %(clinic)s AND contact_id = %(other)s AND EXISTS (
             SELECT FROM report_recipients mine WHERE mine.clinic_id = theirs.clinic_id AND mine.contact_id = %(kept)s
               AND mine.person_id = theirs.person_id)""",
        params,
    )
    await s.execute(
        "UPDATE report_recipients SET contact_id = %(kept)s WHERE clinic_id = %(clinic)s AND contact_id = %(other)s", params
    )
    await s.execute(
        """DELETE FROM report_sends mine USING report_sends theirs, outbox o
           WHERE mine.clinic_id = %(clinic)s AND mine.contact_id = %(kept)s AND theirs.clinic_id = mine.clinic_id
             AND theirs.contact_id = %(other)s AND theirs.report_id = mine.report_id
             AND o.clinic_id = mine.clinic_id AND o.message_id = mine.message_id AND o.status IN ('failed', 'cancelled')""",
        params,
    )
    await s.execute(
        """DELETE FROM report_sends theirs WHERE clinic_id = %(clinic)s AND contact_id = %(other)s AND EXISTS (
             SELECT FROM report_sends mine WHERE mine.clinic_id = theirs.clinic_id AND mine.contact_id = %(kept)s
               AND mine.report_id = theirs.report_id)""",
        params,
    )
    await s.execute(
        "UPDATE report_sends SET contact_id = %(kept)s WHERE clinic_id = %(clinic)s AND contact_id = %(other)s", params
    )


async def fold(s: Session, kept: UUID, other: UUID) -> None:
    """Reports of two rows of one patient are the kept one's, and so is who reads them; the stricter agreement is left."""
    params = {"clinic": s.clinic_id, "kept": kept, "other": other}
    await s.execute(
        """UPDATE report_recipients mine SET
             consented_at = CASE WHEN theirs.consented_at IS NOT NULL THEN mine.consented_at END,
             consent = CASE WHEN theirs.consented_at IS NOT NULL THEN mine.consent END,
             revoked_by = CASE WHEN mine.revoked_at IS NULL THEN theirs.revoked_by ELSE mine.revoked_by END,
             revoked_at = coalesce(mine.revoked_at, theirs.revoked_at)
           FROM report_recipients theirs
           WHERE mine.clinic_id = %(clinic)s AND mine.person_id = %(kept)s AND theirs.clinic_id = mine.clinic_id
             AND theirs.person_id = %(other)s AND theirs.contact_id = mine.contact_id""",
        params,
    )
    await s.execute(
        """DELETE FROM report_recipients theirs WHERE clinic_id = %(clinic)s AND person_id = %(other)s AND EXISTS (
             SELECT FROM report_recipients mine WHERE mine.clinic_id = theirs.clinic_id AND mine.person_id = %(kept)s
               AND mine.contact_id = theirs.contact_id)""",
        params,
    )
    await s.execute(
        "UPDATE report_recipients SET person_id = %(kept)s WHERE clinic_id = %(clinic)s AND person_id = %(other)s", params
    )
    await s.execute(
        "UPDATE report_subjects SET person_id = %(kept)s WHERE clinic_id = %(clinic)s AND person_id = %(other)s", params
    )
    await s.execute("UPDATE reports SET person_id = %(kept)s WHERE clinic_id = %(clinic)s AND person_id = %(other)s", params)
    await s.execute(
        "UPDATE detected_patterns SET person_id = %(kept)s WHERE clinic_id = %(clinic)s AND person_id = %(other)s", params
    )
