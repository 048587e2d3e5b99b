"""What Prometheus reads: well-formed, of every clinic that sends reports, and nothing of anybody in it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from api.app import create_app
from channels.primecare.base import SourceDown
from db.embedded import Urls
from tests.flows.reports_desk import Desk, open_desk
from tests.flows.served import settings_for

LINE = re.compile(r'^(carol_clock_silent_seconds|[a-z_]+\{clinic="[^"]+"(,[a-z]+="[a-z_]+")?\}) [0-9.e+-]+$')
PASSWORD = "uma senha comprida"


@pytest.fixture
async def desk(database: Urls) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def scrape(urls: Urls, **asked: object) -> httpx.Response:
    app = create_app(settings_for(urls, operator_password=PASSWORD), desk=False, delivery=False)
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
            return await http.get("/metrics", **asked)  # type: ignore[arg-type]


async def test_figures_by_clinic_and_state(database: Urls, desk: Desk) -> None:
    family = await desk.room.family("Lourdes", "Prates")
    await desk.closes(family)
    await desk.closes(family, "recuse")
    await desk.run()
    desk.source.fails = SourceDown()
    await desk.run()
    said = await scrape(database, auth=("prometheus", PASSWORD))
    assert said.status_code == 200
    assert said.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = said.text.splitlines()
    figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    clinic = f'clinic="{desk.room.clinic.slug}"'
    assert figures[f'carol_reports{{{clinic},state="approved"}}'] == "1"
    assert figures[f'carol_reports{{{clinic},state="review"}}'] == "1"
    assert figures[f'carol_reports{{{clinic},state="sent"}}'] == "0"
    assert figures[f'carol_report_runs_total{{{clinic},status="completed"}}'] == "1"
    assert figures[f'carol_report_runs_total{{{clinic},status="failed"}}'] == "1"
    assert figures[f'carol_report_alerts{{{clinic},severity="critical"}}'] == "1"
    assert figures[f"carol_report_source_errors{{{clinic}}}"] == "1"
    assert float(figures[f"carol_report_oldest_review_seconds{{{clinic}}}"]) >= 0
    assert all(LINE.match(line) for line in lines if not line.startswith("#"))
    named = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert {line.partition("{")[0] for line in figures} == named
    assert figures[f"carol_report_run_overdue_seconds{{{clinic}}}"] == "0"
    assert float(figures["carol_clock_silent_seconds"]) < 60
    await desk.ago("beats", "at", timedelta(minutes=20))
    await desk.room.rows("UPDATE report_desks SET next_run_at = now() - interval '1 hour' RETURNING clinic_id")
    lines = (await scrape(database, auth=("prometheus", PASSWORD))).text.splitlines()
    figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert float(figures[f"carol_report_run_overdue_seconds{{{clinic}}}"]) >= 3600
    assert float(figures["carol_clock_silent_seconds"]) >= 1200
    assert "Lourdes" not in said.text
    assert family.phones[0].lstrip("+") not in said.text


async def test_it_is_locked_like_the_rest(database: Urls) -> None:
    assert (await scrape(database)).status_code == 401
