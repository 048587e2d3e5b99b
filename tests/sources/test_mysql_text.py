"""A database that is somebody else's: character sets, modes, sizes, and marks of somebody else's making."""

from __future__ import annotations

from datetime import UTC, datetime

from channels.primecare.base import (
    Mark,
)
from tests.sources.asking import one_page
from tests.sources.worlds import NOON, Database, Given, mark, run


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


async def test_a_mark_is_read_as_a_watermark_by_whoever_cannot_read_its_position(primecare: Database) -> None:
    primecare.put(Given("a", NOON))
    for position in ("{", "[]", '{"start": 1}', "null"):
        page = await primecare.source().closed_since(Mark(NOON.astimezone(UTC), "a", position), NOON)
        assert [one.external_id for one in page.reports] == ["a"]
