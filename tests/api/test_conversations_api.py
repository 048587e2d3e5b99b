"""Conversations as staff's pages read them: the list, the transcript with its proofs, the story of a turn, files."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from psycopg.types.json import Jsonb

from db.session import clinic_session
from desk.turn import take_turn
from kit.ids import new_id
from tests.flows.booking import book_it, proposed
from tests.flows.house import ANA, BIA, House, due_now
from tests.flows.scripted import ScriptedBrain, calls, last_result

SLUG = "jacaranda"


async def read(http: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await http.get(f"/api/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def transcript(http: httpx.AsyncClient, house: House, phone: str = ANA, **params: Any) -> Any:
    return await read(http, f"conversations/{house.conversations[phone]}", **params)


async def booked(house: House, brain: ScriptedBrain) -> None:
    await proposed(house, brain)
    brain.then(book_it, lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    await house.say(ANA, "sim, pode marcar")


# --- the list -----------------------------------------------------------------------------------------------------------


async def test_the_list_is_walked_page_by_page(house: House, http: httpx.AsyncClient) -> None:
    for phone in (ANA, BIA):
        await house.hear(phone, "oi, tudo bem?")
    first = await read(http, "conversations", clinic=SLUG, limit=1)
    assert [item["contact"]["address"] for item in first["items"]] == [BIA]
    second = await read(http, "conversations", clinic=SLUG, limit=1, before=first["next"])
    assert ([item["contact"]["address"] for item in second["items"]], second["next"]) == ([ANA], None)
    [item] = (await read(http, "conversations", clinic=SLUG, q="ana paula", owner="carol", open_case=False))["items"]
    assert (item["waiting"], item["busy"], item["last"]["text"]) == (1, True, "oi, tudo bem?")
    assert item["contact"]["name"] == "Ana Paula Ribeiro"  # whose phone it is, not what the profile says


@pytest.mark.parametrize("place", ["x", "1", "1.x", "-1.0190f0d0-0000-7000-8000-000000000000", "9" * 30 + "." + "0" * 32])
async def test_a_place_must_be_one_we_gave(http: httpx.AsyncClient, place: str) -> None:
    answer = await http.get("/api/conversations", params={"clinic": SLUG, "before": place})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_place")


# --- the transcript -----------------------------------------------------------------------------------------------------


async def test_a_promise_stands_on_its_receipt(house: House, brain: ScriptedBrain, http: httpx.AsyncClient) -> None:
    await booked(house, brain)
    shown = await transcript(http, house)
    tools = {receipt["id"]: receipt["tool"] for receipt in shown["receipts"]}
    behind = [[tools[receipt] for receipt in line["receipts"]] for line in shown["messages"]]
    assert behind == [[], [], ["for_whom", "propose_visit"], [], ["book_visit"]]  # the greeting promises nothing
    assert {receipt["turn"] for receipt in shown["receipts"]} <= {turn["id"] for turn in shown["turns"]}
    assert [line["status"] for line in shown["messages"]] == [None, "queued", "queued", None, "queued"]
    assert shown["contact"]["address"] == ANA
    assert (shown["clinic"], shown["clock_at"], shown["owner"]) == (SLUG, "2026-11-23T09:00:00-03:00", "carol")


async def test_what_a_dropped_turn_did_is_proved_where_it_was_told(
    house: House, brain: ScriptedBrain, http: httpx.AsyncClient
) -> None:
    await proposed(house, brain)
    original = brain.think

    async def think(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        thought = await original(messages, tools, seconds=seconds)
        if thought.message.tool_calls:
            await house.hear(ANA, "ah, e onde fica?")
        return thought

    brain.think = think  # type: ignore[method-assign]
    brain.then(book_it, lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    assert await house.say(ANA, "sim") == ""
    brain.think = original  # type: ignore[method-assign]
    await due_now(house)
    brain.then(lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    shown = await transcript(http, house)
    assert [turn["status"] for turn in shown["turns"]] == ["adopted", "superseded", "adopted"]
    [done] = [receipt for receipt in shown["receipts"] if receipt["tool"] == "book_visit"]
    assert done["turn"] == shown["turns"][1]["id"]
    told = shown["messages"][-1]
    assert (told["turn"], told["receipts"]) == (shown["turns"][2]["id"], [done["id"]])


async def test_a_long_conversation_is_read_in_pages(house: House, brain: ScriptedBrain, http: httpx.AsyncClient) -> None:
    for n in range(4):
        brain.then(f"Resposta {n}.")
        await house.say(ANA, f"pergunta {n}")
    everything = await transcript(http, house)
    assert not everything["earlier"]
    pages, before = [], {}
    while not pages or pages[-1]["earlier"]:
        pages.append(await transcript(http, house, limit=4, **before))
        before = {"before": pages[-1]["messages"][0]["seq"]}
    assert [len(page["messages"]) for page in pages] == [4, 4, 1]
    assert [line for page in reversed(pages) for line in page["messages"]] == everything["messages"]
    assert {turn["id"] for page in pages for turn in page["turns"]} == {turn["id"] for turn in everything["turns"]}
    assert all(len(page["turns"]) <= 3 for page in pages)


async def test_nobody_reads_what_is_not_there(house: House, http: httpx.AsyncClient) -> None:
    for path in ("", "/export", f"/turns/{new_id()}"):
        answer = await http.get(f"/api/conversations/{new_id()}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_conversation")
    await house.hear(ANA, "oi")
    answer = await http.get(f"/api/conversations/{house.conversations[ANA]}/turns/{new_id()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_turn")


# --- what a patient could press -----------------------------------------------------------------------------------------


async def test_a_patient_could_press_the_times_offered_then_yes_or_no(
    house: House, brain: ScriptedBrain, http: httpx.AsyncClient
) -> None:
    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), "Tenho estes horários.")
    await house.say(ANA, "queria dermatologista amanhã, sou a Ana Lima")
    pressable = (await transcript(http, house))["quick_replies"]
    assert pressable[0] == {"label": "ter, 24 nov, 08:00", "text": "terça, 24 de novembro, às 8h"}
    assert len(pressable) == len({one["text"] for one in pressable})
    brain.then(
        calls("propose_visit", slot="S1", person_name="Ana Lima"),
        lambda m: f"{last_result(m)['summary']['label']}. Posso marcar?",
    )
    await house.say(ANA, pressable[0]["text"])
    pressable = (await transcript(http, house))["quick_replies"]
    assert pressable == [{"label": "Sim", "text": "Sim"}, {"label": "Não", "text": "Não"}]
    brain.then(book_it, lambda m: f"Marquei {last_result(m)['summary']['label']}.")
    await house.say(ANA, pressable[0]["text"])
    assert len(await house.visits(ANA)) == 1
    assert (await transcript(http, house))["quick_replies"] == []


async def test_times_offered_again_are_pressable_again(house: House, brain: ScriptedBrain, http: httpx.AsyncClient) -> None:
    find = calls("find_slots", service="consulta dermatológica", when="amanhã")
    brain.then(find, "Tenho estes horários.")
    await house.say(ANA, "queria dermatologista amanhã")
    first = (await transcript(http, house))["quick_replies"]
    brain.then("Fica na Lourdes.")
    await house.say(ANA, "onde fica?")
    assert (await transcript(http, house))["quick_replies"] == []
    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), "Os mesmos de antes.")
    await house.say(ANA, "quais eram os horários?")
    assert (await transcript(http, house))["quick_replies"] == first != []


# --- the story of a turn ------------------------------------------------------------------------------------------------


async def test_the_story_of_a_turn(house: House, brain: ScriptedBrain, http: httpx.AsyncClient) -> None:
    await booked(house, brain)
    shown = await transcript(http, house)
    turn = await transcript_turn(http, house, shown["turns"][-1]["id"])
    assert [step["tool"] for step in turn["steps"] if step["step"] == "tool"] == ["book_visit"]
    assert (turn["answered"], turn["replies"]) == ([shown["messages"][-2]["id"]], [shown["messages"][-1]["id"]])
    assert turn["limits"]["writes"] > 0
    assert turn["cost_brl"] == "0.002000"


async def transcript_turn(http: httpx.AsyncClient, house: House, turn: str) -> Any:
    return await read(http, f"conversations/{house.conversations[ANA]}/turns/{turn}")


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        ([{"step": "think", "from_another_age": {"a": 1}, "model": "m"}], [("think", "m")]),
        ([{"step": "think", "model": ["no"], "ms": "soon", "asked": None, "attempts": [{"model": 1}]}], [("think", None)]),
        ([{"tool": "find_slots"}, 7, None, "?", {"step": None}, {"step": "reply"}], [("reply", None)]),
        ({"step": "think"}, []),
    ],
)
async def test_an_old_or_broken_story_is_told_as_far_as_it_goes(
    house: House, brain: ScriptedBrain, http: httpx.AsyncClient, trace: Any, told: list[tuple[str, str | None]]
) -> None:
    brain.then("Olá!")
    await house.say(ANA, "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE turns SET trace = %(trace)s", {"trace": Jsonb(trace)})
    [turn] = (await transcript(http, house))["turns"]
    story = await transcript_turn(http, house, turn["id"])
    assert [(step["step"], step["model"]) for step in story["steps"]] == told


# --- the whole of it ----------------------------------------------------------------------------------------------------


async def test_a_conversation_is_exported_whole_and_always_alike(
    house: House, brain: ScriptedBrain, http: httpx.AsyncClient
) -> None:
    await booked(house, brain)
    path = f"/api/conversations/{house.conversations[ANA]}/export"
    answer = await http.get(path)
    assert answer.headers["content-disposition"] == f'attachment; filename="carol-{house.conversations[ANA]}.json"'
    assert (await http.get(path)).content == answer.content
    whole, shown = answer.json(), await transcript(http, house)
    assert whole["schema"] == "carol.conversation/1"
    assert (whole["messages"], whole["receipts"]) == (shown["messages"], shown["receipts"])
    for turn in whole["turns"]:
        assert turn == await transcript_turn(http, house, turn["id"])


# --- files --------------------------------------------------------------------------------------------------------------


async def attach(house: House, data: bytes, media_type: str, name: str = "") -> str:
    await house.hear(ANA, "veja")
    file = new_id()
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute(
            """INSERT INTO media (clinic_id, id, message_id, media_type, name, data)
               SELECT clinic_id, %(id)s, id, %(type)s, %(name)s, %(data)s FROM messages ORDER BY seq DESC LIMIT 1""",
            {"id": file, "type": media_type, "name": name, "data": data},
        )
    return str(file)


@pytest.mark.parametrize(
    ("media_type", "shown"),
    [
        ("image/png", "inline"),
        ("audio/ogg; codecs=opus", "inline"),
        ("image/svg+xml", "attachment"),
        ("text/html", "attachment"),
        ("application/pdf", "attachment"),
    ],
)
async def test_a_file_is_shown_or_kept_and_never_run(
    house: House, http: httpx.AsyncClient, media_type: str, shown: str
) -> None:
    file = await attach(house, b"0123456789", media_type, 'exame "novo"\r\nX-Evil: 1 é.png')
    answer = await http.get(f"/api/media/{file}", params={"clinic": SLUG})
    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["content-disposition"].startswith(f"{shown}; filename*=UTF-8''exame%20%22novo%22%0D%0AX-Evil")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "x-evil" not in answer.headers
    [line] = (await transcript(http, house))["messages"]
    assert (line["media"]["id"], line["media"]["bytes"]) == (file, 10)


@pytest.mark.parametrize(
    ("asked", "status", "given", "place"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
async def test_a_player_may_ask_for_a_part(
    house: House, http: httpx.AsyncClient, asked: str, status: int, given: bytes, place: str | None
) -> None:
    file = await attach(house, b"0123456789", "audio/mpeg")
    answer = await http.get(f"/api/media/{file}", params={"clinic": SLUG}, headers={"Range": asked})
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, given, place)


async def test_a_file_belongs_to_its_clinic(house: House, http: httpx.AsyncClient) -> None:
    file = await attach(house, b"x", "image/png")
    async with clinic_session(house.pool, other := new_id()) as s:
        await s.execute(
            "INSERT INTO clinics (id, slug, name, timezone) VALUES (%(id)s, 'outra', 'Outra', 'America/Sao_Paulo')",
            {"id": other},
        )
    answer = await http.get(f"/api/media/{file}", params={"clinic": "outra"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_media")
