"""A database that is somebody else's: shapes of tables, what counts as closed, what a column may hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.primecare.base import (
    BadSource,
    SourceSchema,
)
from clinic.reports.models import Medication, Vital
from tests.sources.asking import HOUR, failure, one_page
from tests.sources.worlds import BODY, NOON, Database, Given, mark, pages, run


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
    primecare.run("INSERT INTO assistidos VALUES ('7', 'Zilda', NULL)")
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
