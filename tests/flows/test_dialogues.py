"""Patients who write as people write, through the whole house with the demonstration mind: judged by the rows left behind.

Scenarios are in dialogues/*.yaml (their keys are explained in the first). The world is closed: an appointment that appears,
moves or ends without being expected fails the scenario, and so does a case. `pytest -rP` prints every conversation.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from agent.models import Brains
from clinic.scheduling import offers_store
from clinic.scheduling.service import book, hold
from clinic.tenants.service import clinic_for, seed
from db.embedded import Endpoint, Urls
from db.pool import create_pool
from db.session import clinic_session
from desk.turn import Minds
from graphs.state import Limits
from kit import fast_yaml
from knowledge.embed import offline_embedder
from knowledge.library import Library
from knowledge.store import create_engine
from tests.conftest import TEMPLATE, copied
from tests.flows.house import DEMO, ROOT, House, offline_brains, read

CLINICS = {"demo": DEMO, "odonto": ROOT / "seeds" / "examples" / "odonto.yaml"}
SEEDED_AT = "2026-11-23T09:00"  # a Monday: the visits of a document are counted from it
WEEKDAYS = ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo")
LONGEST = 900  # characters of one answer after the first, which carries the clinic's greeting
GAVE_UP = ("confirmar essa informação com a equipe", "te passar uma informação errada", "dificuldade técnica")

Scenario = dict[str, Any]
Row = dict[str, Any]
SCENARIOS: list[Scenario] = [
    scenario
    for path in sorted(Path(__file__).with_name("dialogues").glob("*.yaml"))
    for scenario in fast_yaml.load(path.read_text("utf-8"))
]


async def furnish(urls: Urls, document: Path) -> UUID:
    """The clinic of a document, seeded and its papers read; its id."""
    told = read(document)
    pool, engine = create_pool(urls.app, max_size=4), create_engine(urls.app, max_size=4)
    await pool.open()
    try:
        report = await seed(pool, told, now=instant(SEEDED_AT, told.clinic.timezone))
        await Library(pool, engine, offline_embedder()).ingest_folder(report.clinic_id, document.parent / str(told.knowledge))
        return report.clinic_id
    finally:
        await engine.dispose()
        await pool.close()


def instant(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.fixture(scope="module")
def furnished(postgres: Endpoint) -> Iterator[Callable[[str], tuple[str, UUID]]]:
    """(a database to copy, the clinic's id) of a clinic with its papers read, made once."""
    with ExitStack() as stack:

        @cache
        def ready(clinic: str) -> tuple[str, UUID]:
            name = f"furnished_{clinic}_{os.getpid()}"
            urls = stack.enter_context(copied(postgres, TEMPLATE, name))
            return name, asyncio.run(furnish(urls, CLINICS[clinic]))

        yield ready


@pytest.fixture
def told(scenario: Scenario, furnished: Callable[[str], tuple[str, UUID]], postgres: Endpoint) -> Iterator[tuple[Urls, UUID]]:
    """A copy of the scenario's clinic, of this test alone."""
    template, clinic_id = furnished(scenario.get("clinic", "demo"))
    with copied(postgres, template, f"told_{os.getpid()}_{SCENARIOS.index(scenario)}") as urls:
        yield urls, clinic_id


@pytest.fixture(scope="module")
def brains(tmp_path_factory: pytest.TempPathFactory) -> Brains:
    return offline_brains(tmp_path_factory.mktemp("likeness"))


@asynccontextmanager
async def entered(urls: Urls, clinic_id: UUID, brains: Brains, at: str) -> AsyncIterator[House]:
    """A furnished clinic, as it lives from `at` on."""
    pool, engine = create_pool(urls.app, max_size=4), create_engine(urls.app, max_size=4)
    await pool.open()
    try:
        clinic = await clinic_for(pool, clinic_id)
        async with clinic_session(pool, clinic_id) as s:
            account = await s.one("SELECT id FROM channel_accounts WHERE kind = 'console'")
        assert account is not None
        library = Library(pool, engine, offline_embedder())
        minds = Minds(brains=brains, library=library, limits=Limits(), lease=timedelta(seconds=30))
        yield House(pool, clinic, account["id"], minds, instant(at, str(clinic.zone)))
    finally:
        await engine.dispose()
        await pool.close()


async def agenda(house: House) -> dict[UUID, Row]:
    """Every appointment of the clinic, whoever booked it, as people would tell it."""
    rows = await house.rows(
        """SELECT a.id, p.name AS person, s.name AS service, r.name AS professional, u.name AS unit, v.name AS convenio,
                  a.starts_at, a.status, a.price_cents
           FROM appointments a
           JOIN people p ON p.clinic_id = a.clinic_id AND p.id = a.person_id
           JOIN services s ON s.clinic_id = a.clinic_id AND s.id = a.service_id
           JOIN professionals r ON r.clinic_id = a.clinic_id AND r.id = a.professional_id
           JOIN units u ON u.clinic_id = a.clinic_id AND u.id = a.unit_id
           LEFT JOIN convenios v ON v.clinic_id = a.clinic_id AND v.id = a.convenio_id
           ORDER BY a.starts_at"""
    )
    for row in rows:
        local = row["starts_at"].astimezone(house.clinic.zone)
        row |= {"starts": f"{local:%Y-%m-%dT%H:%M}", "weekday": WEEKDAYS[local.weekday()], "time": f"{local:%H:%M}"}
        row["price"] = row["price_cents"] and row["price_cents"] / 100
    return {row["id"]: row for row in rows}


async def take_offers(house: House, phone: str, which: str | int) -> None:
    """Another patient books what this conversation was offered: the n-th (counted from 1) or all."""
    rival = await house.hear("+5531988880000", "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        known = await offers_store.offers(s, house.conversations[phone], now=house.at)
        contact = await s.one("SELECT contact_id FROM conversations WHERE id = %(id)s", {"id": rival})
        people = await s.all("SELECT id FROM people WHERE name NOT LIKE 'Ana%%' ORDER BY id", {})
        assert contact is not None
        wanted = known if which == "all" else [known[int(which) - 1]]
        for person, offer in zip(people, wanted, strict=False):
            told = house.clinic.service_by_id[offer.service_id]
            kept = await hold(s, house.clinic, told, offer.slot, conversation_id=rival, now=house.at)
            await book(
                s, house.clinic, kept, person_id=person["id"], convenio_id=None, price_cents=None, conversation_id=rival,
                contact_id=contact["contact_id"], now=house.at,
            )  # fmt: skip


def differing(before: Mapping[UUID, Row], after: Mapping[UUID, Row]) -> list[Row]:
    return [row for key, row in after.items() if before.get(key) != row]


def fits(row: Row, expected: Mapping[str, Any]) -> bool:
    """Whether an appointment is as expected; `after` and `before` bound its clock time, a list names the alternatives."""
    for key, value in expected.items():
        if (key == "after" and row["time"] < value) or (key == "before" and row["time"] >= value):
            return False
        if key not in ("after", "before") and row[key] not in (value if isinstance(value, list) else [value]):
            return False
    return True


def check_reply(turn: Scenario, reply: str, first: bool) -> None:
    low = reply.lower()
    assert reply.strip(), "no answer"
    assert not any(words in low for words in GAVE_UP), "the answer was refused by the gate"
    assert not re.search(r"[{}]|\bNone\b|\*\*|  |\.\.(?!\.)|\?\?|,\.|: *\n*$", reply), "ill written"
    assert len(reply) <= LONGEST + (300 if first else 0), f"{len(reply)} characters"
    for words in turn.get("has", ()):
        alternatives = words if isinstance(words, list) else [words]
        assert any(str(word).lower() in low for word in alternatives), f"{words!r} missing"
    for words in turn.get("lacks", ()):
        assert str(words).lower() not in low, f"{words!r} said"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: str(s["name"]))
async def test_dialogue(scenario: Scenario, told: tuple[Urls, UUID], brains: Brains) -> None:
    phone = scenario.get("phone", "+5531977770001")
    async with entered(*told, brains, scenario.get("at", SEEDED_AT)) as house:
        before = await agenda(house)
        for number, turn in enumerate(scenario["turns"]):
            if "at" in turn:
                house.at = instant(turn["at"], str(house.clinic.zone))
            if "taken" in turn:
                await take_offers(house, phone, turn["taken"])
                before = await agenda(house)
            said = [turn["say"]] if isinstance(turn["say"], str) else turn["say"]
            reply = await house.say(phone, *said)
            print(">>", " / ".join(said), "\n" + reply, "\n")
            check_reply(turn, reply, first=number == 0)
            if not turn.get("writes", True):
                assert not differing(before, await agenda(house)), "the agenda changed too soon"
        check_rows(scenario, differing(before, await agenda(house)))
        cases = await house.rows(
            "SELECT kind FROM cases WHERE conversation_id = %(id)s ORDER BY number", id=house.conversations[phone]
        )
        assert [case["kind"] for case in cases] == scenario.get("cases", [])


def check_rows(scenario: Scenario, left: list[Row]) -> None:
    expected = scenario.get("visits", [])
    assert len(left) == len(expected), f"{len(left)} rows differ, {len(expected)} expected: {left}"
    for row, wanted in zip(left, expected, strict=True):
        assert fits(row, wanted), f"{row} is not {wanted}"
