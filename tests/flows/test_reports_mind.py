"""The whole way with the writer that needs no model: a shift's words come in, a family's message stands in the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from clinic.reports.models import Vital
from db.embedded import Urls
from jobs.reports_mind import mind_of
from kit.settings import load_settings
from tests.flows.reports_desk import Desk, decide, open_desk

CALM = "Plantão tranquilo. Aceitou bem o almoço e dormiu à tarde. Nega dor. Recebeu visita da neta."


@pytest.fixture
async def desk(database: Urls) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        desk.mind = mind_of(load_settings(_env_file=None, model=""))  # type: ignore[assignment]
        yield desk


async def test_a_calm_shift_is_told_and_what_stands_out_is_kept(desk: Desk) -> None:
    await decide(desk.room, urgent="alone")
    family = await desk.room.family("Lourdes", "Prates")
    await desk.closes(family, CALM)
    fall = await desk.closes(family, "Teve uma queda da própria altura às 09:40, sem lesão. Aceitou bem o almoço.")
    run = await desk.run()
    assert (run.status, run.process_approved) == ("completed", 2)
    [row] = await desk.room.rows("SELECT id, source_text FROM reports WHERE external_id = %(id)s", id=fall.external_id)
    kept = (await desk.room.view(row["id"])).patterns
    assert "fall" in {one.key for one in kept}
    assert all(0 <= one.span.start < one.span.end <= len(row["source_text"]) for one in kept)
    texts = await desk.room.sent_texts(family.phones[0])
    assert len(texts) == 2
    assert all("Lourdes" in text for text in texts)


async def test_how_somebody_is_over_days_is_kept_with_its_evidence(desk: Desk) -> None:
    family = await desk.room.family()
    for day, pressure in enumerate(("120x80", "122x80", "150x90", "168x100", "185x110")):
        report = desk.room.source(family, body="Passou bem a manhã, almoçou bem.")
        began = report.began_at - timedelta(days=9 - day)
        desk.source.reports.append(
            replace(
                report,
                began_at=began,
                closed_at=began + timedelta(hours=5),
                vitals=(Vital("PA", pressure), Vital("PA", pressure)),
            )
        )
    await desk.run()
    found = await desk.room.rows(
        "SELECT key, details FROM detected_patterns WHERE kind = 'trend' ORDER BY (details->>'of')::int DESC LIMIT 1"
    )
    assert [row["key"] for row in found] == ["worsening"]
    assert found[0]["details"]["evidence"]
