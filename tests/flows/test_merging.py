"""Two contacts that are one human, said so by the front desk: one history, one lane, the stricter wish, the lower standing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from clinic.conversations import joining, reading
from clinic.conversations.cases import case_store
from clinic.conversations.dangers import watch_store
from clinic.conversations.dangers.red_flags import RedFlag
from clinic.conversations.files import media_store
from clinic.conversations.files.media import File
from clinic.conversations.handover import interventions, takeover
from clinic.conversations.handover.interventions_store import View
from clinic.conversations.inbox import receive
from clinic.conversations.joining import BothThinking, Merged, NoContact, SameContact, TwoPeople
from clinic.conversations.lanes import lane_store
from clinic.conversations.models import Arrival, CaseKind, Fenced, QuietWindow
from clinic.patients import service as patients
from clinic.patients import store
from clinic.patients.models import ContactAlias, RelationshipKind
from clinic.rehearsals import service as rehearsals
from db.session import clinic_session
from desk.turn import take_turn
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.house import ANA, NOW, House
from tests.flows.scripted import ScriptedBrain

OTHER = "+5531900000777"


async def contact(house: House, phone: str) -> UUID:
    [row] = await house.rows("SELECT contact_id AS id FROM contact_aliases WHERE value = %(phone)s", phone=phone)
    found: UUID = row["id"]
    return found


async def both(house: House) -> tuple[UUID, UUID]:
    """Ana wrote from two numbers; her contact and the other."""
    await house.hear(ANA, "oi, é a Ana")
    await house.hear(OTHER, "troquei de número")
    return await contact(house, ANA), await contact(house, OTHER)


async def merge(house: House, kept: UUID, other: UUID, *, confirmed: bool = False) -> Merged:
    async with clinic_session(house.pool, house.clinic.id) as s:
        return await joining.merge(s, kept, other, by="Rita", confirmed=confirmed, now=utc_now())


async def known(house: House, contact_id: UUID, name: str, *, born: date | None = None) -> UUID:
    """Somebody this contact is; the people the seed had for them are gone."""
    await house.rows("DELETE FROM relationships WHERE contact_id = %(id)s RETURNING person_id", id=contact_id)
    async with clinic_session(house.pool, house.clinic.id) as s:
        who = await patients.speak_for(s, contact_id, name, RelationshipKind.SELF, known=[])
        await s.execute("UPDATE people SET birth_date = %(born)s WHERE id = %(id)s", {"born": born, "id": who.person_id})
    return who.person_id


async def strangers(house: House) -> tuple[UUID, UUID]:
    """Both, of whom the clinic knows nobody."""
    a, b = await both(house)
    await house.rows("DELETE FROM relationships WHERE contact_id = ANY(%(ids)s) RETURNING person_id", ids=[a, b])
    return a, b


async def test_what_was_said_to_either_is_one_story_with_one_lane(house: House, brain: ScriptedBrain) -> None:
    a, b = await strangers(house)
    await house.hear(ANA, "e agora?")
    mine, theirs = house.conversations[ANA], house.conversations[OTHER]
    done = await merge(house, a, b)
    assert done.new
    async with clinic_session(house.pool, house.clinic.id) as s:
        for conversation in (mine, theirs):  # an old link leads there too
            shown = await reading.transcript(s, conversation, before=None, limit=50)
            assert [entry.text for entry in shown.entries] == ["oi, é a Ana", "troquei de número", "e agora?"]
            assert shown.brief.id == mine
        listed, _ = await reading.page(s, reading.Wanted(), text="", after=None, limit=50)
        assert theirs not in {one.id for one in listed}
    lanes = await house.rows("SELECT id FROM conversations WHERE due_at IS NOT NULL")
    assert [row["id"] for row in lanes] == [mine]
    assert await house.hear(OTHER, "alô") == mine  # whichever number writes
    assert await take_turn(house.pool, house.minds, house.clinic.id, theirs) is None
    brain.then("Oi, Ana! Como posso ajudar?")
    await take_turn(house.pool, house.minds, house.clinic.id, mine)
    assert "Oi, Ana! Como posso ajudar?" in await house.said(ANA)
    assert not await house.rows("SELECT id FROM messages WHERE direction = 'in' AND turn_id IS NULL")


async def test_the_row_tells_what_moved_and_said_again_it_is_done(house: House) -> None:
    a, b = await both(house)
    [line] = await house.rows("SELECT id FROM messages WHERE conversation_id = %(id)s", id=house.conversations[OTHER])
    first = (await merge(house, a, b)).merge
    again, swapped = await merge(house, a, b), await merge(house, b, a)
    assert (again.new, again.merge.id, swapped.merge.id) == (False, first.id, first.id)
    assert (first.contact_id, first.merged_id, first.merged_by) == (a, b, "Rita")
    assert first.moved["aliases"] == [{"kind": "phone", "value": OTHER}]
    [joined] = first.moved["joined"]
    assert (joined["from"], joined["to"]) == (str(house.conversations[OTHER]), str(house.conversations[ANA]))
    assert joined["messages"] == [str(line["id"])]
    assert set(first.moved["contacts"]) == {str(a), str(b)}
    assert len(await house.rows("SELECT id FROM contact_merges")) == 1


async def test_a_third_number_goes_where_the_others_went(house: House) -> None:
    a, b = await strangers(house)
    await house.hear("+5531900000778", "e este também sou eu")
    c = await contact(house, "+5531900000778")
    await merge(house, b, c)
    await merge(house, a, b)
    assert await contact(house, "+5531900000778") == a
    async with clinic_session(house.pool, house.clinic.id) as s:
        shown = await reading.brief(s, house.conversations["+5531900000778"])
    assert shown.id == house.conversations[ANA]
    await house.hear("+5531900000779", "oi")
    with pytest.raises(NoContact):  # who was merged is nobody to merge with
        await merge(house, await contact(house, "+5531900000779"), c)


@pytest.mark.parametrize("which", [0, 1])
async def test_the_stricter_wish_wins(house: House, which: int) -> None:
    pair = await both(house)
    await house.rows(
        "UPDATE contacts SET human_only = true, opted_out_at = now() WHERE id = %(id)s RETURNING id", id=pair[which]
    )
    await merge(house, *pair)
    async with clinic_session(house.pool, house.clinic.id) as s:
        left = await store.contact(s, pair[0])
    assert left is not None
    assert left.human_only
    assert left.opted_out_at is not None


async def test_a_number_nobody_knew_inherits_no_visits_unasked(house: House) -> None:
    a, b = await both(house)
    await known(house, a, "Ana Prado", born=date(1990, 3, 4))
    await house.rows("UPDATE contacts SET assured_until = now() + interval '1 hour' WHERE id = %(id)s RETURNING id", id=a)
    await house.rows("DELETE FROM relationships WHERE contact_id = %(id)s RETURNING person_id", id=b)
    await merge(house, a, b)
    async with clinic_session(house.pool, house.clinic.id) as s:
        left = await store.contact(s, a)
    assert left is not None
    assert (left.doubt, left.assured_until) == ("other_id", None)


async def test_one_patient_written_down_twice_is_one_with_all_visits(house: House) -> None:
    a, b = await both(house)
    one, two = await known(house, a, "Ana Prado"), await known(house, b, "Ana Souza Prado", born=date(1990, 3, 4))
    await book(house, one, a, NOW + timedelta(days=2))
    visit = await book(house, two, b, NOW + timedelta(days=3))
    done = await merge(house, a, b)
    assert done.merge.moved["person"]["appointments"] == [str(visit)]
    async with clinic_session(house.pool, house.clinic.id) as s:
        [ana] = await store.dependants(s, a)
        left = await store.contact(s, a)
    assert (ana.person_id, ana.name, ana.birth_date) == (one, "Ana Souza Prado", date(1990, 3, 4))
    assert ana.relationship is RelationshipKind.SELF
    assert left is not None and left.doubt is None  # both were known
    mine = await house.rows("SELECT contact_id, person_id FROM appointments WHERE contact_id = %(id)s", id=a)
    assert {(row["contact_id"], row["person_id"]) for row in mine} == {(a, one)}
    assert len(mine) == 2


async def test_visits_at_the_same_time_stay_two_peoples(house: House) -> None:
    a, b = await both(house)
    one, two = await known(house, a, "Ana Prado"), await known(house, b, "Ana Prado")
    for person, who in ((one, a), (two, b)):
        await book(house, person, who, NOW + timedelta(days=2))
    assert (await merge(house, a, b)).merge.moved["person"] is None
    async with clinic_session(house.pool, house.clinic.id) as s:
        found = await store.dependants(s, a)
    assert [(one.person_id, one.relationship.value) for one in found] == [(one, "self"), (two, "other")]


@pytest.mark.parametrize(
    ("name", "born"), [("Ana Prado", date(1991, 1, 1)), ("Bruno Lima", None)], ids=["other birth date", "other name"]
)
async def test_two_people_are_one_only_when_it_is_said_twice(house: House, name: str, born: date | None) -> None:
    a, b = await both(house)
    await known(house, a, "Ana Prado", born=date(1990, 3, 4))
    await known(house, b, name, born=born)
    with pytest.raises(TwoPeople):
        await merge(house, a, b)
    assert await contact(house, OTHER) == b  # nothing moved
    await merge(house, a, b, confirmed=True)
    async with clinic_session(house.pool, house.clinic.id) as s:
        found = await store.dependants(s, a)
    assert [one.relationship.value for one in found] == ["self", "other"]


async def test_a_consent_that_only_one_number_had_is_none(house: House) -> None:
    a, b = await strangers(house)
    async with clinic_session(house.pool, house.clinic.id) as s:
        mother = await patients.speak_for(s, a, "Clara Prado", RelationshipKind.PARENT, known=[])
        await store.relate(s, b, mother.person_id, RelationshipKind.PARENT)
        await s.execute("UPDATE relationships SET consented_at = now() WHERE contact_id = %(id)s", {"id": a})
    await merge(house, a, b)
    async with clinic_session(house.pool, house.clinic.id) as s:
        [clara] = await store.dependants(s, a)
    assert not clara.consented


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


async def test_two_wires_stay_two_conversations_of_one_contact(house: House) -> None:
    a, b = await strangers(house)
    wire = new_id()
    await house.rows(
        """INSERT INTO channel_accounts (clinic_id, id, kind, external_id)
           VALUES (current_clinic(), %(id)s, 'console', 'second') RETURNING id""",
        id=wire,
    )
    theirs = house.conversations[OTHER]
    await house.rows("UPDATE conversations SET account_id = %(wire)s WHERE id = %(id)s RETURNING id", wire=wire, id=theirs)
    async with clinic_session(house.pool, house.clinic.id) as s:
        lease = await lane_store.claim(s, theirs, lease=timedelta(seconds=30))
    assert lease is not None
    done = await merge(house, a, b)
    with pytest.raises(Fenced):  # it began without knowing who writes
        async with clinic_session(house.pool, house.clinic.id) as s:
            await lane_store.still_ours(s, lease)
    assert done.merge.moved["joined"] == []
    assert done.merge.moved["conversations"] == [str(theirs)]
    [row] = await house.rows("SELECT contact_id, joined_to FROM conversations WHERE id = %(id)s", id=theirs)
    assert (row["contact_id"], row["joined_to"]) == (a, None)


async def test_nobody_else_is_merged(house: House) -> None:
    a, b = await both(house)
    with pytest.raises(SameContact):
        await merge(house, a, a)
    for pair in ((a, new_id()), (new_id(), b)):
        with pytest.raises(NoContact):
            await merge(house, *pair)
    sandbox = await rehearsals.begin(house.pool, house.clinic, now=utc_now())
    with pytest.raises(NoContact):
        async with clinic_session(house.pool, sandbox) as s:
            await joining.merge(s, a, b, by="Rita", now=utc_now())


async def book(house: House, person: UUID, contact_id: UUID, at: Any) -> UUID:
    """A visit of an hour, and the time it takes of the person's day."""
    visit = new_id()
    await house.rows(
        """INSERT INTO appointments (clinic_id, id, person_id, service_id, professional_id, unit_id, starts_at, ends_at,
             booked_by, contact_id, created_at)
           SELECT current_clinic(), %(id)s, %(person)s, (SELECT id FROM services LIMIT 1),
             (SELECT id FROM professionals LIMIT 1), (SELECT id FROM units LIMIT 1), %(at)s, %(at)s + interval '1 hour',
             'carol', %(contact)s, now() RETURNING id""",
        id=visit,
        person=person,
        at=at,
        contact=contact_id,
    )
    await house.rows(
        """INSERT INTO claims (clinic_id, id, resource, resource_id, during, appointment_id)
           VALUES (current_clinic(), %(id)s, 'person', %(person)s, tstzrange(%(at)s, %(at)s + interval '1 hour'), %(visit)s)
           RETURNING id""",
        id=new_id(),
        person=person,
        at=at,
        visit=visit,
    )
    return visit
