"""What is particular to a database that is somebody else's: rights, time, character sets, shapes of tables."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymysql
import pytest

from channels.primecare.base import (
    BadSource,
    Mark,
    Page,
    Source,
    SourceDown,
    SourceRefused,
    SourceSchema,
    SourceSlow,
    SourceTls,
)
from channels.primecare.mysql import MySqlSource
from channels.primecare.schema import MySqlConfig
from channels.primecare.session import prepare, session
from channels.primecare.sources import config_of
from clinic.reports.models import Medication, Vital
from kit.errors import CarolError, Invalid, Unavailable
from tests.sources.mariadb import ROOT, TLS, MariaDb
from tests.sources.worlds import BODY, NOON, PASSWORD, READER, Database, Given, mark, pages, run

HOUR = timedelta(hours=1)


async def failure(source: Source) -> CarolError:
    """How a page ends that cannot be read. It tells no user, password, host or value."""
    with pytest.raises(CarolError) as told:
        await source.closed_since(mark(NOON), NOON + HOUR)
    said = f"{told.value} {told.value!r} {told.value.__cause__!r}"
    assert not [word for word in (READER, PASSWORD, ROOT["password"], "127.0.0.1", "localhost", "Genoveva") if word in said]
    return told.value


async def one_page(source: Source) -> Page:
    [page] = await pages(source, mark(NOON), NOON + HOUR)
    return page


# ── rights ──────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_statement_that_takes_too_long_is_ended_by_the_server(primecare: Database) -> None:
    primecare.put(*(Given(str(n), NOON) for n in range(5)))
    primecare.run("CREATE VIEW lentos AS SELECT * FROM relatorios WHERE SLEEP(20) = 0")
    source = primecare.source(statement_seconds=0.3, tables={"table": "lentos"})
    told = await failure(source)
    assert isinstance(told, SourceSlow) and isinstance(told, Unavailable)
    assert await idle(primecare)


@pytest.mark.parametrize(
    ("version", "limit"),
    [
        ("10.11.18-MariaDB-0+deb12u1", ("SET SESSION max_statement_time = %s", (7.5,))),
        ("5.5.5-10.4.1-MARIADB", ("SET SESSION max_statement_time = %s", (7.5,))),
        ("8.0.36", ("SET SESSION max_execution_time = %s", (7500,))),
    ],
)
def test_each_kind_of_server_is_told_the_limit_in_its_own_words(version: str, limit: tuple[str, tuple[float]]) -> None:
    """There is no MySQL here: what it would be sent is looked at, and its manual is believed."""
    sent_to = Listening(version)
    config = config_of({"kind": "mysql", "host": "h", "database": "d", "user": "u", "password": "p", "statement_seconds": 7.5})
    assert isinstance(config, MySqlConfig)
    prepare(sent_to, config)
    assert limit in sent_to.said and ("SET SESSION TRANSACTION READ ONLY", None) in sent_to.said


class Listening:
    """A connection that notes what it is told."""

    def __init__(self, version: str) -> None:
        self.said: list[tuple[str, Any]] = []
        self._version = version

    def get_server_info(self) -> str:
        return self._version

    def cursor(self, kind: object) -> Listening:
        return self

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *error: object) -> None: ...

    def execute(self, sql: str, values: Any = None) -> None:
        self.said.append((sql, values))


async def test_a_server_that_says_nothing_more_is_slow(primecare: Database) -> None:
    primecare.put(Given("1", NOON))
    primecare.run("CREATE VIEW lentos AS SELECT * FROM relatorios WHERE SLEEP(20) = 0")
    source = primecare.source(read_seconds=0.5, statement_seconds=60, tables={"table": "lentos"})
    assert isinstance(await failure(source), SourceSlow)
    for (connection,) in primecare.server.run(
        "SELECT id FROM information_schema.processlist WHERE db = '" + primecare.name + "' AND info LIKE '%SLEEP%lentos%'"
    ):
        primecare.server.run(f"KILL {connection}")


async def test_a_server_that_never_greets_is_down(primecare: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        source = primecare.source(port=mute.getsockname()[1], connect_seconds=0.3, read_seconds=0.3)
        assert isinstance(await failure(source), SourceDown | SourceSlow)


async def test_something_that_is_no_database_is_down(primecare: Database) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as web:
        port = web.sockets[0].getsockname()[1]
        assert isinstance(
            await failure(primecare.source(port=port, connect_seconds=1, read_seconds=1)), SourceDown | SourceSlow
        )


async def test_a_name_that_does_not_resolve_is_down(primecare: Database) -> None:
    assert isinstance(await failure(primecare.source(host="banco.invalid")), SourceDown)


@pytest.fixture
def mortal() -> Iterator[Database]:
    """A server of this test alone, without TLS, that may be killed."""
    home = Path(os.environ["CAROL_TESTS_HOME"]) / f"mariadb-mortal-{os.getpid()}"
    server = MariaDb(home)
    try:
        made = Database(server.start(), "primecare")
        made.make()
        yield made
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.usefixtures("mariadb")  # where none can be started, this door is closed
async def test_a_server_killed_while_it_is_read_is_down_and_nothing_is_lost(mortal: Database) -> None:
    mortal.put(*(Given(f"{n:03}", NOON - timedelta(minutes=n)) for n in range(200)))
    mortal.run("CREATE VIEW lentos AS SELECT *, SLEEP(0.05) AS nada FROM relatorios WHERE SLEEP(0.02) = 0")
    source = mortal.source(tables={"table": "lentos"})
    first = await source.closed_since(mark(NOON), NOON, 5)
    reading = asyncio.create_task(source.closed_since(first.next, NOON, 150))
    await busy(mortal)
    os.kill(mortal.server.pid, 9)
    with pytest.raises(SourceDown):
        await reading
    with pytest.raises(SourceDown):
        await source.check()
    mortal.server.stop()
    mortal.server.start()
    again = await run(mortal.source(), first.next, NOON)
    assert len(first.reports) + len(again.ids) == 200


@pytest.mark.usefixtures("mariadb")
async def test_where_tls_is_wanted_a_server_without_it_gets_no_password(mortal: Database) -> None:
    mortal.put(Given("a", NOON))
    for tls in ("verify", "unverified"):
        told = await failure(mortal.source(tls=tls))
        assert isinstance(told, SourceTls) and isinstance(told, Invalid)


async def busy(database: Database) -> None:
    """Until a statement of a reader is being worked on."""
    deadline = time.monotonic() + 30
    while not database.server.run(
        "SELECT 1 FROM information_schema.processlist WHERE info LIKE '%lentos%' AND info LIKE '%`fim`%'"
    ):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def idle(database: Database) -> bool:
    """Whether the readers' connections are gone, soon."""
    deadline = time.monotonic() + 30
    while database.server.run(f"SELECT 1 FROM information_schema.processlist WHERE user = '{READER}'"):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


