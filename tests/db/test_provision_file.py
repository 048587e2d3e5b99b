"""`deploy/provision.sql` is enough: on a bare server, by an administrator, and where a single login is all one gets."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from db import system
from db.binaries import find_binaries
from db.embedded import EmbeddedPostgres, Endpoint
from db.inspection import app_role, server
from db.migrate import current, head, upgrade
from db.pool import create_pool
from db.provision import EXTENSIONS, OPTIONAL, provision_outside
from db.session import clinic_session
from kit.ids import new_id
from tests.conftest import QUICK

FILE = Path(__file__).parents[2] / "deploy" / "provision.sql"


@pytest.fixture
def bare() -> Iterator[Endpoint]:
    """A server nobody provisioned, with an empty database `clinica`."""
    home = Path(os.environ["CAROL_TESTS_HOME"]) / f"bare-{os.getpid()}"
    running = EmbeddedPostgres(home / "postgres", settings=QUICK)
    try:
        endpoint = running.start()
        with psycopg.connect(endpoint.url(), autocommit=True) as admin:
            admin.execute("CREATE DATABASE clinica")
        yield endpoint
    finally:
        running.stop()
        shutil.rmtree(home, ignore_errors=True)


def apply(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FILE.read_text("utf-8").encode())


def login(endpoint: Endpoint, role: str) -> str:
    """What `\\password` does for the administrator; returns the role's URL."""
    with psycopg.connect(endpoint.url(), autocommit=True) as admin:
        admin.execute(f"ALTER ROLE {role} PASSWORD 'segredo'".encode())
    return endpoint.url(database="clinica", user=role, password="segredo")


async def works(app_url: str) -> None:
    """A clinic sees itself and nothing else, the porter routes, and the serving role can change no table."""
    pool = create_pool(app_url, max_size=2)
    await pool.open()
    try:
        one, other = new_id(), new_id()
        for clinic, slug in ((one, "uma"), (other, "outra")):
            async with clinic_session(pool, clinic) as s:
                await s.execute(
                    "INSERT INTO clinics (id, slug, name, timezone) VALUES (%(id)s, %(slug)s, %(slug)s, 'America/Sao_Paulo')",
                    {"id": clinic, "slug": slug},
                )
        async with clinic_session(pool, one) as s:
            assert await s.all("SELECT slug, current_user::text AS who FROM clinics") == [{"slug": "uma", "who": "carol_app"}]
        assert [slug for _, slug, _ in await system.clinics(pool)] == ["outra", "uma"]
        with pytest.raises(errors.InsufficientPrivilege):
            async with clinic_session(pool, one) as s:
                await s.execute("ALTER TABLE clinics DISABLE ROW LEVEL SECURITY")
    finally:
        await pool.close()


async def test_an_administrator_prepares_a_bare_server(bare: Endpoint) -> None:
    apply(bare.url(database="clinica"))
    apply(bare.url(database="clinica"))  # again: nothing changes, nothing fails
    owner_url, app_url = login(bare, "carol_owner"), login(bare, "carol_app")
    upgrade(owner_url)
    assert current(owner_url) == head()
    assert server(owner_url).missing == ()
    role = app_role(app_url)
    assert (role.is_superuser, role.bypasses_rls, role.owns, role.is_porter) == (False, False, 0, True)
    await works(app_url)


async def test_a_provider_that_gives_a_single_login(bare: Endpoint) -> None:
    """As managed databases do: a login that may create roles, owns its database, and finds pgvector allowed."""
    with psycopg.connect(bare.url(), autocommit=True) as admin:
        admin.execute("CREATE ROLE clinica LOGIN CREATEROLE PASSWORD 'segredo'")
        admin.execute("ALTER DATABASE clinica OWNER TO clinica")
    with psycopg.connect(bare.url(database="clinica"), autocommit=True) as admin:
        admin.execute("CREATE EXTENSION vector SCHEMA public")
    only = bare.url(database="clinica", user="clinica", password="segredo")
    for _ in range(2):  # a second deploy finds everything as it was
        runpy.run_path(str(FILE.with_name("prepare.py")))["prepare"](only)
    assert current(only) == head()
    await works(only)


def test_the_file_and_the_launcher_ask_for_the_same_extensions() -> None:
    named = {line.split()[5] for line in FILE.read_text().splitlines() if line.startswith("CREATE EXTENSION")}
    assert named == set(EXTENSIONS) - OPTIONAL


def run_init(endpoint: Endpoint, *, owner: str, app: str) -> subprocess.CompletedProcess[str]:
    """The script compose.yaml mounts, as the image's entry point runs it."""
    host, _, port = endpoint.url().rpartition("@")[2].partition("/")[0].partition(":")
    return subprocess.run(
        ["bash", str(FILE.parent / "postgres" / "init.sh")],
        env={
            "PATH": f"{find_binaries()}{os.pathsep}{os.environ['PATH']}",
            **{"PGHOST": host, "PGPORT": port, "PGPASSWORD": endpoint.password},
            **{"POSTGRES_USER": "postgres", "POSTGRES_DB": "clinica", "PROVISION_FILE": str(FILE)},
            **{"OWNER_DB_PASSWORD": owner, "APP_DB_PASSWORD": app},
        },
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_database_container_prepares_itself(bare: Endpoint) -> None:
    owner, app = "dona'da casa", "quem-serve"  # quoted where it must be
    done = run_init(bare, owner=owner, app=app)
    assert done.returncode == 0, done.stderr
    upgrade(bare.url(database="clinica", user="carol_owner", password=owner))
    await works(bare.url(database="clinica", user="carol_app", password=app))


async def test_a_process_that_knows_only_database_url_serves_as_carol_app(bare: Endpoint) -> None:
    with psycopg.connect(bare.url(database="clinica"), autocommit=True) as admin:
        for extension in EXTENSIONS:
            admin.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}".encode())
        admin.execute("CREATE ROLE dono LOGIN CREATEROLE PASSWORD 'segredo'")
        admin.execute("ALTER DATABASE clinica OWNER TO dono")
        admin.execute("ALTER SCHEMA public OWNER TO dono")
    url = bare.url(database="clinica", user="dono", password="segredo")
    provision_outside(url)
    upgrade(url)
    await works(url)
