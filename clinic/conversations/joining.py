"""Somebody of the clinic says that two contacts are one human, and from then on they are: one history, one lane on a wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from uuid import UUID

from clinic.conversations import joining_store
from clinic.conversations.handover.takeover import signature
from clinic.conversations.joining_store import Held
from clinic.conversations.lanes import lane_store
from clinic.patients import merging, merging_reports_store, merging_store, store
from clinic.patients.merging import Side
from clinic.patients.merging_store import Merge
from db.session import Session
from kit import fast_yaml
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import is_sandbox


class NoContact(NotFound):
    """There is no such contact."""

    code = "no_contact"


class SameContact(Invalid):
    """These are one contact already."""

    code = "same_contact"


class BothThinking(Conflict):
    """Carol is answering both right now; try again in a moment."""

    code = "turns_under_way"


class TwoPeople(Conflict):
    """Both are known, as people with other names or birth dates: it has to be confirmed."""

    code = "two_people"


@dataclass(frozen=True, slots=True)
class Merged:
    """`new`: it was done now, and not before."""

    merge: Merge
    new: bool


async def merge(s: Session, kept: UUID, other: UUID, *, by: str, confirmed: bool = False, now: datetime) -> Merged:
    """Everything of `other` is of `kept` from now on, and a row tells who said so and what moved. Said again, it is done.

    Conversations on one wire become one; a person's stays a person's. The stricter wish wins, and the lower of the two
    standings is left: see merging. A turn under way in one of the two is thought anew with what is known now.
    `now` is the machine's. Raises NoContact (so in a rehearsal), SameContact, BothThinking, TwoPeople unless `confirmed`,
    and BadName.
    """
    name = signature(by)
    if is_sandbox(s.clinic_id):
        raise NoContact
    if kept == other:
        raise SameContact
    for alias in await merging_store.aliases(s, [kept, other]):
        await store.lock_alias(s, alias)  # no message of theirs is stored meanwhile
    if (done := await merging_store.between(s, kept, other)) is not None:
        return Merged(done, False)
    held = await joining_store.locked(s, [kept, other])
    mine, theirs = await _side(s, kept), await _side(s, other)
    if {one.contact_id for one in held if one.thinking} == {kept, other}:
        raise BothThinking
    if merging.two_people(mine, theirs) and not confirmed:
        raise TwoPeople
    return Merged(await _merge(s, mine, theirs, held, by=name, confirmed=confirmed, now=now), True)


async def _side(s: Session, contact_id: UUID) -> Side:
    contact = await merging_store.locked(s, contact_id)
    if contact is None:
        raise NoContact
    return Side(contact, tuple(await store.dependants(s, contact_id)))


async def _merge(s: Session, mine: Side, theirs: Side, held: list[Held], *, by: str, confirmed: bool, now: datetime) -> Merge:
    kept, other = mine.contact.id, theirs.contact.id
    result = merging.left(mine, theirs, now=now)
    ties = await merging_store.ties(s, [kept, other])
    folded = None
    if merging.one_person(mine, theirs) and mine.own and theirs.own:
        folded = await merging_store.fold_person(s, mine.own.person_id, theirs.own.person_id)
        if folded is not None:
            await merging_reports_store.fold(s, mine.own.person_id, theirs.own.person_id)
    await merging_store.move_ties(s, kept, other)
    joined = [
        await joining_store.join(s, gone.id, left.id, settled=_words()["settled"])
        for gone in held
        for left in held
        if (gone.contact_id, left.contact_id) == (other, kept) and gone.account_id == left.account_id
    ]
    handed = await joining_store.hand_over(s, kept, other)
    moved = {
        "aliases": await merging_store.move_aliases(s, kept, other),
        "ties": ties,
        "person": folded,
        "joined": joined,
        **handed,
        "contacts": {str(side.contact.id): merging_store.as_it_was(side) for side in (mine, theirs)},
    }
    await merging_store.settle(s, kept, other, result, at=now)
    await merging_reports_store.move(s, kept, other)
    if result.doubt is not None and mine.contact.doubt is None:
        await lane_store.forget_dialogue(s, kept)
    await joining_store.think_anew(s, kept)
    done = await merging_store.put_down(s, kept, other, by=by, confirmed=confirmed, moved=moved)
    for one in held:
        await joining_store.tell(s, one.id)
        await lane_store.ring(s, one.id)
    return done


@cache
def _words() -> dict[str, str]:
    loaded: dict[str, str] = fast_yaml.load(files("clinic.conversations").joinpath("joining.yaml").read_text("utf-8"))
    return loaded
