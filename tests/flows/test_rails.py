"""Fail-over: the clinic's other wire says what its own cannot, by the rules of that other wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from db.embedded import Urls
from db.session import clinic_session
from jobs.senders import Senders
from tests.emulators import cloud as emulated
from tests.flows.served import QUICK, Served, serve
from tests.flows.wires import (
    PATIENT,
    REENGAGE,
    a_day_passes,
    ask,
    cases,
    deliver,
    drained,
    make_due,
    set_policies,
)

AT_ONCE = replace(QUICK, fail_over_after=0.0)
LATER = replace(QUICK, fail_over_after=600.0)


@pytest.fixture
async def served(database: Urls) -> AsyncIterator[Served]:
    async with serve(database) as running:
        await set_policies(running)
        running.cloud.templates[REENGAGE.name, "pt_BR"] = emulated.Template(parameters=2)
        yield running


async def asked_on_both(served: Served) -> None:
    """The patient wrote on the official number this morning, and now on the other one."""
    await ask(served, "cloud", message_id="C1")
    await served.reply("Olá!")
    await drained(served)
    await ask(served, "evolution", message_id="E1")


async def goes_down(served: Served, senders: Senders, policy: object = AT_ONCE) -> None:
    """Three refusals in a row prove it."""
    assert policy in (AT_ONCE, LATER)
    served.evolution.connected = False
    for _ in range(5):
        await make_due(served)
        await deliver(served, AT_ONCE if policy is AT_ONCE else LATER, senders)


async def rows(served: Served) -> list[tuple[str, str, bool]]:
    """(status, kind of wire, whether it moved) of what was said after the greeting, in order."""
    found = await served.rows(
        """SELECT o.status, a.kind, o.moved_from IS NOT NULL AS moved FROM outbox o
           JOIN channel_accounts a ON a.clinic_id = o.clinic_id AND a.id = o.account_id
           JOIN messages m ON m.clinic_id = o.clinic_id AND m.id = o.message_id WHERE m.text <> 'Olá!' ORDER BY o.seq"""
    )
    return [(row["status"], row["kind"], row["moved"]) for row in found]


async def test_the_other_wire_says_it_in_order(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    await asked_on_both(served)
    await served.reply("um", "dois", "três")
    async with Senders() as senders:
        await goes_down(served, senders)
    assert [sent.text for sent in served.cloud.sent] == ["Olá!", "um", "dois", "três"]
    assert {sent.to for sent in served.cloud.sent} <= {PATIENT, "553188880001"}
    assert not served.evolution.sent
    assert await rows(served) == [("sent", "cloud", True)] * 3
    [row] = await served.rows("SELECT conversation_id FROM outbox WHERE moved_from IS NOT NULL LIMIT 1")
    told = (await served.http.get(f"/api/conversations/{row['conversation_id']}", params={"clinic": "clinica"})).json()
    assert [line["other_wire"] for line in told["messages"]] == [False, True, True, True]
    out = capsys.readouterr().out
    assert "event='rail_changed'" in out
    assert PATIENT not in out


async def test_the_patients_next_message_is_answered_where_they_wrote(served: Served) -> None:
    await asked_on_both(served)
    await served.reply("um")
    async with Senders() as senders:
        await goes_down(served, senders)
    served.evolution.connected = True
    await ask(served, "evolution", "obrigada", message_id="E2")
    await served.reply("dois")
    await drained(served)
    assert [sent.text for sent in served.evolution.sent] == ["dois"]


async def test_a_status_of_the_other_wire_finds_its_message(served: Served) -> None:
    await asked_on_both(served)
    await served.reply("um")
    async with Senders() as senders:
        await goes_down(served, senders)
    await served.from_cloud(served.cloud.status(served.cloud.sent[-1].id, "read"))
    assert await rows(served) == [("read", "cloud", True)]


async def test_a_short_drop_is_waited_out(served: Served) -> None:
    await asked_on_both(served)
    await served.reply("um")
    async with Senders() as senders:
        await goes_down(served, senders, LATER)
        assert await rows(served) == [("queued", "evolution", False)]
    served.evolution.connected = True
    await make_due(served)
    await drained(served, LATER)
    assert [sent.text for sent in served.evolution.sent] == ["um"]


async def test_a_closed_window_is_opened_by_a_template_first(served: Served) -> None:
    await set_policies(served, REENGAGE)
    await asked_on_both(served)
    await a_day_passes(served)
    await served.reply("um")
    async with Senders() as senders:
        await goes_down(served, senders)
    assert [sent.kind for sent in served.cloud.sent] == ["text", "template"]
    assert await rows(served) == [("queued", "cloud", True), ("sent", "cloud", False)]
    await ask(served, "cloud", "oi, pode falar", message_id="C2")  # another conversation of theirs: the same person
    await drained(served)
    assert [sent.text for sent in served.cloud.sent if sent.kind == "text"] == ["Olá!", "um"]
    assert await cases(served) == []


async def test_a_closed_window_that_nothing_opens_is_no_way_out(served: Served) -> None:
    await asked_on_both(served)
    await a_day_passes(served)
    await served.reply("um")
    async with Senders() as senders:
        await goes_down(served, senders)
    assert await rows(served) == [("queued", "evolution", False)]


async def test_a_clinic_that_does_not_want_it_waits(served: Served) -> None:
    await set_policies(served, fail_over=False)
    await asked_on_both(served)
    await served.reply("um")
    async with Senders() as senders:
        await goes_down(served, senders)
    assert await rows(served) == [("queued", "evolution", False)]


async def test_one_who_opted_out_is_not_followed_to_another_number(served: Served) -> None:
    await asked_on_both(served)
    await served.reply("um")
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE contacts SET opted_out_at = now()")
    async with Senders() as senders:
        await goes_down(served, senders)
    assert await rows(served) == [("queued", "evolution", False)]


async def test_somebody_known_by_a_hidden_id_alone_waits(served: Served) -> None:
    await ask(served, "evolution", number="123456789012345@lid")
    await served.reply("um")
    async with Senders() as senders:
        await goes_down(served, senders)
    assert await rows(served) == [("queued", "evolution", False)]


async def test_what_may_have_arrived_is_never_said_by_the_other_wire(served: Served) -> None:
    await asked_on_both(served)
    await served.reply("um", "dois")
    async with Senders() as senders:
        served.evolution.faults.drop(accepted=True, on="send")
        await deliver(served, AT_ONCE, senders)
        served.evolution.connected = False
        served.evolution.faults.unavailable(times=100, on="history")
        async with clinic_session(served.pool, served.clinic) as s:
            await s.execute(
                "UPDATE channel_accounts SET state = 'closed', state_since = now() - interval '1 hour' WHERE kind = 'evolution'"
            )
        for _ in range(3):
            await make_due(served)
            await deliver(served, AT_ONCE, senders)
    found = await rows(served)
    assert found[0] == ("unknown", "evolution", False)
    assert found[1][1:] == ("evolution", False)  # it waits behind the one nobody knows of
    assert [sent.text for sent in served.cloud.sent] == ["Olá!"]


async def test_what_has_moved_does_not_move_back(served: Served) -> None:
    """Two wires that come and go must not hand one message to and fro: it waits for the second one."""
    await asked_on_both(served)
    await served.reply("um")
    async with Senders() as senders:
        served.cloud.faults.unavailable(times=100)
        await goes_down(served, senders)
        await goes_down(served, senders)  # and the second one is proved down as well
        async with clinic_session(served.pool, served.clinic) as s:
            await s.execute(
                """UPDATE channel_accounts SET state = CASE kind WHEN 'evolution' THEN 'open' ELSE 'closed' END,
                     state_since = now() - interval '1 hour'"""
            )
        senders.circuits = type(senders.circuits)()  # neither rests
        await make_due(served)
        await deliver(served, AT_ONCE, senders)
        assert await rows(served) == [("queued", "cloud", True)]
        served.cloud.faults.clear()
        senders.circuits = type(senders.circuits)()
        await make_due(served)
        await deliver(served, AT_ONCE, senders)
    assert [sent.text for sent in served.cloud.sent] == ["Olá!", "um"]
    assert not served.evolution.sent
