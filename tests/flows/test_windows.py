"""Outside the 24-hour window: the text waits, a template asks the patient to write, and nobody is silently dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time, timedelta

import pytest

from clinic.conversations.handover import takeover
from clinic.tenants.policies import Messaging, Template
from db.embedded import Urls
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from tests.emulators import cloud as emulated
from tests.emulators.cloud import graph_error
from tests.flows.served import Served, serve
from tests.flows.wires import (
    PATIENT,
    REENGAGE,
    a_day_passes,
    ask,
    cases,
    deliver,
    drained,
    held,
    make_due,
    set_outbox,
    set_policies,
)

LANGUAGE = "pt_BR"


@pytest.fixture
async def served(database: Urls) -> AsyncIterator[Served]:
    async with serve(database) as running:
        running.cloud.templates[REENGAGE.name, LANGUAGE] = emulated.Template(parameters=2)
        yield running


async def unanswered_for_a_day(served: Served, *replies: str) -> None:
    """The clinic answers a day late, as after an outage."""
    await ask(served, "cloud")
    await a_day_passes(served)
    await served.reply(*replies)


async def test_a_late_answer_waits_while_a_template_asks_the_patient_to_write(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await unanswered_for_a_day(served, "Temos terça às 15h.", "Pode ser?")
    await drained(served)
    [template] = served.cloud.sent
    assert template.kind == "template"
    assert template.body["template"]["name"] == REENGAGE.name
    said = await served.rows("SELECT author, text FROM messages WHERE direction = 'out' ORDER BY seq DESC LIMIT 1")
    assert said == [
        {
            "author": "automatic",
            "text": "Olá, Bruna! Temos uma resposta sobre a sua mensagem. Responda por aqui para continuarmos.",
        }
    ]
    assert await held(served) == [
        ("queued", "window", "window_closed"),
        ("queued", "window", "window_closed"),
        ("sent", None, None),
    ]
    assert await cases(served) == []
    [conversation] = await served.rows("SELECT id FROM conversations")
    told = (await served.http.get(f"/api/conversations/{conversation['id']}", params={"clinic": "clinica"})).json()
    assert [(line["status"], line["why"]) for line in told["messages"][1:]] == [
        ("queued", "window"),
        ("queued", "window"),
        ("sent", None),
    ]
    await ask(served, "cloud", "oi, estou aqui", message_id="ABC2", at=int(utc_now().timestamp()))
    await drained(served)
    assert [sent.text for sent in served.cloud.sent[1:]] == ["Temos terça às 15h.", "Pode ser?"]
    assert [row[0] for row in await held(served)] == ["sent", "sent", "sent"]


async def test_the_patient_is_asked_once_until_they_write(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await unanswered_for_a_day(served, "um")
    await drained(served)
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE conversations SET due_at = now()")
    await served.reply("dois")
    await drained(served)
    assert [sent.kind for sent in served.cloud.sent] == ["template"]
    assert [row[1] for row in await held(served)] == ["window", None, "window"]


async def test_without_a_template_a_person_gets_it(served: Served) -> None:
    await set_policies(served)
    await unanswered_for_a_day(served, "um")
    await drained(served)
    assert not served.cloud.sent
    assert await held(served) == [("failed", None, "window_closed")]
    assert await cases(served) == [("failure", "not_delivered")]


async def test_a_template_the_platform_paused_is_not_sent(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await ask(served, "cloud")
    answer = await served.from_cloud(served.cloud.template_decided(REENGAGE.name, "PAUSED"))
    assert answer.status_code == 200
    await a_day_passes(served)
    await served.reply("um")
    await drained(served)
    assert not served.cloud.sent
    assert await cases(served) == [("failure", "not_delivered")]
    await served.from_cloud(served.cloud.template_decided(REENGAGE.name, "APPROVED"))
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE conversations SET due_at = now()")
    await served.reply("dois")
    await drained(served)
    assert [sent.kind for sent in served.cloud.sent] == ["template"]


async def test_a_template_refused_when_sent_is_told_and_not_tried_with_the_next_patient(served: Served) -> None:
    await set_policies(served, REENGAGE)
    served.cloud.templates[REENGAGE.name, LANGUAGE] = emulated.Template(parameters=2, state="paused")
    await unanswered_for_a_day(served, "um")
    await drained(served)
    assert await cases(served) == [("failure", "not_delivered")]
    [state] = await served.rows("SELECT name, state FROM template_states")
    assert state == {"name": REENGAGE.name, "state": "paused"}
    tried = len(served.cloud.calls)
    await ask(served, "cloud", number="5531988880002", message_id="ABC9")
    await a_day_passes(served)
    await served.reply("dois")
    await drained(served)
    assert len(served.cloud.calls) == tried
    assert len(await cases(served)) == 2


async def test_the_wires_own_late_refusal_does_the_same(served: Served) -> None:
    """By our clock the window is open; the platform says otherwise, after having taken the text."""
    await set_policies(served, REENGAGE)
    served.cloud.window_closed.add(PATIENT)
    served.cloud.late_window = True
    await ask(served, "cloud")
    await served.reply("um")
    await drained(served)
    [failed] = served.cloud.failures()
    for _ in range(2):  # told twice, as webhooks are
        await served.from_cloud(failed)
    assert (await held(served))[0] == ("queued", "window", "window_closed")
    assert await cases(served) == []
    await drained(served)
    assert [sent.kind for sent in served.cloud.sent] == ["text", "template"]
    served.cloud.window_closed.clear()
    await ask(served, "cloud", "oi de novo", message_id="ABC2", at=int(utc_now().timestamp()))
    await drained(served)
    assert [sent.text for sent in served.cloud.sent if sent.kind == "text"] == ["um", "um"]
    await served.from_cloud(failed)
    assert await cases(served) == []


async def test_the_wires_refusal_at_once_does_the_same(served: Served) -> None:
    await set_policies(served, REENGAGE)
    served.cloud.window_closed.add(PATIENT)
    await ask(served, "cloud")
    await served.reply("um")
    await drained(served)
    assert (await held(served))[0] == ("queued", "window", "window_closed")
    assert [sent.kind for sent in served.cloud.sent] == ["template"]
    assert await cases(served) == []


async def test_the_wires_refusal_without_a_template_opens_a_case(served: Served) -> None:
    await set_policies(served)
    served.cloud.window_closed.add(PATIENT)
    await ask(served, "cloud")
    await served.reply("um")
    await drained(served)
    assert await held(served) == [("failed", None, "131047")]
    assert await cases(served) == [("failure", "not_delivered")]


async def test_what_waited_too_long_is_cancelled_and_a_person_knows(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await unanswered_for_a_day(served, "um")
    await drained(served)
    await set_outbox(served, created_at=utc_now() - timedelta(hours=49))
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE outbox SET due_at = now() WHERE held = 'window'")
    await drained(served)
    assert (await held(served))[0] == ("cancelled", None, "window_closed")
    assert await cases(served) == [("failure", "not_delivered")]


async def test_what_expires_while_it_waits_is_cancelled_and_a_person_knows(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await unanswered_for_a_day(served, "Ainda tenho hoje às 15h.")
    await set_outbox(served, expires_at=utc_now() + timedelta(hours=1))
    await drained(served)
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE outbox SET expires_at = now(), due_at = now() WHERE held = 'window'")
    await drained(served)
    assert (await held(served))[0] == ("cancelled", None, "expired")
    assert await cases(served) == [("failure", "not_delivered")]


async def test_one_who_opted_out_is_not_asked_to_write(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await unanswered_for_a_day(served, "um")
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE contacts SET opted_out_at = now()")
    await drained(served)
    assert not served.cloud.sent
    assert await cases(served) == [("failure", "not_delivered")]


async def test_a_wire_without_a_window_never_waits(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await ask(served, "evolution")
    await a_day_passes(served)
    await served.reply("um")
    await drained(served)
    assert [sent.text for sent in served.evolution.sent] == ["um"]


# --- quiet hours ----------------------------------------------------------------------------------------------------------


def quiet_now() -> Messaging:
    """Quiet hours around this minute, in the clinic's zone (America/Sao_Paulo, three hours behind)."""
    here = utc_now() - timedelta(hours=3)
    return Messaging(
        quiet_from=(here - timedelta(hours=2)).time().replace(microsecond=0),
        quiet_until=(here + timedelta(hours=2)).time().replace(microsecond=0),
    )


