"""The connection of each wire, watched, and what was said while nobody heard it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from channels.base import Inbound
from channels.whatsapp.evolution.sender import EvolutionSender
from clinic.conversations.models import QuietWindow
from clinic.tenants.policies import Member, Policies, Team, policies_json
from db.session import clinic_session
from jobs import gaps, links, sweeps
from jobs.base import Ground
from jobs.senders import Senders
from kit.clock import utc_now
from kit.settings import load_settings
from tests.flows.served import Served
from tests.flows.wires import NOW, ask, deliver, drained, make_due

AT_ONCE = QuietWindow(0.0, 0.0)


async def account(served: Served, kind: str) -> dict[str, Any]:
    [row] = await served.rows(
        """SELECT id, state, state_reason, alarmed_at IS NOT NULL AS alarmed, audited_until FROM channel_accounts
           WHERE kind = %(kind)s""",
        kind=kind,
    )
    return row


async def watch(served: Served, senders: Senders, kind: str = "evolution") -> dict[str, Any]:
    await links.watch(served.pool, senders, served.clinic, (await account(served, kind))["id"])
    return await account(served, kind)


async def minutes_pass(served: Served, minutes: int) -> None:
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute(
            "UPDATE channel_accounts SET state_since = state_since - make_interval(mins => %(minutes)s)", {"minutes": minutes}
        )


async def with_a_team(served: Served) -> None:
    team = Team(members=(Member(key="ana", name="Ana", phone="+5531977770001"),))
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute(
            "UPDATE clinics SET policies = %(policies)s, version = version + 1",
            {"policies": Jsonb(policies_json(Policies(team=team)))},
        )


async def test_a_drop_that_heals_alarms_nobody(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    async with Senders() as senders:
        assert (await watch(served, senders))["state"] == "open"
        served.evolution.connected = False
        assert (await watch(served, senders))["state"] == "connecting"
        await minutes_pass(served, 1)
        assert not (await watch(served, senders))["alarmed"]
        served.evolution.connected = True
        assert (await watch(served, senders))["state"] == "open"
    assert "event='wire_down'" not in capsys.readouterr().out


async def test_one_that_stays_down_alarms_once_each_time_it_goes_down(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    await with_a_team(served)
    async with Senders() as senders:
        for _ in range(2):
            served.evolution.connected = False
            await watch(served, senders)
            await minutes_pass(served, 3)
            for _ in range(3):
                assert (await watch(served, senders))["alarmed"]
            served.evolution.connected = True
            assert not (await watch(served, senders))["alarmed"]
    assert capsys.readouterr().out.count("event='wire_down'") == 2
    notices = await served.rows("SELECT kind, member FROM notices ORDER BY seq")
    assert [(row["kind"], row["member"]) for row in notices] == [("wire_down", "ana")] * 2


async def test_a_session_that_ended_alarms_at_the_next_look(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert (await served.from_evolution(served.evolution.connection("close", reason=401))).status_code == 200
    row = await account(served, "evolution")
    assert row["state"] == "closed"
    assert "401" in row["state_reason"]
    served.evolution.state = "close"
    async with Senders() as senders:
        assert (await watch(served, senders))["alarmed"]
    assert "event='wire_down'" in capsys.readouterr().out


async def test_a_reconnection_told_by_webhook_sends_what_waited_at_once(served: Served) -> None:
    served.evolution.connected = False
    await ask(served, "evolution")
    await served.reply("um", "dois")
    async with Senders() as senders:
        for _ in range(3):
            await deliver(served, senders=senders)
            await make_due(served)
        assert (await account(served, "evolution"))["state"] == "connecting"
        await deliver(served, senders=senders)
        served.evolution.connected = True
        assert (await served.from_evolution(served.evolution.connection("open"))).status_code == 200
        [row, _] = await served.rows("SELECT due_at <= now() AS due FROM outbox ORDER BY seq")
        assert row["due"]
    await drained(served)  # by another process, whose circuit never opened
    assert [sent.text for sent in served.evolution.sent] == ["um", "dois"]


async def test_a_server_that_says_open_is_not_believed_while_nothing_leaves(served: Served) -> None:
    served.evolution.connected = False
    served.evolution.state = "open"  # as #2403 tells
    await ask(served, "evolution")
    await served.reply("um")
    async with Senders() as senders:
        for _ in range(3):
            await deliver(served, senders=senders)
            await make_due(served)
        row = await watch(served, senders)
        assert (row["state"], row["state_reason"]) == ("connecting", "send:session_down")
        await minutes_pass(served, 3)
        assert (await watch(served, senders))["alarmed"]
        served.evolution.connected = True
    async with Senders() as fresh:
        await deliver(served, senders=fresh)
    row = await account(served, "evolution")
    assert (row["state"], row["alarmed"]) == ("open", False)


async def test_a_cloud_number_is_asked_too(served: Served) -> None:
    async with Senders() as senders:
        assert (await watch(served, senders, "cloud"))["state"] == "open"


async def test_a_wire_nobody_can_ask_is_left_as_it_was(served: Served) -> None:
    async with Senders() as senders:
        await watch(served, senders)
        served.evolution.faults.drop(times=5, on="state")
        assert (await watch(served, senders))["state"] == "open"


# --- gaps -----------------------------------------------------------------------------------------------------------------


async def audit(served: Served, kind: str = "evolution") -> gaps.Found | None:
    account_id: UUID = (await account(served, kind))["id"]
    async with Senders() as senders:
        return await gaps.audit(served.pool, senders, served.clinic, account_id, quiet=AT_ONCE, lag=timedelta(0))


async def audited_an_hour_ago(served: Served) -> None:
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE channel_accounts SET audited_until = now() - interval '1 hour'")


async def test_three_lost_webhooks_of_ten_are_found_and_all_ten_are_answered(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    await with_a_team(served)
    await audited_an_hour_ago(served)
    for n in range(10):
        body = served.evolution.inbound("oi", number=f"55319888806{n:02}", message_id=f"G{n}", at=NOW - 300)
        if n not in (2, 5, 9):
            assert (await served.from_evolution(body)).status_code == 200
    assert await audit(served) == gaps.Found(recovered=3)
    assert "event='gap'" in capsys.readouterr().out
    found = await served.rows("SELECT provider_id, recovered FROM gaps ORDER BY provider_id")
    assert [(row["provider_id"], row["recovered"]) for row in found] == [("G2", True), ("G5", True), ("G9", True)]
    await served.reply("Olá!")
    await drained(served)
    assert len({sent.number for sent in served.evolution.sent}) == 10
    assert [row["kind"] for row in await served.rows("SELECT kind FROM notices")] == ["gap"]
    await audited_an_hour_ago(served)
    assert await audit(served) == gaps.Found()
    assert await served.count("messages") == 20
    late = served.evolution.inbound("oi", number="5531988880602", message_id="G2", at=NOW - 300)
    await served.from_evolution(late)  # the server's own retry, at last
    assert await served.count("messages") == 20


async def test_an_answer_from_the_phone_that_was_not_told_takes_the_conversation(served: Served) -> None:
    await audited_an_hour_ago(served)
    await ask(served, "evolution")
    served.evolution.staff_reply("Oi, aqui é a Ana!", number="5531988880001", at=NOW)
    assert await audit(served) == gaps.Found(echoes=1)
    assert [row["owner"] for row in await served.rows("SELECT owner FROM conversations")] == ["person"]


async def test_our_own_sends_in_the_history_are_ours(served: Served) -> None:
    await audited_an_hour_ago(served)
    await ask(served, "evolution")
    await served.reply("um", "dois")
    await deliver(served)
    assert await audit(served) == gaps.Found()
    assert [row["owner"] for row in await served.rows("SELECT owner FROM conversations")] == ["carol"]


async def test_yesterdays_message_found_today_is_not_answered_by_itself(served: Served) -> None:
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE channel_accounts SET audited_until = now() - interval '3 days'")
    served.evolution.inbound("oi", number="5531988880001", message_id="OLD", at=NOW - 2 * 86_400)
    assert await audit(served) == gaps.Found(recovered=1)
    assert [row["reason"] for row in await served.rows("SELECT reason FROM cases")] == ["late_message"]
    assert [row["due_at"] for row in await served.rows("SELECT due_at FROM conversations")] == [None]


async def test_nothing_from_before_carol_is_looked_for(served: Served) -> None:
    served.evolution.inbound("oi", number="5531988880001", message_id="BEFORE", at=NOW - 300)
    assert await audit(served) is None
    assert (await account(served, "evolution"))["audited_until"] is not None
    assert await audit(served) is None  # and not yet again
    assert await served.count("messages") == 0


async def test_a_reconnection_is_audited_before_its_ten_minutes(served: Served) -> None:
    async with Senders() as senders:
        await watch(served, senders)
        async with clinic_session(served.pool, served.clinic) as s:
            await s.execute("UPDATE channel_accounts SET audited_until = now() - interval '3 minutes'")
        away = int(utc_now().timestamp()) - 60  # of this moment: NOW may be half a test run ago
        served.evolution.inbound("oi", number="5531988880001", message_id="AWAY", at=away)
        served.evolution.connected = False
        await watch(served, senders)
        assert await audit(served) is None
        served.evolution.connected = True
        await watch(served, senders)
    assert await audit(served) == gaps.Found(recovered=1)


async def test_a_history_that_does_not_answer_is_asked_again(served: Served) -> None:
    await audited_an_hour_ago(served)
    served.evolution.inbound("oi", number="5531988880001", message_id="G1", at=NOW - 300)
    served.evolution.faults.unavailable(times=1, on="history")
    assert await audit(served) is None
    assert await audit(served) == gaps.Found(recovered=1)


async def test_a_wire_without_history_says_so_once(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    await audited_an_hour_ago(served)
    account_id: UUID = (await account(served, "cloud"))["id"]
    async with Senders() as senders:
        for _ in range(3):
            assert await gaps.audit(served.pool, senders, served.clinic, account_id, quiet=AT_ONCE) is None
    assert capsys.readouterr().out.count("event='no_history_to_audit'") == 1


def gossip(served: Served, count: int, *, over: int, ago: int = 0) -> None:
    """So many messages of a group, which are nobody's, evenly over these seconds, the newest `ago`."""
    for n in range(count):
        at = NOW - ago - over * n // count
        record = served.evolution.inbound("oi", number="5531988889999", message_id=f"GOSSIP{ago}.{n}", at=at)["data"]
        record["key"]["remoteJid"] = "120363000000000000@g.us"


