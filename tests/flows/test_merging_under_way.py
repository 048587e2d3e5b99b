"""Two contacts become one while turns run, files are heard and people answer: nothing is lost, nothing said twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from clinic.conversations import joining
from clinic.conversations.cases import case_store
from clinic.conversations.dangers import watch_store
from clinic.conversations.dangers.red_flags import RedFlag
from clinic.conversations.files import media_store
from clinic.conversations.files.media import File
from clinic.conversations.handover import interventions, takeover
from clinic.conversations.handover.interventions_store import View
from clinic.conversations.inbox import receive
from clinic.conversations.joining import BothThinking
from clinic.conversations.lanes import lane_store
from clinic.conversations.models import Arrival, CaseKind, Fenced, QuietWindow
from clinic.patients import store
from clinic.patients.models import ContactAlias
from db.session import clinic_session
from desk.turn import take_turn
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.house import ANA, NOW, House
from tests.flows.merged import OTHER, both, merge, strangers
from tests.flows.scripted import ScriptedBrain


async def test_both_being_answered_it_waits_and_one_is_thought_anew(house: House) -> None:
    a, b = await both(house)
    leases = []
    async with clinic_session(house.pool, house.clinic.id) as s:
        for phone in (ANA, OTHER):
            lease = await lane_store.claim(s, house.conversations[phone], lease=timedelta(seconds=30))
            assert lease is not None
            leases.append(lease)
    with pytest.raises(BothThinking):
        await merge(house, a, b)
    await house.rows("UPDATE conversations SET lease_until = NULL WHERE contact_id = %(id)s RETURNING id", id=b)
    await merge(house, a, b)
    for lease in leases:
        with pytest.raises(Fenced):
            async with clinic_session(house.pool, house.clinic.id) as s:
                await lane_store.still_ours(s, lease)
    [lane] = await house.rows("SELECT id FROM conversations WHERE due_at <= now() AND lease_until IS NULL")
    assert lane["id"] == house.conversations[ANA]


async def test_a_persons_conversation_stays_theirs_and_a_double_promise_is_one(house: House) -> None:
    a, b = await both(house)
    early = NOW + timedelta(hours=1)
    async with clinic_session(house.pool, house.clinic.id) as s:
        for phone, due in ((ANA, NOW + timedelta(hours=5)), (OTHER, early)):
            conversation = house.conversations[phone]
            await case_store.open_case(
                s, conversation, CaseKind.PERSON_ASKED, reason="asked", brief=phone[-3:], due_at=due, at=NOW
            )
        await case_store.open_case(
            s, house.conversations[OTHER], CaseKind.EMERGENCY, reason="chest", brief="", due_at=NOW, at=NOW
        )
        await takeover.take(s, house.conversations[OTHER], by="Rita")
    await merge(house, a, b)
    mine = house.conversations[ANA]
    [lane] = await house.rows("SELECT owner, owner_name, due_at FROM conversations WHERE id = %(id)s", id=mine)
    assert (lane["owner"], lane["owner_name"], lane["due_at"]) == ("person", "Rita", None)
    cases = await house.rows(
        "SELECT kind, due_at, brief, status FROM cases WHERE conversation_id = %(id)s AND status <> 'resolved' ORDER BY kind",
        id=mine,
    )
    assert [(c["kind"], c["status"]) for c in cases] == [("emergency", "taken"), ("person_asked", "open")]
    assert cases[1]["due_at"] == early
    assert cases[1]["brief"] == "101\n777"
    [gone] = await house.rows("SELECT resolution FROM cases WHERE status = 'resolved'")
    assert gone["resolution"].startswith("Juntado ao caso nº ")


async def test_staff_who_still_look_at_the_old_page_answer_in_the_one_that_is_left(house: House) -> None:
    a, b = await both(house)
    await merge(house, a, b)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await takeover.reply(s, house.conversations[OTHER], "Oi, Ana!", by="Rita", message_id="m1")
    assert await house.said(ANA) == ["Oi, Ana!"]
    [lane] = await house.rows("SELECT owner FROM conversations WHERE id = %(id)s", id=house.conversations[ANA])
    assert lane["owner"] == "person"
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await takeover.give_back(s, house.conversations[OTHER], by="Rita")


async def test_a_message_on_its_way_while_they_are_merged_finds_the_one_that_is_left(house: House) -> None:
    """A number we never saw, with an id of the other contact: it locks nothing that a merge locks but the contact."""
    a, b = await strangers(house)
    arrival = Arrival(
        account_id=house.account_id,
        provider_id=new_id().hex,
        aliases=(ContactAlias("lid", "77@lid"), ContactAlias("phone", OTHER)),
        reply_to=OTHER,
        text="sou eu",
        clock_at=NOW,
    )

    async def arrive() -> UUID:
        async with clinic_session(house.pool, house.clinic.id) as s:
            return (await receive(s, arrival, now=utc_now(), quiet=QuietWindow(0, 0))).conversation_id

    async with clinic_session(house.pool, house.clinic.id) as s:
        await joining.merge(s, a, b, by="Rita", now=utc_now())
        coming = asyncio.create_task(arrive())
        for _ in range(500):
            if coming.done() or await house.rows("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
                break
            await asyncio.sleep(0.02)
        assert not coming.done()
    assert await coming == house.conversations[ANA]
    owners = await house.rows("SELECT kind, contact_id FROM contact_aliases WHERE contact_id = ANY(%(ids)s)", ids=[a, b])
    assert {row["contact_id"] for row in owners} == {a}  # the new id too: nobody is taken for two
    arrival = replace(arrival, provider_id=new_id().hex, text="e agora?")
    assert await arrive() == house.conversations[ANA]
    async with clinic_session(house.pool, house.clinic.id) as s:
        left = await store.contact(s, a)
    assert left is not None and left.doubt is None


async def test_a_lane_given_up_silences_no_message_that_waits_in_the_other(house: House, brain: ScriptedBrain) -> None:
    a, b = await strangers(house)
    await house.rows(
        "UPDATE conversations SET dead_at = now(), due_at = now() WHERE id = %(id)s RETURNING id", id=house.conversations[OTHER]
    )
    await merge(house, a, b)
    brain.then("Oi, Ana! Como posso ajudar?")
    await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    assert "Oi, Ana! Como posso ajudar?" in await house.said(ANA)


async def test_what_a_turn_of_before_still_promises_is_seen_where_all_of_it_went(house: House) -> None:
    """It is refused when it wants to speak, but opens its case before: in a conversation that nobody is shown any more."""
    a, b = await strangers(house)
    await merge(house, a, b)
    async with clinic_session(house.pool, house.clinic.id) as s:
        late = await case_store.open_case(
            s, house.conversations[OTHER], CaseKind.MEDICAL, reason="asked", brief="", due_at=NOW, at=NOW
        )
        shown, _ = await interventions.page(s, View.WAITING, after=None, limit=50)
    assert [(one.row.id, one.row.conversation_id) for one in shown] == [(late.id, house.conversations[ANA])]


async def test_a_voice_note_heard_across_a_merge_is_answered_where_it_went(house: House) -> None:
    a, b = await strangers(house)
    theirs, mine = house.conversations[OTHER], house.conversations[ANA]
    [note] = await house.rows("SELECT id FROM messages WHERE conversation_id = %(id)s", id=theirs)
    async with clinic_session(house.pool, house.clinic.id) as s:
        file = File(kind="audio", media_type="audio/ogg", name="nota.ogg", source={"id": "1"})
        media = await media_store.expect(s, theirs, note["id"], file, now=utc_now())
        waiting = await media_store.claim(s, media, lease=timedelta(seconds=30))
        await takeover.take(s, mine, by="Rita")  # only a danger is answered there
    assert waiting is not None
    await merge(house, a, b)
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await media_store.note_heard(s, waiting, "estou com dor forte no peito e falta de ar")
    [case] = await house.rows("SELECT kind, conversation_id FROM cases")
    assert (case["kind"], case["conversation_id"]) == ("emergency", mine)
    due = await house.rows("SELECT id FROM conversations WHERE due_at <= now() AND hears_until IS NULL")
    assert [row["id"] for row in due] == [mine]


async def test_a_danger_seen_across_a_merge_is_answered_where_it_went(house: House) -> None:
    a, b = await strangers(house)
    theirs, mine = house.conversations[OTHER], house.conversations[ANA]
    async with clinic_session(house.pool, house.clinic.id) as s:
        await takeover.take(s, mine, by="Rita")
        [row] = await s.all("SELECT id FROM messages WHERE conversation_id = %(id)s", {"id": theirs})
        read = await watch_store.unlooked(s, row["id"])
    assert read is not None
    await merge(house, a, b)
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await watch_store.note_looked(s, read, [RedFlag("emergency", "chest", "peito")])
    [case] = await house.rows("SELECT kind, conversation_id FROM cases")
    assert (case["kind"], case["conversation_id"]) == ("emergency", mine)
    due = await house.rows("SELECT id FROM conversations WHERE due_at <= now()")
    assert [row["id"] for row in due] == [mine]