async def test_at_night_what_nobody_asked_for_waits_and_the_answer_passes_it(served: Served) -> None:
    await set_policies(served, messaging=quiet_now())
    await ask(served, "evolution")
    await served.reply("Sobre a sua consulta de amanhã…")
    await set_outbox(served, proactive=True)
    await drained(served)
    assert await held(served) == [("queued", "quiet", "quiet_hours")]
    await ask(served, "evolution", "vocês atendem amanhã?", message_id="ABC2")
    await served.reply("Atendemos, sim.")
    await drained(served)
    assert [sent.text for sent in served.evolution.sent] == ["Atendemos, sim."]
    await set_policies(served)  # morning
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE outbox SET due_at = now() WHERE held = 'quiet'")
    await drained(served)
    assert [sent.text for sent in served.evolution.sent][1:] == ["Sobre a sua consulta de amanhã…"]


async def test_one_who_opted_out_in_the_night_gets_nothing_in_the_morning(served: Served) -> None:
    await set_policies(served, messaging=quiet_now())
    await ask(served, "evolution")
    await served.reply("Sobre a sua consulta de amanhã…")
    await set_outbox(served, proactive=True)
    await drained(served)
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE contacts SET opted_out_at = now()")
        await s.execute("UPDATE outbox SET due_at = now()")
    await drained(served)
    assert await held(served) == [("cancelled", None, "opted_out")]
    assert not served.evolution.sent
    assert await cases(served) == []


