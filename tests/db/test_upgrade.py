"""A database in use goes from one revision to the next: nothing is lost, and what is new works with what is old."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from psycopg import sql

from clinic.rehearsals import service
from clinic.scenarios import runs_store
from clinic.scenarios.models import Asked
from clinic.tenants.service import clinic_for
from db import migrate, system
from db.embedded import Endpoint, Urls, provision
from db.pool import create_pool
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from knowledge import store, uploads_store

IN_USE = """
INSERT INTO clinics (id, slug, name, timezone) VALUES (%(clinic)s, 'clinica', 'Clínica', 'America/Sao_Paulo');
INSERT INTO channel_accounts (clinic_id, id, kind, external_id) VALUES (%(clinic)s, %(id)s, 'cloud', '5511');
INSERT INTO contacts (clinic_id, id) VALUES (%(clinic)s, %(id)s);
INSERT INTO contact_aliases (clinic_id, kind, value, contact_id) VALUES (%(clinic)s, 'phone', '+5511988880001', %(id)s);
INSERT INTO conversations (clinic_id, id, contact_id, account_id, reply_to)
  VALUES (%(clinic)s, %(id)s, %(id)s, %(id)s, '5511988880001');
INSERT INTO turns (clinic_id, id, conversation_id, fence) VALUES (%(clinic)s, %(id)s, %(id)s, 1);
INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, text, turn_id, at)
  VALUES (%(clinic)s, %(id)s, %(id)s, %(id)s, 'in', 'patient', 'oi', %(id)s, now());
INSERT INTO tool_receipts (clinic_id, id, conversation_id, turn_id, tool, effect, idempotency_key, arguments, result, at)
  VALUES (%(clinic)s, %(id)s, %(id)s, %(id)s, 'book', 'write', 'k', '{}', '{}', now());
INSERT INTO documents (clinic_id, id, source, title, media_type, content_hash, bytes)
  VALUES (%(clinic)s, %(id)s, 'a.md', 'A', 'text/markdown', 'h', 1)
"""


@pytest.fixture
def first(postgres: Endpoint) -> Iterator[Urls]:
    """A database at the first revision."""
    name = f"former_{new_id().hex}"
    urls = provision(postgres, database=name)
    try:
        command.upgrade(migrate._config(urls.owner), "0001")
        yield urls
    finally:
        with psycopg.connect(postgres.url(), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def test_a_clinic_in_use_gets_rehearsals(first: Urls) -> None:
    one = {"clinic": new_id(), "id": new_id()}
    with psycopg.connect(first.superuser, autocommit=True) as connection:
        for statement in IN_USE.split(";"):
            connection.execute(statement, one)  # type: ignore[arg-type]
    migrate.upgrade(first.owner)
    assert migrate.current(first.owner) == migrate.head()
    pool = create_pool(first.app, max_size=2)
    await pool.open()
    try:
        clinic = await clinic_for(pool, one["clinic"])
        assert clinic.sandbox_of is None
        async with clinic_session(pool, clinic.id) as s:
            [document] = await store.documents(s)
            assert (document.status, document.kept) == ("ready", False)
            assert not await uploads_store.again(s, document.id)
        assert await system.waiting_documents(pool, limit=1) == []
        rehearsal = await service.begin(pool, clinic, now=utc_now())
        assert await service.end(pool, rehearsal)
        async with clinic_session(pool, clinic.id) as s:
            await s.execute("UPDATE conversations SET owner = 'person', owner_name = 'Bia'")
            assert await s.one("SELECT count(*) AS n FROM messages") == {"n": 1}
            assert await s.one("SELECT count(*) AS n FROM sandbox_journal") == {"n": 0}  # a real clinic keeps none
            run = await runs_store.ask(s, Asked(), by="Bia")  # what the fourth revision brings
        assert await system.waiting_eval_runs(pool, limit=1) == [(clinic.id, run)]
    finally:
        await pool.close()
