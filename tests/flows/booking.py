"""Ana books a visit, step by step, with a model that does as it should."""

from __future__ import annotations

from typing import Any

from tests.flows.house import ANA, House
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result


def first_slot(messages: Any) -> Any:
    return calls("propose_visit", slot=last_result(messages)["slots"][0]["slot"], person_name="Ana Lima")


def read_back(messages: Any) -> str:
    shown = last_result(messages)["summary"]
    what = f"{shown['service']} em {shown['label']}, com {shown['professional']}, para {shown['person']}, {shown['price']}"
    return f"{what}. Posso marcar?"


def book_it(messages: Any) -> Any:
    return calls("book_visit", proposal=briefing(messages)["proposal"]["proposal"])


def booked(messages: Any) -> str:
    return f"Marquei sua consulta para {last_result(messages)['summary']['label']}."


async def proposed(house: House, brain: ScriptedBrain) -> None:
    """Ana was read back a visit and is asked for her yes."""
    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), first_slot, read_back)
    answer = await house.say(ANA, "queria marcar dermatologista amanhã, sou a Ana Lima")
    assert "Posso marcar?" in answer


async def book(house: House, brain: ScriptedBrain) -> dict[str, Any]:
    """Her visit, once she said yes."""
    await proposed(house, brain)
    brain.then(book_it, booked)
    await house.say(ANA, "sim, pode marcar")
    [visit] = await house.visits(ANA)
    return visit