async def test_a_template_that_asks_to_write_waits_for_the_morning_too(served: Served) -> None:
    night = quiet_now()
    await set_policies(served, REENGAGE, messaging=night)
    await unanswered_for_a_day(served, "um")
    await drained(served)
    assert not served.cloud.sent
    assert [row[1] for row in await held(served)] == ["window", "quiet"]


async def test_a_template_no_longer_needed_is_not_sent(served: Served) -> None:
    await set_policies(served, REENGAGE, messaging=quiet_now())
    await unanswered_for_a_day(served, "um")
    await drained(served)
    await ask(served, "cloud", "oi?", message_id="ABC2", at=int(utc_now().timestamp()))
    await drained(served)
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE outbox SET due_at = now() WHERE held = 'quiet'")
    await set_policies(served, REENGAGE)
    await drained(served)
    assert [sent.text for sent in served.cloud.sent] == ["um"]
    assert [row[0] for row in await held(served)] == ["sent", "cancelled"]


async def test_a_template_with_other_gaps_is_told(served: Served) -> None:
    """The clinic registered another wording than it wrote down: an alarm, and a person has the patient."""
    await set_policies(served, Template(name=REENGAGE.name, purpose="reengage", body="Olá!"))
    await unanswered_for_a_day(served, "um")
    await drained(served)
    assert [row[0] for row in await held(served)] == ["queued", "failed"]
    assert await cases(served) == [("failure", "not_delivered")]


async def test_a_rate_limit_is_not_a_closed_window(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await ask(served, "cloud")
    await served.reply("um")
    limit = graph_error(130429, "rate limit")
    served.cloud.faults.respond(limit.status, limit.body)
    await deliver(served)
    await make_due(served)
    await drained(served)
    assert [sent.text for sent in served.cloud.sent] == ["um"]


async def test_a_person_who_writes_twice_at_night_is_not_left_without_the_template(served: Served) -> None:
    """Their second text takes back what Carol's side had queued, the template for their first among it: it is asked again."""
    await set_policies(served, REENGAGE, messaging=Messaging(quiet_from=time(0), quiet_until=time(23, 59, 59)))
    await ask(served, "cloud")
    await a_day_passes(served)
    [row] = await served.rows("SELECT id FROM conversations")
    for words in ("Oi, aqui é a Rita.", "Consegui um encaixe."):
        async with clinic_session(served.pool, served.clinic) as s:
            await takeover.reply(s, row["id"], words, by="Rita", message_id=new_id().hex)
        await drained(served)
    assert sorted(why or "" for status, why, _ in await held(served) if status == "queued") == ["quiet", "window", "window"]
    await set_policies(served, REENGAGE)
    await served.rows("UPDATE outbox SET due_at = now() WHERE held = 'quiet' RETURNING id")
    await drained(served)
    assert [sent.kind for sent in served.cloud.sent] == ["template"]


async def test_a_send_told_late_does_not_end_what_waits_for_the_window(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await ask(served, "cloud")
    await served.reply("um")
    await drained(served)
    [sent] = served.cloud.sent
    await served.from_cloud(served.cloud.status(sent.id, "failed", error=131047))
    await served.from_cloud(served.cloud.status(sent.id, "sent"))
    assert (await held(served))[0] == ("queued", "window", "window_closed")
