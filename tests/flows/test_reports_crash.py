"""kill -9 of a worker at every step of a run: no report is lost, none is sent twice, the team is told once."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.primecare.sources import source_for
from db.embedded import Urls
from kit.clock import utc_now
from tests.db.report_room import Family
from tests.flows.reports_desk import Desk, open_desk

ROOT = Path(__file__).parents[2]
READERS = 2
POINTS = [
    "after:run:1",  # it had just taken the run
    "before:take:1",  # the source has answered
    "after:take:2",  # the second page was half stored
    "after:seen:1",  # the mark had moved, with nothing committed
    "before:answered:1",  # everything was stored
    "after:move:1",  # the stage was over, with nothing committed
    "after:claim:1",
    "writing:1",
    "writing:3",
    "before:finish:2",
    "after:finish:3",
    "after:review:1",  # a failed report was half in review
    "after:tell:1",  # the notice was half queued
    "after:queue:1",  # the first message was half queued
    "after:queue:3",  # two had gone
    "before:move:4",  # all had gone
    "before:end:1",
    "before:look:1",  # it was over, and nobody had looked for alerts
]


@pytest.fixture
async def desk(database: Urls) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


def row(family: Family, number: int, body: str) -> dict[str, Any]:
    closed = utc_now() - timedelta(hours=3, minutes=number)
    return {
        "external_id": f"P{number}",
        "subject_id": family.subject,
        "subject_name": family.name,
        "caregiver": "Marta",
        "began_at": (closed - timedelta(hours=4)).isoformat(),
        "closed_at": closed.isoformat(),
        "body": body,
    }


@pytest.mark.parametrize("where", POINTS)
async def test_a_worker_killed_anywhere_loses_nothing_and_sends_nothing_twice(
    database: Urls, desk: Desk, tmp_path: Path, where: str
) -> None:
    families = [await desk.room.family(readers=READERS) for _ in range(2)]
    rows = [row(families[n % 2], n, "recuse" if n == 2 else "Passou bem a manhã.") for n in range(5)]
    (tmp_path / "plantoes.jsonl").write_text("\n".join(json.dumps(one) for one in rows), "utf-8")
    run = await desk.begin()
    died = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.flows.dying_reports",
        database.app, str(desk.clinic_id), str(run.id), str(tmp_path), where, cwd=ROOT,
    )  # fmt: skip
    assert await died.wait() == -signal.SIGKILL

    await desk.bury()
    desk.source = source_for({"kind": "files", "folder": str(tmp_path)}, {})  # type: ignore[assignment]
    await desk.settled()

    over = await desk.read(run.id)
    assert (over.status, over.errors, over.stage) == ("completed", {}, "done")
    assert over.sync_count == 5
    assert (over.process_approved, over.process_failed, over.notify_count) == (4, 1, 1)
    assert (over.send_success, over.send_failed) == (4, 0)
    assert sorted((await desk.states()).values()) == ["approved"] * 4 + ["review"]
    sends = await desk.room.rows("SELECT report_id, contact_id, count(*) AS n FROM report_sends GROUP BY 1, 2")
    assert len(sends) == 4 * READERS
    queued = await desk.room.rows("SELECT m.text, o.reply_to FROM outbox o JOIN messages m ON m.id = o.message_id")
    assert len(queued) == len({(one["text"], one["reply_to"]) for one in queued}) == 4 * READERS
    assert len(await desk.notices("report_review")) == 1
    await desk.leave()
    await desk.tick()
    assert sorted((await desk.states()).values()) == ["review"] + ["sent"] * 4


async def test_a_report_that_kills_its_workers_is_a_persons_after_three(database: Urls, desk: Desk, tmp_path: Path) -> None:
    family = await desk.room.family()
    (tmp_path / "plantoes.jsonl").write_text(json.dumps(row(family, 1, "Passou bem.")), "utf-8")
    run = await desk.begin()
    for _ in range(3):
        died = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.flows.dying_reports",
            database.app, str(desk.clinic_id), str(run.id), str(tmp_path), "writing:1", cwd=ROOT,
        )  # fmt: skip
        assert await died.wait() == -signal.SIGKILL
        await desk.bury()
    desk.source = source_for({"kind": "files", "folder": str(tmp_path)}, {})  # type: ignore[assignment]
    await desk.settled()
    assert set((await desk.states()).values()) == {"review"}
    assert desk.mind.wrote == []  # nobody dies of it a fourth time
    over = await desk.read(run.id)
    assert (over.status, over.process_failed, over.notify_count) == ("completed", 1, 1)
    assert len(await desk.notices("report_review")) == 1
