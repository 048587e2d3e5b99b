"""`carol reports`: progress on one output, a summary for machines on the other, exit codes; names and words of nobody."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from db.embedded import Urls
from tests.db.report_room import Family
from tests.flows.reports_desk import Desk, open_desk
from tests.flows.test_reports_crash import row

CLINIC = "em-casa"


@pytest.fixture
async def desk(database: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setenv("CAROL_DATABASE_URL", database.owner)
    monkeypatch.setenv("CAROL_DATABASE_APP_URL", database.app)
    monkeypatch.setenv("CAROL_REDIS_URL", "redis://127.0.0.1:1/0")  # nothing is rung
    monkeypatch.setenv("CAROL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CAROL_MODEL", "")
    folder = tmp_path / "plantoes"
    folder.mkdir()
    root, said = logging.getLogger(), structlog.get_config()
    before = root.handlers, root.level
    async with open_desk(database, source={"kind": "files", "folder": str(folder)}) as desk:
        yield desk
    root.handlers, root.level = before  # each command says what it says to an output that was its own
    structlog.configure(**said)


def told(tmp_path: Path, family: Family, *bodies: str) -> None:
    rows = [json.dumps(row(family, n, body)) for n, body in enumerate(bodies)]
    (tmp_path / "plantoes" / "a.jsonl").write_text("\n".join(rows), "utf-8")


async def carol(*words: str) -> tuple[int, dict[str, Any], str]:
    """(exit code, summary, progress)."""
    found: Result = await asyncio.to_thread(CliRunner().invoke, app, ["reports", *words])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, json.loads(found.stdout) if found.stdout.strip() else {}, found.stderr


async def test_a_whole_run(desk: Desk, tmp_path: Path) -> None:
    family = await desk.room.family("Lourdes", "Prates")
    told(tmp_path, family, "Passou bem a manhã. Almoçou bem.", "Passou bem a manhã. Almoçou pouco.")
    code, summary, progress = await carol("run", "--clinic", CLINIC, "--dry-run")
    assert (code, summary["sync"]["new"], summary["dry_run"]) == (0, 2, True)
    assert await desk.runs() == []
    code, summary, progress = await carol("run", "--clinic", CLINIC)
    assert (code, summary["clinic"], summary["status"], summary["trigger"]) == (0, CLINIC, "completed", "manual")
    assert (summary["sync"]["new"], summary["process"]["approved"], summary["send"]["queued"]) == (2, 2, 2)
    assert summary["errors"] == {}
    assert [f"etapa {n}/4" in progress for n in (1, 2, 3, 4)] == [True] * 4
    assert "Lourdes" not in progress + json.dumps(summary)


async def test_each_stage_by_itself(desk: Desk, tmp_path: Path) -> None:
    family = await desk.room.family("Lourdes", "Prates")
    told(tmp_path, family, "Passou bem a manhã. Almoçou bem.", "   ")
    code, summary, _ = await carol("sync")
    assert (code, summary["sync"]) == (0, {"new": 1, "corrected": 0, "same": 0, "broken": 1})
    code, summary, _ = await carol("process")
    assert (code, summary["process"], summary["states"]) == (0, {"pending": 0}, {"approved": 1})
    assert (await carol("notify"))[:2] == (0, {"clinic": CLINIC, "notify": {"notified": 0}, "errors": {}})
    assert (await carol("timeouts"))[1]["timeouts"] == {"fallback": 0}
    assert (await carol("send"))[1]["send"] == {"queued": 1}
    code, summary, _ = await carol("metrics", "--days", "2")
    assert (code, [day["approved"] for day in summary["days"]]) == (0, [0, 1])
    assert (await carol("alerts"))[:2] == (0, {"clinic": CLINIC, "alerts": []})


async def test_a_stage_that_failed_is_an_exit_code(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "plantoes").rmdir()
    code, summary, said = await carol("run")
    assert (code, summary["status"], list(summary["errors"])) == (1, "failed", ["sync"])
    assert "não deu certo: a origem não responde." in said
    code, summary, said = await carol("sync")
    assert (code, list(summary["errors"])) == (1, ["sync"])
    assert "não deu certo: a origem não responde." in said
    assert "Código: source_down." in said
    code, summary, _ = await carol("alerts")
    assert (code, [one["kind"] for one in summary["alerts"]]) == (1, ["pipeline_failed"])
    assert (await carol("run", "--dry-run"))[0] == 1


async def test_nothing_to_run_for(desk: Desk) -> None:
    code, _, said = await carol("run", "--clinic", "outra")
    assert code == 2
    assert "outra" in said
    await desk.begin()
    await desk.room.rows("UPDATE pipeline_runs SET lease_until = now() + interval '1 minute' RETURNING id")
    code, _, said = await carol("run")
    assert code == 2
    assert "andamento" in said
    await desk.room.rows("DELETE FROM report_desks RETURNING clinic_id")
    assert (await carol("run"))[0] == 2
    assert (await carol("run", "--clinic", CLINIC))[0] == 2
