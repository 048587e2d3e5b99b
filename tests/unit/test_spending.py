"""When a contact or a clinic has spent its share, and how much of a flood a turn reads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clinic.conversations.lanes import spending, turns
from clinic.conversations.lanes.spending import Limit, Spent
from clinic.conversations.models import Author, Message
from clinic.tenants.policies import Limits
from kit.clock import utc_now
from kit.ids import new_id

LIMITS = Limits(turns_per_hour=3, reais_per_contact_day=Decimal(5), reais_per_month=Decimal(100))


@pytest.mark.parametrize(
    ("spent", "limit"),
    [
        (Spent(), None),
        (Spent(2, Decimal("4.99"), Decimal("99.99")), None),
        (Spent(3), Limit.TURNS),
        (Spent(0, Decimal(5)), Limit.DAY),
        (Spent(0, Decimal("5.01")), Limit.DAY),
        (Spent(0, Decimal(0), Decimal(100)), Limit.MONTH),
    ],
)
def test_a_limit_is_met_when_all_of_it_is_spent(spent: Spent, limit: Limit | None) -> None:
    assert spending.reached(LIMITS, spent) == limit


def test_what_a_turn_spends_itself_counts_before_its_next_thought() -> None:
    assert spending.money_gone(LIMITS, Spent(9, Decimal(4)), more=Decimal("0.99")) is None
    assert spending.money_gone(LIMITS, Spent(0, Decimal(4)), more=Decimal(1)) == Limit.DAY
    assert spending.money_gone(LIMITS, Spent(0, Decimal(0), Decimal(99)), more=Decimal(1)) == Limit.MONTH


def test_no_limit_is_no_limit() -> None:
    free = Limits(reais_per_contact_day=None, reais_per_month=None)
    assert spending.reached(free, Spent(0, Decimal(10**6), Decimal(10**6))) is None


def message(text: str) -> Message:
    return Message(new_id(), 1, Author.PATIENT, "text", text, utc_now())


def test_a_turn_reads_the_newest_of_a_flood_and_the_beginning_of_a_long_message() -> None:
    assert turns.said([message("oi"), message("  "), message("tudo bem?")]) == ("oi", "tudo bem?")
    [long] = turns.said([message("a" + "b" * 70_000)])
    assert long.startswith("a") and len(long) == turns.MOST_EACH
    flood = turns.said([message(f"{n:04}" * 1000) for n in range(50)])
    assert sum(map(len, flood)) <= turns.MOST_SAID
    assert flood[-1].startswith("0049") and len(flood) == 4
