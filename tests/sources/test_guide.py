"""The guide of sources is as the code is: what it shows is accepted, and the tables it draws can be read."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from channels.primecare.base import BadSource, Fault, SourceDown, SourceRefused, SourceSchema, SourceSlow, SourceTls
from channels.primecare.schema import FilesConfig, MySqlConfig
from channels.primecare.sources import config_of, source_for
from clinic.reports.models import Medication, Shift
from clinic.reports.shifts import place
from kit import fast_yaml
from tests.sources.mariadb import MariaDb
from tests.sources.worlds import NOON, ZONE, Database, mark, pages

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guides/report-source.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def test_configurations_shown_are_accepted() -> None:
    shown = [config_of(fast_yaml.load(block)["source"]) for block in blocks("yaml")]
    assert [type(config) for config in shown] == [MySqlConfig, MySqlConfig, FilesConfig]


def test_every_code_is_explained_and_no_other() -> None:
    told = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| `.*? \|", GUIDE, re.MULTILINE))))
    kinds = (SourceDown, SourceSlow, SourceRefused, SourceTls, SourceSchema, BadSource)
    assert told == {fault.value for fault in Fault} | {kind.code for kind in kinds}


def test_defaults_named_are_the_defaults() -> None:
    config = config_of(fast_yaml.load(blocks("yaml")[0])["source"])
    assert isinstance(config, MySqlConfig)
    for name in ("statement_seconds", "connect_seconds", "read_seconds", "look_back_hours", "retell_days", "max_body"):
        [said] = re.findall(rf"`{name}`,? \(?([\d,]+)", GUIDE)
        assert float(said.strip(",").replace(",", "")) == getattr(config, name), name


async def test_the_tables_it_draws_are_read_as_they_are(mariadb: MariaDb) -> None:
    there = Database(mariadb, "primecare_do_guia")
    mariadb.run("CREATE DATABASE primecare_do_guia")
    try:
        there.run(*[statement for statement in blocks("sql")[0].split(";") if statement.strip()])
        there.run(
            "INSERT INTO assistidos VALUES (17, 'Zilda Prates')",
            "INSERT INTO relatorios VALUES (2041, 17, NULL, 'Manhã',"
            " '2026-03-10 07:00', '2026-03-10 12:00', 'Bem', 'finalizado')",
            "INSERT INTO medicacoes VALUES (1, 2041, 'Losartana', '50 mg', '8h', 0, 'recusou')",
            "GRANT SELECT ON primecare_do_guia.* TO carol_do_guia@127.0.0.1 IDENTIFIED BY 'x'",
        )
        [page] = await pages(there.source(user="carol_do_guia", password="x"), mark(NOON), NOON)
        [report] = page.reports
        assert (report.external_id, report.subject_name, report.shift) == ("2041", "Zilda Prates", Shift.MORNING)
        assert report.medications == (Medication("Losartana", "50 mg", report.began_at + timedelta(hours=1), False, "recusou"),)
    finally:
        mariadb.run("DROP DATABASE primecare_do_guia")


async def test_the_row_it_shows_is_read(tmp_path: Path) -> None:
    [shown] = blocks("json")
    (tmp_path / "a.json").write_text(json.dumps(json.loads(shown)), "utf-8")
    [page] = await pages(source_for({"kind": "files", "folder": str(tmp_path)}, {}), mark(NOON), NOON + timedelta(hours=1))
    assert page.reports[0].vitals[0].value == "130x80" and page.reports[0].medications[0].given is True


# ── the demonstration's own ─────────────────────────────────────────────────────────────────────────────────────

DEMO = ROOT / "seeds/demo/reports"


@pytest.mark.parametrize("days", [0, 1, 3, 17])
@pytest.mark.parametrize("anchor", [{}, {"anchor": NOON.date().isoformat()}])
async def test_the_demonstrations_reports_are_of_these_days_whenever_they_are_read(
    days: int, anchor: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = fast_yaml.load((DEMO / "source.yaml").read_text("utf-8"))["source"]
    monkeypatch.chdir("/")
    now = (NOON + timedelta(days=days)).replace(hour=23)
    source = source_for({**config, **anchor}, {})
    [page] = await pages(source, mark(now - timedelta(days=5)), now)
    closed = [report.closed_at for report in page.reports]
    assert max(closed) > now - timedelta(hours=12)
    assert len(page.reports) >= 40
    assert {one.code for one in page.broken} == {Fault.EMPTY}
    assert len({report.subject_id for report in page.reports}) == 6
    assert len({report.caregiver for report in page.reports}) == 8
    assert len({(report.subject_id, *place(report, ZONE)) for report in page.reports}) == len(page.reports)
    for report in page.reports:
        assert report.shift is place(report, ZONE)[0]
        for one in (*report.vitals, *report.medications):
            assert one.at is not None
            assert report.began_at - timedelta(hours=4) <= one.at <= report.closed_at
