"""The intervention queue: what waits for a person, by when, who was told; taken and resolved in one click.

Answering stays with the conversation. Changes are told as `case`, `owner` and `message` by /api/events.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from api.clinics import clinic_called, clinic_owing
from api.conversations import ConversationBrief, Signed, Slug, brief_of
from api.instants import local_fields
from api.state import house
from clinic.conversations.handover import interventions, interventions_store
from clinic.conversations.handover.interventions import Intervention, NoCase
from clinic.conversations.handover.interventions_store import NoticeStatus, Spot, Told, View
from clinic.conversations.models import CaseStatus
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db.session import clinic_session
from kit.errors import Invalid

router = APIRouter(prefix="/api", tags=["interventions"])

KEPT_DAYS = 30


class BriefOut(BaseModel):
    """What a person must know before they answer, written from rows. Each may be empty but `wants`.

    `wants`: the matter, one sentence. `noted`: written down when the case was opened, by Carol or in the patient's words.
    `whom`: names it may be about. `done`: what was booked, moved or cancelled, or waits for a yes. `last_words`: the
    patient's last messages, oldest first.
    """

    wants: str
    noted: str
    whom: list[str]
    done: list[str]
    last_words: list[str]


class NotifiedOut(BaseModel):
    """Somebody of the team who was told. `what`: case_opened, case_climbed (nobody took it in time) or case_slipped.

    `status`: queued, sending, sent, failed or unknown; `error`: the code of why not.
    """

    member: str
    what: str
    status: NoticeStatus
    error: str | None
    at: datetime


class InterventionOut(BaseModel):
    """What a person owes a patient. `first_due_at`: the promise as first made; `due_at`: as last made, after `slips` times
    of telling the patient that it takes longer. `late`: nobody answered and `due_at` is over. `level`: how far up the
    ladder the team was told. `answered_at`: when a person first wrote to the patient after it was opened."""

    id: UUID
    number: int
    kind: str
    urgent: bool
    status: CaseStatus
    reason: str
    brief: BriefOut
    owner_name: str | None
    opened_at: datetime
    due_at: datetime
    first_due_at: datetime
    taken_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str
    late: bool
    slips: int
    level: int
    notified: list[NotifiedOut]
    conversation: ConversationBrief


class QueueCounts(BaseModel):
    """`waiting`: nobody took them, `urgent` of these; `late`: unanswered past their deadline, taken or not."""

    waiting: int
    urgent: int
    late: int
    taken: int


class KeptOut(BaseModel):
    """Promises of the last `days`: answered or resolved by the instant first promised, or not. `rate`: null without any."""

    days: int
    kept: int
    late: int
    rate: float | None


class InterventionPage(BaseModel):
    """`next`: give it as `after` for the ones after these; null at the end."""

    items: list[InterventionOut]
    next: str | None
    counts: QueueCounts
    kept: KeptOut


class KeptDay(BaseModel):
    """Promises first due on a local day, of one kind. `pending`: their moment has not come."""

    day: date
    kind: str
    kept: int
    late: int
    pending: int


class PromisesOut(BaseModel):
    """Whether promises were kept, by the day they were due on and by kind, newest first; `late_now`: open and late."""

    total: KeptOut
    late_now: int
    days: list[KeptDay]


class Take(Signed):
    """`over`: even when somebody else has it."""

    over: bool = False


class Resolve(Signed):
    """`resolution`: what was done, for Carol and for the next person. `give_back`: Carol answers again, knowing it.
    `proved`: a person made sure of who writes; a doubt about the number is settled."""

    resolution: Annotated[str, Field(max_length=2000)] = ""
    give_back: bool = False
    proved: bool = False


class BadSpot(Invalid):
    """`after` must be the `next` of an earlier page."""

    code = "bad_spot"


@router.get("/interventions")
async def queue(
    request: Request,
    clinic: Slug,
    view: View = View.WAITING,
    after: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 40,
) -> InterventionPage:
    """What waits for a person, what is in hand, or what was done. A rehearsal's cases are shown in that rehearsal only."""
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    async with clinic_session(pool, found.id) as s:
        items, following = await interventions.page(s, view, after=_spot(after), limit=limit)
        counts, kept = await interventions_store.counts(s), await interventions_store.kept(s, days=KEPT_DAYS)
    return InterventionPage(
        items=[_told(found, item) for item in items],
        next=f"{following.rank}.{following.instant}.{following.number}" if following else None,
        counts=QueueCounts.model_validate(counts, from_attributes=True),
        kept=_kept(kept, KEPT_DAYS),
    )


