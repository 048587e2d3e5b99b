"""Somebody of the team who answers a notice is not greeted as a patient; a danger they write of is one all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb

from clinic.tenants.policies import Member, Policies, Team, policies_json
from db.session import clinic_session
from tests.flows.house import ANA, House
from tests.flows.scripted import ScriptedBrain

RITA = "+5531900000909"


async def told(house: House, phone: str = RITA) -> None:
    """Rita of the front desk is told of patients at this number."""
    chosen = policies_json(Policies(team=Team(members=(Member(key="rita", name="Rita", phone=phone),))))
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE clinics SET policies = %(chosen)s, version = version + 1", {"chosen": Jsonb(chosen)})


@pytest.mark.parametrize("written", [RITA, "(31) 90000-0909"])
async def test_told_once_a_day_where_to_answer_and_no_model_reads_it(house: House, brain: ScriptedBrain, written: str) -> None:
    await told(house, written)
    answer = await house.say(RITA, "ok, já ligo para ela")
    assert answer.startswith("Este número só envia os avisos da Carol para a equipe")
    assert "\n" not in answer  # neither a greeting nor what patients are told of an AI
    assert f"no painel da {house.clinic.name}" in answer
    assert await house.say(RITA, "quero marcar consulta amanhã às 10h") == ""
    house.at += timedelta(days=1)
    assert (await house.say(RITA, "feito")).startswith("Este número")
    assert not brain.seen
    rows = await house.rows("SELECT text FROM messages WHERE direction = 'in' AND turn_id IS NOT NULL ORDER BY seq")
    assert [row["text"] for row in rows] == ["ok, já ligo para ela", "quero marcar consulta amanhã às 10h", "feito"]
    assert not await house.rows("SELECT id FROM cases")


async def test_a_danger_is_one_whoever_writes_it(house: House) -> None:
    await told(house)
    assert "192" in await house.say(RITA, "socorro, estou com dor forte no peito e falta de ar")
    assert [row["kind"] for row in await house.rows("SELECT kind FROM cases")] == ["emergency"]


async def test_nobody_else_is_taken_for_the_team(house: House, brain: ScriptedBrain) -> None:
    await told(house)
    brain.then("Claro, Ana. Como posso ajudar?")
    assert "Como posso ajudar?" in await house.say(ANA, "oi")
