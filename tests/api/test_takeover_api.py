"""A person takes a conversation from our pages, answers through the same outbox, and gives it back."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from clinic.conversations.cases import case_store
from clinic.conversations.models import CaseKind
from db.embedded import Urls
from db.session import clinic_session
from desk.turn import take_turn
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.house import ANA, NOW, House
from tests.flows.scripted import ScriptedBrain, calls
from tests.flows.served import QUICK, Served, serve
from tests.flows.test_delivery import ask, until


async def do(http: httpx.AsyncClient, conversation: Any, verb: str, **body: Any) -> httpx.Response:
    return await http.post(f"/api/conversations/{conversation}/{verb}", json={"by": "Júlia"} | body)


async def shown(http: httpx.AsyncClient, conversation: Any) -> Any:
    return (await http.get(f"/api/conversations/{conversation}")).json()


async def test_taken_answered_and_given_back(house: House, brain: ScriptedBrain, http: httpx.AsyncClient) -> None:
    conversation = await house.hear(ANA, "oi")
    brief = (await do(http, conversation, "take", by="  Júlia\u202e\n Reis ")).json()
    assert (brief["owner"], brief["owner_name"], brief["waiting"], brief["busy"]) == ("person", "Júlia Reis", 1, False)
    line = (await do(http, conversation, "reply", text="Bom dia! Aqui é a Júlia.", message_id="r1")).json()
    assert (line["author"], line["by"], line["status"], line["turn"]) == ("person", "Júlia", "queued", None)
    assert line["at"] == "2026-11-23T09:00:00-03:00"  # the conversation's own clock
    assert (await shown(http, conversation))["waiting"] == 0
    assert await house.say(ANA, "e o preço?") == ""  # Carol is silent: it is Júlia's
    assert (await shown(http, conversation))["waiting"] == 1
    brain.then("A consulta custa R$ 380,00.")
    brief = (await do(http, conversation, "give-back")).json()
    assert (brief["owner"], brief["owner_name"], brief["busy"]) == ("carol", None, True)
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    assert [str(message.content) for message in brain.seen[-1]][-1] == "e o preço?"  # "oi" was answered by Júlia
    after = await shown(http, conversation)
    assert after["waiting"] == 0
    assert after["messages"][-1]["author"] == "carol"


async def test_a_reply_takes_the_conversation_and_a_draft_is_dropped(
    house: House, brain: ScriptedBrain, http: httpx.AsyncClient
) -> None:
    original, conversation = brain.think, await house.hear(ANA, "oi")

    async def interrupted(messages: Any, tools: Any, *, seconds: float | None = None) -> Any:
        thought = await original(messages, tools, seconds=seconds)
        await do(http, conversation, "reply", text="Oi, sou a Júlia.", message_id="r1")
        return thought

    brain.think = interrupted  # type: ignore[method-assign]
    brain.then("Olá, sou a Carol.")
    assert await take_turn(house.pool, house.minds, house.clinic.id, conversation) is None
    assert await house.said(ANA) == ["Oi, sou a Júlia."]
    after = await shown(http, conversation)
    assert (after["owner"], after["owner_name"], after["waiting"]) == ("person", "Júlia", 0)


async def test_the_same_reply_twice_is_said_once(house: House, http: httpx.AsyncClient) -> None:
    conversation = await house.hear(ANA, "oi")
    answers = await asyncio.gather(*(do(http, conversation, "reply", text="Oi!", message_id="r1") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await house.said(ANA)) == len(await house.rows("SELECT id FROM outbox")) == 1
    other = await do(http, conversation, "reply", text="Tchau!", message_id="r1")
    assert (other.status_code, other.json()["code"]) == (409, "other_words")
    assert await house.said(ANA) == ["Oi!"]


async def test_two_tabs_take_at_once_and_the_last_name_stands(house: House, http: httpx.AsyncClient) -> None:
    conversation = await house.hear(ANA, "oi")
    answers = await asyncio.gather(*(do(http, conversation, "take", by=name) for name in ("Júlia", "Rita", "Zé")))
    assert {answer.status_code for answer in answers} == {200}
    since = (await house.rows("SELECT owner_since, fence FROM conversations"))[0]
    await do(http, conversation, "take", by="Rita")
    assert (await shown(http, conversation))["owner_name"] == "Rita"
    assert (await house.rows("SELECT owner_since, fence FROM conversations"))[0] == since  # it was theirs already


async def test_giving_back_what_is_hers_changes_nothing_and_resolves_when_asked(
    house: House, brain: ScriptedBrain, http: httpx.AsyncClient
) -> None:
    brain.then(calls("escalate", kind="person_asked", brief="quer falar com alguém"), "Já chamei a equipe.")
    await house.say(ANA, "quero falar com uma pessoa")
    conversation = house.conversations[ANA]
    assert (await do(http, conversation, "give-back")).json()["case"]["kind"] == "person_asked"
    await do(http, conversation, "take")
    brief = (await do(http, conversation, "give-back", resolve=True)).json()
    assert (brief["owner"], brief["case"]) == ("carol", None)
    [case] = await house.rows("SELECT status, resolved_at FROM cases")
    assert (case["status"], case["resolved_at"]) == ("resolved", NOW)


async def test_a_red_flag_is_answered_even_when_a_person_owns(
    house: House, brain: ScriptedBrain, http: httpx.AsyncClient
) -> None:
    conversation = await house.hear(ANA, "oi")
    await do(http, conversation, "take")
    answer = await house.say(ANA, "estou com dor forte no peito e falta de ar")
    assert "192" in answer
    after = await shown(http, conversation)
    assert (after["owner"], after["case"]["urgent"]) == ("person", True)


async def test_who_opted_out_may_still_be_answered_by_a_person(house: House, http: httpx.AsyncClient) -> None:
    conversation = await house.hear(ANA, "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE contacts SET opted_out_at = now()")
        await case_store.open_case(s, conversation, CaseKind.OPT_OUT, reason="x", brief="", due_at=utc_now(), at=utc_now())
    assert (await do(http, conversation, "reply", text="Combinado.", message_id="r1")).status_code == 200


@pytest.mark.parametrize(
    ("verb", "body", "status", "code"),
    [
        ("take", {"by": " \n\u200b "}, 422, "bad_name"),
        ("take", {"by": "a" * 61}, 422, "invalid"),
        ("take", {"by": ""}, 422, "invalid"),
        ("reply", {"text": " \n", "message_id": "r1"}, 422, "empty_message"),
        ("reply", {"text": "a" * 4097, "message_id": "r1"}, 422, "long_message"),
        ("reply", {"text": "oi", "message_id": "com espaço"}, 422, "bad_message_id"),
        ("reply", {"text": "oi"}, 422, "invalid"),
        ("give-back", {"estranho": 1}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_done(
    house: House, http: httpx.AsyncClient, verb: str, body: dict[str, Any], status: int, code: str
) -> None:
    conversation = await house.hear(ANA, "oi")
    answer = await do(http, conversation, verb, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await shown(http, conversation))["owner"] == "carol"
    assert await house.said(ANA) == []


@pytest.mark.parametrize(("verb", "body"), [("take", {}), ("reply", {"text": "oi", "message_id": "r1"}), ("give-back", {})])
async def test_a_conversation_that_is_not_there(http: httpx.AsyncClient, verb: str, body: dict[str, Any]) -> None:
    answer = await do(http, new_id(), verb, **body)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_conversation")


@pytest.mark.parametrize("rail", ["cloud", "evolution"])
async def test_a_persons_reply_reaches_the_phone_and_its_echo_is_ours(database: Urls, rail: str) -> None:
    async with serve(database, policy=QUICK) as served:
        await ask(served, rail)
        [row] = await served.rows("SELECT id FROM conversations")
        await do(served.http, row["id"], "take")
        line = (await do(served.http, row["id"], "reply", text="Oi! Aqui é a Júlia.", message_id="r1")).json()
        await until(lambda: _sent(served))
        wire = served.cloud if rail == "cloud" else served.evolution
        assert [sent.text for sent in wire.sent] == ["Oi! Aqui é a Júlia."]
        after = await shown(served.http, row["id"])
        assert [(one["id"], one["status"], one["by"]) for one in after["messages"][1:]] == [(line["id"], "sent", "Júlia")]
        await ask(served, rail, "e agora?", message_id="ABC2")
        await served.reply("Carol se intromete")  # takes due lanes: there is none
        assert len(wire.sent) == 1
        await do(served.http, row["id"], "give-back")
        await served.reply("Voltei!")
        await until(lambda: _sent(served, 2))
        assert [sent.text for sent in wire.sent][1:] == ["Voltei!"]


async def _sent(served: Served, count: int = 1) -> bool:
    return (await served.statuses()) == ["sent"] * count
