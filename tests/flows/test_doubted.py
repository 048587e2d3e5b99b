"""What a doubted contact can still do, and what neither they nor a number's new owner ever reach."""

from __future__ import annotations

from datetime import timedelta

from clinic.conversations.handover import interventions
from clinic.conversations.handover.interventions_store import View
from db.session import clinic_session
from tests.flows.house import ANA, NOW, House
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result
from tests.flows.test_identity import demo, later, left_the_house

__all__ = ["demo"]  # a fixture


async def _booked(demo: House, name: str) -> list[str]:
    """The kinds of tie under which this name was booked, after the whole dialogue."""
    await demo.say(ANA, "oi")
    await later(demo, 100)
    for words in ("quero marcar dermatologista amanhã de manhã", "o primeiro", name, "sim"):
        await demo.say(ANA, words)
    rows = await demo.rows(
        """SELECT r.kind FROM appointments a JOIN people p ON p.id = a.person_id LEFT JOIN relationships r ON r.person_id = p.id
           WHERE p.name = %(name)s AND a.booked_by = 'carol' AND a.starts_at > %(at)s""",
        name=name, at=NOW + timedelta(days=99),
    )  # fmt: skip
    return [row["kind"] for row in rows]


async def test_a_doubted_patient_books_to_the_end(demo: House) -> None:
    assert await _booked(demo, "Ana Paula Ribeiro") == ["self"]


async def test_a_doubted_contact_books_for_somebody_new_to_the_end(demo: House) -> None:
    assert await _booked(demo, "Pedro Nunes Caldas") == ["other"], "the contact's self stays who it was"


async def test_every_birth_date_is_a_try(demo: House) -> None:
    await demo.say(ANA, "oi")
    await later(demo, 100)
    await demo.say(ANA, "quero remarcar minha consulta")
    month = " ".join(f"{day:02}/05/1988" for day in range(1, 29))
    assert "pessoa da equipe" in await demo.say(ANA, f"Ana Paula Ribeiro {month}")
    [row] = await demo.rows("SELECT tries, passed_at FROM step_ups")
    assert (row["tries"], row["passed_at"]) == (3, None)


async def test_proving_oneself_gives_no_new_three_tries(demo: House) -> None:
    await demo.say(ANA, "oi")
    await later(demo, 100)
    await demo.say(ANA, "quero remarcar minha consulta")
    await demo.say(ANA, "Ana Paula Ribeiro, 10/05/1988")
    await demo.say(ANA, "Ana Paula Ribeiro, 11/05/1988")
    assert "confirmado" in await demo.say(ANA, "Ana Paula Ribeiro, 14/05/1988")
    await demo.say(ANA, "não sou a Ana Paula")
    assert "data de nascimento" in await demo.say(ANA, "quero remarcar minha consulta")
    assert "pessoa da equipe" in await demo.say(ANA, "Ana Paula Ribeiro, 12/05/1988")
    rows = await demo.rows("SELECT tries, passed_at IS NOT NULL AS passed, failed_at IS NOT NULL AS failed FROM step_ups")
    assert sorted((row["tries"], row["passed"], row["failed"]) for row in rows) == [(1, False, True), (3, True, False)]


async def _book_as_ana(house: House, brain: ScriptedBrain) -> None:
    brain.then(
        calls("find_slots", service="consulta dermatológica", when="amanhã"),
        lambda m: calls("propose_visit", slot=last_result(m)["slots"][0]["slot"], person_name="Ana Paula Ribeiro"),
        lambda m: f"{last_result(m)['summary']['label']}, para {last_result(m)['summary']['person']}. Posso marcar?",
    )
    await house.say(ANA, "quero marcar dermatologista amanhã, sou a Ana Paula Ribeiro")
    brain.then(calls("book_visit", proposal="A1"), "Certo.")
    await house.say(ANA, "sim, pode marcar")
    assert last_result(brain.seen[-1])["booked"] is True


async def test_a_handle_of_the_former_owner_opens_nothing(house: House, brain: ScriptedBrain) -> None:
    await _book_as_ana(house, brain)
    before = len(brain.seen)
    brain.then(calls("book_visit", proposal="A1"), "Certo.")
    await house.say(ANA, "oi, esse número agora é meu, comprei o chip semana passada. sim")
    assert last_result(brain.seen[-1])["error"] == "unknown_proposal"
    assert "Ana Paula" not in left_the_house(brain, before)


async def test_what_is_owed_to_the_former_owner_is_not_told(house: House, brain: ScriptedBrain) -> None:
    brain.then(calls("escalate", kind="complaint", brief="reclama do atendimento"), "Vou passar para a equipe.")
    await house.say(ANA, "quero reclamar")
    await later(house, 1)
    brain.then("Sem problema!", "Das 8h às 18h.")
    await house.say(ANA, "oi, esse número agora é meu, comprei o chip semana passada")
    await house.say(ANA, "que horas vocês abrem?")
    assert briefing(brain.seen[-1])["cases"] == []
    [case] = await house.rows("SELECT status, slips_at FROM cases")
    assert (case["status"], case["slips_at"]) == ("open", None), "owed to the former owner, and not told to the new one"


async def test_a_person_is_not_briefed_with_the_former_owners_words(house: House, brain: ScriptedBrain) -> None:
    await _book_as_ana(house, brain)
    await later(house, 1)
    brain.then(calls("escalate", kind="person_asked", brief="quer uma pessoa"), "Vou chamar a equipe.")
    await house.say(ANA, "esse número agora é meu, comprei o chip ontem, quero falar com uma pessoa")
    async with clinic_session(house.pool, house.clinic.id) as s:
        [item], _ = await interventions.page(s, View.WAITING, after=None, limit=10)
    assert (item.brief.whom, item.brief.done) == ((), ())
    assert len(item.brief.last_words) == 1


async def test_the_former_owners_words_do_not_come_back_when_the_new_one_is_sure(house: House, brain: ScriptedBrain) -> None:
    brain.then("Oi!")
    await house.say(ANA, "oi, aqui é a Canário")
    brain.then("Sem problema!", calls("for_whom", name="Bia Torres", relationship="self"), "Certo, Bia.")
    await house.say(ANA, "esse número agora é meu, comprei o chip ontem")
    await house.say(ANA, "sou a Bia Torres")
    await house.rows("UPDATE people SET birth_date = '1990-02-03' WHERE name = 'Bia Torres' RETURNING id")
    await later(house, 100)
    await house.say(ANA, "quando é minha consulta?")
    assert "confirmado" in await house.say(ANA, "Bia Torres, 03/02/1990")
    before = len(brain.seen)
    brain.then("Nada marcado.")
    await house.say(ANA, "tenho algo marcado?")
    assert briefing(brain.seen[-1])["people"][0]["name"] == "Bia Torres"
    assert "Canário" not in left_the_house(brain, before)
    assert "Can\\u00e1rio" not in left_the_house(brain, before)
