"""The session shown in the README is played again, line by line, and leaves the visit it says it left."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from db.embedded import Urls
from tests.flows.house import offline_brains, open_house

README = Path(__file__).parents[2] / "README.md"
ZONE = ZoneInfo("America/Sao_Paulo")
SHOWN = datetime(2026, 11, 21, 9, 0, tzinfo=ZONE)  # the Saturday the README names
MARINA = "+5531900000999"


async def test_the_session_in_the_readme_books_what_it_shows(database: Urls, tmp_path: Path) -> None:
    text = README.read_text("utf-8")
    [session] = re.findall(r"```text\n\$ \./carol chat\n(.*?)```", text, re.DOTALL)
    said = re.findall(r"^Você: (.+)$", session, re.MULTILINE)
    assert len(said) >= 4
    async with open_house(database, offline_brains(tmp_path), at=SHOWN) as house:
        answers = [await house.say(MARINA, line) for line in said]
        [visit] = await house.visits(MARINA)
    assert all(answers)
    assert (visit["person"], visit["status"], visit["price_cents"]) == ("Marina Alves Costa", "booked", 22_000)
    assert visit["starts_at"].astimezone(ZONE) == datetime(2026, 11, 24, 15, 30, tzinfo=ZONE)
    for shown in (visit["service"], visit["professional"], visit["unit"], "terça, 24 de novembro, às 15h30", "R$ 220,00"):
        assert shown in session
        assert shown in "\n".join(answers)
