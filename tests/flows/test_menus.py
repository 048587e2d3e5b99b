"""A choice from the shown times to the booked visit: tapped on a button, typed as a number, or said in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels.base import Menu
from channels.contents import content_of
from clinic.conversations import inbox
from clinic.conversations.models import Arrival, QuietWindow
from clinic.patients.models import ContactAlias
from db.embedded import Urls
from db.session import clinic_session
from desk.turn import take_turn
from kit.clock import utc_now
from tests.flows.house import House, brains_of, offline_brains, open_house
from tests.flows.scripted import ScriptedBrain, calls, last_result

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
ANA = "+5531900000911"
_taps = count(1)


@pytest.fixture
async def house(database: Urls, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database, offline_brains(tmp_path), at=NOW) as house:
        yield house


async def menu(house: House) -> Menu | None:
    """What goes with the last thing said."""
    rows = await house.rows("SELECT content FROM outbox ORDER BY seq DESC LIMIT 1")
    content = content_of(rows[0]["content"])
    assert content is None or isinstance(content, Menu)
    return content


async def tap(house: House, label: str, choice: str) -> str:
    """A button or row is picked on the phone."""
    before = len(await house.said(ANA))
    arrival = Arrival(
        account_id=house.account_id,
        provider_id=f"toque-{next(_taps)}",
        aliases=(ContactAlias("phone", ANA),),
        reply_to=ANA,
        text=label,
        kind="choice",
        payload={"choice_id": choice},
        clock_at=NOW,
    )
    async with clinic_session(house.pool, house.clinic.id) as s:
        await inbox.receive(s, arrival, now=utc_now(), quiet=QuietWindow(0, 0))
    await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    return "\n".join((await house.said(ANA))[before:])


async def offered(house: House) -> Menu:
    await house.say(ANA, "oi! queria marcar uma consulta dermatológica na quinta, meu nome é Ana Lima Prado")
    shown = await menu(house)
    if shown is None:  # the model first asks something else
        await house.say(ANA, "na quinta, particular")
        shown = await menu(house)
    assert shown is not None
    assert len(shown.options) >= 2
    return shown


async def starts(house: House) -> list[str]:
    return [visit["starts_at"].astimezone(ZONE).strftime("%-d %H:%M") for visit in await house.visits(ANA)]


async def finished(house: House, answer: str) -> None:
    """Answers what is still asked, then taps the yes under the read-back."""
    for words in ("Ana Lima Prado", "particular", "pra mim mesma"):
        shown = await menu(house)
        if shown is not None and shown.options[0].id == "yes":
            break
        answer = await house.say(ANA, words)
    shown = await menu(house)
    assert shown is not None, answer
    assert [option.id for option in shown.options] == ["yes", "no"]
    assert shown.numbered is False
    assert await house.visits(ANA) == []
    await tap(house, shown.options[0].label, "yes")


@pytest.mark.parametrize("way", ["tap", "number", "words", "label"])
async def test_the_time_picked_is_the_time_booked(house: House, way: str) -> None:
    shown = await offered(house)
    second = shown.options[1]
    said = {"number": "2", "words": "a opção 2, por favor", "label": second.label}.get(way)
    answer = await house.say(ANA, said) if said else await tap(house, second.label, second.id)
    await finished(house, answer)
    (when,) = await starts(house)
    assert second.label.split(", ", 1)[1].replace(" nov, ", " ") == (
        when if not when.split()[1].startswith("0") else when.replace(" 0", " ")
    )


async def test_the_no_under_a_read_back_books_nothing(house: House) -> None:
    shown = await offered(house)
    await house.say(ANA, "1")
    for words in ("Ana Lima Prado", "particular", "pra mim mesma"):
        shown = await menu(house) or shown
        if shown.options[0].id == "yes":
            break
        await house.say(ANA, words)
    assert shown.options[1].id == "no"
    await tap(house, shown.options[1].label, "no")
    assert await house.visits(ANA) == []


async def test_a_number_after_something_else_was_said_is_only_a_number(database: Urls) -> None:
    brain = ScriptedBrain()

    def listed(messages: Any) -> str:
        slots: list[Mapping[str, Any]] = last_result(messages)["slots"][:2]
        return "\n".join(f"{place}. {slot['label']}" for place, slot in enumerate(slots, 1)) + "\nQual?"

    async with open_house(database, brains_of(brain), at=NOW) as house:  # type: ignore[arg-type]
        brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), listed)
        await house.say(ANA, "queria dermatologista amanhã")
        assert await menu(house) is not None
        brain.then("Quantas pessoas são?")
        await house.say(ANA, "é pra família")
        assert await menu(house) is None
        heard: list[str] = []
        brain.then(lambda messages: (heard.append(messages[-1].content), "Certo.")[1])
        await house.say(ANA, "2")
        assert heard == ["2"]
