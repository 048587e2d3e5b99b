"""What is particular to a folder: files half written, in old character sets, in several forms, of relative days."""

from __future__ import annotations

import codecs
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels.primecare.base import Page, Source, SourceDown
from channels.primecare.sources import source_for
from clinic.reports.models import Shift
from tests.sources.worlds import NOON, mark, pages, run

ZONE = ZoneInfo("America/Sao_Paulo")
ROW = {
    "subject_id": "7",
    "subject_name": "Zilda Prates",
    "caregiver": "Neide",
    "began_at": "2026-03-10 07:00",
    "closed_at": "2026-03-10 12:00",
    "body": "Evacuação às 10h 😊",
}


def row(external_id: str, **changes: Any) -> dict[str, Any]:
    return {"id": external_id, **ROW, **changes}


def line(external_id: str, **changes: Any) -> str:
    return json.dumps(row(external_id, **changes), ensure_ascii=False)


def source(folder: Path, **changes: Any) -> Source:
    return source_for({"kind": "files", "folder": str(folder), **changes}, {})


async def one_page(folder: Path, **changes: Any) -> Page:
    [page] = await pages(source(folder, **changes), mark(NOON), NOON)
    return page


def told(page: Page) -> tuple[list[str], dict[str, str]]:
    return [one.external_id for one in page.reports], {one.external_id: one.code.value for one in page.broken}


@pytest.mark.parametrize("encode", ["utf-8", "utf-8-sig", "utf-16"])
async def test_marks_at_the_beginning_of_a_file_are_no_part_of_it(tmp_path: Path, encode: str) -> None:
    (tmp_path / "a.jsonl").write_text(line("a") + "\r\n" + line("b"), encode)
    page = await one_page(tmp_path)
    assert told(page) == (["a", "b"], {})
    assert page.reports[0].body == "Evacuação às 10h 😊"


async def test_old_character_sets_are_recognised_or_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line("a", body="Evacuação às 10h – bem").encode("cp1252"))
    assert (await one_page(tmp_path)).reports[0].body == "Evacuação às 10h – bem"
    assert (await one_page(tmp_path, encoding="cp1252")).reports[0].body == "Evacuação às 10h – bem"
    assert told(await one_page(tmp_path, encoding="utf-8")) == ([], {"a.jsonl": "encoding"})


async def test_a_file_that_is_still_written_keeps_what_is_whole_and_tells_the_rest(tmp_path: Path) -> None:
    """Cut in the middle of a letter of two bytes: what stands before is no other character set for that."""
    whole = (line("a") + "\n" + line("b", body="Evacuação")).encode()
    cut = whole[: whole.rindex("ã".encode()) + 1]
    (tmp_path / "a.jsonl").write_bytes(cut)
    (tmp_path / "b.json").write_text(json.dumps([row("c"), row("d")])[:-40])
    (tmp_path / "c.json").write_text("")
    (tmp_path / "d.csv").write_text(
        "id;subject_id;subject_name;began_at;closed_at;body\ne;7;Zilda;2026-03-10 07:00;2026-03-10 12:00;Dorm"
    )
    os.utime(tmp_path / "d.csv", (NOON.timestamp(), NOON.timestamp()))
    page = await one_page(tmp_path)
    broken = {"a.jsonl#2": "unreadable", "b.json": "unreadable", "c.json": "unreadable", "d.csv#2": "unreadable"}
    assert told(page) == (["a"], broken)
    assert page.reports[0].body == "Evacuação às 10h 😊"
    (tmp_path / "a.jsonl").write_bytes(whole)
    (tmp_path / "b.json").write_text(json.dumps([row("c"), row("d")]))
    (tmp_path / "c.json").write_text(json.dumps(row("f")))
    os.utime(tmp_path / "d.csv", (NOON.timestamp() - 90, NOON.timestamp() - 90))
    assert told(await one_page(tmp_path)) == (["a", "b", "c", "d", "e", "f"], {})


