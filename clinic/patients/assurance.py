"""How sure we are of who writes, and what that lets them see. Pure.

A phone proves little: numbers are recycled, families share one, profiles change. So there are three levels.
UNKNOWN: nobody we know, or somebody we doubt. General information and a first visit; nothing of anybody is shown.
KNOWN: a contact we know and have no reason to doubt. The visits of those they speak for.
PROVED: a known contact who lately told the name and the birth date that we have.

For another adult a contact manages what was booked through this same contact; the rest only with that adult's consent,
or when the clinic itself registered the tie. Children are managed by whoever registered them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

from clinic.patients import names
from clinic.patients.models import Contact, Dependant, RelationshipKind
from clinic.tenants.policies import Identity

TRIES = 3  # in TRIES_WITHIN, over all conversations of a contact; then only a person of the clinic settles it
TRIES_WITHIN = timedelta(hours=24)
PROVED_FOR = timedelta(hours=12)
_OWN = frozenset({RelationshipKind.SELF, RelationshipKind.CHILD})


class Level(IntEnum):
    UNKNOWN = 0
    KNOWN = 1
    PROVED = 2


class Doubt(StrEnum):
    SILENT = "silent"  # so long that the number may have changed hands
    OTHER_NAME = "other_name"  # they say that they are somebody else
    OTHER_ID = "other_id"  # the wire's own ids of them disagree


class Step(StrEnum):
    """How a step-up stands after this turn's messages."""

    PASSED = "passed"
    FAILED = "failed"  # and may be tried again
    LOCKED = "locked"  # too often: only a person of the clinic settles it


@dataclass(frozen=True, slots=True)
class Standing:
    """What a turn knows of who writes. `hidden`: for whom a contact spoke before it was doubted; compared, never shown.
    `colleague`: the number of somebody of the team, who is told of patients and is not one here."""

    level: Level = Level.KNOWN
    hidden: tuple[Dependant, ...] = ()
    step: Step | None = None
    colleague: bool = False


def level(contact: Contact, people: Sequence[Dependant], *, now: datetime) -> Level:
    """How sure we are at `now`. A doubt that was raised stands until it is settled."""
    if contact.doubt is not None or not people:
        return Level.UNKNOWN
    proved = contact.assured_until is not None and contact.assured_until > now
    return Level.PROVED if proved else Level.KNOWN


def doubt(contact: Contact, people: Sequence[Dependant], rules: Identity, *, now: datetime, says_other: bool) -> Doubt | None:
    """Why this contact is to be doubted from now on; None when they are not, or are already. Nobody to protect: no doubt."""
    if contact.doubt is not None or not people:
        return None
    if says_other:
        return Doubt.OTHER_NAME
    if contact.assured_until is not None and contact.assured_until > now:
        return None
    silent = contact.last_seen_at is not None and now - contact.last_seen_at > timedelta(days=rules.silent_days)
    return Doubt.SILENT if silent else None


def may_manage(who: Dependant, *, contact_id: UUID, booked_by_contact: UUID | None) -> bool:
    """Whether this contact may be told of, move and cancel a visit of that person."""
    return who.relationship in _OWN or who.consented or booked_by_contact == contact_id


def proves(people: Sequence[Dependant], births: Sequence[date], said: Sequence[str]) -> bool:
    """Whether what was said names one of these people, first and last name, with their birth date.

    The contact themselves where we know who that is: a child's birthday is on many walls.
    """
    own = [person for person in people if person.relationship is RelationshipKind.SELF] or list(people)
    return any(person.birth_date is not None and person.birth_date in births and _named(person.name, said) for person in own)


def provable(people: Sequence[Dependant]) -> bool:
    """Whether there is anything to compare with."""
    own = [person for person in people if person.relationship is RelationshipKind.SELF] or list(people)
    return any(person.birth_date is not None for person in own)


def _named(name: str, said: Sequence[str]) -> bool:
    words = name.split()
    return len(words) > 1 and names.was_said(f"{words[0]} {words[-1]}", said)
