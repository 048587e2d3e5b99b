"""The inbox: a message is stored once, its turn becomes due, and identity is never guessed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from clinic.conversations import inbox
from clinic.conversations.models import Arrival, QuietWindow, Stored
from clinic.patients.models import ContactAlias
from clinic.tenants import wires_store
from db import system
from db.embedded import Urls
from db.pool import Pool, create_pool
from db.session import clinic_session
from jobs.sweeps import expired_holds, late_lanes, old_events
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.served import add_clinic

PHONE = ContactAlias("phone", "+5531988880001")
LID = ContactAlias("lid", "123456789012345@lid")
QUIET = QuietWindow(seconds=6, cap=30, finished=2.5)


@dataclass(slots=True)
class Inbox:
    pool: Pool
    clinic: UUID
    account: UUID

    async def receive(
        self, provider_id: str = "m1", text: str = "oi", *, aliases: tuple[ContactAlias, ...] = (PHONE,), **more: Any
    ) -> Stored:
        quiet, now = more.pop("quiet", QUIET), more.pop("now", None) or utc_now()
        arrival = Arrival(
            account_id=self.account, provider_id=provider_id, aliases=aliases, reply_to="5531988880001", text=text, **more
        )
        async with clinic_session(self.pool, self.clinic) as s:
            return await inbox.receive(s, arrival, now=now, quiet=quiet)

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        async with clinic_session(self.pool, self.clinic) as s:
            return list(await s.all(query, params))

    async def run(self, query: str, **params: Any) -> None:
        async with clinic_session(self.pool, self.clinic) as s:
            await s.execute(query, params)

    async def due_in(self) -> float | None:
        [row] = await self.rows("SELECT extract(epoch FROM due_at - now())::float AS wait FROM conversations")
        return None if row["wait"] is None else float(row["wait"])


@asynccontextmanager
async def open_box(urls: Urls) -> AsyncIterator[Inbox]:
    """A clinic with one wire, and nobody who answers."""
    pool = create_pool(urls.app, max_size=20)
    await pool.open()
    try:
        clinic = await add_clinic(pool, "clinica", {})
        async with clinic_session(pool, clinic) as s:
            account = await wires_store.console(s)
        yield Inbox(pool, clinic, account)
    finally:
        await pool.close()


@pytest.fixture
async def box(database: Urls) -> AsyncIterator[Inbox]:
    async with open_box(database) as box:
        yield box


async def test_a_message_told_thirty_times_at_once_is_one(box: Inbox) -> None:
    stored = await asyncio.gather(*(box.receive() for _ in range(30)))
    assert sum(one.new for one in stored) == 1
    assert len({one.message_id for one in stored}) == 1
    for table in ("messages", "conversations", "contacts", "contact_aliases"):
        assert len(await box.rows(f"SELECT FROM {table}")) == 1, table


async def test_an_album_from_a_stranger_makes_one_contact(box: Inbox) -> None:
    await asyncio.gather(*(box.receive(f"m{n}", kind="image", text="") for n in range(10)))
    assert len(await box.rows("SELECT FROM contacts")) == len(await box.rows("SELECT FROM conversations")) == 1
    assert len(await box.rows("SELECT FROM messages")) == 10


async def test_the_quiet_window_is_pushed_by_each_message_up_to_its_cap(box: Inbox) -> None:
    await box.receive("m1")
    first = await box.due_in()
    assert first is not None
    assert 5 < first <= 6
    await box.run("UPDATE conversations SET due_at = now() + interval '1 second'")
    await box.receive("m2")
    assert 5 < (await box.due_in() or 0) <= 6
    await box.run("UPDATE conversations SET waiting_since = now() - interval '28 seconds'")
    await box.receive("m3")
    assert 1 < (await box.due_in() or 0) <= 2


async def test_a_finished_sentence_waits_less_and_a_greeting_the_whole_window(box: Inbox) -> None:
    await box.receive("m1", "oi, bom dia")
    assert 5 < (await box.due_in() or 0) <= 6
    await box.receive("m2", "quanto custa a consulta?")
    assert 1.5 < (await box.due_in() or 0) <= 2.5
    await box.receive("m3", "", kind="image")
    assert 5 < (await box.due_in() or 0) <= 6
    await box.receive("m4", "sim")
    assert 5 < (await box.due_in() or 0) <= 6


async def test_a_short_answer_is_whole_once_something_was_asked(box: Inbox) -> None:
    stored = await box.receive("m1")
    await box.run(
        """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, text, at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(account)s, 'out', 'carol', 'Posso marcar?', now())""",
        clinic=box.clinic, id=new_id(), conversation=stored.conversation_id, account=box.account,
    )  # fmt: skip
    await box.receive("m2", "sim")
    assert 1.5 < (await box.due_in() or 0) <= 2.5


async def test_no_window_waits_for_nothing(box: Inbox) -> None:
    await box.receive("m1", "oi", quiet=QuietWindow(0, 0))
    assert (await box.due_in() or 0) <= 0


async def test_when_the_patient_was_last_here_is_the_wires_instant(box: Inbox) -> None:
    async def last() -> float:
        [row] = await box.rows("SELECT extract(epoch FROM now() - last_inbound_at)::float AS ago FROM conversations")
        return float(row["ago"])

    await box.receive("m1", sent_at=utc_now() - timedelta(hours=30))
    assert 29 * 3600 < await last() < 31 * 3600
    await box.receive("m2", "👍", kind="reaction", sent_at=utc_now() - timedelta(hours=2))
    assert 7000 < await last() < 7400
    await box.receive("m3", sent_at=utc_now() - timedelta(hours=20))
    assert await last() < 7400  # an older one told late moves nothing back
    await box.receive("m3", sent_at=utc_now())
    assert await last() > 7000  # nor does a duplicate
    await box.receive("m4", sent_at=utc_now() + timedelta(hours=5))
    assert 0 <= await last() < 60  # a wire's clock that is ahead opens no longer window


async def test_when_a_contact_was_seen_is_left_to_the_turn_unless_a_person_speaks(box: Inbox) -> None:
    at = datetime.fromisoformat("2026-03-10T09:30:00-03:00")
    await box.receive("m1", clock_at=at)
    assert (await box.rows("SELECT last_seen_at FROM contacts"))[0]["last_seen_at"] is None
    await box.run("UPDATE conversations SET owner = 'person'")
    await box.receive("m2", clock_at=at)
    assert (await box.rows("SELECT last_seen_at FROM contacts"))[0]["last_seen_at"] == at


async def test_a_duplicate_pushes_nothing(box: Inbox) -> None:
    await box.receive("m1")
    await box.run("UPDATE conversations SET due_at = now() + interval '1 second'")
    await box.receive("m1")
    assert (await box.due_in() or 9) <= 1


async def test_a_red_flag_is_due_at_once_even_when_a_person_owns(box: Inbox) -> None:
    await box.receive("m1")
    await box.run("UPDATE conversations SET owner = 'person', due_at = NULL")
    await box.receive("m2", "obrigada")
    assert await box.due_in() is None
    stored = await box.receive("m3", "estou com dor forte no peito e falta de ar")
    assert stored.red_flag is not None
    assert (await box.due_in() or 0) <= 0


async def test_an_old_message_gets_a_case_and_no_answer(box: Inbox) -> None:
    await box.receive("m1", sent_at=utc_now() - timedelta(hours=30))
    assert await box.due_in() is None
    assert [row["reason"] for row in await box.rows("SELECT reason FROM cases")] == ["late_message"]


async def test_a_reaction_asks_for_no_turn(box: Inbox) -> None:
    await box.receive("m1", "👍", kind="reaction")
    assert await box.due_in() is None


async def test_a_lane_set_aside_wakes_up(box: Inbox) -> None:
    await box.receive("m1")
    await box.run("UPDATE conversations SET dead_at = now(), attempts = 5")
    await box.receive("m2")
    [row] = await box.rows("SELECT dead_at, attempts FROM conversations")
    assert (row["dead_at"], row["attempts"]) == (None, 0)


async def test_a_hidden_id_met_with_its_phone_stays_one_contact(box: Inbox) -> None:
    await box.receive("m1", aliases=(LID,))
    await box.receive("m2", aliases=(PHONE, LID))
    await box.receive("m3", aliases=(PHONE,))
    assert len(await box.rows("SELECT FROM contacts")) == 1
    assert len(await box.rows("SELECT FROM contact_aliases")) == 2


async def test_two_known_people_are_never_merged(box: Inbox) -> None:
    await box.receive("m1", aliases=(LID,))
    await box.receive("m2", aliases=(PHONE,))
    await box.receive("m3", aliases=(PHONE, LID))
    owners = await box.rows("SELECT kind, contact_id FROM contact_aliases ORDER BY kind")
    assert len({row["contact_id"] for row in owners}) == 2
    said = await box.rows(
        """SELECT count(*) AS n FROM messages m JOIN conversations c ON c.id = m.conversation_id
           JOIN contact_aliases a ON a.contact_id = c.contact_id WHERE a.kind = 'phone'"""
    )
    assert said[0]["n"] == 2


async def test_a_message_brings_its_clock_and_the_next_one_without_is_now(box: Inbox) -> None:
    at = datetime.fromisoformat("2026-03-10T09:30:00-03:00")
    await box.receive("m1", clock_at=at)
    assert (await box.rows("SELECT clock_at FROM conversations"))[0]["clock_at"] == at
    await box.receive("m2", now=at + timedelta(days=1))
    [row] = await box.rows("SELECT clock_at FROM conversations")
    said = [row["at"] for row in await box.rows("SELECT at FROM messages ORDER BY seq")]
    assert (row["clock_at"], said) == (None, [at, at + timedelta(days=1)])


async def test_another_clinic_sees_nothing(box: Inbox) -> None:
    await box.receive("m1")
    other = await add_clinic(box.pool, "outra", {})
    async with clinic_session(box.pool, other) as s:
        for table in ("messages", "conversations", "contacts", "contact_aliases", "channel_accounts"):
            assert await s.all(f"SELECT FROM {table}") == [], table


# --- sweeps over what arrived -----------------------------------------------------------------------------------------------


async def test_lanes_nobody_takes_are_noticed(box: Inbox) -> None:
    await box.receive("m1")
    assert await late_lanes(box.pool, seconds=60) == 0
    await box.run("UPDATE conversations SET due_at = now() - interval '2 minutes'")
    assert await late_lanes(box.pool, seconds=60) == 1
    await box.run("UPDATE conversations SET lease_until = now() + interval '1 minute'")
    assert await late_lanes(box.pool, seconds=60) == 0


async def test_old_webhooks_are_forgotten_and_new_ones_kept(box: Inbox) -> None:
    for age in ("1 day", "40 days"):
        await box.run(
            """INSERT INTO webhook_events (clinic_id, id, reason, body, received_at)
               VALUES (%(clinic)s, %(id)s, 'x', '{}', now() - %(age)s::interval)""",
            clinic=box.clinic, id=new_id(), age=age,
        )  # fmt: skip
        await box.run(
            """INSERT INTO early_statuses (clinic_id, account_id, provider_id, status, received_at)
               VALUES (%(clinic)s, %(account)s, cast(%(age)s AS text), 'sent', now() - cast(%(age)s AS text)::interval)""",
            clinic=box.clinic, account=box.account, age=age,
        )  # fmt: skip
    assert await old_events(box.pool) == 2
    assert len(await box.rows("SELECT FROM webhook_events")) == len(await box.rows("SELECT FROM early_statuses")) == 1


@pytest.mark.parametrize(("pinned", "left"), [(None, 0), ("2026-03-10T09:30:00-03:00", 1)])
async def test_expired_holds_are_freed_but_a_rehearsals_are_its_own(box: Inbox, pinned: str | None, left: int) -> None:
    clock = datetime.fromisoformat(pinned) if pinned else None
    conversation = (await box.receive("m1", clock_at=clock)).conversation_id
    ids = {"clinic": box.clinic, "service": new_id(), "professional": new_id(), "unit": new_id()}
    await box.run(
        "INSERT INTO services (clinic_id, id, name, duration_minutes) VALUES (%(clinic)s, %(service)s, 's', 30)", **ids
    )
    await box.run("INSERT INTO professionals (clinic_id, id, name) VALUES (%(clinic)s, %(professional)s, 'p')", **ids)
    await box.run(
        """INSERT INTO holds (clinic_id, id, conversation_id, service_id, professional_id, unit_id, starts_at, ends_at,
                              expires_at, created_at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, %(service)s, %(professional)s, %(unit)s, now(),
                   now() + interval '30 minutes', now() - interval '1 minute', now())""",
        id=new_id(), conversation=conversation, **ids,
    )  # fmt: skip
    assert await expired_holds(box.pool) == 1 - left
    assert len(await box.rows("SELECT FROM holds")) == left
    assert await system.clinic_of_conversation(box.pool, conversation) == box.clinic
