"""A send whose answer never came: the wire is asked before anything is said twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from clinic.conversations.outgoing import outbox
from db.session import clinic_session
from jobs.senders import Senders
from tests.flows.served import QUICK, Served
from tests.flows.wires import ask, cases, deliver, drained, make_due

PATIENT_MINUTE = replace(QUICK, grace=60.0)


async def looked(served: Served) -> int:
    return sum("/chat/findMessages" in call.path for call in served.evolution.calls)


async def due_now(served: Served) -> None:
    """The next look, long before the grace is over."""
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE outbox SET due_at = now() WHERE status IN ('queued', 'unknown')")


async def test_one_that_arrived_is_found_and_not_sent_again(served: Served) -> None:
    await ask(served, "evolution")
    await served.reply("Marcado!", "Até lá.")
    served.evolution.faults.drop(accepted=True, on="send")
    await deliver(served, PATIENT_MINUTE)
    assert await served.statuses() == ["unknown", "queued"]
    await due_now(served)
    await drained(served, PATIENT_MINUTE)
    assert [sent.text for sent in served.evolution.sent] == ["Marcado!", "Até lá."]
    assert await served.statuses() == ["sent", "sent"]
    [row] = await served.rows("SELECT provider_id FROM outbox ORDER BY seq LIMIT 1")
    assert row["provider_id"] == served.evolution.sent[0].id


async def test_one_that_did_not_arrive_is_looked_for_until_the_grace_is_over_and_sent_again(served: Served) -> None:
    await ask(served, "evolution")
    await served.reply("Marcado!")
    served.evolution.faults.drop(on="send")
    async with Senders() as senders:
        await deliver(served, PATIENT_MINUTE, senders)
        for looks in (1, 2, 3):
            await due_now(served)
            await deliver(served, PATIENT_MINUTE, senders)
            assert (await looked(served), await served.statuses()) == (looks, ["unknown"])
        [row] = await served.rows("SELECT looked_at IS NOT NULL AS looked, due_at > now() AS later FROM outbox")
        assert row == {"looked": True, "later": True}
        await make_due(served)
        await deliver(served, PATIENT_MINUTE, senders)
    assert [sent.text for sent in served.evolution.sent] == ["Marcado!"]
    assert await served.statuses() == ["sent"]
    assert await served.count("outbox") == 1


async def test_the_same_words_said_before_are_not_taken_for_it(served: Served) -> None:
    await ask(served, "evolution")
    await served.reply("Certo!", "Certo!")
    served.evolution.faults.delay(0.0, on="send")  # the first one goes well
    served.evolution.faults.drop(on="send")  # the second one never arrives
    await deliver(served, PATIENT_MINUTE)
    assert await served.statuses() == ["sent", "unknown"]
    await make_due(served)
    await drained(served, PATIENT_MINUTE)
    assert [sent.text for sent in served.evolution.sent] == ["Certo!", "Certo!"]
    ids = await served.rows("SELECT provider_id FROM outbox ORDER BY seq")
    assert [row["provider_id"] for row in ids] == [sent.id for sent in served.evolution.sent]


async def test_a_sender_that_died_after_the_wire_took_it_is_found(served: Served) -> None:
    await ask(served, "evolution")
    await served.reply("Marcado!")
    [row] = await served.rows("SELECT id, conversation_id, reply_to FROM outbox")
    async with clinic_session(served.pool, served.clinic) as s:
        claimed = await outbox.claim(s, row["conversation_id"], lease=timedelta(0))
        assert claimed is not None
        await outbox.give(s, claimed)
    async with Senders() as senders:
        [account] = await served.rows("SELECT id FROM channel_accounts WHERE kind = 'evolution'")
        _, sender = await senders.of(served.pool, served.clinic, account["id"])
        from channels.base import Outgoing

        await sender.send(Outgoing(to=row["reply_to"], text="Marcado!", reference=str(row["id"])))  # and dies
        await deliver(served, PATIENT_MINUTE, senders)
        assert await served.statuses() == ["unknown"]
        await due_now(served)
        await deliver(served, PATIENT_MINUTE, senders)
    assert len(served.evolution.sent) == 1
    assert await served.statuses() == ["sent"]


async def test_a_resend_that_is_refused_is_looked_for_again_before_the_next(served: Served) -> None:
    """Its first send may still have arrived: a refusal of the second says nothing of it."""
    await ask(served, "evolution")
    await served.reply("Marcado!")
    served.evolution.faults.drop(on="send")
    async with Senders() as senders:
        await deliver(served, senders=senders)
        served.evolution.connected = False
        await make_due(served)
        await deliver(served, senders=senders)
        assert await served.statuses() == ["unknown"]
        before = await looked(served)
        served.evolution.connected = True
        await make_due(served)
        await deliver(served, senders=senders)
        assert await looked(served) == before + 1
    assert await served.statuses() == ["sent"]
    assert len(served.evolution.sent) == 1


async def test_a_history_that_never_has_it_ends_with_a_person(served: Served) -> None:
    """A server that keeps no messages answers, and has nothing: it must not be believed for ever."""
    await ask(served, "evolution")
    await served.reply("Marcado!")
    async with Senders() as senders:
        served.evolution.faults.drop(accepted=True, times=20, on="send")
        for _ in range(8):
            served.evolution.history.clear()
            await deliver(served, senders=senders)
            await make_due(served)
    assert await served.statuses() == ["failed"]
    assert len(served.evolution.sent) == QUICK.max_attempts
    assert await cases(served) == [("failure", "not_delivered")]
