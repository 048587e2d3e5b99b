"""The outbox: in order, once, and the same end whatever the order in which answers and statuses come."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from clinic.conversations import inbox
from clinic.conversations.models import Arrival, QuietWindow
from clinic.conversations.outgoing import outbox
from clinic.patients.models import ContactAlias
from clinic.tenants import wires_store
from db import system
from db.embedded import Urls
from db.pool import Pool, create_pool
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.served import add_clinic

LEASE = timedelta(seconds=30)


@dataclass(slots=True)
class Desk:
    pool: Pool
    clinic: UUID
    account: UUID

    async def conversation(self, phone: str) -> UUID:
        arrival = Arrival(
            account_id=self.account,
            provider_id=f"in-{phone}",
            aliases=(ContactAlias("phone", phone),),
            reply_to=phone,
            text="oi",
        )
        async with clinic_session(self.pool, self.clinic) as s:
            return (await inbox.receive(s, arrival, now=utc_now(), quiet=QuietWindow(0, 0))).conversation_id

    async def queue(self, conversation: UUID, key: str) -> None:
        async with clinic_session(self.pool, self.clinic) as s:
            message = new_id()
            await s.execute(
                """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, text, at)
                   VALUES (%(clinic)s, %(id)s, %(conversation)s, %(account)s, 'out', 'carol', %(text)s, now())""",
                {
                    "clinic": self.clinic,
                    "id": message,
                    "conversation": conversation,
                    "account": self.account,
                    "text": f"texto {key}",
                },
            )
            await outbox.enqueue(
                s, conversation_id=conversation, message_id=message, account_id=self.account, reply_to="x", dedupe_key=key
            )

    async def claim(self, conversation: UUID, lease: timedelta = LEASE) -> outbox.Claimed | None:
        async with clinic_session(self.pool, self.clinic) as s:
            return await outbox.claim(s, conversation, lease=lease)

    async def claimed(self) -> outbox.Claimed:
        """The only message of a new conversation, being sent."""
        conversation = await self.conversation("+5531900000001")
        await self.queue(conversation, "a")
        claimed = await self.claim(conversation)
        assert claimed is not None
        return claimed

    async def sent(self, claimed: outbox.Claimed, provider_id: str) -> str | None:
        async with clinic_session(self.pool, self.clinic) as s:
            return await outbox.note_sent(s, claimed, provider_id)

    async def told(self, provider_id: str, status: str, reference: UUID | None = None) -> outbox.Noted | None:
        async with clinic_session(self.pool, self.clinic) as s:
            return await outbox.record_status(
                s, self.account, provider_id=provider_id, status=status, reference=reference, error_code=None
            )

    async def put_back(self, claimed: outbox.Claimed, status: str, **how: Any) -> bool:
        async with clinic_session(self.pool, self.clinic) as s:
            given: dict[str, Any] = {"due_in": timedelta(0), "error_code": "x"} | how
            return await outbox.put_back(s, claimed, status=status, **given)

    async def column(self, name: str) -> list[Any]:
        async with clinic_session(self.pool, self.clinic) as s:
            return [row[name] for row in await s.all("SELECT * FROM outbox ORDER BY seq")]


@pytest.fixture
async def desk(database: Urls) -> AsyncIterator[Desk]:
    pool = create_pool(database.app, max_size=12)
    await pool.open()
    clinic = await add_clinic(pool, "clinica", {})
    async with clinic_session(pool, clinic) as s:
        account = await wires_store.console(s)
    yield Desk(pool, clinic, account)
    await pool.close()


async def test_racing_claimers_get_one_message_and_later_ones_wait(desk: Desk) -> None:
    conversation = await desk.conversation("+5531900000001")
    for key in ("a", "b"):
        await desk.queue(conversation, key)
    claims = await asyncio.gather(*(desk.claim(conversation) for _ in range(10)))
    [first] = [claimed for claimed in claims if claimed]
    assert first.text == "texto a"
    await desk.sent(first, "p1")
    second = await desk.claim(conversation)
    assert second is not None
    assert second.text == "texto b"


async def test_the_same_key_twice_fails_its_transaction(desk: Desk) -> None:
    conversation = await desk.conversation("+5531900000001")
    await desk.queue(conversation, "a")
    with pytest.raises(Exception, match="dedupe_key"):
        await desk.queue(conversation, "a")
    assert len(await desk.column("id")) == 1


async def test_a_message_that_waits_holds_the_next_ones_of_its_conversation_only(desk: Desk) -> None:
    one, two = [await desk.conversation(f"+553190000000{n}") for n in (1, 2)]
    for conversation, key in ((one, "a"), (one, "b"), (two, "c")):
        await desk.queue(conversation, key)
    claimed = await desk.claim(one)
    assert claimed is not None
    await desk.put_back(claimed, "queued", due_in=timedelta(hours=1))
    assert await desk.claim(one) is None
    assert [found[1] for found in await system.due_sends(desk.pool, limit=10, per_account=10)] == [two]


async def test_one_account_never_fills_the_list(desk: Desk) -> None:
    for n in range(5):
        await desk.queue(await desk.conversation(f"+553190000001{n}"), f"k{n}")
    assert len(await system.due_sends(desk.pool, limit=10, per_account=3)) == 3


async def test_a_claim_that_was_lost_changes_nothing(desk: Desk) -> None:
    """Its lease ended, another took over: the first one's verdict comes too late."""
    conversation = await desk.conversation("+5531900000001")
    await desk.queue(conversation, "a")
    first = await desk.claim(conversation, lease=timedelta(0))
    second = await desk.claim(conversation)
    assert first is not None
    assert second is not None
    assert second.was == "sending"
    assert not await desk.put_back(first, "failed")
    assert await desk.column("status") == ["sending"]