# ── TLS ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_servers_certificate_is_checked(primecare: Database) -> None:
    primecare.put(Given("a", NOON))
    assert len((await one_page(primecare.source(tls="verify", ca=str(TLS / "ca.pem")))).reports) == 1
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


# ── shapes of tables ────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_configured_and_not_there_is_named(primecare: Database) -> None:
    primecare.run("ALTER TABLE relatorios DROP COLUMN texto", "DROP TABLE cuidadores")
    told = await failure(primecare.source())
    assert isinstance(told, SourceSchema) and "cuidadores" in str(told) and "relatorios.texto" in str(told)
    wrong = await failure(primecare.source(tables={"body": "status", "caregiver": None, "closed_at": "status"}))
    assert isinstance(wrong, SourceSchema) and "relatorios.status" in str(wrong)


async def test_names_may_differ_in_case_from_what_the_server_keeps(primecare: Database) -> None:
    primecare.put(Given("a", NOON))
    source = primecare.source(tables={"body": "TEXTO", "closed_at": "Fim", "table": f"{primecare.name}.relatorios"})
    assert [one.body for one in (await one_page(source)).reports] == [BODY]


async def test_a_column_that_goes_away_later_is_a_schema_that_changed(primecare: Database) -> None:
    primecare.put(Given("a", NOON))
    source = primecare.source()
    assert (await one_page(source)).reports
    primecare.run("ALTER TABLE relatorios RENAME COLUMN texto TO relato")
    assert isinstance(await failure(source), SourceSchema)


