"""Limits hold before anything is spent: told once, a case for a person, silence after; danger is answered all the same."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from clinic.conversations.models import CaseKind
from clinic.rehearsals import service as rehearsals
from clinic.tenants.policies import Limits, Policies, policies_json
from clinic.tenants.service import clinic_for
from db.embedded import Urls
from db.session import clinic_session
from desk.runner import FrontDesk
from desk.turn import take_turn
from tests.flows.house import ANA, BIA, NOW, House, due_now
from tests.flows.rehearsal_stage import Stage
from tests.flows.scripted import ScriptedBrain, calls
from tests.flows.test_lanes import until


async def allow(house: House, **limits: Any) -> None:
    """What the clinic allows from now on."""
    from psycopg.types.json import Jsonb

    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute(
            "UPDATE clinics SET policies = %(policies)s, version = version + 1 WHERE id = %(id)s",
            {"policies": Jsonb(policies_json(Policies(limits=Limits(**limits)))), "id": house.clinic.id},
        )


async def cases(house: House) -> list[str]:
    return [f"{row['kind']}:{row['reason']}" for row in await house.rows("SELECT kind, reason FROM cases ORDER BY number")]


async def test_one_turn_too_many_is_told_once_and_then_silent(house: House, brain: ScriptedBrain) -> None:
    await allow(house, turns_per_hour=2)
    brain.then("Claro.", "Claro.")
    await house.say(ANA, "oi, tudo bem?")
    await house.say(ANA, "e agora?")
    told = await house.say(ANA, "e agora de novo?")
    assert "muitas mensagens" in told and "nº" in told
    assert await house.say(ANA, "alô?") == ""
    assert await house.say(ANA, "alguém?") == ""
    assert len(brain.seen) == 2
    assert await cases(house) == [f"{CaseKind.LIMITS}:turns_per_hour"]
    assert not await house.rows("SELECT FROM messages WHERE direction = 'in' AND turn_id IS NULL")
    brain.then("Claro.")
    assert "Claro." in await house.say(BIA, "oi, tudo bem?")  # somebody else's hour


async def test_danger_and_a_wish_to_leave_know_no_limit(house: House, brain: ScriptedBrain) -> None:
    await allow(house, turns_per_hour=0)
    assert "muitas mensagens" in await house.say(ANA, "oi")
    assert "192" in await house.say(ANA, "meu pai está com dor no peito e suando frio")
    assert "quer parar de receber" in await house.say(ANA, "não quero mais receber mensagens de vocês")
    assert "não vamos mais mandar" in await house.say(ANA, "sim")
    assert await house.say(ANA, "parem de me mandar mensagem") == ""  # honoured already
    assert not brain.seen


async def test_an_hour_later_carol_answers_again(house: House, brain: ScriptedBrain) -> None:
    await allow(house, turns_per_hour=1)
    brain.then("Claro.", "Claro.")
    await house.say(ANA, "oi, tudo bem?")
    assert "muitas mensagens" in await house.say(ANA, "e agora?")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE turns SET started_at = started_at - interval '61 minutes'")
    assert "Claro." in await house.say(ANA, "e agora?")


@pytest.mark.parametrize("status", ["superseded", "failed", "adopted"])
async def test_money_counts_however_the_turn_ended(house: House, brain: ScriptedBrain, status: str) -> None:
    await allow(house, reais_per_contact_day=Decimal("0.002"))
    brain.then("Claro.", "Claro.")
    await house.say(ANA, "oi, tudo bem?")
    await house.say(ANA, "e agora?")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE turns SET status = %(status)s", {"status": status})
    assert "Já conversamos bastante" in await house.say(ANA, "mais uma coisa?")
    assert len(brain.seen) == 2
    assert await cases(house) == [f"{CaseKind.LIMITS}:reais_per_contact_day"]


async def test_yesterdays_money_is_yesterdays(house: House, brain: ScriptedBrain) -> None:
    await allow(house, reais_per_contact_day=Decimal("0.001"))
    brain.then("Claro.", "Claro.")
    await house.say(ANA, "oi, tudo bem?")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE turns SET started_at = started_at - interval '25 hours'")
    assert "Claro." in await house.say(ANA, "e agora?")


async def test_the_clinics_month_stops_everybody(house: House, brain: ScriptedBrain) -> None:
    await allow(house, reais_per_month=Decimal("0.001"))
    brain.then("Claro.")
    await house.say(ANA, "oi, tudo bem?")
    told = await house.say(BIA, "oi, tudo bem?")
    assert "não consigo continuar por aqui" in told
    assert len(brain.seen) == 1
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE turns SET started_at = started_at - interval '32 days'")
        await s.execute("UPDATE cases SET status = 'resolved'")
    brain.then("Claro.")
    assert "Claro." in await house.say(BIA, "e agora?")


async def test_a_turn_stops_before_the_thought_it_cannot_pay(house: House, brain: ScriptedBrain) -> None:
    await allow(house, reais_per_contact_day=Decimal("0.0025"))
    brain.then(*(calls("my_visits") for _ in range(9)))
    told = await house.say(ANA, "oi, tudo bem?")
    assert "Já conversamos bastante" in told
    assert len(brain.seen) == 3  # a thought costs 0.001
    [turn] = await house.rows("SELECT status, cost_brl, trace FROM turns")
    assert (turn["status"], turn["cost_brl"]) == ("adopted", Decimal("0.003"))
    assert [step["limit"] for step in turn["trace"] if step["step"] == "hold"] == ["reais_per_contact_day"]


async def test_a_turn_stops_before_the_thought_its_tokens_forbid(house: House, brain: ScriptedBrain) -> None:
    from dataclasses import replace

    house.minds = replace(house.minds, limits=replace(house.minds.limits, tokens=29))
    brain.then(*(calls("my_visits") for _ in range(9)))
    assert "nº" in await house.say(ANA, "oi, tudo bem?")
    assert len(brain.seen) == 2  # a thought takes 15 tokens
    assert await cases(house) == ["failure:tokens"]


async def test_a_flood_and_a_huge_message_keep_nobody_waiting(database: Urls, house: House, brain: ScriptedBrain) -> None:
    """A thousand messages of one, the last of 70,000 characters, while five others ask: all are answered, Ana only once."""
    await allow(house, turns_per_hour=1)

    async def think(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        assert sum(len(str(message.content)) for message in messages[1:]) < 120_000
        return await ScriptedBrain("Recebi, obrigada.").think(messages, tools)

    brain.think = think  # type: ignore[method-assign]
    for n in range(1000):
        await house.hear(ANA, f"mensagem {n}" if n < 999 else "a dor " * 11_600)
    desk = FrontDesk(house.pool, house.minds, listen_url=database.app)
    others = [f"+55319000030{n:02}" for n in range(5)]
    await desk.start()
    try:
        await asyncio.gather(*(house.hear(phone, "tudo certo para amanhã?") for phone in others))
        await until(house, "SELECT FROM turns WHERE status = 'adopted'", 6)
    finally:
        await desk.stop()
    spoken = await house.rows(
        "SELECT count(*) AS n FROM messages WHERE direction = 'out' AND text LIKE 'Recebi, obrigada%%' GROUP BY conversation_id"
    )
    assert [row["n"] for row in spoken] == [1] * 6
    assert not await house.rows("SELECT FROM messages WHERE direction = 'in' AND turn_id IS NULL")
    await house.hear(ANA, "e agora?")
    await due_now(house)
    await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    assert "muitas mensagens" in (await house.said(ANA))[-1]


async def test_a_rehearsal_is_told_of_a_limit_and_not_stopped(house: House, brain: ScriptedBrain) -> None:
    await allow(house, turns_per_hour=0, reais_per_contact_day=Decimal(0))
    clinic = await clinic_for(house.pool, house.clinic.id)
    stage = Stage(house, await rehearsals.begin(house.pool, clinic, now=NOW))
    brain.then("Claro.")
    assert "Claro." in await stage.say("oi, tudo bem?")
    [turn] = await stage.rows("SELECT outcome, trace FROM turns")
    assert turn["outcome"] == "spoke"
    assert [step["limit"] for step in turn["trace"] if step["step"] == "screen"] == ["turns_per_hour"]
    assert not await stage.rows("SELECT FROM cases")
