"""What a person reads first of a case that the demonstration model opened."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db.embedded import Urls
from tests.flows.house import offline_brains, open_house

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))


@pytest.mark.parametrize(
    ("before", "about"), [((), None), (("quero marcar uma limpeza dental amanhã",), "Em andamento: Limpeza dental")]
)
async def test_a_brief_says_what_was_under_way_or_nothing_of_it(
    database: Urls, tmp_path: Path, before: tuple[str, ...], about: str | None
) -> None:
    async with open_house(database, offline_brains(tmp_path), at=NOW) as house:
        for said in before:
            await house.say("+5531900000888", said)
        await house.say("+5531900000888", "quero falar com uma pessoa")
        [case] = await house.rows("SELECT brief FROM cases")
    assert "quero falar com uma pessoa" in case["brief"]
    assert about in case["brief"] if about else "Em andamento" not in case["brief"]