@pytest.mark.parametrize(
    "name", ["relatorios` r; DROP TABLE medicacoes; --", "a.b.c", "", "x" * 65, "fim`", "1=1 OR 1", "a\0b"]
)
async def test_a_name_that_is_none_is_refused_before_the_network(primecare: Database, name: str) -> None:
    for key in ("table", "body", "external_id"):
        with pytest.raises(BadSource):
            primecare.source(tables={key: name})
    assert primecare.run("SELECT COUNT(*) FROM medicacoes") == [(0,)]


async def test_values_are_parameters(primecare: Database) -> None:
    nasty = "fechado') OR 1=1 -- %s %(x)s"
    primecare.put(Given("a' OR '1'='1", NOON), Given("b%s", NOON), Given("aberto", NOON))
    primecare.run("UPDATE relatorios SET status = %(nasty)s WHERE id LIKE 'a%%'", rows=[{"nasty": "outro"}])
    assert (await run(primecare.source(), mark(NOON), NOON, 1)).ids == ["b%s"]
    assert (await run(primecare.source(tables={"closed": {"column": "status", "values": [nasty]}}), mark(NOON), NOON)).ids == []
    both = primecare.source(tables={"closed": {"column": "status", "values": ["fechado", "outro"]}})
    assert sorted((await run(both, mark(NOON), NOON, 1)).ids) == sorted(["a' OR '1'='1", "aberto", "b%s"])


async def test_only_closed_rows_are_told(primecare: Database) -> None:
    primecare.put(Given("aberto", NOON), Given("fechado", NOON), Given("sem fim", None, began=NOON - HOUR))
    primecare.run("UPDATE relatorios SET status = 'aberto' WHERE id = 'aberto'")
    told = await run(primecare.source(), mark(NOON), NOON)
    assert (told.ids, told.broken) == (["fechado"], {"sem fim": "no_closing"})
    without = await run(primecare.source(tables={"closed": None}), mark(NOON), NOON)
    assert (without.ids, without.broken) == (["aberto", "fechado"], {})


async def test_a_row_said_to_be_closed_at_no_instant_is_told_until_it_has_one(primecare: Database) -> None:
    primecare.put(Given("nulo", None, began=NOON - HOUR), Given("zero", "0000-00-00 00:00:00", began=NOON - HOUR))
    source, kept = primecare.source(look_back_hours=1), mark(NOON - HOUR)
    for day in range(5):
        told = await run(source, kept, NOON + timedelta(days=day))
        assert told.broken == {"nulo": "no_closing", "zero": "bad_date"}
        kept = told.mark
    primecare.put(Given("nulo", NOON), Given("zero", NOON))
    assert (await run(source, kept, NOON + timedelta(days=6))).ids == ["nulo", "zero"]


async def test_days_that_a_lenient_server_lets_pass_keep_nobody_back(primecare: Database) -> None:
    """31 February stands between February and March; what comes after it on later pages is not lost."""
    primecare.put(*(Given(f"{n}", f"2026-02-{n} 08:00:00", began="2026-02-27 07:00:00") for n in (27, 28, 30, 31)))
    primecare.put(*(Given(f"z{n}", NOON - timedelta(days=n)) for n in range(3)))
    told = await run(primecare.source(), mark(datetime(2026, 2, 27, tzinfo=UTC)), NOON, 1)
    assert told.ids == ["27", "28", "z2", "z1", "z0"]
    assert told.broken == {"30": "bad_date", "31": "bad_date"}


