"""Two contacts that are one human, said so by the front desk: one history, one lane, the stricter wish, the lower standing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic.conversations import joining, reading
from clinic.conversations.joining import NoContact, SameContact, TwoPeople
from clinic.conversations.lanes import lane_store
from clinic.conversations.models import Fenced
from clinic.patients import service as patients
from clinic.patients import store
from clinic.patients.models import RelationshipKind
from clinic.rehearsals import service as rehearsals
from db.session import clinic_session
from desk.turn import take_turn
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.house import ANA, NOW, House
from tests.flows.merged import OTHER, book, both, contact, known, merge, strangers
from tests.flows.scripted import ScriptedBrain


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
