"""Webhooks: duplicated, reordered, replayed, forged, broken. One effect each, or none."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from channels.whatsapp.cloud.signature import sign
from clinic.conversations.handover.takeover import give_back
from clinic.conversations.lanes import lane_store
from clinic.conversations.models import Fenced
from db.embedded import Urls
from db.session import clinic_session
from kit.clock import utc_now
from tests.emulators.cloud import CloudEmulator
from tests.flows.served import Served, add_clinic
from tests.unit.payloads import OURS

PATIENT = "5531988880001"
NOW = int(utc_now().timestamp())


def inbound(served: Served, rail: str, text: str = "oi", message_id: str = "ABC1", at: int = NOW) -> Any:
    provider = served.evolution if rail == "evolution" else served.cloud
    return provider.inbound(text, number=PATIENT, message_id=message_id, at=at)


async def post(served: Served, rail: str, body: Any) -> int:
    answer = await (served.from_evolution(body) if rail == "evolution" else served.from_cloud(body))
    return answer.status_code


@pytest.mark.parametrize("rail", ["evolution", "cloud"])
async def test_duplicates_at_once_are_one_message(served: Served, rail: str) -> None:
    body = inbound(served, rail)
    assert set(await asyncio.gather(*(post(served, rail, body) for _ in range(12)))) == {200}
    assert await served.count("messages") == await served.count("conversations") == await served.count("contacts") == 1


@pytest.mark.parametrize("rail", ["evolution", "cloud"])
async def test_a_replay_after_the_answer_wakes_nobody(served: Served, rail: str) -> None:
    body = inbound(served, rail)
    await post(served, rail, body)
    await served.reply("Olá!")
    assert await post(served, rail, body) == 200
    assert await served.rows("SELECT FROM conversations WHERE due_at IS NOT NULL") == []
    assert await served.count("messages") == 2


async def test_both_wires_know_one_patient_by_phone(served: Served) -> None:
    await post(served, "evolution", inbound(served, "evolution"))
    await post(served, "cloud", inbound(served, "cloud"))
    assert await served.count("contacts") == 1
    assert await served.count("conversations") == 2


async def test_the_request_id_travels_with_the_message(served: Served) -> None:
    answer = await served.from_evolution(inbound(served, "evolution"), **{"X-Request-ID": "pedido-0001"})
    assert answer.headers["X-Request-ID"] == "pedido-0001"
    await served.reply("Olá!")
    kept = await served.rows("SELECT request_id FROM messages UNION ALL SELECT request_id FROM outbox")
    assert {row["request_id"] for row in kept} == {"pedido-0001"}


async def test_an_insane_request_id_is_replaced(served: Served) -> None:
    answer = await served.http.get("/health", headers={"X-Request-ID": "x" * 500})
    assert len(answer.headers["X-Request-ID"]) == 32


# --- who may speak ----------------------------------------------------------------------------------------------------


async def test_a_wrong_signature_leaves_nothing(served: Served) -> None:
    raw, headers = served.cloud.signed(inbound(served, "cloud"))
    name = "X-Hub-Signature-256"
    forged = [{}, {name: ""}, {name: "sha256=00"}, {name: sign(raw, "outro-segredo")}, {name: headers[name].upper()}]
    for header in forged:
        answer = await served.http.post("/webhooks/cloud", content=raw, headers=header)
        assert answer.status_code == 401, header
    touched = await served.http.post("/webhooks/cloud", content=raw + b" ", headers=headers)
    assert touched.status_code == 401
    assert await served.count("messages") == await served.count("webhook_events") == 0


@pytest.mark.parametrize("header", [None, "Bearer errado", "Bearer ", "segredo-do-webhook", "Basic c2VncmVkbw=="])
async def test_a_wrong_bearer_leaves_nothing(served: Served, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    raw, _ = served.evolution.signed(inbound(served, "evolution"))
    answer = await served.http.post("/webhooks/evolution/clinica", content=raw, headers=headers)
    assert answer.status_code == 401
    assert await served.count("messages") == await served.count("webhook_events") == 0


async def test_an_unknown_instance_is_a_stranger(served: Served) -> None:
    assert (await served.from_evolution(inbound(served, "evolution"), instance="outra")).status_code == 401


async def test_no_secret_admits_nobody(served: Served) -> None:
    """A wire without its secret is closed, not open."""
    await add_clinic(
        served.pool, "nua", {("evolution", "nua"): {}, ("cloud", "999000000"): {"app_secret": "env:NOT_SET_ANYWHERE"}}
    )
    answer = await served.http.post("/webhooks/evolution/nua", content=b"{}", headers={"Authorization": "Bearer "})
    assert answer.status_code == 401
    raw = json.dumps({"entry": [{"changes": [{"value": {"metadata": {"phone_number_id": "999000000"}}}]}]}).encode()
    assert (
        await served.http.post("/webhooks/cloud", content=raw, headers={"X-Hub-Signature-256": sign(raw, "")})
    ).status_code == 401


async def test_another_clinics_secret_opens_nothing_of_ours(served: Served) -> None:
    """One body, signed with the other clinic's secret, that names our number too."""
    theirs = CloudEmulator(phone_number_id="106500000000777", app_secret="segredo-deles")
    other = await add_clinic(served.pool, "outra", {("cloud", theirs.phone_number_id): {"app_secret": theirs.app_secret}})
    mixed = theirs.inbound("oi", number=PATIENT, at=NOW)
    mixed["entry"] += inbound(served, "cloud", message_id="FORJADA")["entry"]
    raw, headers = theirs.signed(mixed)
    assert (await served.http.post("/webhooks/cloud", content=raw, headers=headers)).status_code == 200
    assert await served.count("messages") == 0
    assert len(await served.rows("SELECT FROM messages", clinic=other)) == 1


