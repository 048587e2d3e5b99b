"""What a turn may know of who writes: settled in code before anything is read, so that no model can be talked out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from clinic.conversations.cases import case_store
from clinic.conversations.lanes import lane_store
from clinic.conversations.models import Author, Desk
from clinic.patients import assurance, assurance_store, births, disowning, names
from clinic.patients import store as patients
from clinic.patients.assurance import Doubt, Level, Standing, Step
from clinic.patients.disowning import Disowned
from clinic.patients.models import Dependant
from clinic.scheduling.visits import Proposal, ProposalKind, Visit, manageable
from clinic.tenants.models import Clinic
from db.session import Session
from kit.phone import canonical

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """The desk as this turn may see it, and how sure we are of who writes."""

    desk: Desk
    standing: Standing

    def visits(self, found: Sequence[Visit]) -> tuple[Visit, ...]:
        """Those that this contact manages."""
        return manageable(found, self.desk.people, contact_id=self.desk.contact.id)

    def proposal(self, found: Proposal | None) -> Proposal | None:
        """It stands only for somebody this contact still speaks for; of a doubted one only a new visit, asked for since."""
        if found is None:
            return None
        speaks_for = any(person.person_id == found.person_id for person in self.desk.people)
        return found if speaks_for or self.books_for(found) is not None else None

    def whom(self, found: Proposal | None) -> tuple[Dependant, ...]:
        """Those this turn may name."""
        person = self.books_for(found)
        return self.desk.people if person is None else (*self.desk.people, person)

    def books_for(self, found: Proposal | None) -> Dependant | None:
        """Somebody hidden for whom a doubted contact waits to book: by the names they themselves said, nothing more."""
        if found is None or found.kind is not ProposalKind.BOOK:
            return None
        person = next((one for one in self.standing.hidden if one.person_id == found.person_id), None)
        if person is None:
            return None
        said = [message.text for message in (*self.desk.history, *self.desk.pending) if message.author is Author.PATIENT]
        return replace(person, name=names.as_said(person.name, said))


async def known(s: Session, clinic: Clinic, desk: Desk, *, now: datetime) -> Known:
    """Raises, keeps or settles a doubt by what the patient just wrote, and hides what a doubted one may not see.

    A number of the team is nobody's patient: whose visits it may once have had is neither shown nor asked.
    """
    if await _of_team(s, clinic, desk):
        return Known(replace(desk, people=(), cases=()), Standing(Level.UNKNOWN, colleague=True))
    said = [message.text for message in desk.pending if message.text.strip()]
    disowned = disowning.read(said, [person.name for person in desk.people]) if said and desk.people else None
    if disowned is Disowned.NUMBER:
        return Known(await _parted(s, desk, now), Standing(Level.UNKNOWN))
    why = assurance.doubt(desk.contact, desk.people, clinic.policies.identity, now=now, says_other=disowned is Disowned.NAME)
    if why is not None:
        desk = await _doubted(s, desk, why, now)
    if desk.contact.doubt is None:
        again = bool(desk.people) and desk.contact.assured_until is not None
        passed = again and await assurance_store.passed_with(s, desk.contact.id, seq=desk.covered_seq)
        level = assurance.level(desk.contact, desk.people, now=now)
        return Known(_since(desk), Standing(level, step=Step.PASSED if passed else None))
    return await _tried(s, clinic, desk, said, now)


async def _of_team(s: Session, clinic: Clinic, desk: Desk) -> bool:
    phones = [phone for member in clinic.policies.team.members if (phone := canonical(member.phone)) is not None]
    return bool(phones) and await patients.reached_by(s, desk.contact.id, phones)


async def _tried(s: Session, clinic: Clinic, desk: Desk, said: Sequence[str], now: datetime) -> Known:
    """A doubted contact: what they just told may settle it."""
    if desk.contact.heard_from is None:
        desk = await _anew(s, desk)
    seen, hidden = _since(desk), desk.people
    told = births.read(said, today=now.astimezone(clinic.zone).date())
    step = None
    if told:
        # The name may have been told in a message before, but never before the doubt.
        before = [message.text for message in seen.history if message.author == "patient"]
        guesses = [assurance.proves(hidden, [born], [*before, *said]) for born in told]
        step = await assurance_store.attempt(s, desk.contact.id, seq=desk.covered_seq, guesses=guesses, at=now)
        log.info("step_up", step=step.value if step else None)
    if step is Step.PASSED:
        await assurance_store.settle(s, desk.contact.id, at=now)
        contact = replace(desk.contact, doubt=None, assured_until=now + assurance.PROVED_FOR)
        return Known(replace(seen, contact=contact), Standing(Level.PROVED, step=step))
    return Known(replace(seen, people=(), cases=()), Standing(Level.UNKNOWN, hidden=hidden, step=step))


async def _doubted(s: Session, desk: Desk, why: Doubt, now: datetime) -> Desk:
    await assurance_store.doubt(s, desk.contact.id, why, at=now)
    log.warning("contact_doubted", why=why.value)
    return replace(desk, contact=replace(desk.contact, doubt=why.value, heard_from=None))


async def _parted(s: Session, desk: Desk, now: datetime) -> Desk:
    await assurance_store.part(s, desk.contact.id, at=now)
    await case_store.promise_no_more(s, desk.contact.id)
    log.warning("contact_parted")
    contact = replace(desk.contact, doubt=None, assured_until=None, told_ai_at=None, opted_out_at=None, human_only=False)
    return _since(await _anew(s, replace(desk, contact=contact, people=(), cases=(), first_contact=True)))


async def _anew(s: Session, desk: Desk) -> Desk:
    """Whoever writes from these messages on begins a dialogue of their own."""
    seq = min((message.seq for message in desk.pending), default=0)
    await lane_store.forget_dialogue(s, desk.contact.id)
    await assurance_store.hear_from(s, desk.contact.id, seq)
    return replace(desk, contact=replace(desk.contact, heard_from=seq), checkpoint_id=None, menu=None)


def _since(desk: Desk) -> Desk:
    """Without what was said before somebody else may have begun to write."""
    begun = desk.contact.heard_from
    if begun is None:
        return desk
    return replace(desk, history=tuple(message for message in desk.history if message.seq >= begun))
