"""What the database tells of its changes: when they commit, to whom they belong, and never a word of anybody's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest

from api.changes import CHANNEL
from db.embedded import Urls
from db.session import clinic_session
from desk.turn import take_turn
from kit.ids import new_id
from tests.flows.house import House, brains_of, open_house
from tests.flows.scripted import ScriptedBrain

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
ANA = "+5531900000101"
Told = set[tuple[str, UUID | None, UUID | None]]


class Ear:
    """Hears the channel as any process would, with the app's login."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], clinic: UUID) -> None:
        self._connection = connection
        self._clinic = clinic

    async def told(self) -> Told:
        """What was told since the last time: (what, conversation, turn). Anything but ids of this clinic fails here."""
        heard: Told = set()
        async for notice in self._connection.notifies(timeout=0.3):
            payload = json.loads(notice.payload)
            assert payload.keys() == {"clinic", "what", "conversation", "turn"}
            assert UUID(payload["clinic"]) == self._clinic
            conversation, turn = (UUID(payload[name]) if payload[name] else None for name in ("conversation", "turn"))
            heard.add((payload["what"], conversation, turn))
        return heard


@pytest.fixture
async def house(database: Urls) -> AsyncIterator[House]:
    async with open_house(database, brains_of(ScriptedBrain("Olá!")), at=NOW) as house:  # type: ignore[arg-type]
        yield house


@pytest.fixture
async def ear(database: Urls, house: House) -> AsyncIterator[Ear]:
    async with await psycopg.AsyncConnection.connect(database.app, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")  # type: ignore[arg-type]
        yield Ear(connection, house.clinic.id)


async def run(house: House, query: str, **params: Any) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute(query, {"clinic": house.clinic.id, **params})  # type: ignore[arg-type]


async def test_a_conversation_tells_messages_turns_and_sends(house: House, ear: Ear) -> None:
    conversation = await house.hear(ANA, "oi")
    assert await ear.told() == {("message", conversation, None)}
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    [turn] = await house.rows("SELECT id FROM turns")
    assert await ear.told() == {("turn", conversation, turn["id"]), ("message", conversation, None)}
    await run(house, "UPDATE outbox SET status = 'sent'")
    assert await ear.told() == {("status", conversation, None)}
    await run(house, "UPDATE outbox SET status = 'sent', attempts = attempts + 1")
    assert await ear.told() == set()


async def test_who_speaks_and_what_is_owed_is_told(house: House, ear: Ear) -> None:
    conversation = await house.hear(ANA, "oi")
    await ear.told()
    for change in ("owner = 'person'", "owner_name = 'Rita'", "dead_at = now()"):
        await run(house, f"UPDATE conversations SET {change}")
        assert await ear.told() == {("owner", conversation, None)}
    await run(
        house,
        """INSERT INTO cases (clinic_id, id, conversation_id, kind, reason, due_at, opened_at)
           VALUES (%(clinic)s, %(id)s, %(conversation)s, 'other', 'x', now(), now())""",
        id=new_id(),
        conversation=conversation,
    )
    assert await ear.told() == {("case", conversation, None)}
    await run(house, "UPDATE cases SET resolved_at = now()")
    assert await ear.told() == {("case", conversation, None)}


async def test_a_lease_that_is_kept_alive_disturbs_nobody(house: House, ear: Ear) -> None:
    await house.hear(ANA, "oi")
    await ear.told()
    await run(house, "UPDATE conversations SET lease_until = now(), due_at = now(), attempts = 3, last_message_at = now()")
    assert await ear.told() == set()


async def test_the_agenda_tells_that_it_changed(house: House, ear: Ear) -> None:
    await run(house, "UPDATE appointments SET notes = 'x' WHERE id = (SELECT id FROM appointments LIMIT 1)")
    assert await ear.told() == {("agenda", None, None)}
    await run(house, "DELETE FROM blocks")
    assert await ear.told() == {("agenda", None, None)}


async def test_documents_tell_that_they_changed(house: House, ear: Ear) -> None:
    await run(
        house,
        """INSERT INTO documents (clinic_id, id, source, title, media_type, content_hash, bytes)
           VALUES (%(clinic)s, %(id)s, 'guia.md', 'Guia', 'text/markdown', 'x', 1)""",
        id=new_id(),
    )
    assert await ear.told() == {("knowledge", None, None)}
    await run(house, "UPDATE documents SET status = 'reading'")
    assert await ear.told() == {("knowledge", None, None)}
    await run(house, "DELETE FROM documents")
    assert await ear.told() == {("knowledge", None, None)}


async def test_what_is_undone_is_not_told(house: House, ear: Ear) -> None:
    await house.hear(ANA, "oi")
    await ear.told()
    with pytest.raises(ZeroDivisionError):
        async with clinic_session(house.pool, house.clinic.id) as s:
            await s.execute("UPDATE conversations SET owner = 'person'")
            await s.execute("DELETE FROM blocks")
            raise ZeroDivisionError
    assert await ear.told() == set()