@router.get("/interventions/promises")
async def promises(request: Request, clinic: Slug, days: Annotated[int, Query(ge=1, le=366)] = KEPT_DAYS) -> PromisesOut:
    """Whether what was promised was kept."""
    pool = house(request).pool
    found = await clinic_for(pool, await clinic_called(pool, clinic))
    async with clinic_session(pool, found.id) as s:
        total, counts = await interventions_store.kept(s, days=days), await interventions_store.counts(s)
        by_day = await interventions_store.kept_by_day(s, zone=found.timezone, days=days)
    return PromisesOut(
        total=_kept(total, days),
        late_now=counts.late,
        days=[KeptDay.model_validate(day, from_attributes=True) for day in by_day],
    )


@router.get("/interventions/{case_id}")
async def intervention(request: Request, case_id: UUID) -> InterventionOut:
    """One case, whatever its state."""
    clinic = await _clinic_of(request, case_id)
    async with clinic_session(house(request).pool, clinic.id) as s:
        return _told(clinic, await interventions.one(s, case_id))


@router.post("/interventions/{case_id}/take")
async def take(request: Request, case_id: UUID, taken: Take) -> InterventionOut:
    """A person answers it, and has the whole conversation. A 409 `case_taken` or `case_resolved` says `by` whom."""
    clinic = await _clinic_of(request, case_id)
    async with clinic_session(house(request).pool, clinic.id) as s:
        await interventions.take(s, case_id, by=taken.by, over=taken.over)
        return _told(clinic, await interventions.one(s, case_id))


@router.post("/interventions/{case_id}/resolve")
async def resolve(request: Request, case_id: UUID, resolved: Resolve) -> InterventionOut:
    """It is done. A 409 `case_resolved` says `by` whom it was before."""
    clinic = await _clinic_of(request, case_id)
    async with clinic_session(house(request).pool, clinic.id) as s:
        await interventions.resolve(
            s,
            case_id,
            by=resolved.by,
            resolution=resolved.resolution,
            give_back=resolved.give_back,
            proved=resolved.proved,
        )
        return _told(clinic, await interventions.one(s, case_id))


def _spot(text: str | None) -> Spot | None:
    if text is None:
        return None
    try:
        rank, instant, number = (int(part) for part in text.split("."))
    except ValueError:
        raise BadSpot from None
    if not (0 <= rank <= 1 and abs(instant) < 2**62 and abs(number) < 2**62):
        raise BadSpot
    return Spot(rank, instant, number)


async def _clinic_of(request: Request, case_id: UUID) -> Clinic:
    pool = house(request).pool
    clinic_id = await clinic_owing(pool, case_id)
    if clinic_id is None:
        raise NoCase
    return await clinic_for(pool, clinic_id)


def _kept(found: interventions_store.Kept, days: int) -> KeptOut:
    due = found.kept + found.late
    return KeptOut(days=days, kept=found.kept, late=found.late, rate=round(found.kept / due, 4) if due else None)


def _told(clinic: Clinic, found: Intervention) -> InterventionOut:
    return InterventionOut(
        **local_fields(found.row, clinic.zone),
        brief=BriefOut.model_validate(found.brief, from_attributes=True),
        notified=[_notified(clinic, each) for each in found.told],
        conversation=brief_of(found.conversation, clinic.zone),
    )


def _notified(clinic: Clinic, told: Told) -> NotifiedOut:
    names = {member.key: member.name for member in clinic.policies.team.members}
    return NotifiedOut(
        member=names.get(told.member, told.member),
        what=told.kind,
        status=told.status,
        error=told.error,
        at=told.at.astimezone(clinic.zone),
    )