async def test_timestamps_are_of_no_zone_and_whole_numbers_are_keys(primecare: Database) -> None:
    primecare.run(
        "CREATE TABLE plantoes (codigo BIGINT UNSIGNED PRIMARY KEY, quem INT, nome TEXT, de TIMESTAMP(3) NULL,"
        " ate TIMESTAMP(3) NULL, relato TEXT)",
        "SET time_zone = '+00:00'",
        "INSERT INTO plantoes VALUES (%(id)s, 1, 'Zilda', '2026-03-10 10:00:00', '2026-03-10 15:00:00.250', 'Bem')",
        rows=[{"id": 2**63 + n} for n in range(20)] + [{"id": n} for n in (9, 10, 100)],
    )
    tables = {
        "table": "plantoes",
        "external_id": "codigo",
        "began_at": "de",
        "closed_at": "ate",
        "closed": None,
        "subject_id": "quem",
        "subject_name": "nome",
        "caregiver": None,
        "body": "relato",
        "shift": None,
        "vitals": None,
        "medications": None,
    }
    source = primecare.source(tables=tables)
    assert (await run(source, mark(NOON), NOON)).ids == []
    told = await run(source, mark(NOON), NOON + timedelta(seconds=1), 3)
    assert told.ids == ["9", "10", "100", *(str(2**63 + n) for n in range(20))]
    [page] = await pages(source, mark(NOON), NOON + HOUR)
    assert {report.closed_at for report in page.reports} == {datetime(2026, 3, 10, 15, 0, 0, 250_000, tzinfo=UTC)}
    assert {(report.caregiver, report.shift) for report in page.reports} == {("", None)}


async def test_a_key_too_long_is_told_in_part(primecare: Database) -> None:
    primecare.run("ALTER TABLE relatorios MODIFY id VARCHAR(300)")
    primecare.put(Given("x" * 201, NOON), Given("y", NOON))
    told = await run(primecare.source(), mark(NOON), NOON)
    assert (told.ids, told.broken) == (["y"], {"x" * 200: "long_id"})


async def test_binary_keys_are_told_in_hexadecimal(primecare: Database) -> None:
    primecare.run("ALTER TABLE relatorios MODIFY id BINARY(4)")
    for key in (b"\x00\xff\x01\x02", b"\x10\x00\x00\x00", b"zzzz"):
        primecare.run(
            "INSERT INTO relatorios VALUES (%(id)s, '7', NULL, NULL, '2026-03-10 07:00', '2026-03-10 12:00', 'Bem', 'fechado')",
            rows=[{"id": key}],
        )
    primecare.run("INSERT INTO assistidos VALUES ('7', 'Zilda')")
    told = await run(primecare.source(tables={"vitals": None, "medications": None}), mark(NOON), NOON, 1)
    assert told.ids == ["00ff0102", "10000000", "7a7a7a7a"]


async def test_corrections_are_found_however_late_where_the_row_says_when_it_changed(primecare: Database) -> None:
    primecare.put(*(Given(f"{n:02}", NOON - timedelta(days=n)) for n in range(1, 30)))
    primecare.run(
        "ALTER TABLE relatorios ADD mudou TIMESTAMP(6) NOT NULL DEFAULT '2026-03-10 12:00:00' ON UPDATE CURRENT_TIMESTAMP(6)"
    )
    source = primecare.source(look_back_hours=0, tables={"changed_at": "mudou"})
    now = datetime(2030, 1, 1, tzinfo=UTC)
    first = await run(source, mark(NOON - 7 * HOUR), NOON, 10)
    assert len(first.ids) == 29
    primecare.run(
        "SET timestamp = UNIX_TIMESTAMP('2026-03-11 15:00:00')", "UPDATE relatorios SET texto = 'Corrigido' WHERE id = '25'"
    )
    second = await run(source, mark(NOON + HOUR), now)
    assert second.ids == ["25"]
    primecare.run("ALTER TABLE relatorios MODIFY mudou TIMESTAMP(6) NULL")
    assert isinstance(await failure(primecare.source(tables={"changed_at": "mudou"})), SourceSchema)


