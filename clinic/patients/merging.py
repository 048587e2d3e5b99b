"""Two contacts that are one human: what becomes of their names, wishes and standing. Pure.

Of each wish the stricter wins: who asked for people only, or for no automatic message, asked once for all of their numbers.
Whoever was proved by one number is not proved by the other, and a number that nobody knew inherits nobody's visits unasked:
the lower of the two standings is what is left, and Carol asks who writes before she tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from clinic.patients import assurance, names
from clinic.patients.assurance import Doubt, Level
from clinic.patients.models import Contact, Dependant, RelationshipKind


@dataclass(frozen=True, slots=True)
class Side:
    """A contact as it is before the merge."""

    contact: Contact
    people: tuple[Dependant, ...]

    @property
    def own(self) -> Dependant | None:
        """Who they are themselves, where we know."""
        return next((one for one in self.people if one.relationship is RelationshipKind.SELF), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The contact that is left. Fields as in Contact."""

    display_name: str | None
    opted_out_at: datetime | None
    opt_out_asked_at: datetime | None
    human_only: bool
    told_ai_at: datetime | None
    last_seen_at: datetime | None
    doubt: str | None
    heard_from: int | None
    assured_until: datetime | None


def left(kept: Side, other: Side, *, now: datetime) -> Left:
    """What both amount to, at `now`."""
    a, b = kept.contact, other.contact
    doubt = a.doubt or b.doubt or _unknown(kept, other, now)
    both_proved = a.assured_until is not None and b.assured_until is not None
    return Left(
        display_name=a.display_name or b.display_name,
        opted_out_at=_first(a.opted_out_at, b.opted_out_at),
        opt_out_asked_at=_last(a.opt_out_asked_at, b.opt_out_asked_at),
        human_only=a.human_only or b.human_only,
        told_ai_at=_first(a.told_ai_at, b.told_ai_at),
        last_seen_at=_last(a.last_seen_at, b.last_seen_at),
        doubt=doubt,
        # A doubted one begins anew with the next message; else what either was not to see stays unseen.
        heard_from=None if doubt else max((seq for seq in (a.heard_from, b.heard_from) if seq is not None), default=None),
        assured_until=_first(a.assured_until, b.assured_until) if both_proved and not doubt else None,
    )


def _unknown(kept: Side, other: Side, now: datetime) -> Doubt | None:
    """The doubt of a merge of somebody known with somebody who was not."""
    levels = {assurance.level(side.contact, side.people, now=now) for side in (kept, other)}
    return Doubt.OTHER_ID if Level.UNKNOWN in levels and len(levels) > 1 else None


def one_person(kept: Side, other: Side) -> bool:
    """Whether both are known as a person, and these may be one: no birth date speaks against it, and no name."""
    a, b = kept.own, other.own
    if a is None or b is None or a.person_id == b.person_id:
        return False
    return not _differ(a, b)


def two_people(kept: Side, other: Side) -> bool:
    """Whether both are known, as different people: that they are one has to be said twice."""
    a, b = kept.own, other.own
    return a is not None and b is not None and a.person_id != b.person_id and _differ(a, b)


def _differ(a: Dependant, b: Dependant) -> bool:
    if a.birth_date is not None and b.birth_date is not None and a.birth_date != b.birth_date:
        return True
    return not names.same(a.name, b.name)


def _first(*instants: datetime | None) -> datetime | None:
    return min(_known(instants), default=None)


def _last(*instants: datetime | None) -> datetime | None:
    return max(_known(instants), default=None)


def _known(instants: Iterable[datetime | None]) -> list[datetime]:
    return [one for one in instants if one is not None]
