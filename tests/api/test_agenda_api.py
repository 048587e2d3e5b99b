"""The agenda of a day as the front desk sees it, and the proof behind what stands in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from clinic.scheduling import day as days
from db.session import clinic_session
from kit.ids import new_id
from tests.flows.booking import book_it, proposed
from tests.flows.house import ANA, NOW, House
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result

SLUG, TOMORROW = "jacaranda", "2026-11-24"


async def seen(http: httpx.AsyncClient, day: str | None = TOMORROW, at: datetime = NOW) -> Any:
    params = {"clinic": SLUG, "at": at.isoformat()} | ({"day": day} if day else {})
    answer = await http.get("/api/agenda", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def items(day: Any, kind: str) -> list[Any]:
    return [item for column in day["columns"] for item in column["items"] if item["kind"] == kind]


def ours(day: Any, kind: str) -> list[Any]:
    """Without the visits the demonstration clinic is born with."""
    return [item for item in items(day, kind) if item["booked_by"] != "import"]


async def proof(http: httpx.AsyncClient, kind: str, item: str) -> Any:
    answer = await http.get(f"/api/agenda/{kind}/{item}", params={"clinic": SLUG})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_hold_becomes_a_visit_moves_and_is_cancelled(
    house: House, brain: ScriptedBrain, http: httpx.AsyncClient
) -> None:
    await proposed(house, brain)
    [hold] = ours(await seen(http), "hold")
    assert (hold["service"], hold["person"], hold["price_cents"]) == ("Consulta com dermatologista", "Ana Lima", 38000)
    assert (hold["starts_at"], hold["expires_at"]) == ("2026-11-24T08:00:00-03:00", "2026-11-23T09:15:00-03:00")
    assert ours(await seen(http, at=NOW + timedelta(minutes=20)), "hold") == []
    held = await proof(http, "hold", hold["id"])
    assert [receipt["tool"] for receipt in held["receipts"]] == ["propose_visit"]
    assert ["Posso marcar?" in promise["text"] for promise in held["promises"]] == [True]

    brain.then(book_it, lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    await house.say(ANA, "sim, pode marcar")
    day = await seen(http)
    assert ours(day, "hold") == []
    [visit] = ours(day, "visit")
    assert (visit["status"], visit["booked_by"], visit["conversation"]) == ("booked", "carol", str(house.conversations[ANA]))
    assert (visit["unit"], visit["room"], visit["convenio"]) == ("Lourdes", "Consultório 1", None)

    handle = last_result(brain.seen[-1])["visit"]
    brain.then(
        calls("find_slots", service="consulta dermatológica", when="quinta", visit=handle),
        lambda m: calls("propose_move", visit=handle, slot=last_result(m)["slots"][0]["slot"]),
        lambda m: f"Mudo para {last_result(m)['summary']['label']}. Posso confirmar?",
    )
    await house.say(ANA, "quero remarcar para quinta")
    brain.then(
        lambda m: calls("move_visit", proposal=briefing(m)["proposal"]["proposal"]),
        lambda m: f"Remarcado: {last_result(m)['summary']['label']}.",
    )
    await house.say(ANA, "sim, pode remarcar")
    assert ours(await seen(http), "visit") == []
    [moved] = ours(await seen(http, "2026-11-26"), "visit")
    assert moved["id"] == visit["id"]
    told = await proof(http, "visit", visit["id"])
    assert [receipt["tool"] for receipt in told["receipts"]] == ["propose_visit", "book_visit", "propose_move", "move_visit"]
    assert [promise["text"].split()[0] for promise in told["promises"]] == ["Consulta", "Marquei", "Mudo", "Remarcado:"]
    assert told["professional"] == "Dr. Rafael Tavares"

    brain.then(calls("propose_cancel", visit=handle), lambda m: f"Cancelo a de {last_result(m)['summary']['label']}?")
    await house.say(ANA, "quero cancelar")
    brain.then(lambda m: calls("cancel_visit", proposal=briefing(m)["proposal"]["proposal"]), "Cancelei a sua consulta.")
    await house.say(ANA, "sim, pode cancelar")
    [gone] = ours(await seen(http, "2026-11-26"), "visit")
    assert gone["status"] == "cancelled"
    assert [r["tool"] for r in (await proof(http, "visit", visit["id"]))["receipts"]][-1] == "cancel_visit"


async def test_the_day_is_the_clinics_and_its_columns_are_those_who_work(house: House, http: httpx.AsyncClient) -> None:
    late = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)  # still Tuesday in Belo Horizonte
    day = await seen(http, None, at=late)
    assert (day["day"], day["now"], day["zone"]) == (TOMORROW, "2026-11-24T22:30:00-03:00", "America/Sao_Paulo")
    names = [column["name"] for column in day["columns"]]
    assert names == [p.name for p in house.clinic.professionals if p.name in names]
    assert all(column["windows"] or column["items"] for column in day["columns"])
    assert day["opens"] == min(window["opens"] for column in day["columns"] for window in column["windows"])
    sunday = await seen(http, "2026-11-29")
    assert (sunday["columns"], sunday["opens"], sunday["closes"]) == ([], None, None)


async def test_a_holiday_closes_the_day_and_is_named(house: House, http: httpx.AsyncClient) -> None:
    closed = next(h for h in house.clinic.holidays if h.opens is None and h.unit_id is None and h.day > NOW.date())
    day = await seen(http, closed.day.isoformat())
    assert day["holiday"] == closed.name
    assert not [window for column in day["columns"] for window in column["windows"]]
    short = next((h for h in house.clinic.holidays if h.opens and h.day.weekday() < 5), None)
    if short is not None and short.closes is not None and short.opens is not None:
        for professional in house.clinic.professionals:
            for window in days.hours(house.clinic, professional, short.day):
                assert short.opens <= window.opens < window.closes <= short.closes


async def test_blocks_stand_where_they_block(house: House, http: httpx.AsyncClient) -> None:
    doctor = house.clinic.professionals[0]
    start, end = datetime(2026, 11, 24, 13, tzinfo=UTC), datetime(2026, 11, 26, 13, tzinfo=UTC)
    async with clinic_session(house.pool, house.clinic.id) as s:
        for block, reason in ((mine := new_id(), "Congresso"), (new_id(), "Dedetização")):
            await s.execute(
                "INSERT INTO blocks (clinic_id, id, starts_at, ends_at, reason) VALUES (%(c)s, %(id)s, %(a)s, %(b)s, %(r)s)",
                {"c": s.clinic_id, "id": block, "a": start, "b": end, "r": reason},
            )
        await s.execute(
            """INSERT INTO claims (clinic_id, id, resource, resource_id, during, block_id)
               VALUES (%(c)s, %(id)s, 'professional', %(p)s, tstzrange(%(a)s, %(b)s), %(block)s)""",
            {"c": s.clinic_id, "id": new_id(), "p": doctor.id, "a": start, "b": end, "block": mine},
        )
    day = await seen(http, "2026-11-25")
    by_column = {column["name"]: {item["reason"] for item in column["items"]} for column in day["columns"]}
    assert by_column.pop(doctor.name) >= {"Congresso", "Dedetização"}
    assert all("Dedetização" in reasons and "Congresso" not in reasons for reasons in by_column.values())
    assert day["opens"] >= "07:00:00"  # a block of days does not stretch the page


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"clinic": "nenhuma"}, 404, "clinic_not_found"),
        ({"clinic": SLUG, "at": "amanhã"}, 422, "bad_instant"),
        ({"clinic": SLUG, "day": "1066-10-14"}, 422, "bad_instant"),
        ({"clinic": SLUG, "day": "ontem"}, 422, "invalid"),
        ({}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_seen(http: httpx.AsyncClient, params: dict[str, str], status: int, code: str) -> None:
    answer = await http.get("/api/agenda", params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("kind", ["visit", "hold"])
async def test_what_does_not_stand_has_no_proof(http: httpx.AsyncClient, kind: str) -> None:
    answer = await http.get(f"/api/agenda/{kind}/{new_id()}", params={"clinic": SLUG})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_item")