async def test_measurements_in_columns_and_json_and_a_body_in_sections(primecare: Database) -> None:
    primecare.put(Given("a", NOON), Given("b", NOON), Given("c", NOON), Given("d", NOON))
    primecare.run(
        "ALTER TABLE relatorios ADD pas SMALLINT, ADD pad SMALLINT, ADD tax DECIMAL(4,2), ADD hora TIME",
        "ALTER TABLE relatorios ADD remedios JSON, ADD obs TEXT",
        "UPDATE relatorios SET pas = 130, pad = 80, tax = 36.50, hora = '08:10:00', obs = 'Queda sem lesão' WHERE id = 'a'",
        "UPDATE relatorios SET pad = 80 WHERE id = 'b'",
        "UPDATE relatorios SET remedios = %(json)s WHERE id = 'a'",
        rows=[{"json": json.dumps([{"nome": "Losartana", "dose": "50 mg", "horario": "8h", "administrado": "recusou"}])}],
    )
    primecare.run("SET check_constraint_checks = 0", "UPDATE relatorios SET remedios = '[{\"nome\": ' WHERE id = 'c'")
    primecare.run("SET check_constraint_checks = 0", "UPDATE relatorios SET remedios = '[1, 2]' WHERE id = 'd'")
    tables: dict[str, Any] = {
        "body": [{"column": "texto"}, {"column": "obs", "title": "Intercorrências"}],
        "vitals": {
            "kind": "columns",
            "columns": [
                {"name": "PA", "columns": ["pas", "pad"], "unit": "mmHg", "at": "hora"},
                {"name": "Tax", "columns": ["tax"], "unit": "°C"},
            ],
        },
        "medications": {"kind": "json", "column": "remedios"},
    }
    page = await one_page(primecare.source(tables=tables))
    assert {one.external_id: one.code.value for one in page.broken} == {"c": "bad_medications", "d": "bad_medications"}
    whole, half = page.reports
    assert whole.body == f"{BODY}\nIntercorrências: Queda sem lesão"
    assert whole.vitals == (
        Vital("PA", "130x80", "mmHg", datetime(2026, 3, 10, 11, 10, tzinfo=UTC)),
        Vital("Tax", "36,5", "°C"),
    )
    assert whole.medications == (Medication("Losartana", "50 mg", datetime(2026, 3, 10, 11, 0, tzinfo=UTC), False, "recusou"),)
    assert half.vitals == (Vital("PA", "?x80", "mmHg"),)


@pytest.mark.parametrize("kind", ["BIT(1)", "BOOLEAN", "ENUM('0','1','recusou')", "DECIMAL(1,0)"])
async def test_given_or_not_in_whatever_kind_of_column(primecare: Database, kind: str) -> None:
    primecare.run(f"ALTER TABLE medicacoes MODIFY administrado {kind} NULL")
    primecare.put(Given("a", NOON))
    primecare.run(
        "INSERT INTO medicacoes (relatorio_id, nome, administrado)"
        " VALUES ('a', 'Sim', %(yes)s), ('a', 'Não', %(no)s), ('a', '?', NULL)",
        rows=[{"yes": "1", "no": "0"} if kind.startswith("E") else {"yes": 1, "no": 0}],
    )
    [report] = (await one_page(primecare.source())).reports
    assert [(one.name, one.given, one.note) for one in report.medications] == [
        ("Sim", True, ""),
        ("Não", False, ""),
        ("?", None, ""),
    ]


# ── character sets ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_columns_in_old_character_sets_are_read_as_they_say(primecare: Database) -> None:
    primecare.run("ALTER TABLE relatorios MODIFY texto TEXT CHARACTER SET latin1")
    primecare.put(Given("a", NOON, body="Evacuação às 10h, medicação à noite"))
    assert (await one_page(primecare.source())).reports[0].body == "Evacuação às 10h, medicação à noite"


