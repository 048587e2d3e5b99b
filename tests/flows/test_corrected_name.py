"""A name written down wrongly is corrected before anything is booked under it, and leaves no second person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from tests.flows.house import ANA, House
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result

STRANGER = "+5531900000123"


async def people(house: House) -> list[str]:
    return [row["name"] for row in await house.rows("SELECT name FROM people ORDER BY name")]


def corrected(name: str, place: int = 0) -> Any:
    """A call that says how the person at this place of the briefing is really called."""

    def step(messages: Sequence[BaseMessage]) -> Any:
        return calls("for_whom", person=briefing(messages)["people"][place]["person"], name=name)

    return step


async def test_who_was_just_written_down_has_the_name_then_said(house: House, brain: ScriptedBrain) -> None:
    before = await people(house)
    brain.then(calls("for_whom", name="Catarina Lopes"), "Certo.", corrected("Katarina Lopes"), "Corrigi.")
    await house.say(STRANGER, "oi, sou Catarina Lopes")
    await house.say(STRANGER, "é com K: Katarina Lopes")
    assert await people(house) == sorted([*before, "Katarina Lopes"])
    assert last_result(brain.seen[-1])["name"] == "Katarina Lopes"


async def test_whoever_was_on_file_before_keeps_their_name(house: House, brain: ScriptedBrain) -> None:
    brain.then(calls("for_whom", name="Catarina Lopes"), "Certo.", corrected("Katarina Lopes"), "Certo.")
    await house.say(STRANGER, "oi, sou Catarina Lopes")
    await house.rows("UPDATE tool_receipts SET entity_id = gen_random_uuid() RETURNING id")  # somebody else wrote her down
    before = await people(house)
    await house.say(STRANGER, "é com K: Katarina Lopes")
    assert await people(house) == before


async def test_whoever_a_visit_was_booked_for_keeps_their_name(house: House, brain: ScriptedBrain) -> None:
    before = await people(house)
    brain.then(corrected("Anna Paula Ribeiro"), "Certo.")
    await house.say(ANA, "meu nome é Anna Paula Ribeiro, com dois n")
    assert await people(house) == before


async def test_another_name_and_one_that_nobody_said_correct_nothing(house: House, brain: ScriptedBrain) -> None:
    before = await people(house)
    brain.then(
        calls("for_whom", name="Catarina Lopes"), "Certo.", corrected("Pedro Lopes"), "…", corrected("Katarina Lopes"), "…"
    )
    await house.say(STRANGER, "oi, sou Catarina Lopes")
    await house.say(STRANGER, "e o Pedro Lopes, meu irmão?")
    await house.say(STRANGER, "tá bom")
    assert await people(house) == sorted([*before, "Catarina Lopes"])
