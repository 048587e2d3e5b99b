"""A phone proves little: a number that changed hands, a long silence, a relative's visits. Judged by what left the house."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from clinic.conversations.handover import interventions
from db.embedded import Urls
from db.session import clinic_session
from tests.flows.house import ANA, NOW, House, offline_brains, open_house
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result

CANARIES = ("Ana Paula", "Ribeiro", "Canário")


@pytest.fixture
async def demo(database: Urls, tmp_path: Any) -> AsyncIterator[House]:
    async with open_house(database, offline_brains(tmp_path), at=NOW) as house:
        yield house


async def later(house: House, days: int) -> None:
    house.at = NOW + timedelta(days=days)


async def visit_ahead(house: House, phone: str, *, days: int) -> None:
    """The desk booked a visit for the contact's own person, by hand, `days` from NOW."""
    await house.rows(
        """WITH who AS (
             SELECT r.clinic_id, r.person_id FROM contact_aliases a JOIN relationships r USING (clinic_id, contact_id)
             WHERE a.value = %(phone)s AND r.kind = 'self'),
           what AS (SELECT s.clinic_id, s.id AS service_id, p.professional_id FROM services s
             JOIN service_professionals p ON p.clinic_id = s.clinic_id AND p.service_id = s.id ORDER BY s.position LIMIT 1)
           INSERT INTO appointments (clinic_id, id, person_id, service_id, professional_id, unit_id, starts_at, ends_at,
                                     booked_by, created_at)
           SELECT who.clinic_id, gen_random_uuid(), who.person_id, what.service_id, what.professional_id, u.id, %(at)s,
                  %(at)s + interval '30 min', 'person', %(now)s
           FROM who, what, (SELECT id FROM units ORDER BY position LIMIT 1) u RETURNING id""",
        phone=phone, at=NOW + timedelta(days=days), now=NOW,
    )  # fmt: skip


def left_the_house(brain: ScriptedBrain, since: int) -> str:
    """All that a model was given since then."""
    return json.dumps(
        [[str(m.content) + json.dumps(m.additional_kwargs, default=str) for m in seen] for seen in brain.seen[since:]]
    )


async def test_the_new_owner_of_a_number_is_a_stranger(house: House, brain: ScriptedBrain) -> None:
    await visit_ahead(house, ANA, days=3)
    brain.then("Oi, Ana Paula! Em que posso ajudar?", "Pode deixar, Ana Paula Ribeiro Canário.")
    await house.say(ANA, "oi, meu apelido é Canário")
    await house.say(ANA, "obrigada")
    before, trace_before = len(brain.seen), len(await house.rows("SELECT id FROM turns"))
    said_before = len(await house.said(ANA))
    brain.then("Sem problema! Em que posso ajudar?", calls("my_visits"), "Você não tem consultas por aqui.")
    await house.say(ANA, "oi, esse número agora é meu, comprei o chip semana passada")
    await house.say(ANA, "tenho alguma consulta marcada?")
    given = left_the_house(brain, before)
    assert not [canary for canary in CANARIES if canary in given]
    assert last_result(brain.seen[-1]) == {"visits": []}
    answers = "\n".join((await house.said(ANA))[said_before:])
    assert not [canary for canary in CANARIES if canary in answers]
    traces = await house.rows("SELECT trace::text AS told FROM turns ORDER BY started_at")
    assert not [canary for canary in CANARIES for turn in traces[trace_before:] if canary in turn["told"]]
    assert "assistente virtual" in answers, "a stranger is told whom they talk to"
    # The former owner's visit and file stay as they were.
    [person] = await house.rows(
        "SELECT count(*) AS n FROM appointments a JOIN people p ON p.id = a.person_id WHERE p.name LIKE 'Ana Paula%%'"
    )
    assert person["n"] >= 1


async def test_after_a_long_silence_nothing_is_told_before_the_birth_date(demo: House) -> None:
    await demo.say(ANA, "oi, tudo bem?")
    await later(demo, 100)
    await visit_ahead(demo, ANA, days=103)
    asked = await demo.say(ANA, "que dia é minha consulta?")
    assert "data de nascimento" in asked
    wrong = await demo.say(ANA, "Ana Paula Ribeiro, 14/05/1989")
    assert "Não consegui confirmar" in wrong
    right = await demo.say(ANA, "desculpa, é 14/05/1988")
    assert "confirmado" in right
    told = await demo.say(ANA, "que dia é minha consulta?")
    assert "consulta" in told.lower()
    assert "nascimento" not in told
    [row] = await demo.rows("SELECT tries, passed_at, failed_at FROM step_ups")
    assert (row["tries"], row["failed_at"]) == (2, None)
    assert row["passed_at"] is not None


async def test_three_wrong_answers_leave_it_to_a_person(demo: House) -> None:
    await demo.say(ANA, "oi")
    await later(demo, 100)
    await demo.say(ANA, "quero remarcar minha consulta")
    answers = [await demo.say(ANA, f"Ana Paula Ribeiro, {day}/05/1988") for day in ("10/", "11", "12", "13", "14")][0:]
    assert "pessoa da equipe" in answers[-1], "even the right date is too late"
    [case] = await demo.rows("SELECT kind, status FROM cases WHERE kind = 'identity'")
    assert case["status"] == "open"
    contact = await demo.rows(
        "SELECT doubt FROM contacts k JOIN contact_aliases a ON a.contact_id = k.id WHERE a.value = %(v)s", v=ANA
    )
    assert contact[0]["doubt"] == "silent"


