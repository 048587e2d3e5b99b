"""Who of a family agreed to receive reports of somebody: asked for, given, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from clinic.patients import service as patients
from clinic.patients.models import ContactAlias, RelationshipKind
from clinic.reports import recipients_store
from clinic.reports.models import NoReport
from clinic.reports.reviewing import signed
from clinic.reports.views import Family
from db.session import Session
from kit.errors import Invalid, NotFound
from kit.phone import canonical

REVOKED = "consent_revoked"
THEMSELVES, STRANGER = "said", "not_them"  # who took it back: they, by a message; or whoever has the phone and is not they


class BadRecipient(Invalid):
    """Somebody of a family has a phone and a name."""

    code = "bad_recipient"


class NoRecipient(NotFound):
    """This person has no such recipient."""

    code = "no_such_recipient"


async def of_person(s: Session, person_id: UUID) -> Sequence[Family]:
    """Everybody in this person's list, whether they agreed or not."""
    return await recipients_store.family(s, person_id)


async def put(s: Session, person_id: UUID, *, phone: str, name: str, kind: str, agreed: bool, by: str, now: datetime) -> Family:
    """Adds somebody, or confirms them anew: `agreed` is what `by` says that they said. Raises BadRecipient, NoReport.

    A phone that wrote before is that contact. Reports approved before this go to a person's review, since who agrees is
    not who they were approved for.
    """
    number, called = canonical(phone), signed(name)
    if number is None or not called or kind not in set(RelationshipKind):
        raise BadRecipient
    if not await recipients_store.is_cared_for(s, person_id):
        raise NoReport
    contact_id = await patients.recognise(s, (ContactAlias("phone", number),), None)
    consent = "person" if agreed else None
    await recipients_store.put(s, person_id, contact_id, name=called, kind=kind, consent=consent, by=signed(by), at=now)
    return next(one for one in await of_person(s, person_id) if one.contact_id == contact_id)


async def revoke(s: Session, contact_id: UUID, *, person_id: UUID | None = None, by: str, now: datetime) -> int:
    """No report goes to them any more, of this person or of anybody; what waits to leave is taken back. How many lists."""
    lists = await recipients_store.revoke(s, contact_id, person_id=person_id, at=now, by=signed(by))
    await recipients_store.hold_back(s, contact_id, person_id=person_id, error_code=REVOKED)
    return lists


async def restore(s: Session, contact_id: UUID, *, now: datetime) -> int:
    """What they stopped themselves by a message goes to them again, since they say so. How many lists."""
    return await recipients_store.restore(s, contact_id, by=THEMSELVES, at=now)


async def drop(s: Session, person_id: UUID, contact_id: UUID) -> None:
    """They are taken off this person's list, and what waits to leave is taken back. Raises NoRecipient."""
    await recipients_store.hold_back(s, contact_id, person_id=person_id, error_code=REVOKED)
    if not await recipients_store.drop(s, person_id, contact_id):
        raise NoRecipient
