"""The agenda under races: one winner, no overlap, the same key the same visit; holds, moves and cancellations in rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from agent.brain import Brain
from clinic.patients import store as patients
from clinic.scheduling import service, store, when
from clinic.scheduling.errors import NotBookable, PersonBusy, SlotTaken, TooManyVisits, UnknownVisit
from clinic.scheduling.models import Reason, Slot
from clinic.scheduling.visits import Visit
from db.embedded import Urls
from db.pool import create_pool
from db.session import Session, clinic_session
from kit.ids import new_id
from tests.flows.house import House, brains_of, open_house

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=ZONE)  # a Monday


@pytest.fixture
async def house(database: Urls) -> AsyncIterator[House]:
    async with open_house(database, brains_of(Brain(())), at=NOW) as house:
        yield house


async def slots_for(house: House, name: str, said: str | None = None) -> tuple[UUID, list[Slot]]:
    one = next(s for s in house.clinic.services if s.name.startswith(name))
    who = tuple(p for p in house.clinic.professionals if p.id in one.professional_ids)
    asked = when.resolve(said, now=NOW, zone=ZONE) if said else None
    async with clinic_session(house.pool, house.clinic.id) as s:
        wish = service.Wish(service=one, professionals=who, when=asked)
        found = await service.find(s, house.clinic, wish, conversation_id=new_id(), now=NOW)
    return one.id, list(found.slots)


async def someone(s: Session, name: str = "Pessoa de Teste") -> UUID:
    person_id = new_id()
    await patients.insert_person(s, person_id, name)
    return person_id


async def book(
    house: House, service_id: UUID, slot: Slot, *, phone: str, person: UUID | None = None, now: datetime = NOW
) -> UUID:
    """Hold and book as one conversation would."""
    conversation = house.conversations.get(phone) or await house.hear(phone, "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        row = await s.one("SELECT contact_id FROM conversations WHERE id = %(id)s", {"id": conversation})
        assert row
        person = person or await someone(s)
        kept = await service.hold(
            s, house.clinic, house.clinic.service_by_id[service_id], slot, conversation_id=conversation, now=now
        )
        return await service.book(
            s, house.clinic, kept, person_id=person, convenio_id=None, price_cents=None,
            conversation_id=conversation, contact_id=row["contact_id"], now=now,
        )  # fmt: skip


OVERLAPS = """SELECT count(*) AS n FROM claims a JOIN claims b
  ON a.clinic_id = b.clinic_id AND a.resource = b.resource AND a.resource_id = b.resource_id AND a.id < b.id
  AND a.during && b.during"""


async def test_fifty_racing_for_one_slot_leave_one_winner(database: Urls, house: House) -> None:
    service_id, [slot, *_] = await slots_for(house, "Consulta", "amanhã")
    pool = create_pool(database.app, max_size=50)
    await pool.open()
    racer = House(pool, house.clinic, house.account_id, house.minds, NOW)
    for n in range(50):
        await racer.hear(f"+55319000{n:05d}", "oi")
    results = await asyncio.gather(
        *(book(racer, service_id, slot, phone=f"+55319000{n:05d}") for n in range(50)), return_exceptions=True
    )
    await pool.close()
    assert sum(isinstance(result, UUID) for result in results) == 1
    assert {type(result) for result in results if not isinstance(result, UUID)} == {SlotTaken}
    [row] = await house.rows(
        "SELECT count(*) AS n FROM appointments WHERE starts_at = %(at)s AND booked_by = 'carol'", at=slot.starts_at
    )
    assert row["n"] == 1
    assert (await house.rows(OVERLAPS))[0]["n"] == 0


async def test_buffers_keep_neighbours_apart(house: House) -> None:
    one = next(s for s in house.clinic.services if s.buffer_after_minutes and s.professional_ids)
    service_id, [slot, *_] = await slots_for(house, one.name)
    await book(house, service_id, slot, phone="+5531900000001")
    too_close = Slot(
        slot.ends_at, slot.ends_at + (slot.ends_at - slot.starts_at), slot.professional_id, slot.unit_id, slot.room_id
    )
    with pytest.raises((SlotTaken, NotBookable)):
        await book(house, service_id, too_close, phone="+5531900000002")


async def test_the_database_itself_refuses_an_overlap(house: House) -> None:
    """With every check of ours skipped, the constraint is the last word."""
    service_id, [slot, *_] = await slots_for(house, "Consulta", "amanhã")
    visit_id = await book(house, service_id, slot, phone="+5531900000001")
    async with clinic_session(house.pool, house.clinic.id) as s:
        with pytest.raises(SlotTaken):
            async with s.savepoint():
                await store.occupy(
                    s, [("professional", slot.professional_id)],
                    start=slot.starts_at + timedelta(minutes=1), end=slot.ends_at, appointment_id=visit_id,
                )  # fmt: skip


async def test_one_person_is_not_in_two_places(house: House) -> None:
    service_id, slots = await slots_for(house, "Consulta")
    async with clinic_session(house.pool, house.clinic.id) as s:
        person = await someone(s)
    await book(house, service_id, slots[0], phone="+5531900000001", person=person)
    async with clinic_session(house.pool, house.clinic.id) as s:
        [row] = await s.all("SELECT id FROM appointments WHERE person_id = %(p)s", {"p": person})
        with pytest.raises(PersonBusy):
            async with s.savepoint():
                await store.occupy(
                    s, [("person", person)], start=slots[0].starts_at, end=slots[0].ends_at, appointment_id=row["id"]
                )  # fmt: skip


async def test_a_hold_keeps_others_out_until_it_expires(house: House) -> None:
    service_id, [slot, *_] = await slots_for(house, "Consulta", "amanhã")
    one = house.clinic.service_by_id[service_id]
    first, second = await house.hear("+5531900000001", "oi"), await house.hear("+5531900000002", "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await service.hold(s, house.clinic, one, slot, conversation_id=first, now=NOW)
    with pytest.raises(SlotTaken):
        async with clinic_session(house.pool, house.clinic.id) as s:
            await service.hold(s, house.clinic, one, slot, conversation_id=second, now=NOW)
    later = NOW + timedelta(minutes=house.clinic.rules.hold_minutes + 1)
    async with clinic_session(house.pool, house.clinic.id) as s:
        kept = await service.hold(s, house.clinic, one, slot, conversation_id=second, now=later)
    assert kept.slot == slot


async def test_a_visit_moves_in_its_own_row_and_over_its_own_time(house: House) -> None:
    service_id, slots = await slots_for(house, "Consulta", "amanhã")
    one = house.clinic.service_by_id[service_id]
    visit_id = await book(house, service_id, slots[0], phone="+5531900000001")
    conversation = house.conversations["+5531900000001"]
    async with clinic_session(house.pool, house.clinic.id) as s:
        [row] = await s.all("SELECT person_id FROM appointments WHERE id = %(id)s", {"id": visit_id})
        [visit] = await store.open_visits(s, [row["person_id"]], after=NOW)
        step = timedelta(minutes=house.clinic.rules.step_minutes)
        near = Slot(
            slots[0].starts_at + step, slots[0].ends_at + step, slots[0].professional_id, slots[0].unit_id, slots[0].room_id
        )
        kept = await service.hold(s, house.clinic, one, near, conversation_id=conversation, now=NOW, moving=visit)
        await service.move(s, house.clinic, visit, kept, now=NOW)
    rows = await house.rows("SELECT id, starts_at, version FROM appointments WHERE person_id = %(p)s", p=row["person_id"])
    assert rows == [{"id": visit_id, "starts_at": near.starts_at, "version": 2}]
    claims = await house.rows("SELECT resource FROM claims WHERE appointment_id = %(id)s", id=visit_id)
    assert {c["resource"] for c in claims} >= {"professional", "person"}
    with pytest.raises(UnknownVisit):  # the version moved on
        async with clinic_session(house.pool, house.clinic.id) as s:
            await service.cancel(s, house.clinic, visit, now=NOW)


async def test_a_cancelled_visit_frees_its_time(house: House) -> None:
    service_id, [slot, *_] = await slots_for(house, "Consulta", "amanhã")
    visit_id = await book(house, service_id, slot, phone="+5531900000001")
    visit = await visit_of(house, visit_id)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await service.cancel(s, house.clinic, visit, now=NOW)
    assert not await house.rows("SELECT id FROM claims WHERE appointment_id = %(id)s", id=visit_id)
    assert await book(house, service_id, slot, phone="+5531900000002")


async def visit_of(house: House, visit_id: UUID) -> Visit:
    async with clinic_session(house.pool, house.clinic.id) as s:
        [row] = await s.all("SELECT person_id FROM appointments WHERE id = %(id)s", {"id": visit_id})
        return next(v for v in await store.open_visits(s, [row["person_id"]], after=NOW) if v.id == visit_id)


async def test_what_the_clinic_forbids_is_refused_at_the_last_step_too(house: House) -> None:
    service_id, [slot, *_] = await slots_for(house, "Consulta", "amanhã")
    night = slot.starts_at.astimezone(ZONE).replace(hour=3)
    at_night = Slot(night, night + (slot.ends_at - slot.starts_at), slot.professional_id, slot.unit_id, slot.room_id)
    with pytest.raises(NotBookable) as refused:
        await book(house, service_id, at_night, phone="+5531900000001")
    assert refused.value.reason in (Reason.CLOSED, Reason.NOT_WORKING)


async def test_one_person_cannot_empty_the_agenda(house: House) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        person = await someone(s)
    for n in range(house.clinic.rules.max_open_visits):
        service_id, slots = await slots_for(house, "Consulta", f"daqui a {n * 2 + 1} dias")
        await book(house, service_id, slots[0], phone="+5531900000001", person=person)
    service_id, slots = await slots_for(house, "Consulta", "daqui a 20 dias")
    with pytest.raises(TooManyVisits):
        await book(house, service_id, slots[0], phone="+5531900000001", person=person)
    assert (await house.rows(OVERLAPS))[0]["n"] == 0


async def test_visits_the_staff_made_do_not_count_against_a_patient(house: House) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        person = await someone(s)
    for n in range(house.clinic.rules.max_open_visits):
        service_id, slots = await slots_for(house, "Consulta", f"daqui a {n * 2 + 1} dias")
        await book(house, service_id, slots[0], phone="+5531900000001", person=person)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE appointments SET booked_by = 'import' WHERE person_id = %(p)s", {"p": person})
    service_id, slots = await slots_for(house, "Consulta", "daqui a 20 dias")
    await book(house, service_id, slots[0], phone="+5531900000001", person=person)


async def test_who_may_not_book_is_known_before_the_slot_is_kept(house: House) -> None:
    service_id, slots = await slots_for(house, "Consulta", "amanhã")
    async with clinic_session(house.pool, house.clinic.id) as s:
        person = await someone(s)
    visit_id = await book(house, service_id, slots[0], phone="+5531900000001", person=person)
    async with clinic_session(house.pool, house.clinic.id) as s:
        with pytest.raises(PersonBusy):
            await service.require_may_book(s, house.clinic, person, slots[0], now=NOW)
        [visit] = [v for v in await store.open_visits(s, [person], after=NOW) if v.id == visit_id]
        await service.require_person_free(s, person, slots[0], now=NOW, moving=visit)
        few = replace(house.clinic, rules=replace(house.clinic.rules, max_open_visits=1))
        with pytest.raises(TooManyVisits):
            await service.require_may_book(s, few, person, slots[-1], now=NOW)


async def test_beyond_the_horizon_the_nearest_are_the_last_days(house: House) -> None:
    one = next(s for s in house.clinic.services if s.name.startswith("Consulta com clínica"))
    who = tuple(p for p in house.clinic.professionals if p.id in one.professional_ids)
    last = NOW.date() + timedelta(days=house.clinic.rules.horizon_days)
    asked = when.resolve((last + timedelta(days=9)).strftime("dia %d/%m/%Y de manhã"), now=NOW, zone=ZONE)
    async with clinic_session(house.pool, house.clinic.id) as s:
        wish = service.Wish(service=one, professionals=who, when=asked)
        found = await service.find(s, house.clinic, wish, conversation_id=new_id(), now=NOW)
    assert found.reason is Reason.TOO_FAR
    assert all(last - timedelta(days=7) <= slot.starts_at.astimezone(ZONE).date() <= last for slot in found.slots)


@pytest.mark.parametrize(
    ("said", "reason"),
    [("amanhã às 6h", Reason.NOT_WORKING), ("amanhã às 8h07", Reason.BUSY), ("domingo às 10h", Reason.CLOSED)],
)
async def test_a_day_is_called_closed_only_when_it_is(house: House, said: str, reason: Reason) -> None:
    one = next(s for s in house.clinic.services if s.name.startswith("Consulta com clínica"))
    who = tuple(p for p in house.clinic.professionals if p.id in one.professional_ids)
    asked = when.resolve(said, now=NOW, zone=ZONE)
    async with clinic_session(house.pool, house.clinic.id) as s:
        wish = service.Wish(service=one, professionals=who, when=asked)
        found = await service.find(s, house.clinic, wish, conversation_id=new_id(), now=NOW)
    assert (found.exact, found.reason) == (False, reason)