async def test_a_number_of_our_app_that_no_clinic_has_is_noted_by_digest(served: Served, database: Urls) -> None:
    stray = CloudEmulator(phone_number_id="106500000000888")  # the same app secret
    raw, headers = stray.signed(stray.inbound("oi", number=PATIENT, at=NOW))
    assert (await served.http.post("/webhooks/cloud", content=raw, headers=headers)).status_code == 200
    assert unrouted(database) == [("cloud", "106500000000888", len(raw))]
    assert await served.count("messages") == await served.count("webhook_events") == 0


def unrouted(database: Urls) -> list[Any]:
    with psycopg.connect(database.superuser) as connection:
        return connection.execute("SELECT kind, external_id, bytes FROM unrouted_events").fetchall()


async def test_an_instance_cannot_speak_for_another(served: Served) -> None:
    """Authentic for one instance, the body claims another one."""
    body = {**inbound(served, "evolution"), "instance": "vizinha"}
    other = await add_clinic(served.pool, "vizinha", {("evolution", "vizinha"): {"webhook_token": "segredo-da-vizinha"}})
    assert (await served.from_evolution(body)).status_code == 200
    assert await served.count("messages") == len(await served.rows("SELECT FROM messages", clinic=other)) == 0


async def test_a_secret_just_changed_is_believed_at_once(served: Served) -> None:
    """A key kept in memory must not cost a message: the 401 would end Evolution's retries."""
    assert await post(served, "evolution", inbound(served, "evolution")) == 200
    await asyncio.sleep(1.1)
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute(
            """UPDATE channel_accounts SET credentials = credentials || '{"webhook_token": "novo-segredo"}'
               WHERE kind = 'evolution'"""
        )
    served.evolution.secret = "novo-segredo"
    assert await post(served, "evolution", inbound(served, "evolution", message_id="ABC2")) == 200


async def test_the_subscription_check(served: Served) -> None:
    good = {"hub.mode": "subscribe", "hub.verify_token": served.cloud.verify_token, "hub.challenge": "1158201444"}
    for path in ("/webhooks/cloud", "/webhooks/cloud/clinica"):
        answer = await served.http.get(path, params=good)
        assert (answer.status_code, answer.text) == (200, "1158201444")
    assert (await served.http.get("/webhooks/cloud", params=good | {"hub.verify_token": "x"})).status_code == 403
    assert (await served.http.get("/webhooks/cloud/nenhuma", params=good)).status_code == 403
    assert (await served.http.get("/webhooks/cloud")).status_code == 403


# --- what we cannot read ------------------------------------------------------------------------------------------------


NONSENSE = [b"", b"nada", b"{", b"[]", b"null", b"NaN", b'{"event":"messages.upsert"', b"\xff\xfe", b'"\\ud800"']
NONSENSE += [b'{"a":' * 30_000, gzip.compress(b'{"event":"messages.upsert","instance":"clinica"}', mtime=0)]


