"""What every source of shift reports must do, whether a database or a folder."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from channels.primecare.base import BadSource, Mark, SourceDown, SourceRefused, digest
from channels.primecare.sources import source_for
from clinic.reports.models import Medication, Shift, SourceReport, Vital
from tests.sources.worlds import BODY, NOON, Database, Folder, Given, World, at, mark, pages, run

HOUR = timedelta(hours=1)


async def test_an_empty_source_tells_nothing_and_is_seen_until_now(world: World) -> None:
    world.put(Given("1", NOON))
    world.drop("1")
    [page] = await pages(world.source(), mark(NOON - HOUR), NOON)
    assert (page.reports, page.broken, page.more) == ((), (), False)
    assert page.next == Mark(NOON.astimezone(UTC))


async def test_a_report_comes_whole(world: World) -> None:
    world.put(
        Given(
            "r-1",
            NOON,
            vitals=(
                {"name": "PA", "value": "130x80", "unit": "mmHg", "at": "2026-03-10 08:10:00"},
                {"name": "Tax", "value": "36,5"},
                {"name": "HGT", "value": None},
            ),
            medications=(
                {"name": "Losartana", "dose": "50 mg", "at": "08:00", "given": 1},
                {"name": "Sinvastatina", "dose": "20 mg", "at": "após o jantar", "given": 0, "note": "cuspiu"},
                {"name": "Dipirona", "given": None},
            ),
        )
    )
    [page] = await pages(world.source(), mark(NOON - HOUR), NOON)
    assert page.reports == (
        SourceReport(
            external_id="r-1",
            subject_id="7",
            subject_name="Zilda Prates",
            caregiver="Neide",
            began_at=datetime(2026, 3, 10, 10, 0, tzinfo=UTC),
            closed_at=datetime(2026, 3, 10, 15, 0, tzinfo=UTC),
            body=BODY,
            vitals=(
                Vital("PA", "130x80", "mmHg", datetime(2026, 3, 10, 11, 10, tzinfo=UTC)),
                Vital("Tax", "36,5"),
            ),
            medications=(
                Medication("Losartana", "50 mg", datetime(2026, 3, 10, 11, 0, tzinfo=UTC), True),
                Medication("Sinvastatina", "20 mg", None, False, "após o jantar; cuspiu"),
                Medication("Dipirona"),
            ),
            shift=Shift.MORNING,
        ),
    )
    assert all(one.began_at.utcoffset() == timedelta() for one in page.reports)


@pytest.mark.parametrize(("said", "read"), [("1941-05-02", date(1941, 5, 2)), (None, None)])
async def test_a_date_of_birth_is_read_where_the_source_has_one(world: World, said: str | None, read: date | None) -> None:
    world.put(Given("r-1", NOON, born=said))
    where = {"table": "assistidos", "column": "nascimento", "via": "assistido_id"}
    changes = {"tables": {"born_on": where}} if world.kind == "mysql" else {}
    [page] = await pages(world.source(**changes), mark(NOON - HOUR), NOON)
    assert [one.born_on for one in page.reports] == [read]


async def test_what_was_closed_is_told_in_its_order_up_to_the_instant_asked_for(world: World) -> None:
    early, middle, ahead = at(120, 60, -30)
    world.put(Given("c", ahead), Given("b", early), Given("a", middle))
    now = await run(world.source(), mark(early), NOON)
    assert now.ids == ["b", "a"] and now.broken == {}
    later = await run(world.source(look_back_hours=0), now.mark, NOON + HOUR)
    assert later.ids == ["c"]


async def test_a_row_committed_late_is_found_by_the_next_run(world: World) -> None:
    before, late = at(60, 600)
    world.put(Given("a", before))
    first = await run(world.source(), mark(NOON - HOUR), NOON)
    world.put(Given("late", late))
    second = await run(world.source(), first.mark, NOON + HOUR)
    assert second.ids == ["late", "a"]


async def test_beyond_the_look_back_nothing_is_told_again(world: World) -> None:
    world.put(Given("old", NOON - 25 * HOUR), Given("new", NOON - 23 * HOUR))
    assert (await run(world.source(), mark(NOON), NOON + HOUR)).ids == ["new"]
    assert (await run(world.source(look_back_hours=48), mark(NOON), NOON + HOUR)).ids == ["old", "new"]


async def test_a_first_run_does_not_dig_out_the_past_and_the_second_neither(world: World) -> None:
    world.put(Given("old", NOON - 30 * HOUR), Given("new", NOON - 20 * HOUR))
    source = world.source()
    first = await run(source, None, NOON)
    assert first.ids == ["new"]
    assert (await run(source, first.mark, NOON + HOUR)).ids == ["new"]


async def test_a_first_run_that_died_is_begun_again_at_the_same_place(world: World) -> None:
    world.put(*(Given(f"{n:02}", NOON - n * HOUR) for n in range(40)))
    page = await world.source().closed_since(None, NOON, 5)
    assert page.more
    again = await run(world.source(), replace(page.next, position=""), NOON + HOUR)
    assert sorted(again.ids) == [f"{n:02}" for n in range(25)]


async def test_a_corrected_row_is_told_again_with_another_digest(world: World) -> None:
    world.put(Given("a", NOON), Given("b", NOON))
    source = world.source()
    [first] = await pages(source, mark(NOON), NOON)
    world.put(Given("b", NOON, body=BODY + " Corrigindo: PA 140x80."))
    [second] = await pages(source, first.next, NOON + 6 * HOUR)
    was, now = ([digest(report) for report in page.reports] for page in (first, second))
    assert was[0] == now[0] and was[1] != now[1]


async def test_a_row_that_is_there_no_more_is_told_no_more(world: World) -> None:
    world.put(Given("a", NOON), Given("b", NOON))
    source = world.source()
    await run(source, mark(NOON), NOON)
    world.drop("a")
    assert (await run(source, mark(NOON), NOON + HOUR)).ids == ["b"]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_equal_instants_are_told_once_each_whatever_the_page(world: World, limit: int) -> None:
    world.put(*(Given(f"{n:02}", NOON) for n in range(11)), Given("00b", NOON - HOUR), Given("99", NOON + timedelta(seconds=1)))
    told = await run(world.source(), mark(NOON), NOON + HOUR, limit)
    assert told.ids == ["00b", *(f"{n:02}" for n in range(11)), "99"]


async def test_ten_thousand_rows_are_paged_without_loss_or_repetition(world: World) -> None:
    world.put(*(Given(f"{n:05}", NOON - timedelta(seconds=10_000 - n // 7)) for n in range(10_000)))
    told = await pages(world.source(), mark(NOON), NOON, 997)
    assert len(told) == 11
    ids = [report.external_id for page in told for report in page.reports]
    assert ids == [f"{n:05}" for n in range(10_000)]


async def test_a_run_that_dies_between_pages_loses_nothing(world: World) -> None:
    world.put(*(Given(f"{n:02}", NOON - 30 * HOUR + n * HOUR) for n in range(30)))
    source, seen = world.source(look_back_hours=2), set()
    position: Mark = mark(NOON - 28 * HOUR)
    for attempt in range(40):
        page = await source.closed_since(position, NOON, 4)
        seen |= {report.external_id for report in page.reports}
        # Every second page dies after it was stored: what is kept is the watermark alone.
        position = replace(page.next, position="") if attempt % 2 else page.next
        if not page.more:
            break
    assert seen == {f"{n:02}" for n in range(30)}


BROKEN = {
    "empty": Given("x", NOON, body=None),
    "blank": Given("x", NOON, body="  \n "),
    "no_subject": Given("x", NOON, subject=None),
    "no_name": Given("x", NOON, name=None),
    "long_name": Given("x", NOON, name="Z" * 201),
    "backwards": Given("x", NOON, began=NOON + HOUR),
    "too_long": Given("x", NOON, body="Ela passou bem. " * 1300),
    "future": Given("x", NOON + timedelta(days=3650), began=NOON),
    "nameless_vital": Given("x", NOON, vitals=({"name": None, "value": "130x80"},)),
    "nameless_medicine": Given("x", NOON, medications=({"name": None, "dose": "50 mg"},)),
}
CODES = {"blank": "empty", "no_name": "no_subject", "long_name": "too_long"}
CODES |= {"nameless_vital": "bad_vitals", "nameless_medicine": "bad_medications"}


@pytest.mark.parametrize("case", BROKEN)
async def test_a_broken_row_is_told_by_id_and_code_and_keeps_no_other_back(world: World, case: str) -> None:
    world.put(Given("a", NOON - HOUR, subject="8"), BROKEN[case], Given("z", NOON, subject="8"))
    told = await run(world.source(), mark(NOON), NOON + HOUR)
    assert told.ids == ["a", "z"]
    assert told.broken == {"x": CODES.get(case, case)}


async def test_a_date_that_is_none_is_told(world: World) -> None:
    for wrong in ("2026-02-31 08:00:00", "0000-00-00 00:00:00"):
        world.put(Given("x", NOON, began=wrong), Given("z", NOON))
        told = await run(world.source(), mark(NOON), NOON + HOUR)
        assert (told.ids, told.broken) == (["z"], {"x": "bad_date"})


async def test_a_broken_row_is_told_at_every_run_until_it_is_mended(world: World) -> None:
    """For weeks, with a look-back of an hour; what is whole beside it is told, and after the mending so is it."""
    source = world.source(look_back_hours=1)
    world.put(Given("a", NOON - HOUR), Given("x", NOON, body=None))
    now, kept = NOON + HOUR, mark(NOON - HOUR)
    for day in range(20):
        world.put(Given(f"d{day:02}", now))
        told = await run(source, kept, now, 3)
        assert told.broken == {"x": "empty"}
        assert f"d{day:02}" in told.ids
        kept, now = told.mark, now + 24 * HOUR
    world.put(Given("x", NOON))
    assert "x" in (await run(source, kept, now)).ids


async def test_after_the_days_it_is_retold_a_broken_row_holds_nothing_back(world: World) -> None:
    if isinstance(world, Folder):
        return  # a folder is read whole at each run
    source = world.source(look_back_hours=1, retell_days=5)
    world.put(Given("x", NOON, body=None), Given("a", NOON + HOUR))
    told = await run(source, mark(NOON - HOUR), NOON + timedelta(days=4))
    assert told.broken and (await run(source, told.mark, NOON + timedelta(days=6))).ids == ["a"]
    later = await run(source, told.mark, NOON + timedelta(days=7))
    after = await run(source, later.mark, NOON + timedelta(days=8))
    assert (after.ids, after.broken) == ([], {})


@pytest.mark.parametrize("zone", ["America/Fortaleza", "America/Manaus", "Asia/Kolkata", "UTC"])
async def test_naive_instants_are_of_the_zone_that_is_configured(world: Folder | Database, zone: str) -> None:
    world.zone = ZoneInfo(zone)
    world.put(Given("a", NOON))
    [page] = await pages(world.source(), mark(NOON), NOON)
    assert [report.closed_at for report in page.reports] == [NOON.astimezone(UTC)]
    assert (await pages(world.source(), mark(NOON), NOON - timedelta(seconds=1)))[0].reports == ()


@pytest.mark.parametrize("change", ["2018-11-04", "2019-02-16", "2018-02-17"])
async def test_a_change_of_the_clocks_loses_nothing(world: Folder | Database, change: str) -> None:
    """Of São Paulo's last ones: midnight that did not exist, and the hour before it that came twice."""
    midnight = datetime.fromisoformat(f"{change} 00:00:00")
    naive = [midnight + timedelta(minutes=10 * step) for step in range(-12, 160)]
    world.put(*(Given(f"{n:03}", str(one), began=str(one - timedelta(hours=6))) for n, one in enumerate(naive)))
    start = midnight.replace(tzinfo=UTC)
    told = await run(world.source(), mark(start), start + timedelta(days=3), 4)
    assert sorted(told.ids) == [f"{n:03}" for n in range(len(naive))]
    assert len(told.ids) == len(set(told.ids))


