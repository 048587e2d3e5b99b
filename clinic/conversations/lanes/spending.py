"""What Carol may still spend on a contact and in a clinic. Pure: decided from what the clinic allows and what was spent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from clinic.tenants.policies import Limits


class Limit(StrEnum):
    TURNS = "turns_per_hour"
    DAY = "reais_per_contact_day"
    MONTH = "reais_per_month"


@dataclass(frozen=True, slots=True)
class Spent:
    """Turns of a contact in the last hour; reais of theirs on the clinic's day, and of the whole clinic in its month."""

    turns: int = 0
    day: Decimal = Decimal(0)
    month: Decimal = Decimal(0)


def reached(limits: Limits, spent: Spent) -> Limit | None:
    """The limit that lets no further turn begin, or None."""
    return Limit.TURNS if spent.turns >= limits.turns_per_hour else money_gone(limits, spent)


def money_gone(limits: Limits, spent: Spent, *, more: Decimal = Decimal(0)) -> Limit | None:
    """The limit that lets no further model be asked once `more` reais are spent as well, or None."""
    if limits.reais_per_contact_day is not None and spent.day + more >= limits.reais_per_contact_day:
        return Limit.DAY
    if limits.reais_per_month is not None and spent.month + more >= limits.reais_per_month:
        return Limit.MONTH
    return None