@pytest.mark.parametrize("raw", NONSENSE)
async def test_authentic_nonsense_is_kept_and_acknowledged(served: Served, raw: bytes) -> None:
    bearer = {"Authorization": f"Bearer {served.evolution.secret}", "Content-Encoding": "gzip"}
    assert (await served.http.post("/webhooks/evolution/clinica", content=raw, headers=bearer)).status_code == 200
    signed = {"X-Hub-Signature-256": sign(raw, served.cloud.app_secret)}
    assert (await served.http.post("/webhooks/cloud", content=raw, headers=signed)).status_code == 200
    assert await served.count("webhook_events") == 2


async def test_what_is_kept_has_no_secret_and_fits_jsonb(served: Served) -> None:
    strange = {"event": "x.y", "instance": "clinica", "apikey": "CHAVE", "n": float("nan"), "deep": [{"Token": "CHAVE"}]}
    strange |= {"file": {"mediaKey": "CHAVE", "directPath": "/v/t62?oh=CHAVE"}}
    raw = json.dumps(strange)[:-1].encode() + b', "z": "a\\u0000b\\ud800", "big": 1e999}'
    bearer = {"Authorization": f"Bearer {served.evolution.secret}"}
    assert (await served.http.post("/webhooks/evolution/clinica", content=raw, headers=bearer)).status_code == 200
    [kept] = await served.rows("SELECT body, reason FROM webhook_events")
    assert "CHAVE" not in json.dumps(kept["body"])
    assert kept["body"]["event"] == "x.y"
    assert (kept["body"]["z"], kept["body"]["n"], kept["body"]["big"]) == ("ab", None, None)
    assert kept["reason"] == "unknown_event"


