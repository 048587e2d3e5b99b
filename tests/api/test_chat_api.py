"""Chat over HTTP: the same path as a wire's, idempotent, and honest about what happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from clinic.conversations.lanes import receipt_store
from clinic.conversations.models import Lease
from db import beats
from db.embedded import Urls
from db.session import clinic_session
from desk.console import exchange
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.served import QUICK, Served, serve
from tests.flows.wires import until

PHONE = "(31) 98888-0001"
E164 = "+5531988880001"


@pytest.fixture
async def served(database: Urls) -> AsyncIterator[Served]:
    async with serve(database, policy=QUICK) as running:
        yield running


async def say(served: Served, text: str = "oi", **more: Any) -> httpx.Response:
    return await served.http.post("/api/chat/messages", json={"clinic": "clinica", "as": PHONE, "text": text} | more)


async def test_a_message_waits_for_its_replies(served: Served) -> None:
    asking = asyncio.create_task(say(served, wait=10))
    await asyncio.sleep(0.5)
    assert not asking.done()
    await served.reply("Olá! Sou a Carol.", "Como posso ajudar?")
    answer = (await asking).json()
    assert answer["done"] is True
    assert [(one["text"], one["status"]) for one in answer["replies"]] == [
        ("Olá! Sou a Carol.", "sent"),
        ("Como posso ajudar?", "sent"),
    ]
    assert [turn["outcome"] for turn in answer["trace"]] == ["spoke"]
    assert (answer["owner"], answer["cases"], answer["receipts"]) == ("carol", [], [])


async def test_without_an_answer_in_time_it_says_so(served: Served) -> None:
    answer = (await say(served, wait=0.2)).json()
    assert (answer["done"], answer["replies"]) == (False, [])


async def test_the_same_message_id_is_the_same_message_even_at_once(served: Served) -> None:
    answers = await asyncio.gather(*(say(served, message_id="m1") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["message"] for answer in answers}) == 1
    assert sum(answer.json()["new"] for answer in answers) == 1
    await served.reply("Olá!")
    later = (await say(served, message_id="m1", wait=5)).json()
    assert [one["text"] for one in later["replies"]] == ["Olá!"]
    assert await served.count("messages") == 2


async def test_the_same_id_with_other_words_is_refused(served: Served) -> None:
    await say(served, message_id="m1")
    answer = await say(served, "outra coisa", message_id="m1")
    assert (answer.status_code, answer.json()["code"]) == (409, "other_words")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_each_reply_belongs_to_its_message(served: Served) -> None:
    await say(served, "um", message_id="m1")
    await served.reply("resposta um")
    await say(served, "dois", message_id="m2")
    await served.reply("resposta dois")
    for number in ("um", "dois"):
        answer = (await say(served, number, message_id={"um": "m1", "dois": "m2"}[number], wait=5)).json()
        assert [one["text"] for one in answer["replies"]] == [f"resposta {number}"]
        assert len(answer["trace"]) == 1


async def test_writes_of_a_dropped_turn_are_shown_with_the_answer(served: Served) -> None:
    """A turn that booked and was superseded did book: the receipt must not be lost on the way to the script."""
    conversation = (await say(served, message_id="m1")).json()["conversation"]
    async with clinic_session(served.pool, served.clinic) as s:
        turn = new_id()
        await s.execute(
            """INSERT INTO turns (clinic_id, id, conversation_id, fence, status)
               VALUES (%(clinic)s, %(turn)s, %(conversation)s, 1, 'superseded')""",
            {"clinic": served.clinic, "turn": turn, "conversation": conversation},
        )
        lease = Lease(conversation, turn, new_id(), 1)
        await receipt_store.write(
            s, lease, tool="book_visit", effect="write", key="k", arguments={}, result={"booked": True},
            entity="appointment", entity_id=new_id(), at=utc_now(),
        )  # fmt: skip
    await served.reply("Marcado!")
    answer = (await say(served, message_id="m1", wait=5)).json()
    assert [(one["tool"], one["result"]) for one in answer["receipts"]] == [("book_visit", {"booked": True})]
    assert [turn["status"] for turn in answer["trace"]] == ["superseded", "adopted"]


async def test_a_phone_is_one_person_however_it_is_typed(served: Served) -> None:
    for person in (PHONE, "+55 31 98888-0001", "553188880001", "31988880001"):
        await say(served, **{"as": person})
    aliases = await served.rows("SELECT kind, value FROM contact_aliases")
    assert [(row["kind"], row["value"]) for row in aliases] == [("phone", E164)]
    await say(served, **{"as": "  Maria   Souza "})
    named = await served.rows("SELECT value FROM contact_aliases WHERE kind = 'console'")
    assert [row["value"] for row in named] == ["Maria Souza"]


@pytest.mark.parametrize(
    ("at", "kept"),
    [("2026-03-10T09:30", "2026-03-10T12:30:00+00:00"), ("2026-03-10T09:30:00+00:00", "2026-03-10T09:30:00+00:00")],
)
async def test_the_clock_of_the_conversation_is_pinned_in_the_clinics_time(served: Served, at: str, kept: str) -> None:
    found = (await say(served, at=at)).json()
    [row] = await served.rows("SELECT clock_at FROM conversations")
    assert row["clock_at"].isoformat() == kept
    read = (await served.http.get(f"/api/chat/conversations/{found['conversation']}/messages")).json()
    assert read["messages"][0]["at"].endswith("-03:00")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"text": "  \n "}, 422, "empty_message"),
        ({"text": "a" * 4097}, 422, "long_message"),
        ({"as": "<script>"}, 422, "bad_person"),
        ({"clinic": "nenhuma"}, 404, "clinic_not_found"),
        ({"message_id": "com espaço"}, 422, "bad_message_id"),
        ({"at": "amanhã"}, 422, "bad_instant"),
        ({"at": "0001-01-01T00:00"}, 422, "bad_instant"),
        ({"wait": 61}, 422, "invalid"),
        ({"wait": "NaN"}, 422, "invalid"),
        ({"text": None}, 422, "invalid"),
        ({"estranho": 1}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_said(served: Served, change: dict[str, Any], status: int, code: str) -> None:
    answer = await say(served, **change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await served.count("messages") == 0


async def test_a_refusal_never_repeats_what_was_said(served: Served) -> None:
    answer = await say(served, "segredo do paciente", estranho="outro segredo")
    assert "segredo" not in answer.text


async def test_hidden_and_broken_characters_are_survived(served: Served) -> None:
    raw = b'{"clinic": "clinica", "as": "+5531988880001", "text": "oi\\u0000 tudo\\ud800 bem"}'
    answer = await served.http.post("/api/chat/messages", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert [row["text"] for row in await served.rows("SELECT text FROM messages")] == ["oi tudo bem"]


async def test_a_large_body_is_refused(served: Served) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await served.http.post("/api/chat/messages", content=b"a" * 70_000, headers=headers)).status_code == 413

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"a" * 10_000

    assert (await served.http.post("/api/chat/messages", content=drip(), headers=headers)).status_code == 413


async def test_polling_reads_what_came_after(served: Served) -> None:
    conversation = (await say(served, "um")).json()["conversation"]
    await served.reply("Olá!")
    path = f"/api/chat/conversations/{conversation}/messages"
    first = (await served.http.get(path)).json()
    assert [(one["author"], one["text"]) for one in first["messages"]] == [("patient", "um"), ("carol", "Olá!")]
    assert [turn["turn"] for turn in first["trace"]] == [first["messages"][1]["turn"]]
    after = (await served.http.get(path, params={"after": first["messages"][0]["seq"]})).json()
    assert [one["text"] for one in after["messages"]] == ["Olá!"]
    assert after["busy"] is False
    unknown = await served.http.get(f"/api/chat/conversations/{new_id()}/messages")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_conversation")
    assert (await served.http.get("/api/chat/conversations/1/messages")).status_code == 422


async def test_clinics_are_listed(served: Served) -> None:
    card = {"slug": "clinica", "name": "Clínica clinica", "demo": False, "timezone": "America/Sao_Paulo"}
    assert (await served.http.get("/api/clinics")).json() == [card]


async def test_a_script_without_a_server_takes_the_turn_itself(database: Urls) -> None:
    async with serve(database) as served:

        async def run_lane(clinic: Any, conversation: Any) -> None:
            await served.reply("Olá!")

        found = await exchange(served.pool, served.clinic, PHONE, "oi", wait=0.5, run_lane=run_lane)
        assert [line.text for line in found.answer.replies] == ["Olá!"]
        assert not found.answer.done  # said, and not delivered: no mouth runs here


async def test_ready_says_what_is_missing(served: Served) -> None:
    await beats.note(served.pool)  # the clock of whoever runs this may stand still
    answer = await served.http.get("/ready")
    away_from_here = {"desk": "elsewhere", "delivery": "elsewhere", "second_reader": "elsewhere"}
    assert answer.status_code == 200
    told = answer.json()
    assert datetime.fromisoformat(told.pop("clockwork_at")) > utc_now() - timedelta(minutes=1)
    assert told == {"ready": True, "database": "ok", "redis": "none", "clockwork": "ok"} | away_from_here
    served.app.state.house.head = "9999"
    behind = await served.http.get("/ready")
    assert (behind.status_code, behind.json()["database"]) == (503, "behind")
    await served.pool.close()
    away = await served.http.get("/ready")
    assert (away.status_code, away.json()["database"]) == (503, "unreachable")


async def test_ready_says_that_only_patterns_look_for_dangers_and_serves_on(served: Served) -> None:
    from agent.guardrails.dangers import SecondReader
    from desk.watch import Watch
    from tests.unit.test_dangers import Failing

    house = served.app.state.house
    house.desk = SimpleNamespace(alive=True)
    encoder = Failing()
    reader = SecondReader(encoder)
    house.watch = Watch(served.pool, reader, again=0.01)
    await house.watch.start()
    try:
        assert (await served.http.get("/ready")).json()["second_reader"] == "ok"
        encoder.fails = True
        assert reader.read("já deixei a carta escrita") == ()
        degraded = await served.http.get("/ready")
        assert (degraded.status_code, degraded.json()["ready"], degraded.json()["second_reader"]) == (200, True, "degraded")
        encoder.fails = False

        async def reads() -> bool:
            return bool((await served.http.get("/ready")).json()["second_reader"] == "ok")

        await until(reads)
        assert reader.read("a única coisa que me segura aqui é o meu filho, se não fosse ele eu já tinha ido")
    finally:
        await house.watch.stop()


async def test_postgres_away_is_503(served: Served) -> None:
    await served.pool.close()
    answer = await say(served)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