async def audited(served: Served, ago: str) -> None:
    await served.rows("UPDATE channel_accounts SET audited_until = now() - %(ago)s::interval RETURNING id", ago=ago)


async def minutes_left(served: Served) -> float:
    [row] = await served.rows(
        """SELECT extract(epoch FROM now() - audited_until)::float / 60 AS left FROM channel_accounts
           WHERE kind = 'evolution'"""
    )
    return float(row["left"])


async def test_a_history_of_more_than_ten_thousand_is_compared_span_by_span(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await audited(served, "10 hours")
    gossip(served, 10_500, over=36_000)
    for n in range(4):
        served.evolution.inbound("oi", number=f"55319888806{n:02}", message_id=f"G{n}", at=NOW - 60 - n * 9_000)
    monkeypatch.setattr(gaps, "_RUN_SECONDS", 0.0)  # each run does one span, and the next goes on
    found, left = gaps.Found(), await minutes_left(served)
    while (told := await audit(served)) is not None:
        found, before, left = found + told, left, await minutes_left(served)
        assert left < before
    assert found == gaps.Found(recovered=4)
    assert left < 10


async def test_one_run_goes_on_for_as_long_as_it_may(served: Served) -> None:
    await audited(served, "5 hours")
    gossip(served, 2_200, over=18_000)
    served.evolution.inbound("oi", number="5531988880601", message_id="G1", at=NOW - 60)
    served.evolution.inbound("oi", number="5531988880602", message_id="G2", at=NOW - 17_000)
    assert await audit(served) == gaps.Found(recovered=2)
    assert await minutes_left(served) < 10
    assert [row["kind"] for row in await served.rows("SELECT kind FROM notices")] == []


async def test_a_run_that_is_cut_short_tells_what_it_found(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_a_team(served)
    await audited_an_hour_ago(served)
    for n in range(2):
        served.evolution.inbound("oi", number=f"55319888806{n:02}", message_id=f"G{n}", at=NOW - 300)
    stored, second = gaps._Audit._inbound, asyncio.Event()

    async def slow(audit: gaps._Audit, event: Inbound) -> str | None:
        if audit.found == gaps.Found(recovered=1):
            second.set()
            await asyncio.Event().wait()
        return await stored(audit, event)

    monkeypatch.setattr(gaps._Audit, "_inbound", slow)
    run = asyncio.create_task(audit(served))
    async with asyncio.timeout(30):
        await second.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    [row] = await served.rows("SELECT kind, text FROM notices")
    assert row["kind"] == "gap"
    assert "histórico: 1." in row["text"]
    monkeypatch.undo()
    assert await audit(served) == gaps.Found(recovered=1)


async def test_a_second_with_more_than_can_be_told_is_passed_over_aloud(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    await audited(served, "1 hour")
    gossip(served, 1_100, over=1, ago=1_800)
    gossip(served, 1_100, over=1, ago=3_900)  # in what is looked at again
    served.evolution.inbound("oi", number="5531988880601", message_id="G1", at=NOW - 300)
    while await minutes_left(served) > 10:
        assert await audit(served) is not None
    assert "event='history_passed_over'" in capsys.readouterr().out
    assert [row["provider_id"] for row in await served.rows("SELECT provider_id FROM gaps")] == ["G1"]


async def test_a_server_that_ignores_the_span_is_read_all_the_same(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await audited(served, "1 hour")
    gossip(served, 1_200, over=36_000, ago=3_700)
    served.evolution.inbound("oi", number="5531988880601", message_id="G1", at=NOW - 300)
    find = served.evolution._find
    monkeypatch.setattr(served.evolution, "_find", lambda body: find({**body, "where": {}}))
    assert await audit(served) == gaps.Found(recovered=1)
    assert await minutes_left(served) < 10


async def test_a_server_too_slow_for_a_long_span_is_asked_for_a_short_one(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await audited(served, "10 hours")
    served.evolution.inbound("oi", number="5531988880601", message_id="G1", at=NOW - 60 - 9 * 3600)
    told = EvolutionSender.history

    async def slow(self: EvolutionSender, *, since: datetime, until: datetime) -> Any:
        if until - since > timedelta(hours=2):
            raise TimeoutError
        return await told(self, since=since, until=until)

    monkeypatch.setattr(EvolutionSender, "history", slow)
    assert await audit(served) == gaps.Found(recovered=1)
    assert await minutes_left(served) < 600 - 60


async def test_the_clock_asks_every_wire_how_it_is_and_what_it_heard(served: Served) -> None:
    await audited(served, "1 hour")
    served.evolution.inbound("oi", number="5531988880601", message_id="G1", at=NOW - 300)
    async with Senders() as senders:
        ground = Ground(load_settings(), served.pool, senders)
        assert (await sweeps.watched_wires(ground), await sweeps.audited_wires(ground)) == (2, 2)
    assert [row["state"] for row in await served.rows("SELECT state FROM channel_accounts WHERE kind <> 'console'")] == [
        "open",
        "open",
    ]
    assert await served.count("messages") == 1
