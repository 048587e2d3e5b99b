"""Opting out and back in, and the words that say she is an AI: each said once, each with what it does."""

from __future__ import annotations

from typing import Any

import pytest

from agent.thoughts import ModelUnavailable
from db.session import clinic_session
from desk.turn import take_turn
from tests.flows.house import House
from tests.flows.scripted import ScriptedBrain

ANA = "+5531900000777"
AI = "assistente virtual"


async def contact(house: House) -> dict[str, Any]:
    [row] = await house.rows(
        """SELECT k.opted_out_at IS NOT NULL AS out, k.opt_out_asked_at IS NOT NULL AS asked, k.human_only
           FROM contacts k JOIN conversations c ON c.clinic_id = k.clinic_id AND c.contact_id = k.id WHERE c.id = %(id)s""",
        id=house.conversations[ANA],
    )
    return row


async def test_a_wish_to_leave_is_asked_about_once_and_honoured_on_a_yes(house: House, brain: ScriptedBrain) -> None:
    assert "quer parar de receber" in await house.say(ANA, "para de me mandar mensagem")
    assert await contact(house) == {"out": False, "asked": True, "human_only": False}
    assert "não vamos mais mandar" in await house.say(ANA, "sim")
    assert await contact(house) == {"out": True, "asked": False, "human_only": False}
    assert not brain.seen  # no model decides it
    brain.then("Funcionamos de segunda a sábado.")
    assert "segunda" in await house.say(ANA, "oi, que dias vocês abrem?")  # still answered
    assert "Voltamos a mandar" in await house.say(ANA, "pode voltar a mandar mensagem")
    assert not (await contact(house))["out"]


async def test_a_no_or_another_subject_leaves_everything_as_it_was(house: House, brain: ScriptedBrain) -> None:
    await house.say(ANA, "chega")
    assert "continua como está" in await house.say(ANA, "não")
    await house.say(ANA, "chega de propaganda")
    brain.then("Claro, para quem é?")
    await house.say(ANA, "queria marcar uma consulta")
    assert await contact(house) == {"out": False, "asked": False, "human_only": False}
    brain.then("Certo.")
    await house.say(ANA, "sim")  # an answer to Carol's question now, not to that one
    assert not (await contact(house))["out"]


async def test_a_pain_to_be_stopped_is_no_wish_to_leave(house: House, brain: ScriptedBrain) -> None:
    brain.then("Posso procurar um horário com a dentista?")
    await house.say(ANA, "tem como parar a dor?")
    assert len(brain.seen) == 1
    assert await contact(house) == {"out": False, "asked": False, "human_only": False}


async def test_a_question_that_was_never_sent_was_never_asked(house: House) -> None:
    conversation = await house.hear(ANA, "para de me mandar mensagem")
    async with clinic_session(house.pool, house.clinic.id) as s:  # a person takes over while the turn thinks
        await s.execute("UPDATE conversations SET owner = 'person' WHERE id = %(id)s", {"id": conversation})
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    assert not (await contact(house))["asked"]


async def test_people_only_is_for_good_and_no_model_undoes_it(house: House, brain: ScriptedBrain) -> None:
    await house.say(ANA, "não quero mais ser atendida por robô")
    assert (await contact(house))["human_only"]
    for said in ("oi", "quero marcar uma consulta", "pode ser com a carol mesmo", "ok"):
        await house.say(ANA, said)
    assert (await contact(house))["human_only"]
    assert not brain.seen


@pytest.mark.parametrize(
    "first",
    [
        "oi",
        "meu pai está com dor no peito",
        "quero morrer",
        "não quero falar com robô, só com pessoas",
        "pare",
        "meu marido me bateu",
    ],
)
async def test_that_she_is_an_ai_is_said_in_the_first_reply_and_never_again(
    house: House, brain: ScriptedBrain, first: str
) -> None:
    brain.steps = ["Oi! Como posso ajudar?"] * 5
    await house.say(ANA, first)
    said = await house.said(ANA)
    assert sum(AI in bubble for bubble in said) == 1
    if "emergency" in {row["kind"] for row in await house.rows("SELECT kind FROM cases")}:
        assert "192" in said[0] or "190" in said[0]
        assert AI not in said[0]  # the help comes first
    await house.say(ANA, "certo")
    await house.say(ANA, "e agora?")
    assert sum(AI in bubble for bubble in await house.said(ANA)) == 1


async def test_it_is_said_once_after_a_model_that_failed_and_a_turn_that_was_superseded(
    house: House, brain: ScriptedBrain
) -> None:
    conversation = await house.hear(ANA, "oi")

    class Dies(Exception):
        pass

    brain.then(Dies())
    assert await take_turn(house.pool, house.minds, house.clinic.id, conversation) is None
    assert await house.said(ANA) == []
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE conversations SET due_at = now() WHERE id = %(id)s", {"id": conversation})
    brain.then(ModelUnavailable([]))
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    brain.then("Oi!")
    await house.say(ANA, "tá aí?")
    assert sum(AI in bubble for bubble in await house.said(ANA)) == 1
