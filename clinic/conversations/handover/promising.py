"""Keeping what was promised to a patient: told again when it slips, once for each slip, and the team with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic.conversations.cases import case_store, notices
from clinic.conversations.commitments import ledger, ledger_store
from clinic.conversations.handover import keeping, keeping_store, ownership_store
from clinic.conversations.handover.keeping import Later, Never, Slip
from clinic.conversations.handover.ownership_store import Standing
from clinic.conversations.models import Promise
from clinic.conversations.outgoing import leaving, outbox
from clinic.tenants.models import Clinic
from db.session import Session


class Kept(StrEnum):
    """What became of a promise that was looked at."""

    FINE = "fine"  # kept, gone, or not due yet
    TOLD = "told"  # the patient knows that it takes longer
    LATE = "late"  # nobody answered, and the patient is told no more


async def look(s: Session, clinic: Clinic, case_id: UUID, *, now: datetime) -> Kept:
    """Tells the patient of a promise that slipped, and promises anew; whoever looks, once for each slip."""
    conversation_id = await case_store.conversation_of(s, case_id)
    standing = await ownership_store.locked(s, conversation_id) if conversation_id else None
    case = await case_store.locked(s, case_id) if standing else None
    if standing is None or case is None or case.slips_at is None or case.slips_at > now:
        return Kept.FINE
    now = standing.clock_at or now
    quiet_until = leaving.quiet_until(now, clinic.policies.messaging, clinic.zone)
    opted_out = await keeping_store.opted_out(s, standing.id)
    said = keeping.verdict(clinic, case, opted_out=opted_out, quiet_until=quiet_until, now=now)
    match said:
        case Later():
            await keeping_store.wait_until(s, case_id, said.at)
            return Kept.FINE
        case Never():
            await keeping_store.wait_until(s, case_id, None)
            if said.late:
                await notices.slipped(s, clinic, case)
            return Kept.LATE if said.late else Kept.FINE
        case Slip():
            await _tell(s, standing, case, said, now=now)
            await notices.slipped(s, clinic, case)
            return Kept.TOLD


async def _tell(s: Session, standing: Standing, case: Promise, slip: Slip, *, now: datetime) -> None:
    slips = case.slips + 1
    message_id = await keeping_store.say(s, standing, slip.text, at=now)
    await ledger_store.write(
        s,
        conversation_id=standing.id,
        message_id=message_id,
        turn_id=None,
        commitments=[ledger.of_case(slip.text, case.id, case.number, slip.due_at)],
        at=now,
    )
    await outbox.enqueue(
        s,
        conversation_id=standing.id,
        message_id=message_id,
        account_id=standing.account_id,
        reply_to=standing.reply_to,
        dedupe_key=f"slip:{case.id}:{slips}",
        proactive=not slip.at_night,
        expires_at=None if slip.at_night else slip.due_at,
    )
    await case_store.note_slipped(s, case.id, due_at=slip.due_at, slips=slips, slips_at=slip.again_at)