async def test_a_source_that_is_not_there_is_down(world: World) -> None:
    world.put(Given("a", NOON))
    with pytest.raises(SourceDown) as told:
        await world.away().closed_since(None, NOON)
    assert told.value.code == "source_down"
    with pytest.raises(SourceDown):
        await world.away().check()
    await world.source().check()


async def test_a_page_of_nothing_is_refused(world: World) -> None:
    world.put(Given("a", NOON))
    with pytest.raises(BadSource):
        await world.source().closed_since(None, NOON, 0)


async def test_the_same_report_has_the_same_digest_wherever_it_is(primecare: Database, tmp_path: object) -> None:
    given = Given(
        "r-1",
        NOON,
        vitals=({"name": "PA", "value": "130x80", "unit": "mmHg"}, {"name": "FC", "value": "72"}),
        medications=({"name": "Losartana", "dose": "50 mg", "at": "08:00", "given": 1},),
    )
    folder = Folder(tmp_path)  # type: ignore[arg-type]
    told = []
    for world in (primecare, folder):
        world.put(given)  # type: ignore[attr-defined]
        [page] = await pages(world.source(), mark(NOON), NOON)  # type: ignore[attr-defined]
        told += [digest(report) for report in page.reports]
    assert len(told) == 2 and told[0] == told[1]


