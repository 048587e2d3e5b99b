"""The verbs of patients: recognise a contact, and settle for whom they speak."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from clinic.patients import assurance_store, names, store
from clinic.patients.assurance import Doubt
from clinic.patients.models import ContactAlias, Dependant, RelationshipKind
from db.session import Session
from kit.clock import utc_now
from kit.ids import new_id

_OF_ACCOUNTS = frozenset({"lid", "bsuid"})  # ids that a wire gives to an account, whatever its number


async def recognise(s: Session, aliases: Sequence[ContactAlias], display_name: str | None) -> UUID:
    """The contact behind these aliases, made when nobody owns any of them.

    When two aliases point at different contacts the first alias wins and nothing is merged: the caller lists them
    from the most to the least trusted. The others are doubted: an address of theirs is somebody else's now. So is a
    contact whose number now comes with another account's id: it may have a new owner.
    """
    await store.lock_alias(s, aliases[0])
    known = await store.contacts_with(s, aliases)
    contact_id = next((known[alias] for alias in aliases if alias in known), None)
    for other in {known[alias] for alias in known} - {contact_id}:
        await assurance_store.doubt(s, other, Doubt.OTHER_ID, at=utc_now())
    if contact_id is None:
        contact_id = new_id()
        await store.insert_contact(s, contact_id, display_name)
    elif display_name:
        await store.rename_contact(s, contact_id, display_name)
    fresh = [alias for alias in aliases if alias not in known]
    if fresh:
        if await store.has_other(s, contact_id, [alias for alias in fresh if alias.kind in _OF_ACCOUNTS]):
            await assurance_store.doubt(s, contact_id, Doubt.OTHER_ID, at=utc_now())
        await store.add_aliases(s, contact_id, fresh)
    return contact_id


async def move(s: Session, before: Sequence[ContactAlias], after: Sequence[ContactAlias]) -> UUID | None:
    """The contact who changed from these aliases to those; None when it is none of ours.

    The old ones are nobody's from now on: whoever writes from them next is a stranger. A new one that belongs to
    another contact stays there, and nothing is merged; but that contact is doubted, since the wire says it is not theirs.
    """
    await store.lock_alias(s, before[0])
    known = await store.contacts_with(s, [*before, *after])
    contact_id = next((known[alias] for alias in before if alias in known), None)
    if contact_id is None:
        return None
    for other in {known[alias] for alias in after if alias in known} - {contact_id}:
        await assurance_store.doubt(s, other, Doubt.OTHER_ID, at=utc_now())
    await store.drop_aliases(s, contact_id, [alias for alias in before if alias not in after])
    await store.add_aliases(s, contact_id, [alias for alias in after if alias not in known])
    return contact_id


async def speak_for(
    s: Session, contact_id: UUID, name: str, kind: RelationshipKind, *, known: Sequence[Dependant]
) -> Dependant:
    """The person of that name this contact speaks for, made when new. Only ever looks among the contact's own people."""
    for dependant in known:
        if names.same(dependant.name, name):
            return dependant
    has_self = any(dependant.relationship is RelationshipKind.SELF for dependant in known)
    if kind is RelationshipKind.SELF and has_self:
        kind = RelationshipKind.OTHER
    person_id = new_id()
    await store.insert_person(s, person_id, names.tidy(name))
    await store.relate(s, contact_id, person_id, kind)
    return Dependant(person_id, names.tidy(name), kind)


async def complete_name(s: Session, person_id: UUID, name: str) -> bool:
    """Writes the fuller name of someone who was never booked; False when they were, and the name stays."""
    return await store.rename_unbooked(s, person_id, names.tidy(name))
