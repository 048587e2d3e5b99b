"""What becomes of what we said: told by the wire, or given up on. A person always learns of what did not arrive."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from clinic.conversations.cases import case_store, handoff, notices_store
from clinic.conversations.models import CaseKind
from clinic.conversations.outgoing import outbox, withholding
from clinic.tenants.models import Clinic
from db.session import Session

FAILED = "failed"


async def hear_status(
    s: Session,
    clinic: Clinic,
    account_id: UUID,
    *,
    provider_id: str,
    status: str,
    reference: UUID | None,
    error_code: str | None,
    now: datetime,
) -> outbox.Noted | None:
    """Notes a status of the wire. None: no message of ours has that id (yet).

    A failure opens a case, unless the text only has to wait until the patient writes.
    """
    noted = await outbox.record_status(
        s, account_id, provider_id=provider_id, status=status, reference=reference, error_code=error_code
    )
    if noted is None:
        await notices_store.note_status(
            s, account_id, provider_id=provider_id, status=status, reference=reference, error=error_code
        )
    if noted is not None and noted.changed and status == FAILED:
        if error_code == withholding.REFUSED and await withholding.refused(s, clinic, noted.id):
            return noted
        await report_failure(s, clinic, noted.conversation_id, now=now)
    return noted


async def report_failure(s: Session, clinic: Clinic, conversation_id: UUID, *, now: datetime) -> None:
    """Opens the case of a reply that did not reach the patient; one that a person answered before is another one."""
    await case_store.close_answered(s, conversation_id, CaseKind.FAILURE, at=now, since=now)
    due_at = handoff.deadline(clinic, CaseKind.FAILURE, now=now)
    await case_store.open_case(s, conversation_id, CaseKind.FAILURE, reason="not_delivered", brief="", due_at=due_at, at=now)