async def test_nothing_that_a_report_says_is_in_what_goes_wrong(world: World, caplog: pytest.LogCaptureFixture) -> None:
    secret = "Genoveva caiu da cama"
    world.put(Given("x", NOON, body=secret * 3000, name="Genoveva"), Given("y", NOON, began="Genoveva", name="Genoveva"))
    with caplog.at_level(logging.DEBUG):
        [page] = await pages(world.source(), mark(NOON), NOON)
        with pytest.raises(SourceDown) as down:
            await world.away().closed_since(None, NOON)
    assert len(page.broken) == 2
    assert "Genoveva" not in repr(page) + caplog.text + repr(down.value) + str(down.value)


async def test_a_wrong_configuration_names_fields_and_no_values() -> None:
    for wrong, named in (
        ({"kind": "mysql", "host": "h", "database": "d", "user": "u", "password": "s3gredo", "port": 99999}, "port"),
        ({"kind": "mysql", "host": "h", "database": "d; DROP", "user": "s3gredo", "password": "s3gredo"}, "database"),
        ({"kind": "mysql", "host": "h", "database": "d", "user": "u", "password": "env:S3GREDO_AUSENTE"}, "S3GREDO_AUSENTE"),
        ({"kind": "files", "folder": "s3gredo", "zone": "s3gredo"}, "zone"),
        ({"kind": "files", "folder": "s3gredo", "timezone": "s3gredo"}, "timezone"),
        ({"kind": "oracle"}, "kind"),
        ({}, "kind"),
    ):
        with pytest.raises(BadSource) as told:
            source_for(wrong, {})
        assert named in str(told.value) and "s3gredo" not in str(told.value)
    assert not issubclass(SourceDown, SourceRefused)
