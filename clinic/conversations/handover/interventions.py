"""The verbs of the intervention queue: look at it, take what waits, say that it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from clinic.conversations.cases import briefs, case_store
from clinic.conversations.cases.briefs import Brief
from clinic.conversations.handover import interventions_store, ownership_store, takeover
from clinic.conversations.handover.interventions_store import Row, Spot, Told, View
from clinic.conversations.history import listing_store
from clinic.conversations.history.listing_store import Wanted
from clinic.conversations.models import Owner, Promise
from clinic.patients import assurance_store
from db.session import Session
from kit.clock import business_now
from kit.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Intervention:
    """A case, its conversation, what a person must know of it, and who was told."""

    row: Row
    conversation: listing_store.Brief
    brief: Brief
    told: Sequence[Told]


class NoCase(NotFound):
    """There is no such case in this clinic."""

    code = "no_case"


class CaseTaken(Conflict):
    """Somebody else of the clinic has it."""

    code = "case_taken"

    def __init__(self, by: str) -> None:
        super().__init__()
        self.told = {"by": by}


class CaseResolved(Conflict):
    """Somebody else of the clinic resolved it."""

    code = "case_resolved"

    def __init__(self, by: str) -> None:
        super().__init__()
        self.told = {"by": by}


async def page(s: Session, view: View, *, after: Spot | None, limit: int) -> tuple[list[Intervention], Spot | None]:
    """A page of the queue, and where the next one begins; None at the end."""
    rows = await interventions_store.page(s, view, after=after, limit=limit + 1)
    found = await _whole(s, rows[:limit])
    return found, rows[limit - 1].spot if len(rows) > limit else None


async def one(s: Session, case_id: UUID) -> Intervention:
    """One case, whatever its state. Raises NoCase."""
    found = await _whole(s, await interventions_store.page(s, None, only=case_id, limit=1))
    if not found:
        raise NoCase
    return found[0]


async def take(s: Session, case_id: UUID, *, by: str, over: bool = False) -> None:
    """This person answers it from now on, and Carol is silent there; theirs already: nothing changes.

    `over`: even when somebody else has it. Raises NoCase, BadName, CaseResolved, or CaseTaken.
    """
    standing, case = await _locked(s, case_id)
    name = takeover.signature(by)
    if case.status == "resolved":
        raise CaseResolved(case.resolved_by or "")
    theirs = case.owner_name if case.status == "taken" else standing.owner_name if standing.owner is Owner.PERSON else None
    if theirs and theirs != name and not over:
        raise CaseTaken(theirs)
    await takeover.take(s, case.conversation_id, by=name)


async def resolve(
    s: Session, case_id: UUID, *, by: str, resolution: str = "", give_back: bool = False, proved: bool = False
) -> None:
    """It is done, and this was done; once. `give_back`: Carol answers again, knowing that. `proved`: a person of the clinic
    made sure that whoever writes is who we took them for, and a doubt about it is settled.

    Resolved by the same person already: nothing changes. Raises NoCase, BadName or CaseResolved.
    """
    standing, case = await _locked(s, case_id)
    name = takeover.signature(by)
    if case.status == "resolved":
        if case.resolved_by != name:
            raise CaseResolved(case.resolved_by or "")
    else:
        now = business_now(standing.clock_at)
        await case_store.resolve(s, case.conversation_id, at=now, by=name, resolution=resolution, only=case_id)
        if proved:
            await assurance_store.settle(s, standing.contact_id, at=now)
    if give_back:
        await takeover.give_back(s, case.conversation_id, by=name, brief=resolution)


async def _locked(s: Session, case_id: UUID) -> tuple[ownership_store.Standing, Promise]:
    """The conversation first, as whoever writes in it does."""
    conversation_id = await case_store.conversation_of(s, case_id)
    if conversation_id is None:
        raise NoCase
    standing = await ownership_store.locked(s, conversation_id)
    case = await case_store.locked(s, case_id)
    if standing is None or case is None:
        raise NoCase
    return standing, case


async def _whole(s: Session, rows: Sequence[Row]) -> list[Intervention]:
    conversations = list({row.conversation_id for row in rows})
    if not conversations:
        return []
    found = await listing_store.page(s, Wanted(), among=conversations, limit=len(conversations))
    known = {each.id: each for each in found}
    grounds = await interventions_store.grounds(s, conversations)
    told = await interventions_store.told(s, [row.id for row in rows])
    return [
        Intervention(
            row,
            known[row.conversation_id],
            briefs.brief(
                row.kind,
                row.noted,
                people=[person.name for person in known[row.conversation_id].people],
                results=grounds[row.conversation_id].results,
                words=grounds[row.conversation_id].words,
            ),
            told.get(row.id, ()),
        )
        for row in rows
        if row.conversation_id in known
    ]
