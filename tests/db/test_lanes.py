"""The lane in Postgres: what is being heard, what was given up, what a lost bell leaves behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from clinic.conversations.lanes import lane_store
from clinic.conversations.models import Lease
from db import system
from db.embedded import Urls
from db.session import clinic_session
from jobs.sweeps import lost_lanes
from kit.clock import utc_now
from kit.ids import new_id
from tests.db.test_inbox import Inbox, open_box

LEASE = timedelta(seconds=30)


@pytest.fixture
async def box(database: Urls) -> AsyncIterator[Inbox]:
    async with open_box(database) as box:
        yield box


async def claim(box: Inbox, conversation: UUID) -> Lease | None:
    async with clinic_session(box.pool, box.clinic) as s:
        return await lane_store.claim(s, conversation, lease=LEASE)


async def due(box: Inbox) -> None:
    await box.run("UPDATE conversations SET due_at = now() - interval '1 second'")


async def hears(box: Inbox, conversation: UUID, seconds: float = 45) -> None:
    async with clinic_session(box.pool, box.clinic) as s:
        await lane_store.hears(s, conversation, utc_now() + timedelta(seconds=seconds))


async def heard(box: Inbox, conversation: UUID, *, at_once: bool = False) -> None:
    async with clinic_session(box.pool, box.clinic) as s:
        await lane_store.heard(s, conversation, at_once=at_once)


async def note(box: Inbox, message: UUID) -> UUID:
    media = new_id()
    await box.run(
        """INSERT INTO media (clinic_id, id, message_id, media_type, name, status, kind)
           VALUES (%(clinic)s, %(id)s, %(message)s, 'audio/ogg', 'a.ogg', 'waiting', 'audio')""",
        clinic=box.clinic, id=media, message=message,
    )  # fmt: skip
    return media


async def test_a_lane_that_hears_is_taken_by_nobody_until_it_has_heard(box: Inbox) -> None:
    stored = await box.receive("m1", "", kind="audio")
    media = await note(box, stored.message_id)
    await due(box)
    await hears(box, stored.conversation_id)
    assert await claim(box, stored.conversation_id) is None
    assert await system.due_lanes(box.pool, limit=9) == []
    assert await system.late_lanes(box.pool, seconds=0) == []
    assert 40 < (await system.next_lane_due_in(box.pool) or 0) <= 45
    await heard(box, stored.conversation_id)  # this one is still waiting to be heard
    assert await claim(box, stored.conversation_id) is None
    await box.run("UPDATE media SET status = 'ready', store_key = 'x', heard_at = now() WHERE id = %(id)s", id=media)
    await heard(box, stored.conversation_id)
    assert 0 < (await box.due_in() or 0) <= 1
    await due(box)
    assert await system.due_lanes(box.pool, limit=9) == [(box.clinic, stored.conversation_id)]
    assert await claim(box, stored.conversation_id) is not None


async def test_what_is_never_heard_holds_a_turn_no_longer_than_its_cap(box: Inbox) -> None:
    stored = await box.receive("m1", "", kind="audio")
    await due(box)
    await hears(box, stored.conversation_id, seconds=-0.001)
    assert await claim(box, stored.conversation_id) is not None


async def test_a_red_flag_waits_for_no_voice_note(box: Inbox) -> None:
    stored = await box.receive("m1", "", kind="audio")
    await note(box, stored.message_id)
    await hears(box, stored.conversation_id)
    await box.receive("m2", "estou com dor forte no peito e falta de ar")
    await hears(box, stored.conversation_id)  # a second note: whoever is in danger is answered first
    assert await claim(box, stored.conversation_id) is not None


async def test_a_red_flag_that_was_heard_is_due_at_once(box: Inbox) -> None:
    stored = await box.receive("m1", "", kind="audio")
    await note(box, stored.message_id)
    await box.run("UPDATE conversations SET owner = 'person', due_at = NULL")
    await hears(box, stored.conversation_id)
    await heard(box, stored.conversation_id, at_once=True)
    assert await claim(box, stored.conversation_id) is not None


async def test_what_a_person_hears_is_theirs(box: Inbox) -> None:
    stored = await box.receive("m1", "", kind="audio")
    await box.run("UPDATE conversations SET owner = 'person', due_at = NULL")
    await hears(box, stored.conversation_id)
    await heard(box, stored.conversation_id)
    assert await box.due_in() is None
    assert (await box.rows("SELECT hears_until FROM conversations"))[0]["hears_until"] is None


async def test_a_burst_that_goes_on_after_a_dropped_draft_is_waited_for(box: Inbox) -> None:
    stored = await box.receive("m1", "quanto custa?")
    await due(box)
    lease = await claim(box, stored.conversation_id)
    assert lease is not None
    await box.receive("m2", "a consulta com a dra")
    async with clinic_session(box.pool, box.clinic) as s:
        await lane_store.release(s, lease, checkpoint_id=None, due_in=timedelta(seconds=1), more=True)
    assert 5 < (await box.due_in() or 0) <= 6


# --- bells that were lost ---------------------------------------------------------------------------------------------------


async def lost(box: Inbox) -> int:
    return await lost_lanes(box.pool, after=0)


async def test_an_answer_owed_and_due_at_no_time_is_found(box: Inbox) -> None:
    stored = await box.receive("m1")
    assert await lost(box) == 0  # it is due
    await box.run("UPDATE conversations SET due_at = NULL, waiting_since = NULL")
    assert await lost_lanes(box.pool, after=60) == 0  # it was stored just now
    assert await lost(box) == 1
    assert await claim(box, stored.conversation_id) is not None
    assert await lost(box) == 0


@pytest.mark.parametrize(
    "settled",
    [
        "UPDATE conversations SET owner = 'person'",
        "UPDATE conversations SET dead_at = now()",
        "UPDATE conversations SET lease_until = now() + interval '1 minute'",
        "UPDATE messages SET kind = 'reaction'",
        "UPDATE messages SET sent_at = stored_at - interval '30 hours'",
        """WITH t AS (INSERT INTO turns (clinic_id, id, conversation_id, fence) SELECT clinic_id, gen_random_uuid(), id, 1
           FROM conversations RETURNING id) UPDATE messages SET turn_id = t.id FROM t""",
    ],
)
async def test_what_asks_for_no_turn_is_left_alone(box: Inbox, settled: str) -> None:
    await box.receive("m1")
    await box.run("UPDATE conversations SET due_at = NULL")
    await box.run(settled)
    assert await lost(box) == 0
    assert await box.due_in() is None


async def test_a_lost_red_flag_is_found_whoever_owns_the_conversation(box: Inbox) -> None:
    await box.receive("m1", "estou com dor forte no peito e falta de ar")
    await box.run("UPDATE conversations SET owner = 'person', due_at = NULL")
    assert await lost(box) == 1