async def test_what_is_mended_long_after_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line("a")[:-10])
    reader, kept = source(tmp_path, look_back_hours=1), mark(NOON)
    for days in range(10):
        seen = await run(reader, kept, NOON + timedelta(days=days))
        assert seen.broken == {"a.jsonl#1": "unreadable"}
        kept = seen.mark
    (tmp_path / "a.jsonl").write_text(line("a"))
    assert (await run(reader, kept, NOON + timedelta(days=10))).ids == ["a"]


async def test_the_last_row_told_of_an_id_counts(tmp_path: Path) -> None:
    (tmp_path / "2026-03-10.jsonl").write_text("\n".join((line("a"), line("b"), line("a", body="Corrigido"), line("b"))))
    (tmp_path / "2026-03-11.json").write_text(line("c"))
    (tmp_path / "2026-03-12.json").write_text(json.dumps({"reports": [row("c", body="Corrigido depois")]}))
    page = await one_page(tmp_path)
    assert {one.external_id: one.body for one in page.reports} == {
        "a": "Corrigido",
        "b": ROW["body"],
        "c": "Corrigido depois",
    }


async def test_tables_as_spreadsheets_write_them(tmp_path: Path) -> None:
    cells = json.dumps([{"name": "PA", "value": "130x80"}]).replace('"', '""')
    (tmp_path / "a.csv").write_bytes(
        codecs.BOM_UTF8
        + (
            "id;subject_id;subject_name;caregiver;began_at;closed_at;body;shift;vitals\r\n"
            f'a;7;Zilda;Neide;10/03/2026 07:00;10/03/2026 12:00:00;"Bem.\r\nDormiu; acordou";tarde;"{cells}"\r\n'
            "b;7;Zilda\r\n"
            "c;7;Zilda;Neide;10/03/2026 07:00;10/03/2026 12:00;Bem;;[\r\n"
            "d;7;Zilda;Neide;10/03/2026 07:00;10/03/2026 12:00;Bem;;;a mais\r\n"
        ).encode()
    )
    page = await one_page(tmp_path)
    assert told(page) == (["a"], {"a.csv#3": "unreadable", "c": "bad_vitals", "a.csv#5": "unreadable"})
    [report] = page.reports
    assert (report.body, report.shift, report.vitals[0].value) == ("Bem.\nDormiu; acordou", Shift.AFTERNOON, "130x80")


async def test_comments_other_files_and_rows_of_other_shapes(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("# tudo inventado\n\n" + line("a") + "\n// fim\n[1]\n3\n" + "[" * 9000 + "\n")
    (tmp_path / "README.md").write_text("nada")
    (tmp_path / ".oculto.json").write_text("{")
    (tmp_path / "a.jsonl.part").write_text("{")
    (tmp_path / "b.json").mkdir()
    lines = {f"a.jsonl#{number}": "unreadable" for number in (5, 6, 7)}
    assert told(await one_page(tmp_path)) == (["a"], lines)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": None}, "no_id"),
        ({"id": "x" * 201}, "long_id"),
        ({"id": 3.5}, "bad_text"),
        ({"body": ["a"]}, "bad_text"),
        ({"began_at": None}, "no_beginning"),
        ({"closed_at": None}, "no_closing"),
        ({"closed_at": "2026-03-10"}, "bad_date"),
        ({"closed_at": 1773154800}, "bad_date"),
        ({"closed_at": "1970-01-01 00:00"}, "bad_date"),
        ({"vitals": "130x80"}, "bad_vitals"),
        ({"vitals": [{"name": "PA", "value": [130, 80]}]}, "bad_vitals"),
        ({"vitals": [{"name": "PA", "value": float("nan")}]}, "bad_vitals"),
        ({"medications": [3]}, "bad_medications"),
        ({"medications": [{"name": "AAS", "given": {}}]}, "bad_medications"),
        ({"day": "hoje", "began": "07:00", "closed": "12:00"}, "bad_date"),
        ({"day": 0, "began": "7", "closed": "12:00"}, "bad_date"),
        ({"day": 0}, "bad_date"),
    ],
)
async def test_each_thing_that_can_be_wrong_has_its_code(tmp_path: Path, changes: dict[str, Any], code: str) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(row("a", **changes)) + "\n" + line("z"))
    ids, broken = told(await one_page(tmp_path))
    assert (ids, list(broken.values())) == (["z"], [code])


