"""Somebody who only receives reports writes back: thanks are thanked for, health is a person's, a stop is asked about first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from clinic.reports import recipients, sending, service, subjects_store
from clinic.reports.models import Draft
from clinic.reports.views import Outcome
from clinic.tenants.service import clinic_for
from db.session import clinic_session
from kit.ids import new_id
from tests.db.report_room import LEASE, Family, Room
from tests.flows.house import House
from tests.flows.scripted import ScriptedBrain

BIA = "+5531900000888"  # who reads of her mother
TEXT = "A manhã da Dona Lourdes foi tranquila."


@pytest.fixture
async def room(house: House) -> Room:
    """The clinic has a source of reports."""
    await house.rows(
        """UPDATE clinics SET version = version + 1, policies = policies || %(reports)s
           WHERE id = current_clinic() RETURNING id""",
        reports=Jsonb({"reports": {"source": {"kind": "files"}}}),
    )
    return Room(house.pool, await clinic_for(house.pool, house.clinic.id))


async def reported(house: House, room: Room, text: str = TEXT) -> UUID:
    """A report left for her; who cares for whom is known."""
    async with clinic_session(room.pool, room.clinic.id) as s:
        person = (await subjects_store.meet(s, "J-1", "Maria de Lourdes Prates")).person_id
        family = await recipients.put(s, person, phone=BIA, name="Bia", kind="parent", agreed=True, by="Júlia", now=house.at)
        report = await _taken(room, Family("J-1", "Maria de Lourdes Prates", person, (family.contact_id,), (BIA,)), s)
        work = await service.claim(s, room.clinic, report, lease=LEASE)
        assert work is not None
        draft = Draft(id=new_id(), round=1, author="writer", text=text)
        await service.finish(s, room.clinic, work, Outcome(True, [draft]))
        assert await sending.queue(s, room.clinic, report, now=house.at) == 1
    return report


async def _taken(room: Room, family: Any, s: Any) -> UUID:
    source = room.source(family)
    await service.take(s, room.clinic, [source], run_id=None)
    row = await s.one("SELECT id FROM reports WHERE external_id = %(id)s", {"id": source.external_id})
    assert row is not None
    found: UUID = row["id"]
    return found


async def cases(house: House) -> list[tuple[str, str]]:
    return [(row["kind"], row["reason"]) for row in await house.rows("SELECT kind, reason FROM cases ORDER BY number")]


async def recipient(house: House) -> dict[str, Any]:
    [row] = await house.rows(
        """SELECT revoked_at IS NOT NULL AS revoked, revoked_by AS by, consent FROM report_recipients WHERE name = 'Bia'"""
    )
    return row


async def test_thanks_are_thanked_for_and_open_nothing(house: House, room: Room, brain: ScriptedBrain) -> None:
    await reported(house, room)
    said = await house.say(BIA, "Obrigada! 💚")
    assert "Que bom poder dar notícias" in said
    assert "assistente virtual" in said  # the first time she is answered she is told by whom
    assert await cases(house) == [] and not brain.seen


async def test_a_question_about_her_health_is_a_persons(house: House, room: Room, brain: ScriptedBrain) -> None:
    await reported(house, room)
    said = await house.say(BIA, "e a febre dela?", "ela comeu?")
    assert "uma pessoa, que te responde" in said and "caso nº" in said
    assert await cases(house) == [("medical", "report_question")]
    assert "Juntei" in await house.say(BIA, "e o remédio das 8?")
    assert await cases(house) == [("medical", "report_question")] and not brain.seen


async def test_a_red_flag_comes_first_also_here(house: House, room: Room) -> None:
    await reported(house, room)
    assert "192" in await house.say(BIA, "ela está com dor no peito e não consegue respirar")
    assert ("emergency", "report_question") not in await cases(house)


async def test_a_stop_is_asked_about_and_ends_the_reports_alone(house: House, room: Room, brain: ScriptedBrain) -> None:
    report = await reported(house, room)
    assert "parar de receber os relatórios" in await house.say(BIA, "quero parar de receber")
    assert not (await recipient(house))["revoked"]
    assert "não mandamos mais os relatórios" in await house.say(BIA, "sim")
    assert await recipient(house) == {"revoked": True, "by": "said", "consent": "person"}
    [row] = await house.rows(
        """SELECT k.opted_out_at, k.opt_out_asked_at FROM contacts k
           JOIN conversations c ON c.contact_id = k.id WHERE c.id = %(c)s""",
        c=house.conversations[BIA],
    )
    assert row == {"opted_out_at": None, "opt_out_asked_at": None}
    [status] = await house.rows(
        "SELECT o.status FROM outbox o JOIN report_sends t ON t.message_id = o.message_id WHERE t.report_id = %(id)s", id=report
    )
    assert status["status"] == "cancelled"  # it still waited to leave
    assert "volta a receber" in await house.say(BIA, "quero voltar a receber os relatórios")
    assert await recipient(house) == {"revoked": False, "by": None, "consent": "said"}
    assert not brain.seen


async def test_a_no_leaves_everything_as_it_was(house: House, room: Room) -> None:
    await reported(house, room)
    await house.say(BIA, "não quero mais receber esses relatórios")
    assert "continua recebendo" in await house.say(BIA, "não, pode continuar")
    assert not (await recipient(house))["revoked"]


async def test_a_phone_that_is_not_of_whom_we_took_it_for_gets_nothing_more(house: House, room: Room) -> None:
    await reported(house, room)
    assert "desculpe o engano" in await house.say(BIA, "acho que foi engano, não conheço nenhuma Lourdes")
    assert await recipient(house) == {"revoked": True, "by": "not_them", "consent": "person"}
    assert await cases(house) == [("identity", "report_stranger")]
    await house.say(BIA, "quero voltar a receber os relatórios")
    assert (await recipient(house))["revoked"]  # only the clinic may say that it is them after all


async def test_a_wish_of_the_agenda_goes_its_way_and_what_follows_too(house: House, room: Room, brain: ScriptedBrain) -> None:
    await reported(house, room)
    brain.then("Claro! Para qual serviço?")
    assert "Para qual serviço" in await house.say(BIA, "quero marcar uma consulta pra mim")
    brain.then("Certo, limpeza.")
    assert "Certo" in await house.say(BIA, "limpeza")
    assert await cases(house) == []


async def test_who_stopped_is_any_contact(house: House, room: Room, brain: ScriptedBrain) -> None:
    await reported(house, room)
    await house.say(BIA, "parar")
    await house.say(BIA, "sim")
    brain.then("De segunda a sábado.")
    assert "segunda" in await house.say(BIA, "que dias vocês abrem?")


async def test_where_a_person_speaks_nothing_is_answered(house: House, room: Room) -> None:
    await reported(house, room)
    await house.say(BIA, "obrigada")
    await house.rows("UPDATE conversations SET owner = 'person' RETURNING id")
    assert await house.say(BIA, "e a febre dela?") == ""
    assert await cases(house) == []
