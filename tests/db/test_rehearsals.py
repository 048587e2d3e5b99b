"""A rehearsal is a copy: whole, apart from its clinic, and gone without a trace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import dict_row

from cli.ingest import ClinicNotFound, load
from clinic.rehearsals import people_store, service, tables
from clinic.rehearsals.models import RehearsalOver
from clinic.tenants.service import clinic_for
from db import system
from db.embedded import Urls
from db.session import clinic_session
from kit.ids import is_sandbox, new_id, new_sandbox_id
from kit.settings import load_settings
from knowledge import uploads_store
from tests.flows.house import House, brains_of, open_house
from tests.flows.scripted import ScriptedBrain

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)


@pytest.fixture
async def house(database: Urls) -> AsyncIterator[House]:
    async with open_house(database, brains_of(ScriptedBrain()), at=NOW) as house:  # type: ignore[arg-type]
        yield house


@pytest.fixture
def superuser(database: Urls) -> Any:
    with psycopg.connect(database.superuser, row_factory=dict_row, autocommit=True) as connection:
        yield lambda query, **params: connection.execute(query, params or None).fetchall()


def tenant_tables(superuser: Any) -> set[str]:
    rows = superuser(
        """SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id'
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"""
    )
    return {row["name"] for row in rows}


def names(chosen: Any) -> set[str]:
    return {table.name for table in chosen}


def counts(superuser: Any, clinic: UUID) -> dict[str, int]:
    found = {
        name: superuser(f"SELECT count(*) AS n FROM {name} WHERE clinic_id = %(clinic)s", clinic=clinic)[0]["n"]
        for name in tenant_tables(superuser)
    }
    return {name: n for name, n in found.items() if n}


def test_every_table_is_copied_or_named_as_left_out(superuser: Any) -> None:
    mentioned = names(tables.BRANCHED) | {tables.MEDIA.name} | tables.LEFT_OUT.keys()
    assert mentioned == tenant_tables(superuser)
    assert not names(tables.BRANCHED) & tables.LEFT_OUT.keys()
    assert names(tables.COPIED) <= names(tables.BRANCHED)


def test_every_table_that_changes_in_a_branch_is_journaled(superuser: Any) -> None:
    rows = superuser(
        "SELECT event_object_table AS name FROM information_schema.triggers WHERE trigger_name = 'journal_inserts'"
    )
    assert {row["name"] for row in rows} == names(tables.CHANGING)


def test_keys_are_those_of_the_catalogue(superuser: Any) -> None:
    rows = superuser(
        """SELECT c.relname AS name, array_agg(a.attname::text ORDER BY k.n) AS columns FROM pg_index i
           JOIN pg_class c ON c.oid = i.indrelid, unnest(i.indkey) WITH ORDINALITY k(attnum, n)
           JOIN pg_attribute a ON true WHERE i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.attnum
           GROUP BY c.relname"""
    )
    keys = {row["name"]: tuple(name for name in row["columns"] if name != "clinic_id") for row in rows}
    assert {table.name: table.key for table in tables.BRANCHED} == {table.name: keys[table.name] for table in tables.BRANCHED}


def test_an_index_leads_from_whom_to_the_copied_rows_about_them(superuser: Any) -> None:
    """Without one, erasing reads every row once for each person: beyond some thousands a rehearsal would never end."""
    bare = superuser(
        """SELECT k.conrelid::regclass || ': ' || pg_get_constraintdef(k.oid) AS missing FROM pg_constraint k
           WHERE k.contype = 'f' AND k.conrelid::regclass::text = ANY(%(copied)s)
             AND k.confrelid::regclass::text = ANY(%(copied)s) AND NOT EXISTS (
               SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND (i.indkey::int2[])[0:1] @> k.conkey)""",
        copied=sorted(names((*tables.PEOPLE, *tables.AGENDA))),
    )
    assert bare == []


async def test_a_rehearsal_has_all_that_the_clinic_has_set_up(house: House, superuser: Any) -> None:
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    assert is_sandbox(fresh)
    copy = await clinic_for(house.pool, fresh)
    assert copy.slug.startswith(f"{house.clinic.slug}-ensaio-")
    assert copy.sandbox_of == house.clinic.id
    for part in ("name", "timezone", "about", "facts", "persona", "rules", "is_demo", "units", "rooms", "services", "holidays"):
        assert getattr(copy, part) == getattr(house.clinic, part), part
    assert (copy.professionals, copy.convenios, copy.equipment) == (
        house.clinic.professionals,
        house.clinic.convenios,
        house.clinic.equipment,
    )
    real, sandbox = counts(superuser, house.clinic.id), counts(superuser, fresh)
    for name in names(tables.COPIED):
        assert sandbox.get(name) == real.get(name), name
    assert "sandbox_journal" not in sandbox
    assert superuser("SELECT kind, external_id FROM channel_accounts WHERE clinic_id = %(c)s", c=fresh) == [
        {"kind": "console", "external_id": copy.slug}
    ]


async def test_everybody_is_new_to_carol(house: House) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        touched = await s.execute("UPDATE contacts SET told_ai_at = now(), opted_out_at = now(), human_only = true")
    assert touched
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    async with clinic_session(house.pool, fresh) as s:
        known = await s.all("SELECT DISTINCT told_ai_at, opted_out_at, human_only FROM contacts")
    assert known == [{"told_ai_at": None, "opted_out_at": None, "human_only": False}]


async def test_the_agenda_is_copied_from_a_month_back(house: House) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        [first, second] = await s.all("SELECT id FROM appointments ORDER BY starts_at LIMIT 2")
        for visit, days in ((first["id"], 31), (second["id"], 29)):
            await s.execute(
                """UPDATE appointments SET starts_at = %(at)s, ends_at = %(at)s + interval '30 minutes', status = 'completed'
                   WHERE id = %(id)s""",
                {"at": NOW - timedelta(days=days), "id": visit},
            )
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    async with clinic_session(house.pool, fresh) as s:
        copied = {row["id"] for row in await s.all("SELECT id FROM appointments")}
    assert second["id"] in copied and first["id"] not in copied


async def test_sandboxes_are_no_clinics(house: House) -> None:
    before = await system.clinics(house.pool)
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    assert await system.clinics(house.pool) == before
    # A rehearsal begun from a rehearsal is one of the same clinic.
    again = await service.begin(house.pool, await clinic_for(house.pool, fresh), now=NOW)
    assert (await clinic_for(house.pool, again)).sandbox_of == house.clinic.id
    assert await system.sandboxes_of(house.pool, house.clinic.id) == [again, fresh]


async def test_the_end_leaves_nothing(house: House, superuser: Any) -> None:
    before = counts(superuser, house.clinic.id)
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    assert await service.end(house.pool, fresh)
    assert counts(superuser, fresh) == {}
    assert superuser("SELECT id FROM clinics WHERE id = %(id)s", id=fresh) == []
    assert counts(superuser, house.clinic.id) == before
    assert not await service.end(house.pool, fresh)
    with pytest.raises(RehearsalOver):
        await service.find(house.pool, fresh)


async def test_a_real_clinic_is_never_ended(house: House) -> None:
    with pytest.raises(RehearsalOver):
        await service.end(house.pool, house.clinic.id)
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await s.execute("DELETE FROM clinics") == 0


async def test_a_sandbox_neither_sees_nor_touches_its_clinic(house: House) -> None:
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    real = {"clinic": house.clinic.id, "id": new_id()}
    async with clinic_session(house.pool, fresh) as s:
        assert {row["clinic_id"] for row in await s.all("SELECT DISTINCT clinic_id FROM appointments")} == {fresh}
        assert await s.execute("UPDATE appointments SET notes = 'x' WHERE clinic_id = %(clinic)s", real) == 0
        assert await s.execute("DELETE FROM people WHERE clinic_id = %(clinic)s", real) == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with clinic_session(house.pool, fresh) as s:
            await s.execute("INSERT INTO people (clinic_id, id, name) VALUES (%(clinic)s, %(id)s, 'Intrusa')", real)


async def test_a_sandbox_can_have_no_real_wire(house: House) -> None:
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    with pytest.raises(psycopg.errors.CheckViolation):
        async with clinic_session(house.pool, fresh) as s:
            await s.execute(
                "INSERT INTO channel_accounts (clinic_id, id, kind, external_id) VALUES (%(c)s, %(id)s, 'cloud', '551199')",
                {"c": fresh, "id": new_id()},
            )


async def test_a_sandbox_has_no_documents_of_its_own(house: House, database: Urls, tmp_path: Path) -> None:
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    with pytest.raises(psycopg.errors.CheckViolation):
        async with clinic_session(house.pool, fresh) as s:
            await uploads_store.upload(s, source="a.md", title="a", media_type="text/markdown", mark="m", data=b"a")
    (tmp_path / "a.md").write_text("# A")
    with pytest.raises(ClinicNotFound):
        await load(database.app, (await clinic_for(house.pool, fresh)).slug, tmp_path, load_settings())


async def test_a_copy_that_fails_leaves_nothing(house: House, superuser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "PEOPLE", ())
    monkeypatch.setattr(service, "COPIED", (*tables.CONFIGURATION, *tables.AGENDA))  # visits of nobody
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await service.begin(house.pool, house.clinic, now=NOW)
    assert superuser("SELECT id FROM clinics WHERE sandbox_of IS NOT NULL") == []


async def test_the_oldest_makes_room(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LIVE_MOST", 2)
    first, second, third = [await service.begin(house.pool, house.clinic, now=NOW) for _ in range(3)]
    assert [one.id for one in await service.of_clinic(house.pool, house.clinic)] == [third, second]
    with pytest.raises(RehearsalOver):
        await service.find(house.pool, first)


async def test_it_is_over_when_its_time_is(house: House, superuser: Any) -> None:
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    found = await service.find(house.pool, fresh)
    assert timedelta(hours=23) < found.expires_at - found.created_at < timedelta(hours=25)
    superuser("UPDATE rehearsals SET expires_at = now() - interval '1 second' WHERE clinic_id = %(c)s RETURNING 1", c=fresh)
    with pytest.raises(RehearsalOver):
        await service.find(house.pool, fresh)
    assert await service.of_clinic(house.pool, house.clinic) == []
    assert await system.expired_sandboxes(house.pool) == [fresh]


async def test_it_is_stale_once_the_clinic_changed(house: House) -> None:
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    assert not (await service.find(house.pool, fresh)).stale
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE clinics SET version = version + 1")
    assert (await service.find(house.pool, fresh)).stale


async def test_an_id_of_no_rehearsal_is_one_that_is_over(house: House) -> None:
    for unknown in (new_sandbox_id(), new_id(), house.clinic.id):
        with pytest.raises(RehearsalOver):
            await service.find(house.pool, unknown)


async def test_people_to_rehearse_as_are_found_by_name_and_phone(house: House) -> None:
    fresh = await service.begin(house.pool, house.clinic, now=NOW)
    async with clinic_session(house.pool, fresh) as s:
        everybody = await people_store.parts(s, "", now=NOW)
        assert everybody and everybody == sorted(everybody, key=lambda part: -part.visits)
        assert everybody[0].visits > 0
        one = everybody[0]
        assert one.people and one.name == one.people[0].name
        by_name = await people_store.parts(s, one.name.upper(), now=NOW)
        by_phone = await people_store.parts(s, f"({one.person[3:5]}) {one.person[5:]}", now=NOW)
        assert one in by_name and one in by_phone
        assert await people_store.parts(s, "ninguém com este nome", now=NOW) == []
        assert await people_store.parts(s, "%", now=NOW) == []
