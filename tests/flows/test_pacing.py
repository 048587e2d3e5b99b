"""The pace of each wire, shared by every process: to one person, and in all; and what an outage leaves to be sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from db.session import clinic_session
from jobs.senders import Senders
from tests.emulators.cloud import graph_error
from tests.flows.served import QUICK, Served
from tests.flows.wires import PATIENT, ask, cases, deliver, make_due

PACED = replace(QUICK, pace=1.0)


async def test_one_reply_leaves_at_once_and_what_follows_keeps_the_pair_rate(served: Served) -> None:
    await ask(served, "cloud")
    await served.reply("um", "dois", "três", "quatro", "cinco")
    await deliver(served, PACED)
    assert [sent.text for sent in served.cloud.sent] == ["um", "dois", "três"]
    rows = await served.rows(
        """SELECT status, error_code, attempts, extract(epoch FROM due_at - now())::float AS wait
           FROM outbox ORDER BY seq OFFSET 3"""
    )
    assert (rows[0]["status"], rows[0]["error_code"], rows[0]["attempts"]) == ("queued", "paced", 0)
    assert 0 < rows[0]["wait"] <= 6
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE outbox SET asked_at = asked_at - interval '6 seconds', due_at = now()")
    await deliver(served, PACED)
    assert [sent.text for sent in served.cloud.sent][3:] == ["quatro"]


async def test_another_person_does_not_wait_for_that(served: Served) -> None:
    await ask(served, "cloud")
    await ask(served, "cloud", number="5531988880002", message_id="ABC2")
    await served.reply("um", "dois", "três", "quatro")
    await deliver(served, PACED)
    assert sorted(sent.text for sent in served.cloud.sent) == sorted(["um", "dois", "três"] * 2)


async def test_two_processes_share_the_pace_of_an_account(served: Served) -> None:
    for n in range(9):
        await ask(served, "evolution", number=f"55319888803{n:02}", message_id=f"E{n}")
    await served.reply("um")
    async with Senders() as one, Senders() as other:
        for _ in range(40):
            await asyncio.gather(*(deliver(served, PACED, senders) for senders in (one, other)))
            if len(served.evolution.sent) == 9:
                break
            await asyncio.sleep(0.2)
    rows = await served.rows("SELECT extract(epoch FROM asked_at)::float AS at FROM outbox ORDER BY asked_at")
    instants = [row["at"] for row in rows]
    assert len(instants) == 9
    # Five may leave at once, then one a second: no six within less than a second, no nine within less than four.
    assert all(later - earlier > 0.9 for earlier, later in zip(instants, instants[5:], strict=False))
    assert instants[8] - instants[0] > 3.9


async def test_a_limit_told_to_one_process_is_kept_by_all_and_by_that_account_alone(served: Served) -> None:
    limit = graph_error(130429, "rate limit")
    served.cloud.faults.respond(limit.status, limit.body)
    for n in range(2):
        await ask(served, "cloud", number=f"553198888040{n}", message_id=f"C{n}")
    await ask(served, "evolution", number="5531988880409", message_id="E1")
    await served.reply("um")
    async with Senders() as one, Senders() as other:
        [row, *_] = await served.rows(
            """SELECT o.conversation_id FROM outbox o JOIN channel_accounts a ON a.id = o.account_id
               WHERE a.kind = 'cloud' ORDER BY o.seq"""
        )
        async with clinic_session(served.pool, served.clinic) as s:  # only the first of them is due
            await s.execute(
                "UPDATE outbox SET due_at = now() + interval '1 hour' WHERE conversation_id <> %(id)s",
                {"id": row["conversation_id"]},
            )
        await deliver(served, PACED, one)
        async with clinic_session(served.pool, served.clinic) as s:
            await s.execute("UPDATE outbox SET due_at = now()")
        calls = len(served.cloud.calls)
        await deliver(served, PACED, other)
        assert len(served.cloud.calls) == calls
    assert [sent.text for sent in served.evolution.sent] == ["um"]
    assert (await served.rows("SELECT count(*) AS n FROM outbox WHERE error_code = 'paced'"))[0]["n"] == 2


async def test_too_fast_to_one_person_waits_longer_each_time_and_the_account_does_not_rest(served: Served) -> None:
    refusal = graph_error(131056, "pair rate limit hit")
    await ask(served, "cloud")
    await served.reply("um")
    async with Senders() as senders:
        waits = []
        for _ in range(4):
            served.cloud.faults.respond(refusal.status, refusal.body)
            await deliver(served, senders=senders)
            [row] = await served.rows("SELECT extract(epoch FROM due_at - now())::float AS wait FROM outbox")
            waits.append(row["wait"])
            await make_due(served)
        assert waits == pytest.approx([6, 16, 64, 256], abs=5)
        await ask(served, "cloud", number="5531988880002", message_id="ABC2")
        await served.reply("dois")
        await deliver(served, senders=senders)
    assert {sent.text for sent in served.cloud.sent} == {"um", "dois"}


@pytest.mark.parametrize("rail", ["cloud", "evolution"])
async def test_an_outage_keeps_everything_in_its_order(served: Served, rail: str) -> None:
    """The provider is away for ten minutes of the backoff's own time: nothing is given up, nothing is said twice."""
    provider = served.cloud if rail == "cloud" else served.evolution
    numbers = [f"553198888050{n}" for n in range(4)]
    async with Senders() as senders:
        for n, number in enumerate(numbers):
            await ask(served, rail, number=number, message_id=f"O{n}")
        await served.reply("um", "dois")
        for _ in range(12):  # 5 + 10 + 20 + 40 + 60 × 8 seconds of waiting
            provider.faults.clear()
            provider.faults.unavailable(times=50)
            await deliver(served, senders=senders)
            await make_due(served)
            senders.circuits = type(senders.circuits)()
        for n, number in enumerate(numbers):
            await ask(served, rail, text="e aí?", number=number, message_id=f"P{n}")
        async with clinic_session(served.pool, served.clinic) as s:
            await s.execute("UPDATE conversations SET due_at = now()")
        await served.reply("três")
        provider.faults.clear()
        for _ in range(5):
            await make_due(served)
            await deliver(served, senders=senders)
    assert set(await served.statuses()) == {"sent"}
    by_patient: dict[str, list[str]] = {}
    for sent in served.cloud.sent if rail == "cloud" else served.evolution.sent:
        by_patient.setdefault(sent.to if rail == "cloud" else sent.number, []).append(sent.text)  # type: ignore[union-attr]
    assert len(by_patient) == 4
    assert set(map(tuple, by_patient.values())) == {("um", "dois", "três")}
    assert await cases(served) == []
    assert PATIENT not in by_patient
