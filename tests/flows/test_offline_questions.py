"""Questions to the demonstration model at the demo clinic, documents and all: what is written is said, what is not is not made
up, wishes stay wishes, and what the clinic told her to mind holds the booking.

Two halves of fresh sentences: the second was put away while the model learned from the first. Floors are what was measured.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from agent import briefing as told
from agent.offline import OfflineModel
from agent.offline.spelling import fold
from clinic.scheduling import when
from clinic.tenants import reading
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for, seed
from db.embedded import Urls
from db.pool import create_pool
from kit import fast_yaml
from knowledge.embed import offline_embedder
from knowledge.library import Library
from knowledge.store import create_engine
from tests.unit.offline_clinic import NOW, Desk
from tools import views

UNIT = Path(__file__).parents[1] / "unit"
DEMO = Path(__file__).parents[2] / "seeds" / "demo"
AT = NOW.replace(tzinfo=ZoneInfo("America/Sao_Paulo"))
UNKNOWN = re.compile(
    r"\bnao (?:sei\b|tenho|encontr|posso (?:passar|confirmar)|consigo)"
    r"|esse (?:assunto|tipo de documento).{0,20}equipe|quem passa e a equipe"
)
FLOORS = {
    "cases": {"written": 38, "unwritten": 30, "wish": 9, "fact": 10, "hours": 5, "minded": 4, "unminded": 5},
    "heldout": {"written": 22, "unwritten": 7, "wish": 9, "fact": 9, "hours": 5, "minded": 6, "unminded": 4},
}


@dataclass
class House:
    """The demo clinic as its rows say, and its documents, in a loop of their own."""

    clinic: Clinic
    library: Library
    loop: asyncio.AbstractEventLoop

    def search(self, question: str) -> dict[str, Any]:
        wanted: UUID = self.clinic.id
        found = asyncio.run_coroutine_threadsafe(self.library.search(wanted, question, k=4), self.loop).result(60)
        keys = [{"title": p.title, "heading": p.heading, "text": p.content, "score": p.score} for p in found.passages]
        return {"found": found.found, "passages": keys}

    def views(self) -> dict[str, Any]:
        one = self.clinic
        return {
            "clinic": {"name": one.name, "about": one.about, "facts": dict(one.facts)},
            "persona": told.persona(one),
            "days": views.days(one, AT),
            "units": [views.unit(u) for u in one.units],
            "services": [views.service(one, s) for s in one.services],
            "professionals": [views.professional(one, p) for p in one.professionals],
            "convenios": [views.convenio(one, c) for c in one.convenios],
            "taken": [],
        }


class Asked(Desk):
    """One question to the demo clinic: its rows, its documents, its calendar."""

    house: House

    def briefing(self) -> dict[str, Any]:
        return {**super().briefing(), "days": self.clinic["days"]}

    def search_knowledge(self, question: str) -> dict[str, Any]:
        return self.house.search(question)

    def clinic_facts(self, topic: str, about: str = "") -> dict[str, Any]:
        day = when.resolve(about, now=AT, zone=AT.tzinfo)  # type: ignore[arg-type]  # a ZoneInfo
        first = day.first_day if day else None
        return {"days": views.days(self.house.clinic, AT, start=first, count=1) if first else []}


@pytest.fixture(scope="module")
def house(module_database: Urls) -> Iterator[House]:
    loop = asyncio.new_event_loop()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(loop.run_forever)
        made, close = asyncio.run_coroutine_threadsafe(_made(module_database, loop), loop).result(300)
        try:
            yield made
        finally:
            asyncio.run_coroutine_threadsafe(close(), loop).result(30)
            loop.call_soon_threadsafe(loop.stop)
    loop.close()


async def _made(urls: Urls, loop: asyncio.AbstractEventLoop) -> tuple[House, Any]:
    pool = create_pool(urls.app, max_size=2)
    await pool.open()
    engine = create_engine(urls.app, max_size=2)
    document = reading.read((DEMO / "clinic.yaml").read_text("utf-8"))
    report = await seed(pool, document, now=datetime.fromisoformat(AT.isoformat()))
    library = Library(pool, engine, offline_embedder())
    await library.ingest_folder(report.clinic_id, DEMO / "knowledge")

    async def close() -> None:
        await engine.dispose()
        await pool.close()

    return House(await clinic_for(pool, report.clinic_id), library, loop), close


def right(one: dict[str, Any], reply: str, calls: list[str]) -> bool:
    """Whether the reply is what this kind of sentence wants."""
    said = fold(reply)
    slots = "find_slots" in calls
    asks = slots or re.search(r"qual (?:destas|atendimento|delas)|pra qual", said) is not None
    match one["kind"]:
        case "written" | "fact" | "hours":
            return not slots and re.search(one["has"], said) is not None and not re.search(one.get("lacks", "$^"), said)
        case "unwritten":
            return not asks and UNKNOWN.search(said) is not None and "equipe" in said
        case "minded":
            return not (slots and one.get("never_slots")) and re.search(one["has"], said) is not None
        case _:
            return asks


@pytest.mark.parametrize("half", ["cases", "heldout"])
def test_questions_are_answered_by_what_is_written_and_wishes_stay_wishes(house: House, half: str, tmp_path: Path) -> None:
    sentences = fast_yaml.load((UNIT / f"offline_questions_{half}.yaml").read_text("utf-8"))
    model = OfflineModel(cache_dir=tmp_path)
    well: Counter[str] = Counter()
    for one in sentences:
        desk = Asked(clinic=house.views(), model=model)
        desk.house = house
        well[one["kind"]] += right(one, desk.say(one["ask"]), [name for name, _, _ in desk.calls])
    print(half, dict(well), "of", dict(Counter(one["kind"] for one in sentences)))
    assert {kind: n for kind, n in FLOORS[half].items() if well[kind] < n} == {}


@pytest.mark.parametrize("service", ["bioimpedância", "limpeza de pele"])
def test_what_is_told_after_the_times_were_shown_still_holds_the_booking(house: House, service: str, tmp_path: Path) -> None:
    desk = Asked(clinic=house.views(), model=OfflineModel(cache_dir=tmp_path))
    desk.house = house
    desk.say(f"quero marcar {service} na quinta, sou a Rute Prado Leme, particular")
    assert "find_slots" in [name for name, _, _ in desk.calls]
    desk.say("ah, estou grávida" if service == "bioimpedância" else "esqueci de dizer, uso isotretinoína")
    assert [name for name, _, _ in desk.calls] == ["escalate"]
    assert desk.visits == []