async def test_bytes_in_another_character_set_than_their_column_says(primecare: Database) -> None:
    """The usual damage of an old PHP: UTF-8 in a latin1 column; and the other way round."""
    primecare.put(Given("a", NOON), Given("b", NOON))
    primecare.run("ALTER TABLE relatorios MODIFY texto TEXT CHARACTER SET latin1")
    primecare.run(
        "UPDATE relatorios SET texto = CAST(%(raw)s AS BINARY) WHERE id = 'a'", rows=[{"raw": "Evacuação às 10h".encode()}]
    )
    primecare.run(
        "UPDATE relatorios SET texto = CAST(%(raw)s AS BINARY) WHERE id = 'b'", rows=[{"raw": "Evacuação".encode("latin-1")}]
    )
    assert (await one_page(primecare.source())).reports[0].body == "EvacuaÃ§Ã£o Ã\xa0s 10h"
    page = await one_page(primecare.source(tables={"raw": {"texto": "utf-8"}}))
    assert [(one.external_id, one.body) for one in page.reports] == [("a", "Evacuação às 10h")]
    assert [(one.external_id, one.code.value) for one in page.broken] == [("b", "encoding")]
    page = await one_page(primecare.source(tables={"raw": {"relatorios.texto": "cp1252"}}))
    assert page.reports[1].body == "Evacuação"


async def test_a_whole_file_in_the_body_is_not_fetched(primecare: Database) -> None:
    primecare.put(Given("a", NOON), Given("b", NOON, body="x" * 12_000_000))
    before = sent(primecare)
    page = await one_page(primecare.source())
    assert [one.external_id for one in page.reports] == ["a"]
    assert [one.code.value for one in page.broken] == ["too_long"]
    assert sent(primecare) - before < 1_000_000


def sent(database: Database) -> int:
    """Bytes that the server has sent to anybody."""
    [(_, told)] = database.server.run("SHOW GLOBAL STATUS LIKE 'Bytes_sent'")
    return int(told)


async def test_modes_of_the_server_change_nothing(primecare: Database) -> None:
    began = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)  # the server of the tests keeps UTC
    before = primecare.server.run("SELECT @@GLOBAL.sql_mode, @@GLOBAL.time_zone")[0]
    primecare.put(Given("a\\'b", NOON), Given("c", NOON))
    primecare.run("ALTER TABLE relatorios MODIFY inicio TIMESTAMP NULL")
    try:
        primecare.server.run("SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", "SET GLOBAL time_zone = '+09:00'")
        assert (await run(primecare.source(), mark(NOON), NOON, 1)).ids == ["a\\'b", "c"]
        page = await one_page(primecare.source())
        assert {report.began_at for report in page.reports} == {began}
    finally:
        primecare.server.run(f"SET GLOBAL sql_mode = '{before[0]}'", f"SET GLOBAL time_zone = '{before[1]}'")


async def test_no_connection_stays(primecare: Database) -> None:
    """Nor is one broken off, which a server's log would complain of at each run."""
    primecare.put(*(Given(str(n), NOON) for n in range(20)))
    before = primecare.server.run("SHOW GLOBAL STATUS LIKE 'Aborted_clients'")
    await run(primecare.source(), mark(NOON), NOON, 3)
    assert await idle(primecare)
    assert primecare.server.run("SHOW GLOBAL STATUS LIKE 'Aborted_clients'") == before


async def test_a_mark_is_read_as_a_watermark_by_whoever_cannot_read_its_position(primecare: Database) -> None:
    primecare.put(Given("a", NOON))
    for position in ("{", "[]", '{"start": 1}', "null"):
        page = await primecare.source().closed_since(Mark(NOON.astimezone(UTC), "a", position), NOON)
        assert [one.external_id for one in page.reports] == ["a"]
