"""A run of reports: stages apart, a source that fails, a model that is down, time that is over; what is left comes next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from channels.primecare.base import Broken, Fault, SourceDown
from clinic.reports import runs_store, service
from clinic.reports.runs import Lost, RunGoesOn, summary
from clinic.tenants.models import Clinic
from db.embedded import Urls
from db.pool import Pool
from db.session import clinic_session
from jobs import reports_asking, reports_clock
from jobs.reports import Went, advance
from jobs.reports_dry import foresee
from kit.clock import utc_now
from kit.errors import Unavailable
from tests.flows.reports_desk import ADMIN, TEAM, Desk, decide, open_desk

NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # twelve in São Paulo


@pytest.fixture
async def desk(database: Urls) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def test_a_run_reads_writes_tells_and_sends(desk: Desk) -> None:
    one, other = await desk.room.family(), await desk.room.family(readers=2)
    good, two, bad = await desk.closes(one), await desk.closes(other), await desk.closes(one, "recuse")
    run = await desk.run()
    assert (run.status, run.stage, run.errors) == ("completed", "done", {})
    assert (run.sync_count, run.process_approved, run.process_failed, run.notify_count) == (3, 2, 1, 1)
    assert (run.send_success, run.send_failed) == (2, 0)
    assert await desk.states() == {good.external_id: "approved", two.external_id: "approved", bad.external_id: "review"}
    assert len(await desk.room.rows("SELECT id FROM outbox")) == 3
    assert run.duration_ms is not None
    took = (run.sync_ms, run.process_ms, run.notify_ms, run.send_ms)
    assert all(ms is not None and ms >= 0 for ms in took)
    assert sum(ms or 0 for ms in took) <= run.duration_ms
    told = summary(run, pending=0)
    assert told["process"] == {"approved": 2, "failed": 1, "pending": 0, "ms": run.process_ms}
    [notice] = await desk.notices("report_review")
    assert notice["destination"] == TEAM
    assert one.name.split()[0] not in notice["text"]
    await desk.leave()
    await desk.tick()
    assert set((await desk.states()).values()) == {"sent", "review"}


async def test_a_second_run_finds_nothing_to_do(desk: Desk) -> None:
    await desk.closes(await desk.room.family())
    await desk.run()
    again = await desk.run()
    assert (again.sync_count, again.process_approved, again.send_success, again.notify_count) == (0, 0, 0, 0)
    assert len(await desk.room.rows("SELECT id FROM outbox")) == 1


async def test_the_mark_moves_with_the_rows_and_every_page_is_taken(desk: Desk) -> None:
    family = await desk.room.family()
    for _ in range(5):
        await desk.closes(family)
    desk.source.page = 2
    run = await desk.run()
    assert run.sync_count == 5
    last = max(desk.source.reports, key=lambda one: one.closed_at)
    planned = await desk.planned()
    assert (planned.mark_closed_at, planned.mark_id) == (last.closed_at, last.external_id)
    await desk.run()
    assert desk.source.asked[-3] is not None
    assert desk.source.asked[-3].position == ""  # a run begins at the watermark, never in the middle of a page


async def test_a_source_that_is_down_fails_the_run_and_the_other_stages_go_on(desk: Desk) -> None:
    family = await desk.room.family()
    waiting = await desk.room.taken(family)
    await desk.closes(family)
    desk.source.fails = SourceDown()
    run = await desk.run()
    assert (run.status, run.error_stage, run.error_code) == ("failed", "sync", "source_down")
    assert run.errors == {"sync": "source_down"}
    assert (run.process_approved, run.send_success) == (1, 1)
    assert await desk.room.state(waiting) == "approved"
    planned = await desk.planned()
    assert (planned.mark_closed_at, planned.errors, planned.error_code) == (None, 1, "source_down")
    [alert] = await desk.notices("report_alert")
    assert alert["destination"] == ADMIN
    assert "a origem não responde" in alert["text"]
    desk.source.fails = None
    run = await desk.run()
    assert (run.status, run.sync_count) == ("completed", 1)
    assert (await desk.planned()).errors == 0
    assert await desk.room.rows("SELECT id FROM alerts WHERE resolved_at IS NULL") == []


async def test_a_source_that_fails_on_its_second_page_keeps_the_first(desk: Desk) -> None:
    family = await desk.room.family()
    first = [await desk.closes(family) for _ in range(4)]
    desk.source.page, desk.source.fails, desk.source.after = 2, SourceDown(), 1
    run = await desk.run()
    assert (run.status, run.sync_count) == ("failed", 2)
    planned = await desk.planned()
    assert planned.mark_id == first[1].external_id
    desk.source.fails = None
    assert (await desk.run()).sync_count == 2


async def test_what_cannot_be_read_is_counted_and_keeps_nothing_back(desk: Desk) -> None:
    await desk.closes(await desk.room.family())
    desk.source.broken = [Broken("X-1", Fault.BAD_DATE), Broken("X-2", Fault.EMPTY)]
    run = await desk.run()
    assert (run.status, run.sync_count, run.sync_broken, run.send_success) == ("completed", 1, 2, 1)


async def test_a_writer_that_breaks_fails_that_report_alone(desk: Desk) -> None:
    family = await desk.room.family()
    broken, fine = await desk.closes(family, "quebre"), await desk.closes(family)
    run = await desk.run()
    assert run.status == "completed"
    assert await desk.states() == {broken.external_id: "review", fine.external_id: "approved"}
    [row] = await desk.room.rows("SELECT error_code FROM reports WHERE state = 'review'")
    assert row["error_code"] == "writer_broke"


async def test_a_report_whose_row_cannot_be_written_keeps_no_other_waiting(desk: Desk) -> None:
    family = await desk.room.family()
    broken, fine = await desk.closes(family), await desk.closes(family)
    desk.mind.spoils = broken.external_id
    run = await desk.run()
    assert run.errors == {"process": "unfinished"}
    assert await desk.states() == {broken.external_id: "processing", fine.external_id: "approved"}
    desk.mind.spoils = ""
    await desk.bury()
    await desk.settled()
    assert set((await desk.states()).values()) == {"approved"}


async def test_a_model_that_is_down_loses_nothing_and_another_run_comes_soon(desk: Desk) -> None:
    await desk.closes(await desk.room.family())
    desk.mind.down = Unavailable("model")
    desk.seconds = 0.5
    now = utc_now()
    run = await desk.run()
    assert (run.status, run.errors) == ("failed", {"process": "unfinished"})
    planned = await desk.planned()
    assert planned.next_run_at is not None
    assert timedelta(0) < planned.next_run_at - now <= timedelta(minutes=11)
    desk.mind.down = None
    await desk.ago("reports", "retry_at", timedelta(hours=1))
    await desk.settled()  # it waits for no run: what was given back is written when its time has come
    assert set((await desk.states()).values()) == {"approved"}
    assert len(await desk.room.rows("SELECT id FROM outbox")) == 1


async def test_what_is_not_written_in_time_stays_pending_and_is_said(desk: Desk) -> None:
    family = await desk.room.family()
    for _ in range(3):
        await desk.closes(family)
    run = await desk.begin()
    await advance(desk.works(), desk.clinic_id, run.id)  # it has read, and rung
    assert len(desk.bells.writes) == 3
    await desk.ago("pipeline_runs", "started_at", timedelta(seconds=290))
    desk.bells.writes.clear()  # and no worker came
    assert await advance(desk.works(), desk.clinic_id, run.id) is Went.OVER
    over = await desk.read(run.id)
    assert (over.status, over.errors) == ("failed", {"process": "unfinished"})
    assert set((await desk.states()).values()) == {"pending"}
    again = await desk.run()
    assert (again.status, again.process_approved) == ("completed", 3)


async def test_workers_write_side_by_side_and_the_last_one_lets_the_run_go_on(desk: Desk) -> None:
    family = await desk.room.family()
    for _ in range(4):
        await desk.closes(family)
    run = await desk.begin()
    assert await advance(desk.works(), desk.clinic_id, run.id) is Went.WAITS
    assert (await desk.read(run.id)).stage == "process"
    assert len(desk.bells.writes) == 4
    await desk.settled()
    over = await desk.read(run.id)
    assert (over.status, over.process_approved, over.send_success) == ("completed", 4, 4)
    assert len(desk.mind.wrote) == 4


async def test_only_one_run_of_a_clinic_goes_on(desk: Desk) -> None:
    await desk.begin()
    with pytest.raises(RunGoesOn):
        await reports_asking.run_now(desk.room.pool, desk.clinic_id, by="Júlia")


async def test_two_hands_at_one_run_do_its_work_once(desk: Desk) -> None:
    family = await desk.room.family(readers=2)
    for n in range(6):
        await desk.closes(family, "recuse" if n % 3 == 0 else "Passou bem.")
    run = await desk.begin()
    works = desk.works(alone=True)
    went = await asyncio.gather(*(advance(works, desk.clinic_id, run.id) for _ in range(4)))
    assert sorted(one.value for one in went) == ["elsewhere", "elsewhere", "elsewhere", "over"]
    assert len(await desk.room.rows("SELECT id FROM outbox")) == 8
    assert len(await desk.notices("report_review")) == 1


async def test_skipping_reads_or_sends_nothing(desk: Desk) -> None:
    family = await desk.room.family()
    await desk.closes(family)
    run = await desk.run(skip_sync=True)
    assert desk.source.asked == []
    assert run.sync_count == 0
    run = await desk.run(skip_send=True)
    assert (run.status, run.process_approved, run.send_success) == ("completed", 1, 0)
    await desk.settled()
    assert await desk.room.rows("SELECT id FROM outbox") == []  # the clock sends nothing that a run was asked to keep
    assert (await desk.run()).send_success == 1


async def test_a_dry_run_says_and_writes_nothing(desk: Desk) -> None:
    family = await desk.room.family()
    await desk.room.taken(family)
    await desk.closes(family)
    before = await _everything(desk)
    told = await foresee(desk.works(alone=True), await desk.clinic(), now=utc_now(), skip_sync=False, skip_send=False)
    assert told["sync"] == {"new": 1, "corrected": 0, "same": 0, "broken": 0}
    assert (told["process"], told["notify"], told["send"], told["errors"]) == ({"pending": 2}, {"failed": 0}, {"ready": 0}, {})
    assert await _everything(desk) == before
    assert desk.mind.wrote == []
    desk.source.fails = SourceDown()
    told = await foresee(desk.works(alone=True), await desk.clinic(), now=utc_now(), skip_sync=False, skip_send=False)
    assert told["errors"] == {"sync": "source_down"}
    assert await _everything(desk) == before


async def _everything(desk: Desk) -> list[str]:
    tables = ("reports", "report_desks", "report_steps", "report_subjects", "pipeline_runs", "outbox", "messages", "notices",
              "alerts", "people", "daily_metrics")  # fmt: skip
    return [str(await desk.room.rows(f"SELECT * FROM {table} ORDER BY 1, 2")) for table in tables]


# --- the clock ----------------------------------------------------------------------------------------------------------


async def test_the_clock_begins_a_run_at_the_clinics_hours_once_whoever_ticks(desk: Desk) -> None:
    assert await desk.tick(NOON - timedelta(hours=1)) == 0
    assert (await desk.planned()).next_run_at == NOON
    begun = await asyncio.gather(*(desk.tick(NOON + timedelta(seconds=20)) for _ in range(3)))
    assert sum(begun) == 1
    [run] = await desk.runs()
    assert (run.trigger, run.due_at) == ("scheduled", NOON)
    assert (await desk.planned()).next_run_at == NOON + timedelta(hours=6)
    await desk.hear()
    assert (await desk.read(run.id)).status == "completed"
    assert await desk.tick(NOON + timedelta(seconds=80)) == 0


async def test_a_clock_that_stood_still_makes_up_with_one_run(desk: Desk) -> None:
    await desk.tick(NOON - timedelta(hours=1))
    assert await desk.tick(NOON + timedelta(hours=30)) == 1
    assert (await desk.planned()).next_run_at == NOON + timedelta(hours=32)
    await desk.hear()
    assert len(await desk.runs()) == 1


async def test_a_scheduled_run_waits_for_the_one_under_way(desk: Desk) -> None:
    await desk.tick(NOON - timedelta(hours=1))
    run = await desk.begin()
    assert await desk.tick(NOON) == 0
    assert (await desk.planned()).next_run_at == NOON
    await desk.hear()
    assert (await desk.read(run.id)).status == "completed"
    assert await desk.tick(NOON + timedelta(minutes=1)) == 1


async def test_hours_that_the_clinic_changed_are_kept_from_the_next_tick_on(desk: Desk) -> None:
    await desk.tick(NOON - timedelta(hours=3))
    await decide(desk.room, hours=(time(10), time(20)))
    await desk.tick(NOON - timedelta(hours=3))
    assert (await desk.planned()).next_run_at == NOON - timedelta(hours=2)
    await decide(desk.room, hours=())
    await desk.tick(NOON - timedelta(hours=3))
    assert (await desk.planned()).next_run_at is None


async def test_a_review_that_nobody_decides_gets_the_fallback_text_and_it_leaves(desk: Desk) -> None:
    await desk.closes(await desk.room.family(), "recuse")
    await desk.run()
    soon, late = utc_now() + timedelta(minutes=119), utc_now() + timedelta(minutes=121)
    assert await reports_clock.time_outs(desk.room.pool, now=soon) == 0
    await desk.ago("reports", "review_due_at", timedelta(minutes=121))
    assert await reports_clock.time_outs(desk.room.pool, now=late) == 1
    assert set((await desk.states()).values()) == {"fallback"}
    assert len(await desk.room.rows("SELECT id FROM outbox")) == 1
    assert await reports_clock.time_outs(desk.room.pool, now=late) == 0


async def test_what_a_person_approves_leaves_without_waiting_for_a_run(desk: Desk) -> None:
    await desk.closes(await desk.room.family(), "recuse")
    await desk.run()
    [row] = await desk.room.rows("SELECT id FROM reports")
    view = await desk.room.view(row["id"])
    assert view.draft is not None
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        await service.approve(s, desk.room.clinic, row["id"], by="Júlia", version=view.report.version, digest=view.draft.digest)
    await desk.tick()
    assert len(await desk.room.rows("SELECT id FROM outbox")) == 1


async def test_what_a_person_wants_written_again_is_written_without_waiting_for_a_run(desk: Desk) -> None:
    await desk.closes(await desk.room.family(), "recuse")
    await desk.run()
    [row] = await desk.room.rows("SELECT id, version FROM reports")
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        await service.regenerate(s, desk.room.clinic, row["id"], by="Júlia", why="mais simples", version=row["version"])
    await desk.settled()
    assert len(desk.mind.wrote) == 2
    assert set((await desk.states()).values()) == {"review"}  # refused again, and told again
    assert len(await desk.notices("report_review")) == 2


async def test_a_stage_that_kills_whoever_is_at_it_is_given_up(desk: Desk) -> None:
    await desk.closes(await desk.room.family())
    run = await desk.begin()
    await desk.room.rows("UPDATE pipeline_runs SET attempts = 5 RETURNING id")  # five died reading
    await advance(desk.works(alone=True), desk.clinic_id, run.id)
    over = await desk.read(run.id)
    assert (over.status, over.errors, over.stage) == ("failed", {"sync": "died"}, "done")


async def test_a_run_is_held_by_one_and_who_lost_it_writes_no_more(desk: Desk) -> None:
    run = await desk.begin()
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        first = await runs_store.take(s, run.id, lease=timedelta(minutes=1))
        assert first is not None
        assert await runs_store.take(s, run.id, lease=timedelta(minutes=1)) is None
    await desk.bury()
    async with clinic_session(desk.room.pool, desk.clinic_id) as s:
        second = await runs_store.take(s, run.id, lease=timedelta(minutes=1))
        assert second is not None
        for late in (runs_store.move, runs_store.release, runs_store.end):
            with pytest.raises(Lost):
                await late(s, first)
        assert (await runs_store.move(s, second)).stage == "process"


async def test_a_clinic_in_trouble_keeps_no_other_waiting(database: Urls, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_desk(database, slug="outra-casa") as other:
        for one in (desk, other):
            await one.tick(NOON - timedelta(hours=1))
        original = reports_clock.clinic_for

        async def troubled(pool: Pool, clinic_id: UUID) -> Clinic:
            if clinic_id == desk.clinic_id:
                raise ValueError("its row is broken")
            return await original(pool, clinic_id)

        monkeypatch.setattr(reports_clock, "clinic_for", troubled)
        assert await desk.tick(NOON) == 1
        assert [len(await one.runs()) for one in (desk, other)] == [0, 1]


async def test_a_source_that_fails_by_a_defect_of_ours_ends_its_stage_alone(desk: Desk) -> None:
    family = await desk.room.family()
    await desk.room.taken(family)
    desk.source.fails = KeyError("a defect of the driver")
    run = await desk.run()
    assert (run.status, run.errors, run.send_success) == ("failed", {"sync": "broke"}, 1)