async def test_bodies_over_the_cap(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evolution would retry a 413 for half an hour; Meta bounds its bodies, so a larger one is not Meta's."""
    raw = b'{"x": "' + b"a" * (4 * 2**20) + b'"}'
    signed = {"X-Hub-Signature-256": sign(raw, served.cloud.app_secret)}
    assert (await served.http.post("/webhooks/cloud", content=raw, headers=signed)).status_code == 413
    assert await served.count("webhook_events") == 0
    monkeypatch.setattr("api.webhooks.EVOLUTION_MOST", 2**20)
    bearer = {"Authorization": f"Bearer {served.evolution.secret}"}
    assert (await served.http.post("/webhooks/evolution/clinica", content=raw, headers=bearer)).status_code == 200
    [kept] = await served.rows("SELECT body, reason FROM webhook_events")
    assert kept["reason"] == "too_large"
    assert kept["body"]["bytes"] == len(raw)


@pytest.mark.parametrize("rail", ["evolution", "cloud"])
async def test_every_payload_we_know_is_acknowledged_twice(served: Served, rail: str) -> None:
    for path in sorted((OURS / ("meta" if rail == "cloud" else rail)).glob("*.json")):
        body = addressed(served, rail, json.loads(path.read_bytes()))
        assert [await post(served, rail, body) for _ in range(2)] == [200, 200], path.stem
    assert await served.count("messages") > 10


def addressed(served: Served, rail: str, body: Any) -> Any:
    """A captured body, sent to our wire."""
    if rail == "evolution":
        return {**body, "instance": served.evolution.instance} if isinstance(body, dict) else body
    values = [change["value"] for entry in body["entry"] for change in entry["changes"]]
    for value in values:
        if "metadata" in value:
            value["metadata"]["phone_number_id"] = served.cloud.phone_number_id
    return body


# --- Postgres away --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rail", ["evolution", "cloud"])
async def test_without_postgres_the_provider_is_told_to_come_again(served: Served, rail: str) -> None:
    assert await post(served, rail, inbound(served, rail)) == 200
    await served.pool.close()
    assert await post(served, rail, inbound(served, rail, message_id="ABC2")) == 503


async def test_one_poison_event_does_not_hold_back_the_rest(served: Served, database: Urls) -> None:
    """What Postgres refuses for good is kept aside; its batch goes on."""
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("ALTER TABLE messages ADD CHECK (text <> 'veneno')")
    body = inbound(served, "cloud", "antes", "ABC1")
    for text, message_id in (("veneno", "ABC2"), ("depois", "ABC3")):
        body["entry"] += inbound(served, "cloud", text, message_id)["entry"]
    assert await post(served, "cloud", body) == 200
    kept = await served.rows("SELECT text FROM messages ORDER BY seq")
    assert [row["text"] for row in kept] == ["antes", "depois"]
    assert [row["reason"] for row in await served.rows("SELECT reason FROM webhook_events")] == ["unstorable: sqlstate 23514"]


# --- people of the clinic -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rail", ["evolution", "cloud"])
async def test_a_person_who_answers_owns_the_conversation(served: Served, rail: str) -> None:
    await post(served, rail, inbound(served, rail))
    provider = served.evolution if rail == "evolution" else served.cloud
    reply = provider.staff_reply("Oi, aqui é a Júlia", number=PATIENT, message_id="STAFF1", at=NOW + 1)
    assert [await post(served, rail, reply) for _ in range(3)] == [200] * 3
    [row] = await served.rows("SELECT owner, due_at FROM conversations")
    assert (row["owner"], row["due_at"]) == ("person", None)
    said = await served.rows("SELECT author, text FROM messages WHERE direction = 'out'")
    assert [(row["author"], row["text"]) for row in said] == [("person", "Oi, aqui é a Júlia")]
    await post(served, rail, inbound(served, rail, "obrigada", "ABC9", NOW + 2))
    assert (await served.rows("SELECT due_at FROM conversations"))[0]["due_at"] is None


async def test_a_turn_being_thought_is_dropped_when_a_person_answers(served: Served) -> None:
    await post(served, "evolution", inbound(served, "evolution"))
    [row] = await served.rows("SELECT id FROM conversations")
    async with clinic_session(served.pool, served.clinic) as s:
        lease = await lane_store.claim(s, row["id"], lease=timedelta(seconds=30))
    assert lease is not None
    await post(served, "evolution", served.evolution.staff_reply("Bom dia!", number=PATIENT, message_id="S1", at=NOW + 1))
    with pytest.raises(Fenced):
        async with clinic_session(served.pool, served.clinic) as s:
            await lane_store.still_ours(s, lease)


async def test_given_back_carol_answers_only_what_the_person_left(served: Served) -> None:
    await post(served, "evolution", inbound(served, "evolution", "oi"))
    await post(served, "evolution", served.evolution.staff_reply("Bom dia!", number=PATIENT, message_id="S1", at=NOW + 1))
    await post(served, "evolution", inbound(served, "evolution", "qual o preço?", "ABC2", NOW + 2))
    [row] = await served.rows("SELECT id FROM conversations")
    async with clinic_session(served.pool, served.clinic) as s:
        assert await give_back(s, row["id"])
        assert not await give_back(s, row["id"])
    [lane] = await served.rows("SELECT owner, due_at FROM conversations")
    assert lane["owner"] == "carol"
    assert lane["due_at"] is not None
    waiting = await served.rows("SELECT text FROM messages WHERE direction = 'in' AND turn_id IS NULL")
    assert [row["text"] for row in waiting] == ["qual o preço?"]
    # The person's old words, told again or late, do not take it back.
    late = served.evolution.staff_reply("até já", number=PATIENT, message_id="S0", at=NOW - 60)
    await post(served, "evolution", late)
    assert (await served.rows("SELECT owner FROM conversations"))[0]["owner"] == "carol"


async def test_a_red_flag_stays_due_when_a_person_answers(served: Served) -> None:
    await post(served, "evolution", inbound(served, "evolution", "meu pai está com dor forte no peito e não consegue respirar"))
    assert (await served.rows("SELECT red_flag FROM messages"))[0]["red_flag"] is not None
    await post(served, "evolution", served.evolution.staff_reply("Oi!", number=PATIENT, message_id="S1", at=NOW + 1))
    [row] = await served.rows("SELECT owner, due_at FROM conversations")
    assert row["owner"] == "person"
    assert row["due_at"] is not None


async def test_a_reaction_of_the_front_desk_takes_nothing(served: Served) -> None:
    await post(served, "evolution", inbound(served, "evolution"))
    record = served.evolution.staff_reply("x", number=PATIENT, message_id="R1", at=NOW + 1)
    record["data"] |= {"messageType": "reactionMessage", "message": {"reactionMessage": {"key": {"id": "ABC1"}, "text": "👍"}}}
    assert await post(served, "evolution", record) == 200
    assert (await served.rows("SELECT owner FROM conversations"))[0]["owner"] == "carol"
