"""A database that is somebody else's: who may read it, and over which connection."""

from __future__ import annotations

import pymysql
import pytest

from channels.primecare.base import (
    BadSource,
    SourceRefused,
    SourceSchema,
    SourceTls,
)
from channels.primecare.mysql import MySqlSource
from channels.primecare.session import session
from channels.primecare.sources import config_of
from kit.errors import Invalid
from tests.sources.asking import failure, one_page
from tests.sources.mariadb import ROOT
from tests.sources.worlds import NOON, PASSWORD, Database, Given


async def test_a_session_cannot_write_whatever_its_user_may(primecare: Database) -> None:
    primecare.put(Given("a", NOON))
    granted = config_of({**primecare.config(), **ROOT})
    assert granted.kind == "mysql"
    for statement in (
        "DELETE FROM relatorios",
        "UPDATE relatorios SET texto = ''",
        "DROP TABLE medicacoes",
        "CREATE TABLE x (i INT)",
    ):
        with session(granted) as ours:
            with pytest.raises(pymysql.err.Error) as refused:
                list(ours.rows(statement, {}))
            assert refused.value.args[0] == 1792
        with session(granted) as ours:  # nor after the transaction it was opened in
            list(ours.rows("COMMIT", {}))
            with pytest.raises(pymysql.err.Error) as refused:
                list(ours.rows(statement, {}))
            assert refused.value.args[0] == 1792
    assert len((await one_page(MySqlSource(granted))).reports) == 1


async def test_a_wrong_password_an_unknown_user_and_a_user_without_rights_are_refused(primecare: Database) -> None:
    primecare.server.run("CREATE USER IF NOT EXISTS sem_nada@127.0.0.1 IDENTIFIED BY 'x'")
    for changes in (
        {"password": "errada"},
        {"user": "ninguem"},
        {"user": "sem_nada", "password": "x"},
    ):
        assert isinstance(await failure(primecare.source(**changes)), SourceRefused)


async def test_a_table_this_user_may_not_read_is_named(primecare: Database) -> None:
    primecare.server.run(
        "CREATE OR REPLACE USER parcial@127.0.0.1 IDENTIFIED BY 'x'",
        *(
            f"GRANT SELECT ON {primecare.name}.{table} TO parcial@127.0.0.1"
            for table in ("relatorios", "assistidos", "cuidadores")
        ),
    )
    told = await failure(primecare.source(user="parcial", password="x"))
    assert isinstance(told, SourceSchema)
    assert "medicacoes" in str(told) and "sinais_vitais" in str(told) and "assistidos" not in str(told)


async def test_an_unknown_database_is_refused_or_not_there(primecare: Database) -> None:
    assert isinstance(await failure(primecare.source(database="outra")), SourceRefused)
    assert isinstance(await failure(primecare.source(database="outra", **ROOT)), SourceSchema)


async def test_the_servers_certificate_is_checked(primecare: Database) -> None:
    primecare.put(Given("a", NOON))
    assert len((await one_page(primecare.source(tls="verify", ca=str(primecare.server.home / "tls" / "ca.pem")))).reports) == 1
    assert len((await one_page(primecare.source(tls="unverified"))).reports) == 1
    assert isinstance(await failure(primecare.source(tls="verify")), SourceTls)  # an authority this machine does not know
    with pytest.raises(BadSource):
        await primecare.source(tls="verify", ca="/nowhere.pem").closed_since(None, NOON)


async def test_a_user_who_must_come_encrypted_is_told_so(primecare: Database) -> None:
    primecare.server.run(f"CREATE OR REPLACE USER cifrada@127.0.0.1 IDENTIFIED BY '{PASSWORD}' REQUIRE SSL")
    primecare.server.run(f"GRANT SELECT ON {primecare.name}.* TO cifrada@127.0.0.1")
    primecare.put(Given("a", NOON))
    assert isinstance(await failure(primecare.source(user="cifrada")), SourceRefused)
    assert len((await one_page(primecare.source(user="cifrada", tls="unverified"))).reports) == 1


async def test_where_tls_is_wanted_a_server_without_it_gets_no_password(mortal: Database) -> None:
    mortal.put(Given("a", NOON))
    for tls in ("verify", "unverified"):
        told = await failure(mortal.source(tls=tls))
        assert isinstance(told, SourceTls) and isinstance(told, Invalid)
