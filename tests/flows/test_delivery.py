"""From a webhook to the patient's phone and back, and every way a send can end on the way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from clinic.conversations.handover import takeover
from clinic.conversations.outgoing import outbox
from db.embedded import Urls
from db.session import clinic_session
from jobs.circuit import Circuits, wait_before
from jobs.delivery import Delivery, Policy
from jobs.senders import Senders
from kit.ids import new_id
from tests.emulators.cloud import graph_error
from tests.flows.served import QUICK, Served, serve
from tests.flows.wires import NOW, PATIENT, ask, cases, deliver, make_due, until

# --- the whole way ------------------------------------------------------------------------------------------------------


async def test_cloud_webhook_in_reply_out_status_back(database: Urls) -> None:
    async with serve(database, policy=QUICK) as served:
        await ask(served, "cloud")
        await served.reply("Olá! Sou a Carol.", "Como posso ajudar?")
        await until(lambda: _all(served, "sent"))
        assert [sent.text for sent in served.cloud.sent] == ["Olá! Sou a Carol.", "Como posso ajudar?"]
        for sent in served.cloud.sent:
            for state in ("read", "delivered", "sent"):
                assert (await served.from_cloud(served.cloud.status(sent.id, state))).status_code == 200
        assert await served.statuses() == ["read", "read"]


async def test_evolution_webhook_in_reply_out_echo_and_status_back(database: Urls) -> None:
    async with serve(database, policy=QUICK) as served:
        await ask(served, "evolution")
        await served.reply("Olá!")
        await until(lambda: _all(served, "sent"))
        [sent] = served.evolution.sent
        await served.from_evolution(served.evolution.own_echo(sent))
        await served.from_evolution(served.evolution.status(sent.id, "DELIVERY_ACK"))
        assert await served.statuses() == ["delivered"]
        assert (await served.rows("SELECT owner FROM conversations"))[0]["owner"] == "carol"


async def _all(served: Served, status: str) -> bool:
    found = await served.statuses()
    return bool(found) and set(found) == {status}


async def test_a_bell_is_heard_at_once(database: Urls) -> None:
    async with serve(database, policy=Policy(poll=30.0)) as served:
        await asyncio.sleep(0.3)
        await ask(served, "cloud")
        await served.reply("Olá!")
        await until(lambda: _all(served, "sent"), seconds=3.0)


async def test_the_loop_survives_losing_every_connection(database: Urls, served: Served) -> None:
    delivery = Delivery(served.pool, QUICK, listen_url=database.app)
    await delivery.start()
    await asyncio.sleep(0.2)
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
    await asyncio.sleep(0.2)
    assert delivery.alive
    await ask_again(served)
    await served.reply("Olá!")
    await until(lambda: _all(served, "sent"))
    await delivery.stop()


async def ask_again(served: Served) -> None:
    """As providers do: until it is taken."""
    for _ in range(20):
        body = served.cloud.inbound("oi", number=PATIENT, message_id="ABC1", at=NOW)
        if (await served.from_cloud(body)).status_code == 200:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the webhook was never taken")


# --- how a send can end ---------------------------------------------------------------------------------------------------


async def test_a_refusal_comes_again_later_and_in_order(served: Served) -> None:
    await ask(served, "cloud")
    await served.reply("um", "dois")
    limit = graph_error(130429, "rate limit")
    served.cloud.faults.respond(limit.status, limit.body)
    assert await deliver(served) == 1
    assert await served.statuses() == ["queued", "queued"]
    await make_due(served)
    assert await deliver(served) == 2
    assert [sent.text for sent in served.cloud.sent] == ["um", "dois"]


async def test_a_wait_asked_for_is_respected(served: Served) -> None:
    await ask(served, "cloud")
    await served.reply("um")
    limit = graph_error(130429, "rate limit")
    served.cloud.faults.respond(limit.status, limit.body, headers={"Retry-After": "300"})
    await deliver(served)
    [row] = await served.rows("SELECT due_at > now() + interval '4 minutes' AS late FROM outbox")
    assert row["late"]


async def test_a_final_no_opens_a_case_once(served: Served) -> None:
    served.cloud.absent = {PATIENT, "553188880001"}
    await ask(served, "cloud")
    await served.reply("um", "dois")
    await deliver(served)
    assert await served.statuses() == ["failed", "failed"]
    assert await cases(served) == [("failure", "not_delivered")]


async def test_a_failure_told_later_opens_a_case(served: Served) -> None:
    await ask(served, "cloud")
    await served.reply("um")
    await deliver(served)
    told = served.cloud.status(served.cloud.sent[0].id, "failed", error=131047)
    await served.from_cloud(told)
    assert await served.statuses() == ["failed"]
    assert await cases(served) == [("failure", "not_delivered")]
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE cases SET status = 'resolved'")
    await served.from_cloud(told)
    assert len(await cases(served)) == 1


async def test_refused_too_often_and_too_long_a_person_gets_it(served: Served) -> None:
    await ask(served, "cloud")
    await served.reply("um")
    limit = graph_error(130429, "rate limit")
    served.cloud.faults.respond(limit.status, limit.body, times=3)
    for _ in range(2):
        await deliver(served, Policy(max_attempts=3))
        await make_due(served)
    assert await served.statuses() == ["queued"]
    await deliver(served, Policy(max_attempts=3, patience=0.0))
    assert await served.statuses() == ["failed"]
    assert await cases(served) == [("failure", "not_delivered")]


# --- when the answer never comes ------------------------------------------------------------------------------------------


async def lost(served: Served, rail: str, senders: Senders) -> None:
    """A reply the provider took without our hearing so."""
    await ask(served, rail)
    await served.reply("Marcado!")
    (served.cloud if rail == "cloud" else served.evolution).faults.drop(accepted=True)
    await deliver(served, senders=senders)
    assert await served.statuses() == ["unknown"]


async def test_cloud_a_status_with_our_reference_settles_it(served: Served) -> None:
    async with Senders() as senders:
        await lost(served, "cloud", senders)
        await served.from_cloud(served.cloud.status(served.cloud.sent[0].id, "delivered"))
        await asyncio.sleep(QUICK.grace)
        assert await deliver(served, senders=senders) == 0
    assert await served.statuses() == ["delivered"]
    assert len(served.cloud.sent) == 1


async def test_evolution_the_echo_of_our_text_settles_it(served: Served) -> None:
    async with Senders() as senders:
        await lost(served, "evolution", senders)
        await served.from_evolution(served.evolution.own_echo(served.evolution.sent[0]))
        await asyncio.sleep(QUICK.grace)
        assert await deliver(served, senders=senders) == 0
    assert await served.statuses() == ["sent"]
    assert (await served.rows("SELECT owner FROM conversations"))[0]["owner"] == "carol"


async def test_an_echo_that_beats_the_answer_is_still_ours(served: Served) -> None:
    await ask(served, "evolution")
    await served.reply("Marcado!")
    served.evolution.faults.delay(0.5)
    sending = asyncio.create_task(deliver(served))
    await until(lambda: _true(bool(served.evolution.sent)))
    await served.from_evolution(served.evolution.own_echo(served.evolution.sent[0]))
    await served.from_evolution(served.evolution.status(served.evolution.sent[0].id, "READ"))
    await sending
    assert await served.statuses() == ["read"]
    assert (await served.rows("SELECT owner FROM conversations"))[0]["owner"] == "carol"


async def _true(value: bool) -> bool:
    return value


async def test_during_the_grace_nothing_is_sent_again_after_it_twice_at_most(served: Served) -> None:
    async with Senders() as senders:
        await lost(served, "evolution", senders)
        assert await deliver(served, senders=senders) == 0
        served.evolution.faults.drop(accepted=True, times=10)
        for _ in range(4):
            await make_due(served)
            await deliver(served, senders=senders)
    assert len(served.evolution.sent) == 3
    assert await served.statuses() == ["failed"]
    assert await cases(served) == [("failure", "not_delivered")]


async def test_a_late_echo_of_a_resent_message_is_not_a_person(served: Served) -> None:
    async with Senders() as senders:
        await lost(served, "evolution", senders)
        await make_due(served)
        await deliver(served, senders=senders)
    assert await served.statuses() == ["sent"]
    for sent in served.evolution.sent:
        await served.from_evolution(served.evolution.own_echo(sent))
    assert (await served.rows("SELECT owner FROM conversations"))[0]["owner"] == "carol"


@pytest.mark.parametrize(("rail", "status"), [("cloud", "unknown"), ("console", "sent")])
async def test_a_sender_that_died_is_found(served: Served, rail: str, status: str) -> None:
    """Its row says 'sending' and its lease is over: perhaps on the phone already, unless the sender is our own."""
    if rail == "cloud":
        await ask(served, "cloud")
    else:
        said = {"clinic": "clinica", "as": "+5531988880001", "text": "oi"}
        assert (await served.http.post("/api/chat/messages", json=said)).status_code == 200
    await served.reply("Marcado!")
    [row] = await served.rows("SELECT conversation_id FROM outbox")
    async with clinic_session(served.pool, served.clinic) as s:
        assert await outbox.claim(s, row["conversation_id"], lease=timedelta(0))
    await deliver(served)
    assert await served.statuses() == [status]
    assert not served.cloud.sent


async def test_a_provider_that_hangs_is_left_after_the_timeout(served: Served) -> None:
    await ask(served, "cloud")
    await served.reply("um")
    served.cloud.faults.hang()
    await deliver(served, Policy(timeout=0.3))
    assert await served.statuses() == ["unknown"]


# --- accounts -------------------------------------------------------------------------------------------------------------


async def test_a_broken_account_rests_and_the_other_one_goes_on(served: Served) -> None:
    served.evolution.licensed = False
    async with Senders() as senders:
        for n in range(4):
            await ask(served, "evolution", number=f"553198888010{n}", message_id=f"E{n}")
        await served.reply("um")
        await deliver(served, senders=senders)
        tried = len(served.evolution.calls)
        await make_due(served)
        await ask(served, "cloud")
        await served.reply("dois")
        await deliver(served, senders=senders)
        assert len(served.evolution.calls) == tried
        assert [sent.text for sent in served.cloud.sent] == ["dois"]
        rows = await served.rows("SELECT attempts, due_at > now() AS later FROM outbox WHERE status = 'queued'")
        assert [(row["attempts"], row["later"]) for row in rows] == [(1, True)] * 4


async def test_an_account_that_hangs_does_not_hold_the_others(database: Urls) -> None:
    async with serve(database, policy=Policy(timeout=5.0, poll=0.05)) as served:
        served.evolution.faults.hang(times=50)
        for n in range(20):
            await ask(served, "evolution", number=f"55319888801{n:02}", message_id=f"E{n}")
        await served.reply("um")
        await until(lambda: _true(len(served.evolution.calls) >= 8))
        await ask(served, "cloud")
        await served.reply("dois")
        await until(lambda: _true(bool(served.cloud.sent)), seconds=2.0)


async def test_credentials_that_make_no_sender_keep_the_message(served: Served) -> None:
    await ask(served, "cloud")
    await served.reply("um")
    await set_credential(served, "access_token", "env:NOT_SET_ANYWHERE")
    async with Senders() as senders:
        await deliver(served, senders=senders)
        assert await served.statuses() == ["queued"]
    await set_credential(served, "access_token", served.cloud.access_token)
    await make_due(served)
    await deliver(served)
    assert await served.statuses() == ["sent"]


async def set_credential(served: Served, name: str, value: str) -> None:
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute(
            """UPDATE channel_accounts SET credentials = jsonb_set(credentials, ARRAY[%(name)s], to_jsonb(%(value)s::text))
               WHERE kind = 'cloud'""",
            {"name": name, "value": value},
        )


async def test_two_processes_send_each_message_once(served: Served) -> None:
    for n in range(12):
        await ask(served, "cloud", number=f"55319888802{n:02}", message_id=f"C{n}")
    await served.reply("um", "dois")
    async with Senders() as one, Senders() as other:
        await asyncio.gather(*(deliver(served, senders=each) for each in (one, other, one, other)))
        await asyncio.gather(*(deliver(served, senders=each) for each in (one, other)))
    assert len(served.cloud.sent) == 24
    assert len({sent.reference for sent in served.cloud.sent}) == 24
    by_patient: dict[str, list[str]] = {}
    for sent in served.cloud.sent:
        by_patient.setdefault(sent.to, []).append(sent.text)
    assert set(map(tuple, by_patient.values())) == {("um", "dois")}


async def test_nothing_personal_is_logged(served: Served, capsys: pytest.CaptureFixture[str], caplog: Any) -> None:
    caplog.set_level("DEBUG", logger="jobs")
    await ask(served, "cloud", text="segredo do paciente")
    await served.reply("resposta secreta")
    served.cloud.faults.drop()
    await deliver(served)
    written = "".join(capsys.readouterr()) + caplog.text
    assert "send_unanswered" in written
    assert "secret" not in written
    assert "88880001" not in written


def test_waits_grow_and_an_alarm_is_probed_every_minute() -> None:
    assert [wait_before(n, None, alarm=False) for n in (1, 2, 3, 4, 5, 9)] == [5, 10, 20, 40, 60, 60]
    assert wait_before(1, 300.0, alarm=False) == 300.0
    assert wait_before(1, 3600.0, alarm=True) == 60.0


def test_an_account_rests_after_three_refusals_in_a_row() -> None:
    circuits, account = Circuits(), new_id()
    for _ in range(2):
        circuits.note_failure(account, 0.0, wait=5.0, alarm=False)
    circuits.note_success(account)
    for now in (0.0, 1.0):
        assert not circuits.note_failure(account, now, wait=5.0, alarm=False)
    assert circuits.note_failure(account, 2.0, wait=5.0, alarm=False)
    assert circuits.rest_of(account, 3.0) == 4.0
    assert circuits.rest_of(account, 7.0) == 0.0


async def test_what_may_have_arrived_is_not_said_again_once_a_person_speaks(served: Served) -> None:
    await ask(served, "cloud")
    await served.reply("Marcado!")
    served.cloud.faults.drop()
    await deliver(served)
    assert await served.statuses() == ["unknown"]
    [row] = await served.rows("SELECT id FROM conversations")
    async with clinic_session(served.pool, served.clinic) as s:
        await takeover.take(s, row["id"], by="Rita")
    await asyncio.sleep(QUICK.grace)
    await make_due(served)
    await deliver(served)
    assert (await served.statuses(), served.cloud.sent) == (["cancelled"], ())
