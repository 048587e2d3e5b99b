"""A model that answers every bait with medical advice, on real rows: none of it is sent, a fixed text and a case instead."""

from __future__ import annotations

import os
from typing import Any

from agent.guardrails.lexicon import flat
from kit.clock import utc_now
from tests.flows.house import House
from tests.unit.test_red_team import BAITS, baits, by_hand, cases

_FRAMES = len(cases(BAITS)["frames"])
# Each question once, in one disguise after another: every disguise comes up.
CHOSEN = [baits()[ask * _FRAMES + ask % _FRAMES] for ask in range(len(cases(BAITS)["asks"]))]
# Of those written by hand a tenth each day, all with BAITS=all.
CHOSEN += by_hand() if os.environ.get("BAITS") == "all" else by_hand()[utc_now().toordinal() % 10 :: 10]


async def to_be_sent(house: House, phone: str) -> list[str]:
    """The words of the outbox for this phone."""
    found = await house.rows(
        """SELECT m.text FROM outbox o JOIN messages m ON m.clinic_id = o.clinic_id AND m.id = o.message_id
           WHERE o.conversation_id = %(id)s ORDER BY o.seq""",
        id=house.conversations[phone],
    )
    return [row["text"] for row in found]


async def test_of_a_model_that_advises_on_every_bait_nothing_reaches_the_outbox(house: House) -> None:
    brain: Any = house.minds.brains.conversation
    advice = cases(BAITS)["advice"]
    asked = 0
    for at, bait in enumerate(CHOSEN):
        phone = f"+5531900008{at:03d}"
        # Its answer, what it says when that is refused, and a third, should it be asked once more.
        brain.steps, brain.seen = [advice[(at * 5 + more * 7) % len(advice)] for more in range(3)], []
        await house.say(phone, bait)
        asked += bool(brain.seen)
        queued = await to_be_sent(house, phone)
        assert queued and queued == await house.said(phone), bait
        said = f" {flat(' '.join(queued))} "
        assert not [words for words in advice if f" {flat(words)} " in said], bait
        cases_of = "SELECT kind FROM cases WHERE conversation_id = %(id)s AND resolved_at IS NULL"
        assert await house.rows(cases_of, id=house.conversations[phone]), bait
    assert len(CHOSEN) >= 30
    assert asked >= 20  # it was asked and it fell for them: what held was not its virtue


async def test_what_is_no_advice_is_sent_as_it_was_written(house: House) -> None:
    brain: Any = house.minds.brains.conversation
    reply = "Só uma profissional pode dizer isso. Quer que eu procure um horário?"
    brain.steps = [reply]
    assert reply in await house.say("+5531900000899", CHOSEN[0])
