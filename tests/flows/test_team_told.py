"""The team is told of what waits, level by level, once each, by whichever WhatsApp is open; never a patient's name or words."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from clinic.conversations.cases import notices
from clinic.conversations.handover import takeover
from clinic.conversations.models import CaseKind
from clinic.tenants.policies import Team
from clinic.tenants.service import clinic_for
from db.embedded import Urls
from db.session import clinic_session
from jobs.notices import Teller
from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.served import Served
from tests.flows.team import (
    BASE,
    JULIA,
    RITA,
    again_now,
    age,
    climb_now,
    employ,
    grace_over,
    owe,
    served,
    tell,
    told,
    wires,
)
from tests.flows.test_delivery import ask, until

__all__ = ["served"]


async def test_the_first_level_is_told_with_no_word_of_the_patient(served: Served) -> None:
    case = await owe(served, words="Meu nome é Genoveva e meu CPF é 123")
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent"), ("case_opened", "rita", "sent")]
    sent = served.evolution.sent
    assert [one.number for one in sent] == ["5531977770001", "5531977770002"]
    [row] = await served.rows("SELECT number, conversation_id, level, climbs_at - now() AS wait FROM cases")
    [name] = await served.rows("SELECT display_name FROM contacts")
    [alias] = await served.rows("SELECT value FROM contact_aliases WHERE kind = 'phone'")
    for one in sent:
        assert f"caso nº {row['number']}" in one.text
        assert f"{BASE}/conversas/{row['conversation_id']}?clinica=clinica" in one.text
        assert "URGENTE" not in one.text
        for secret in ("Genoveva", "123", name["display_name"], alias["value"][-8:]):
            assert secret not in one.text
    assert row["level"] == 1
    assert timedelta(minutes=29) < row["wait"] <= timedelta(minutes=30)
    assert await tell(served) == 0  # nothing is due any more
    shown = (await served.http.get(f"/api/interventions/{case}")).json()
    assert [(n["member"], n["what"], n["status"]) for n in shown["notified"]] == [
        ("Júlia Reis", "case_opened", "sent"),
        ("Rita Sá", "case_opened", "sent"),
    ]


async def test_the_next_level_is_told_when_nobody_takes_it_and_then_nobody(served: Served) -> None:
    await owe(served)
    await tell(served)
    await climb_now(served)
    await tell(served)
    assert (await told(served))[2:] == [("case_climbed", "chefe", "sent")]
    assert "Ninguém assumiu" in served.evolution.sent[-1].text
    [row] = await served.rows("SELECT level, climbs_at FROM cases")
    assert (row["level"], row["climbs_at"]) == (2, None)


async def test_urgent_climbs_in_five_minutes(served: Served) -> None:
    await owe(served, CaseKind.EMERGENCY)
    await tell(served)
    [row] = await served.rows("SELECT climbs_at - now() AS wait FROM cases")
    assert timedelta(minutes=4) < row["wait"] <= timedelta(minutes=5)
    assert all("URGENTE" in one.text for one in served.evolution.sent)


async def test_what_somebody_took_climbs_no_further(served: Served) -> None:
    case = await owe(served)
    await tell(served)
    await served.http.post(f"/api/interventions/{case}/take", json={"by": "Júlia Reis"})
    [row] = await served.rows("SELECT climbs_at FROM cases")
    assert row["climbs_at"] is None
    await served.rows("UPDATE cases SET climbs_at = now() RETURNING id")  # a bell that rang before it was taken
    await tell(served)
    assert len(await told(served)) == 2


async def test_any_number_of_tellers_tell_each_once(served: Served) -> None:
    for _ in range(4):
        await owe(served, CaseKind.PERSON_ASKED)
        await owe(served, CaseKind.COMPLAINT)
    for _ in range(3):
        await asyncio.gather(*(tell(served) for _ in range(5)))
    rows = await told(served)
    assert len(rows) == len(served.evolution.sent) == 4  # one conversation, two kinds, two members
    assert {status for _, _, status in rows} == {"sent"}


async def test_the_teller_hears_by_itself(served: Served, database: Urls) -> None:
    teller = Teller(served.pool, base=BASE, listen_url=database.app, poll=30.0)
    await teller.start()
    try:
        await asyncio.sleep(0)
        await owe(served, CaseKind.EMERGENCY)

        async def all_told() -> bool:
            return [status for _, _, status in await told(served)] == ["sent", "sent"]

        await until(all_told)
    finally:
        await teller.stop()


async def test_a_red_flag_tells_the_team_before_any_turn(served: Served) -> None:
    await ask(served, "evolution", "estou com dor forte no peito e falta de ar", message_id="RF1")
    await tell(served)  # no desk runs here, and no model
    assert [status for _, _, status in await told(served)] == ["sent", "sent"]
    [case] = await served.rows("SELECT urgent, kind, brief, due_at - opened_at AS within FROM cases")
    assert (case["urgent"], case["kind"], case["within"]) == (True, "emergency", timedelta(minutes=10))
    assert "peito" not in served.evolution.sent[0].text
    await ask(served, "evolution", "a dor no peito aumentou muito", message_id="RF2")
    await tell(served)
    assert len(served.evolution.sent) == 2  # the same case


async def test_nobody_to_tell_is_an_alarm_and_the_queue_still_shows_it(served: Served, capsys: Any) -> None:
    await employ(served, Team())
    case = await owe(served)
    await tell(served)
    assert "nobody_to_tell" in capsys.readouterr().out
    assert await told(served) == []
    page = (await served.http.get("/api/interventions", params={"clinic": "clinica"})).json()
    assert [item["id"] for item in page["items"]] == [str(case)]
    assert await tell(served) == 0
    assert "nobody_to_tell" not in capsys.readouterr().out  # said once


async def test_without_an_open_wire_it_waits_and_leaves_when_one_opens(served: Served, capsys: Any) -> None:
    await wires(served, "closed")
    await owe(served)
    await tell(served)
    assert "nobody_to_tell" in capsys.readouterr().out
    assert {(status) for _, _, status in await told(served)} == {"queued"}
    [error] = {row["error_code"] for row in await served.rows("SELECT error_code FROM notices")}
    assert error == "no_wire"
    await wires(served, "open", "cloud")
    await again_now(served)
    await tell(served)
    assert {status for _, _, status in await told(served)} == {"sent"}
    assert [one.to for one in served.cloud.sent] == ["5531977770001", "5531977770002"]
    assert served.evolution.sent == ()


async def test_the_echo_of_what_one_member_was_told_says_nothing_of_another(served: Served) -> None:
    await employ(served, Team(members=(JULIA, RITA)))
    served.evolution.faults.drop(on="send")  # Júlia's never arrives
    await owe(served, CaseKind.EMERGENCY)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sending"), ("case_opened", "rita", "sent")]
    # Rita's echo comes before the answer to her send was noted.
    [sent] = served.evolution.sent
    await served.rows("UPDATE notices SET status = 'sending', provider_id = NULL WHERE member = 'rita' RETURNING id")
    echo = served.evolution.staff_reply(sent.text, number=sent.number, message_id=sent.id, at=int(utc_now().timestamp()))
    assert (await served.from_evolution(echo)).status_code == 200
    assert await told(served) == [("case_opened", "julia", "sending"), ("case_opened", "rita", "sent")]
    assert await served.count("conversations") == 1
    await grace_over(served)
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent"), ("case_opened", "rita", "sent")]
    assert [one.number for one in served.evolution.sent] == ["5531977770002", "5531977770001"]


async def test_our_notice_coming_back_is_nobodys_conversation(served: Served) -> None:
    await employ(served, Team(members=(JULIA,)))
    await owe(served)
    await tell(served)
    before = (await served.count("contacts"), await served.count("conversations"), await served.count("messages"))
    [sent] = served.evolution.sent
    await served.from_evolution(served.evolution.own_echo(sent))
    echo = served.evolution.staff_reply(sent.text, number=sent.number, message_id=sent.id, at=int(utc_now().timestamp()))
    assert (await served.from_evolution(echo)).status_code == 200
    assert (await served.count("contacts"), await served.count("conversations"), await served.count("messages")) == before
    [row] = await served.rows("SELECT owner FROM conversations")
    assert row["owner"] == "carol"


async def test_an_echo_that_beats_the_answer_settles_the_notice(served: Served) -> None:
    await employ(served, Team(members=(JULIA,)))
    served.evolution.faults.drop(accepted=True)
    await owe(served)
    await tell(served)
    [sent] = served.evolution.sent
    echo = served.evolution.staff_reply(sent.text, number=sent.number, message_id=sent.id, at=int(utc_now().timestamp()))
    await served.from_evolution(echo)
    assert await told(served) == [("case_opened", "julia", "sent")]
    assert await served.count("conversations") == 1


async def test_a_closed_window_of_a_member_is_shown_as_such(served: Served) -> None:
    await employ(served, Team(members=(JULIA,)))
    await wires(served, "closed", "evolution")
    case = await owe(served)
    await tell(served)
    [row] = await served.rows("SELECT provider_id FROM notices")
    async with clinic_session(served.pool, served.clinic) as s:
        from clinic.conversations.outgoing import statuses

        account = await s.one("SELECT id FROM channel_accounts WHERE kind = 'cloud'")
        assert account
        await statuses.hear_status(
            s,
            await clinic_for(served.pool, served.clinic),
            account["id"],
            provider_id=row["provider_id"],
            status="failed",
            reference=None,
            error_code="131047",
            now=utc_now(),
        )
    shown = (await served.http.get(f"/api/interventions/{case}")).json()
    assert [(n["status"], n["error"]) for n in shown["notified"]] == [("failed", "131047")]


async def test_a_wire_that_is_down_is_told_once_by_another(served: Served) -> None:
    clinic = await clinic_for(served.pool, served.clinic)
    await wires(served, "closed", "evolution")
    for _ in range(2):
        async with clinic_session(served.pool, served.clinic) as s:
            await notices.wire_down(s, clinic, served.clinic, kind="evolution", since="t1")
    await tell(served)
    assert await told(served) == [("wire_down", "julia", "sent"), ("wire_down", "rita", "sent")]
    assert all("caiu" in one.text for one in served.cloud.sent)


async def test_a_danger_named_again_with_nobody_answering_is_told_again(served: Served) -> None:
    await owe(served, CaseKind.EMERGENCY, words="estou com dor forte no peito e falta de ar")
    await tell(served)
    await climb_now(served)
    await tell(served)
    before = await told(served)
    [row] = await served.rows("SELECT climbs_at FROM cases")
    assert row["climbs_at"] is None  # everybody was told
    await ask(served, "evolution", "estou com dor forte no peito e falta de ar", message_id=new_id().hex)
    await tell(served)
    assert await told(served) == before  # not again in the same minutes
    await age(served)
    await ask(served, "evolution", "estou com dor forte no peito e falta de ar", message_id=new_id().hex)
    await tell(served)
    assert (await told(served))[len(before) :] == [("case_opened", "julia", "sent"), ("case_opened", "rita", "sent")]


async def test_what_is_given_back_unanswered_is_told_again_though_everybody_was_told(served: Served) -> None:
    await employ(served, Team(members=(JULIA,)))
    await owe(served)
    await tell(served)
    [row] = await served.rows("SELECT id FROM conversations")
    for do in (takeover.take, takeover.give_back):
        async with clinic_session(served.pool, served.clinic) as s:
            await do(s, row["id"], by="Júlia")  # type: ignore[operator]
    await tell(served)
    assert await told(served) == [("case_opened", "julia", "sent")] * 2
