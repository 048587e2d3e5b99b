"""The verbs of patients: recognise a contact, and settle for whom they speak."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from clinic.patients import names, store
from clinic.patients.models import ContactAlias, Dependant, RelationshipKind
from db.session import Session
from kit.ids import new_id


async def recognise(s: Session, aliases: Sequence[ContactAlias], display_name: str | None) -> UUID:
    """The contact behind these aliases, made when nobody owns any of them.

    When two aliases point at different contacts the first alias wins and nothing is merged: the caller lists them
    from the most to the least trusted.
    """
    await store.lock_alias(s, aliases[0])
    known = await store.contacts_with(s, aliases)
    contact_id = next((known[alias] for alias in aliases if alias in known), None)
    if contact_id is None:
        contact_id = new_id()
        await store.insert_contact(s, contact_id, display_name)
    elif display_name:
        await store.rename_contact(s, contact_id, display_name)
    fresh = [alias for alias in aliases if alias not in known]
    if fresh:
        await store.add_aliases(s, contact_id, fresh)
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
