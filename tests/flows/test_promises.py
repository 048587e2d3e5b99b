"""A promise that slips is told to the patient, once for each slip, and the team with them; an answered one is not."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from clinic.conversations.cases import case_store
from clinic.conversations.handover import takeover
from clinic.conversations.models import CaseKind
from clinic.tenants.policies import Member, Policies, Team, policies_json
from db.session import clinic_session
from jobs.keeping import slipping
from kit.ids import new_id
from tests.flows.house import ANA, NOW, House
from tests.flows.scripted import ScriptedBrain, calls

HOUR = timedelta(hours=1)


async def at(house: House, moment: datetime) -> None:
    """The clocks of all conversations say this."""
    house.at = moment
    await house.rows("UPDATE conversations SET clock_at = %(at)s RETURNING id", at=moment)


async def sweep(house: House, moment: datetime) -> int:
    await at(house, moment)
    return await slipping(house.pool, now=moment)


async def promised(house: House, brain: ScriptedBrain, *, kind: str = "person_asked") -> UUID:
    """Carol told Ana until when a person answers."""
    brain.then(calls("escalate", kind=kind, brief="quer falar com alguém"), "Já chamei a equipe.")
    await house.say(ANA, "quero falar com uma pessoa")
    return house.conversations[ANA]


async def the_case(house: House) -> dict[str, Any]:
    [row] = await house.rows("SELECT * FROM cases")
    return row


async def employ(house: House) -> None:
    team = Team(members=(Member(key="julia", name="Júlia", phone="+5531977770001"),))
    await house.rows(
        "UPDATE clinics SET policies = %(p)s, version = version + 1 RETURNING id", p=Jsonb(policies_json(Policies(team=team)))
    )


async def test_the_patient_is_told_once_for_each_slip(house: House, brain: ScriptedBrain) -> None:
    await employ(house)
    await promised(house, brain)
    made = await the_case(house)
    assert made["due_at"] == made["first_due_at"] == made["slips_at"] == NOW + HOUR
    assert await sweep(house, NOW + HOUR - timedelta(minutes=1)) == 0
    late = NOW + HOUR + timedelta(minutes=2)
    await at(house, late)
    assert sum(await asyncio.gather(*(slipping(house.pool, now=late) for _ in range(5)))) == 1
    said = await house.said(ANA)
    assert "ainda não conseguiu te responder" in said[-1]
    assert "hoje até as 11h30" in said[-1]
    assert len([text for text in said if "ainda não conseguiu" in text]) == 1
    case = await the_case(house)
    assert (case["slips"], case["due_at"], case["first_due_at"]) == (1, NOW + timedelta(hours=2, minutes=30), NOW + HOUR)
    [row] = await house.rows("SELECT proactive, expires_at, status FROM outbox ORDER BY seq DESC LIMIT 1")
    assert (row["proactive"], row["expires_at"]) == (True, case["due_at"])
    assert await house.rows("SELECT kind, member FROM notices") == [{"kind": "case_slipped", "member": "julia"}]

    assert await sweep(house, late) == 0
    assert await sweep(house, case["due_at"] + timedelta(minutes=1)) == 1
    assert "O novo prazo é amanhã até as" in (await house.said(ANA))[-1]
    case = await the_case(house)
    assert case["slips"] == 2
    before = len(await house.said(ANA))
    assert await sweep(house, case["due_at"] + timedelta(minutes=1)) == 0
    assert await sweep(house, case["due_at"] + timedelta(days=3)) == 0
    assert len(await house.said(ANA)) == before
    case = await the_case(house)
    assert (case["slips"], case["slips_at"]) == (2, None)
    assert len(await house.rows("SELECT id FROM notices WHERE kind = 'case_slipped'")) == 3


async def test_what_a_person_answered_does_not_slip(house: House, brain: ScriptedBrain) -> None:
    conversation = await promised(house, brain)
    await at(house, NOW + timedelta(minutes=40))
    async with clinic_session(house.pool, house.clinic.id) as s:
        await takeover.reply(s, conversation, "Oi, Ana! Aqui é a Rita.", by="Rita", message_id="r1")
    case = await the_case(house)
    assert (case["status"], case["owner_name"]) == ("taken", "Rita")
    assert case["answered_at"] == NOW + timedelta(minutes=40)
    assert await sweep(house, NOW + timedelta(hours=5)) == 0
    assert (await house.said(ANA))[-1] == "Oi, Ana! Aqui é a Rita."


async def test_an_answer_takes_back_a_slip_that_has_not_left(house: House, brain: ScriptedBrain) -> None:
    conversation = await promised(house, brain)
    assert await sweep(house, NOW + HOUR + timedelta(minutes=2)) == 1
    async with clinic_session(house.pool, house.clinic.id) as s:
        await takeover.reply(s, conversation, "Oi, Ana! Desculpe.", by="Rita", message_id="r1")
    rows = await house.rows(
        """SELECT m.author, o.status, o.error_code FROM outbox o JOIN messages m USING (clinic_id)
           WHERE m.id = o.message_id ORDER BY o.seq DESC LIMIT 2"""
    )
    assert [(row["author"], row["status"]) for row in rows] == [("person", "queued"), ("automatic", "cancelled")]


async def test_at_night_the_patient_sleeps_and_is_told_in_the_morning(house: House, brain: ScriptedBrain) -> None:
    await promised(house, brain)
    night = NOW.replace(hour=23)
    assert await sweep(house, night) == 0
    assert (await the_case(house))["slips_at"] == (NOW + timedelta(days=1)).replace(hour=8)
    assert await sweep(house, (NOW + timedelta(days=1)).replace(hour=8)) == 1
    assert "hoje até as" in (await house.said(ANA))[-1]


async def test_an_emergency_nobody_answered_says_192_again_even_at_night(house: House) -> None:
    night = NOW.replace(hour=3)
    house.at = night
    await house.say(ANA, "estou com dor forte no peito e falta de ar")
    assert await sweep(house, night + timedelta(minutes=11)) == 1
    assert "192" in (await house.said(ANA))[-1]
    [row] = await house.rows("SELECT proactive, expires_at FROM outbox ORDER BY seq DESC LIMIT 1")
    assert (row["proactive"], row["expires_at"]) == (False, None)
    assert await sweep(house, night + timedelta(hours=2)) == 0
    assert (await the_case(house))["slips"] == 1


async def test_an_emergency_that_is_also_self_harm_says_both_numbers_again(house: House) -> None:
    await house.say(ANA, "tomei uma cartela inteira de remédio, quero morrer")
    assert await sweep(house, NOW + timedelta(minutes=11)) == 1
    late = (await house.said(ANA))[-1]
    assert "192" in late and "188" in late


async def test_who_wants_no_messages_is_not_told_and_the_team_is(house: House, brain: ScriptedBrain) -> None:
    await employ(house)
    await promised(house, brain)
    await house.rows("UPDATE contacts SET opted_out_at = now() RETURNING id")
    before = await house.said(ANA)
    assert await sweep(house, NOW + timedelta(hours=2)) == 0
    assert await house.said(ANA) == before
    assert await house.rows("SELECT kind FROM notices") == [{"kind": "case_slipped"}]


async def test_nobody_is_told_of_a_promise_that_was_never_made(house: House) -> None:
    conversation = await house.hear(ANA, "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await case_store.open_case(s, conversation, CaseKind.FAILURE, reason="not_delivered", brief="", due_at=NOW, at=NOW)
    assert await sweep(house, NOW + timedelta(hours=2)) == 0
    assert await house.said(ANA) == []


async def test_a_late_case_found_open_is_promised_anew(house: House, brain: ScriptedBrain) -> None:
    conversation = await promised(house, brain)
    later = NOW + timedelta(hours=3)
    await at(house, later)
    async with clinic_session(house.pool, house.clinic.id) as s:
        again = await case_store.open_case(
            s,
            conversation,
            CaseKind.PERSON_ASKED,
            reason="x",
            brief="",
            due_at=later + HOUR,
            at=later,
            turn_id=new_id(),
        )
    case = await the_case(house)
    assert again.due_at == case["due_at"] == case["slips_at"] == later + HOUR
    assert (case["slips"], case["first_due_at"]) == (1, NOW + HOUR)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await case_store.open_case(
            s, conversation, CaseKind.PERSON_ASKED, reason="x", brief="", due_at=later + 2 * HOUR, at=later
        )
    assert (await the_case(house))["due_at"] == later + HOUR  # still ahead: the promise stands