async def test_a_doubted_contact_still_books_under_a_name_they_know(house: House, brain: ScriptedBrain) -> None:
    brain.then("Oi!")
    await house.say(ANA, "oi")
    await later(house, 100)
    brain.then(
        calls("find_slots", service="consulta dermatológica", when="amanhã"),
        lambda m: calls("propose_visit", slot=last_result(m)["slots"][0]["slot"], person_name="Ana Paula Ribeiro"),
        lambda m: f"{last_result(m)['summary']['label']}, para {last_result(m)['summary']['person']}. Posso marcar?",
    )
    before = len(brain.seen)
    await house.say(ANA, "quero marcar dermatologista amanhã, sou a Ana Paula Ribeiro")
    assert briefing(brain.seen[before])["people"] == []
    assert briefing(brain.seen[before])["visits"] == []
    people = await house.rows("SELECT name FROM people WHERE name LIKE 'Ana Paula%%'")
    assert len(people) == 1, "no second file of the same person"


async def test_a_relative_manages_what_they_booked_and_nothing_else(house: House, brain: ScriptedBrain) -> None:
    """A spouse's own visits are theirs; with the clinic's word for it, or through this contact, they are managed."""
    brain.then("Oi!", calls("for_whom", name="Carlos Dias", relationship="spouse"), "Certo.")
    await house.say("+5531900000999", "oi")
    await house.say("+5531900000999", "é para o meu marido Carlos Dias")
    await house.rows(
        """WITH what AS (SELECT s.clinic_id, s.id AS service_id, p.professional_id FROM services s
             JOIN service_professionals p ON p.clinic_id = s.clinic_id AND p.service_id = s.id ORDER BY s.position LIMIT 1)
           INSERT INTO appointments (clinic_id, id, person_id, service_id, professional_id, unit_id, starts_at, ends_at,
                                     booked_by, created_at)
           SELECT w.clinic_id, gen_random_uuid(), (SELECT id FROM people WHERE name = 'Carlos Dias'), w.service_id,
                  w.professional_id, (SELECT id FROM units ORDER BY position LIMIT 1), %(at)s, %(at)s + interval '30 min',
                  'person', %(now)s FROM what w RETURNING id""",
        at=NOW + timedelta(days=4), now=NOW,
    )  # fmt: skip
    brain.then(calls("my_visits"), "Não encontrei.")
    await house.say("+5531900000999", "quando é a consulta do Carlos?")
    assert last_result(brain.seen[-1]) == {"visits": []}
    assert briefing(brain.seen[-1])["visits"] == []
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE relationships SET consented_at = now(), consent = 'person' WHERE kind = 'spouse'")
    brain.then(calls("my_visits"), "Achei.")
    await house.say("+5531900000999", "e agora, quando é a consulta dele?")
    assert len(last_result(brain.seen[-1])["visits"]) == 1


async def test_who_registered_only_a_child_is_asked_for_the_child(demo: House) -> None:
    await demo.say("+5531900000777", "oi")
    await demo.rows(
        """WITH born AS (INSERT INTO people (clinic_id, id, name, birth_date)
             SELECT clinic_id, gen_random_uuid(), 'Léo Canário', '2019-01-27' FROM contact_aliases WHERE value = %(phone)s
             RETURNING clinic_id, id)
           INSERT INTO relationships (clinic_id, contact_id, person_id, kind)
           SELECT b.clinic_id, a.contact_id, b.id, 'child' FROM born b JOIN contact_aliases a ON a.value = %(phone)s
           RETURNING person_id""",
        phone="+5531900000777",
    )
    await later(demo, 100)
    asked = await demo.say("+5531900000777", "quero remarcar a consulta do meu filho")
    assert "do paciente" in asked
    assert "confirmado" in await demo.say("+5531900000777", "Léo Canário 27/01/2019")


@pytest.mark.parametrize("proved", [True, False])
async def test_a_person_of_the_clinic_settles_what_cannot_be_proved_in_the_chat(demo: House, proved: bool) -> None:
    await demo.say(ANA, "oi")
    await demo.rows("UPDATE people SET birth_date = NULL RETURNING id")
    await later(demo, 100)
    assert "pessoa da equipe" in await demo.say(ANA, "que dia é minha consulta?")
    [case] = await demo.rows("SELECT id FROM cases WHERE kind = 'identity'")
    async with clinic_session(demo.pool, demo.clinic.id) as s:
        await interventions.resolve(s, case["id"], by="Bia", proved=proved)
    [contact] = await demo.rows(
        "SELECT doubt FROM contacts k JOIN contact_aliases a ON a.contact_id = k.id WHERE a.value = %(v)s", v=ANA
    )
    assert contact["doubt"] == (None if proved else "silent")
