"""The night's comparison: a broken promise is found, a kept one is not, and each night is compared once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cli.reconcile import lines
from clinic.conversations.commitments import reconciling_store
from clinic.conversations.commitments.reconciling import Report
from clinic.conversations.handover import takeover
from clinic.rehearsals import service as rehearsals
from clinic.tenants.service import clinic_for
from db.session import clinic_session
from jobs.reconciling import reconcile, reconcile_due
from kit.ids import new_id
from tests.flows.booking import book
from tests.flows.house import ANA, NOW, House
from tests.flows.scripted import ScriptedBrain, briefing, calls, last_result

DAY = NOW.date()
NIGHT = NOW.replace(hour=3) + timedelta(days=1)


async def change(house: House, query: str, **params: Any) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute(query, params)  # type: ignore[arg-type]


async def sent(house: House) -> None:
    """What was queued left, as delivery would have it."""
    await change(house, "UPDATE outbox SET status = 'delivered' WHERE status = 'queued'")


async def compared(house: House, *, again: bool = False) -> Report:
    report = await reconcile(house.pool, await clinic_for(house.pool, house.clinic.id), DAY, now=NIGHT, again=again)
    assert report is not None
    return report


def codes(report: Report) -> list[str]:
    return sorted({finding.code for finding in report.findings})


async def test_a_day_of_kept_promises_breaks_nothing(house: House, brain: ScriptedBrain) -> None:
    await book(house, brain)
    await sent(house)
    report = await compared(house)
    assert codes(report) == []
    assert report.checked >= 3
    assert not await house.rows("SELECT id FROM cases")


async def test_a_visit_that_moved_without_a_word_is_broken_and_asked_about_once(house: House, brain: ScriptedBrain) -> None:
    visit = await book(house, brain)
    await sent(house)
    await change(house, "UPDATE appointments SET starts_at = starts_at - interval '1 hour' WHERE id = %(id)s", id=visit["id"])
    assert codes(await compared(house)) == ["visit_changed_silently"]
    [case] = await house.rows("SELECT kind, reason, turn_id FROM cases")
    assert (case["kind"], case["reason"], case["turn_id"]) == ("failure", "ledger:visit_changed_silently", None)
    await change(house, "UPDATE cases SET status = 'resolved'")
    clinic = await clinic_for(house.pool, house.clinic.id)
    later = await reconcile(house.pool, clinic, DAY + timedelta(days=1), now=NIGHT + timedelta(days=1))
    assert later is not None
    assert codes(later) == ["visit_changed_silently"]  # the visit still lies ahead, and still nobody told
    assert len(await house.rows("SELECT id FROM cases")) == 1


async def test_a_change_that_a_person_wrote_about_is_fine(house: House, brain: ScriptedBrain) -> None:
    visit = await book(house, brain)
    await sent(house)
    await change(
        house, "UPDATE appointments SET status = 'cancelled', cancelled_at = %(at)s WHERE id = %(id)s", id=visit["id"], at=NOW
    )
    assert codes(await compared(house)) == ["visit_changed_silently"]
    async with clinic_session(house.pool, house.clinic.id) as s:
        await takeover.reply(
            s, house.conversations[ANA], "A doutora adoeceu, te ligo.", by="Jô", message_id="j1", request_id=None
        )
    assert codes(await compared(house, again=True)) == []


async def test_a_move_told_by_carol_is_fine(house: House, brain: ScriptedBrain) -> None:
    await book(house, brain)

    def propose(messages: Any) -> Any:
        visit = briefing(messages)["visits"][0]["visit"]
        return calls("propose_move", visit=visit, slot=last_result(messages)["slots"][-1]["slot"])

    brain.then(
        calls("find_slots", service="consulta dermatológica", when="sexta"),
        propose,
        lambda m: f"Mudaria para {last_result(m)['summary']['label']}. Posso remarcar?",
    )
    await house.say(ANA, "queria mudar para sexta")
    brain.then(
        lambda m: calls("move_visit", proposal=briefing(m)["proposal"]["proposal"]),
        lambda m: f"Remarquei de {last_result(m)['summary']['from_label']} para {last_result(m)['summary']['label']}.",
    )
    assert "Remarquei" in await house.say(ANA, "sim, pode remarcar")
    await sent(house)
    assert codes(await compared(house)) == []


async def test_a_booking_whose_confirmation_never_left_is_found(house: House, brain: ScriptedBrain) -> None:
    await book(house, brain)
    await change(house, "UPDATE outbox SET status = 'failed'")
    assert codes(await compared(house)) == ["booked_not_told"]


async def test_a_fact_that_slipped_past_the_ledger_is_found(house: House, brain: ScriptedBrain) -> None:
    brain.then("Claro, como posso ajudar?")
    await house.say(ANA, "oi")
    await sent(house)
    assert codes(await compared(house)) == []
    await change(
        house,
        """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, text, at)
           SELECT clinic_id, %(id)s, conversation_id, account_id, 'out', 'carol', 'Sua consulta é quinta às 15h.', at
           FROM messages WHERE direction = 'out' LIMIT 1""",
        id=new_id(),
    )
    assert codes(await compared(house, again=True)) == ["said_without_ledger"]


async def test_a_promise_that_nobody_kept_is_broken_and_a_late_one_is_counted(house: House, brain: ScriptedBrain) -> None:
    lie = "Prontinho, sua consulta está marcada para amanhã às 15h!"
    brain.then(lie, lie)
    await house.say(ANA, "marca pra mim amanhã 15h")
    await sent(house)
    report = await compared(house)
    assert codes(report) == ["never_answered"]
    assert report.broken
    await change(house, "UPDATE cases SET answered_at = due_at + interval '1 hour'")
    report = await compared(house, again=True)
    assert (codes(report), report.broken) == (["answered_late"], [])


async def test_a_price_that_differs_under_the_same_configuration_is_broken(house: House, brain: ScriptedBrain) -> None:
    service = next(one for one in house.clinic.services if one.price_cents)
    brain.then(f"{service.name} custa R$ {service.price_cents // 100},{service.price_cents % 100:02d}.")
    await house.say(ANA, f"quanto custa {service.name}?")
    await sent(house)
    assert codes(await compared(house)) == []
    await change(house, "UPDATE services SET price_cents = price_cents + 1000 WHERE id = %(id)s", id=service.id)
    [clinic] = await house.rows("SELECT version FROM clinics")
    await change(house, "UPDATE clinics SET version = %(same)s", same=house.clinic.version)
    assert codes(await compared(house, again=True)) == ["price_differs"]
    await change(house, "UPDATE clinics SET version = %(new)s", new=clinic["version"] + 1)
    assert codes(await compared(house, again=True)) == ["row_changed"]


async def test_a_night_is_compared_once_by_however_many_and_missed_days_are_caught_up(
    house: House, brain: ScriptedBrain
) -> None:
    await change(house, "UPDATE clinics SET ledger_since = %(at)s", at=NOW - timedelta(days=30))
    before = NIGHT - timedelta(minutes=1)
    done = sum(await asyncio.gather(*(reconcile_due(house.pool, now=NIGHT, most_days=3) for _ in range(4))))
    assert done == 3
    assert await reconcile_due(house.pool, now=NIGHT, most_days=3) == 0
    days = await house.rows("SELECT day FROM reconciliations ORDER BY day")
    assert [row["day"] for row in days] == [DAY - timedelta(days=2), DAY - timedelta(days=1), DAY]
    assert await reconcile_due(house.pool, now=before + timedelta(days=1), most_days=3) == 0
    assert await reconcile_due(house.pool, now=before + timedelta(days=1, minutes=1), most_days=3) == 1


async def test_a_process_that_died_in_the_night_is_followed_by_another(house: House) -> None:
    async with clinic_session(house.pool, house.clinic.id) as s:
        assert await reconciling_store.begin(s, DAY)
    assert await reconcile(house.pool, house.clinic, DAY, now=NIGHT) is None
    await change(house, "UPDATE reconciliations SET started_at = now() - interval '11 minutes'")
    assert await reconcile(house.pool, house.clinic, DAY, now=NIGHT) is not None


async def test_rehearsals_are_left_out(house: House) -> None:
    sandbox: UUID = await rehearsals.begin(house.pool, house.clinic, now=NOW)
    assert await reconcile(house.pool, await clinic_for(house.pool, sandbox), DAY, now=NIGHT) is None
    await reconcile_due(house.pool, now=NIGHT)
    async with clinic_session(house.pool, sandbox) as s:
        assert not await s.all("SELECT id FROM reconciliations")


async def test_the_table_says_codes_and_counts_and_no_names(house: House, brain: ScriptedBrain) -> None:
    await book(house, brain)
    await change(house, "UPDATE outbox SET status = 'failed'")
    told, broken = await lines(house.pool, house.clinic.slug, datetime(2026, 11, 20).date())
    assert broken == 0
    report = await compared(house)
    assert "Ana" not in str(report.as_json())
    assert any("2026-11-20" in line for line in told)
    async with clinic_session(house.pool, house.clinic.id) as s:
        nights = await reconciling_store.listed(s, limit=5)
    assert [night.broken for night in nights] == [1, 0]
