"""One person under many names: aliases that agree, disagree, move and come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from agent.models import Brains
from clinic.conversations.moving_store import hear_moved
from clinic.patients import service as patients
from clinic.patients.models import ContactAlias
from db.embedded import Urls
from db.session import Session, clinic_session
from tests.flows.house import House, open_house

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
OLD, NEW = ContactAlias("phone", "+5531988880001"), ContactAlias("phone", "+5531988880002")
LID, BSUID = ContactAlias("lid", "123456789@lid"), ContactAlias("bsuid", "BR.abc")


@pytest.fixture
async def house(database: Urls) -> AsyncIterator[House]:
    async with open_house(database, Brains({}, offline=True), at=NOW) as house:
        yield house


async def recognised(s: Session, *aliases: ContactAlias) -> UUID:
    return await patients.recognise(s, aliases, None)


async def doubt_of(s: Session, contact_id: UUID) -> str | None:
    row = await s.one("SELECT doubt FROM contacts WHERE id = %(id)s", {"id": contact_id})
    assert row is not None
    doubt: str | None = row["doubt"]
    return doubt


@pytest.mark.parametrize("order", [(LID, OLD), (OLD, LID)])
async def test_a_hidden_id_and_a_number_that_come_together_are_one(house: House, order: tuple[ContactAlias, ...]) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        first = await recognised(s, order[0])
        assert await recognised(s, *order) == first
        assert await recognised(s, order[1]) == first
        assert await doubt_of(s, first) is None


async def test_two_contacts_are_never_merged_by_guess_and_the_less_trusted_is_doubted(house: House) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        by_id, by_phone = await recognised(s, BSUID), await recognised(s, OLD)
        assert await recognised(s, BSUID, OLD) == by_id
        assert await recognised(s, OLD) == by_phone
        assert await doubt_of(s, by_id) is None
        assert await doubt_of(s, by_phone) == "other_id"


async def test_a_person_who_moved_keeps_their_conversation_and_the_old_number_is_nobodys(house: House) -> None:
    await house.hear(OLD.value, "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        contact = await recognised(s, OLD)
        for _ in range(2):  # told twice
            await hear_moved(s, house.account_id, (OLD,), (NEW,), NEW.value)
        assert await recognised(s, NEW) == contact
        assert await recognised(s, OLD) != contact
    [row] = await house.rows("SELECT reply_to FROM conversations WHERE contact_id = %(id)s", id=contact)
    assert row["reply_to"] == NEW.value


async def test_moving_to_a_number_that_writes_already_joins_nothing(house: House) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        mover, neighbour = await recognised(s, OLD), await recognised(s, NEW)
        assert await hear_moved(s, house.account_id, (OLD,), (NEW,), NEW.value)
        assert await recognised(s, NEW) == neighbour
        assert mover != neighbour
        assert await doubt_of(s, neighbour) == "other_id", "the wire says that this number is somebody else's now"


@pytest.mark.parametrize(
    ("before", "after"), [(LID, ContactAlias("lid", "987654321@lid")), (BSUID, ContactAlias("bsuid", "BR.x"))]
)
async def test_a_number_that_comes_with_another_accounts_id_is_doubted(
    house: House, before: ContactAlias, after: ContactAlias
) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        contact = await recognised(s, before, OLD)
        assert await recognised(s, before, OLD) == contact
        assert await doubt_of(s, contact) is None
        assert await recognised(s, after, OLD) == contact
        assert await doubt_of(s, contact) == "other_id"


async def test_a_stranger_who_moves_changes_nothing(house: House) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert not await hear_moved(s, house.account_id, (OLD,), (NEW,), NEW.value)
        assert not await s.all("SELECT 1 FROM contact_aliases WHERE value = %(v)s", {"v": NEW.value})