async def test_text_no_database_keeps_is_mended(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(row("a", body="Be\0m \ud83d\r\nfim")))
    assert (await one_page(tmp_path)).reports[0].body == "Bem \nfim"


async def test_names_may_be_given_in_other_words(tmp_path: Path) -> None:
    medicines = [{"name": "AAS", "given": word} for word in ("sim", "Recusada", "N", "pendente", True)]
    (tmp_path / "a.jsonl").write_text(line("a", shift="Plantão N", medications=medicines, vitals={"PA": "130x80", "FC": 72}))
    [report] = (await one_page(tmp_path, shifts={"plantao n": "night"})).reports
    assert report.shift is Shift.NIGHT
    assert [(one.name, one.value) for one in report.vitals] == [("PA", "130x80"), ("FC", "72")]
    assert [(one.given, one.note) for one in report.medications] == [
        (True, ""),
        (False, "Recusada"),
        (False, ""),
        (None, "pendente"),
        (True, ""),
    ]


def relative(external_id: str, day: int, began: str, closed: str, **changes: Any) -> str:
    kept = {key: value for key, value in row(external_id).items() if key not in ("began_at", "closed_at")}
    return json.dumps({**kept, "day": day, "began": began, "closed": closed, **changes})


async def test_relative_days_count_from_the_anchor_or_from_today(tmp_path: Path) -> None:
    night = relative("n", -1, "18:00", "07:05", vitals=[{"name": "PA", "value": "11x7", "at": "02:30"}])
    (tmp_path / "a.jsonl").write_text("\n".join((relative("m", 0, "07:00", "12:00"), night)))
    page = await one_page(tmp_path)
    assert told(page) == (["n@2026-03-09", "m@2026-03-10"], {})
    assert page.reports[0].closed_at == datetime(2026, 3, 10, 7, 5, tzinfo=ZONE).astimezone(UTC)
    assert page.reports[0].vitals[0].at == datetime(2026, 3, 10, 2, 30, tzinfo=ZONE).astimezone(UTC)
    assert told(await one_page(tmp_path, anchor="2026-03-11")) == (
        [],
        {},
    )  # closes tomorrow, and it is not so wrong as to be told
    assert told(await one_page(tmp_path, anchor="2026-03-09"))[0] == ["m@2026-03-09"]


@pytest.mark.parametrize("anchor", [{}, {"anchor": "2026-01-05"}, {"anchor": "2031-01-05"}])
async def test_relative_days_come_again(tmp_path: Path, anchor: dict[str, str]) -> None:
    """Each day has exactly one morning, whenever it is read, and yesterday's is today what it was yesterday."""
    (tmp_path / "a.jsonl").write_text("\n".join(relative(f"m{day}", -day, "07:00", "12:00") for day in range(5)))
    reader = source(tmp_path, repeat_days=5, look_back_hours=24 * 9, **anchor)
    first = await run(reader, mark(NOON), NOON)
    second = await run(reader, mark(NOON), NOON + timedelta(days=1))
    assert [name.partition("@")[2] for name in first.ids] == [f"2026-03-{day:02}" for day in range(1, 11)]
    assert second.ids[:-1] == first.ids
    assert len(set(second.ids[-5:])) == 5 and second.ids[-1] == second.ids[-6].replace("03-06", "03-11")


async def test_a_folder_that_is_a_file_is_down(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(SourceDown):
        await source(tmp_path / "a").check()


async def test_a_folder_is_read_again_when_a_file_of_it_changed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line("a"))
    reader = source(tmp_path)
    assert (await run(reader, mark(NOON), NOON)).ids == ["a"]
    with (tmp_path / "a.jsonl").open("a") as file:
        file.write("\n" + line("b"))
    assert (await run(reader, mark(NOON), NOON)).ids == ["a", "b"]