async def test_an_attempt_not_made_is_taken_back_and_an_unanswered_one_is_counted(desk: Desk) -> None:
    conversation = await desk.conversation("+5531900000001")
    await desk.queue(conversation, "a")
    first = await desk.claim(conversation)
    assert first is not None
    await desk.put_back(first, "queued", tried=False)
    second = await desk.claim(conversation)
    assert second is not None
    await desk.put_back(second, "unknown", unanswered=True)
    third = await desk.claim(conversation)
    assert third is not None
    assert (second.attempts, third.attempts, third.unanswered, third.was) == (1, 2, 1, "unknown")


STATUSES = ("sent", "delivered", "read")


@pytest.mark.parametrize("order", list(itertools.permutations(["note", *STATUSES])))
async def test_statuses_end_the_same_in_any_order(desk: Desk, order: tuple[str, ...]) -> None:
    claimed = await desk.claimed()
    for said in order:
        await (desk.sent(claimed, "p1") if said == "note" else desk.told("p1", said))
    assert await desk.column("status") == ["read"]
    again = await desk.told("p1", "delivered")
    assert again is not None
    assert not again.changed


@pytest.mark.parametrize("order", list(itertools.permutations(["note", "sent", "failed"])))
async def test_a_failure_beats_sent(desk: Desk, order: tuple[str, ...]) -> None:
    claimed = await desk.claimed()
    for said in order:
        await (desk.sent(claimed, "p1") if said == "note" else desk.told("p1", said))
    assert await desk.column("status") == ["failed"]


@pytest.mark.parametrize("order", [("failed", "delivered"), ("delivered", "failed")])
async def test_a_delivery_beats_a_failure(desk: Desk, order: tuple[str, ...]) -> None:
    claimed = await desk.claimed()
    await desk.sent(claimed, "p1")
    for said in order:
        await desk.told("p1", said)
    assert await desk.column("status") == ["delivered"]


async def test_note_and_status_at_the_same_instant_find_each_other(desk: Desk) -> None:
    for n in range(20):
        conversation = await desk.conversation(f"+55319000001{n:02}")
        await desk.queue(conversation, f"k{n}")
        claimed = await desk.claim(conversation)
        assert claimed is not None
        await asyncio.gather(desk.sent(claimed, f"p{n}"), desk.told(f"p{n}", "delivered"))
    assert set(await desk.column("status")) == {"delivered"}


async def test_our_reference_settles_a_send_whose_answer_never_came(desk: Desk) -> None:
    conversation = await desk.conversation("+5531900000001")
    await desk.queue(conversation, "a")
    claimed = await desk.claim(conversation)
    assert claimed is not None
    await desk.put_back(claimed, "unknown", due_in=timedelta(minutes=1), unanswered=True)
    noted = await desk.told("p-unheard", "sent", reference=claimed.id)
    assert noted is not None
    assert noted.changed
    assert (await desk.column("status"), await desk.column("provider_id")) == (["sent"], ["p-unheard"])
    assert await desk.claim(conversation) is None


async def test_another_clinics_reference_settles_nothing(desk: Desk) -> None:
    claimed = await desk.claimed()
    other = await add_clinic(desk.pool, "outra", {})
    async with clinic_session(desk.pool, other) as s:
        account = await wires_store.console(s)
        told = await outbox.record_status(s, account, provider_id="p1", status="read", reference=claimed.id, error_code=None)
    assert told is None
    assert await desk.column("status") == ["sending"]


@pytest.mark.parametrize("parent", ["messages", "conversations"])
async def test_what_every_turn_and_every_echo_looks_for_has_an_index(desk: Desk, parent: str) -> None:
    """A turn asks what the last message offered, an echo what was lately sent here: neither reads every send there was."""
    async with clinic_session(desk.pool, desk.clinic) as s:
        found = await s.all(
            """SELECT i.indexrelid FROM pg_constraint c JOIN pg_index i ON i.indrelid = c.conrelid
               WHERE c.conrelid = 'outbox'::regclass AND c.confrelid = %(parent)s::regclass AND i.indpred IS NULL
                 AND (i.indkey::int2[])[0:1] = c.conkey""",
            {"parent": parent},
        )
    assert found
