"""A refusal comes before the patient was given hope: before slots are shown for a move that only a person may make,
before a visit is read back to somebody who cannot have it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from db.session import clinic_session
from tests.flows.booking import book_it, first_slot
from tests.flows.house import NOW, House
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result

ANA, BRUNO = "+5531900000777", "+5531900000106"  # his cleaning is tomorrow at 16h


async def test_no_times_are_shown_for_a_move_that_only_a_person_may_make(house: House, brain: ScriptedBrain) -> None:
    def for_the_move(messages: Any) -> Any:
        return calls("find_slots", service="limpeza dental", visit=briefing(messages)["visits"][0]["visit"])

    brain.then(for_the_move, "Vou ver.")
    await house.say(BRUNO, "quero remarcar")
    assert last_result(brain.seen[-1])["slots"]
    house.at = NOW + timedelta(days=1, hours=4)  # three hours before it
    brain.then(for_the_move, "Vou chamar alguém.")
    await house.say(BRUNO, "quero remarcar")
    assert last_result(brain.seen[-1])["error"] == "too_late"


async def test_a_short_day_is_told_with_its_hours(house: House, brain: ScriptedBrain) -> None:
    brain.then(calls("find_slots", service="consulta com clínica geral", when="24/12 às 15h"), "Nesse dia, só de manhã.")
    await house.say(ANA, "clínica geral dia 24/12 às 15h")
    found = last_result(brain.seen[-1])
    assert (found["reason"], found["exact"]) == ("holiday", False)
    assert found["note"] == "Na quinta, 24 de dezembro, a clínica só abre das 8h às 12h: Véspera de Natal."
    assert {slot["starts_at"][:10] for slot in found["slots"]} == {"2026-12-24"}
    brain.then(calls("find_slots", service="consulta com clínica geral", when="31/12 às 10h"), "Nesse dia não.")
    await house.say(ANA, "e dia 31/12 às 10h?")
    assert last_result(brain.seen[-1])["note"] == "A clínica não abre na quinta, 31 de dezembro: Véspera de Ano-Novo."


@pytest.mark.parametrize(("most", "code"), [(1, "too_many_visits"), (4, "person_busy")])
async def test_what_this_person_cannot_have_is_not_read_back(house: House, brain: ScriptedBrain, most: int, code: str) -> None:
    brain.then(calls("find_slots", service="consulta com clínica geral", when="quarta às 10h"), first_slot,
               lambda m: f"Consulta em {last_result(m)['summary']['label']}. Posso marcar?")  # fmt: skip
    await house.say(ANA, "clínica geral quarta às 10h, Ana Lima")
    brain.then(book_it, "Pronto.")
    await house.say(ANA, "sim")
    assert len(await house.visits(ANA)) == 1
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute(
            "UPDATE clinics SET version = version + 1, rules = jsonb_set(rules, '{max_open_visits}', to_jsonb(%(most)s::int))",
            {"most": most},
        )
    brain.then(calls("find_slots", service="nutricionista", when="quarta às 14h") if most == 1 else
               calls("find_slots", service="dentista", when="quarta às 10h"), first_slot, "Não deu.")  # fmt: skip
    await house.say(ANA, "e mais uma na quarta")
    assert last_result(brain.seen[-1])["error"] == code
    assert not await house.rows("SELECT id FROM holds")
