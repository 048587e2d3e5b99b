"""The intervention queue: what waits, who was told, taken and resolved in one click, promises kept."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from psycopg.types.json import Jsonb

from clinic.conversations.cases import case_store
from clinic.conversations.models import CaseKind
from clinic.tenants.policies import Member, Policies, Team, policies_json
from db.session import clinic_session
from kit.ids import new_id
from tests.flows.house import ANA, NOW, House

BIA = "+5531988880002"
CAIO = "+5531988880003"


async def owe(
    house: House,
    phone: str,
    kind: CaseKind = CaseKind.PERSON_ASKED,
    *,
    due: timedelta = timedelta(hours=1),
    ago: timedelta = timedelta(0),
    noted: str = "",
) -> UUID:
    """A case of this contact, opened `ago` and due in `due` from now."""
    conversation = house.conversations.get(phone) or await house.hear(phone, "oi")
    async with clinic_session(house.pool, house.clinic.id) as s:
        case = await case_store.open_case(
            s, conversation, kind, reason="x", brief=noted, due_at=NOW + due, at=NOW - ago, turn_id=None
        )
    return case.id


async def queue(http: httpx.AsyncClient, clinic: str, view: str = "waiting", **more: Any) -> Any:
    answer = await http.get("/api/interventions", params={"clinic": clinic, "view": view} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def do(http: httpx.AsyncClient, case: UUID, verb: str, by: str = "Júlia", **body: Any) -> httpx.Response:
    return await http.post(f"/api/interventions/{case}/{verb}", json={"by": by} | body)


async def test_urgent_first_then_the_oldest_deadline_page_by_page(house: House, http: httpx.AsyncClient) -> None:
    later = await owe(house, ANA, due=timedelta(hours=3))
    late = await owe(house, BIA, due=-timedelta(minutes=5), ago=timedelta(hours=2))
    urgent = await owe(house, CAIO, CaseKind.EMERGENCY, due=timedelta(minutes=10))
    whole = await queue(http, house.clinic.slug)
    assert [item["id"] for item in whole["items"]] == [str(urgent), str(late), str(later)]
    assert [item["late"] for item in whole["items"]] == [False, True, False]
    assert whole["counts"] == {"waiting": 3, "urgent": 1, "late": 1, "taken": 0}
    seen, after = [], None
    for _ in range(3):
        page = await queue(http, house.clinic.slug, limit=1, **({"after": after} if after else {}))
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert seen == [str(urgent), str(late), str(later)]
    assert after is None


async def test_an_item_says_who_what_and_by_when(house: House, http: httpx.AsyncClient) -> None:
    await house.hear(ANA, "bom dia")
    await house.hear(ANA, "quero trocar o horário da minha mãe")
    case = await owe(house, ANA, noted="Quer trocar um horário que não está no sistema.")
    [item] = (await queue(http, house.clinic.slug))["items"]
    assert item["id"] == str(case)
    assert (item["kind"], item["status"], item["owner_name"], item["slips"], item["level"]) == (
        "person_asked",
        "open",
        None,
        0,
        0,
    )
    assert item["brief"] == {
        "wants": "Pediu para falar com uma pessoa da equipe.",
        "noted": "Quer trocar um horário que não está no sistema.",
        "whom": ["Ana Paula Ribeiro", "Lucas Ribeiro Matos", "Sofia Ribeiro Matos"],
        "done": [],
        "last_words": ["bom dia", "quero trocar o horário da minha mãe"],
    }
    assert datetime.fromisoformat(item["due_at"]) == datetime.fromisoformat(item["first_due_at"]) == NOW + timedelta(hours=1)
    assert item["due_at"].endswith("-03:00")
    shown = item["conversation"]
    assert (shown["id"], shown["owner"], shown["channel"]) == (str(house.conversations[ANA]), "carol", "console")
    assert (shown["contact"]["address"], shown["last"]["text"]) == (ANA, "quero trocar o horário da minha mãe")
    alone = await http.get(f"/api/interventions/{case}")
    assert alone.json() == item


async def test_who_was_told_by_name_and_what_became_of_it(house: House, http: httpx.AsyncClient) -> None:
    team = Team(members=(Member(key="julia", name="Júlia Reis", phone="+5531977770001"),))
    case = await owe(house, ANA)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute(
            "UPDATE clinics SET policies = %(p)s, version = version + 1 WHERE id = %(id)s",
            {"p": Jsonb(policies_json(Policies(team=team))), "id": house.clinic.id},
        )
        for member, status, error in (("julia", "sent", None), ("gone", "failed", "131047")):
            await s.execute(
                """INSERT INTO notices (clinic_id, id, kind, case_id, member, destination, text, dedupe_key, status, error_code)
                   VALUES (%(c)s, %(id)s, 'case_opened', %(case)s, %(m)s, '+5531977770001', 'x', %(m)s, %(st)s, %(e)s)""",
                {"c": house.clinic.id, "id": new_id(), "case": case, "m": member, "st": status, "e": error},
            )
    [item] = (await queue(http, house.clinic.slug))["items"]
    assert [(n["member"], n["what"], n["status"], n["error"]) for n in item["notified"]] == [
        ("Júlia Reis", "case_opened", "sent", None),
        ("gone", "case_opened", "failed", "131047"),
    ]


async def test_one_click_takes_the_conversation_and_all_it_owes(house: House, http: httpx.AsyncClient) -> None:
    first, second = await owe(house, ANA), await owe(house, ANA, CaseKind.COMPLAINT)
    taken = (await do(http, first, "take", by="  Júlia\u202e Reis")).json()
    assert (taken["status"], taken["owner_name"], taken["taken_at"]) == ("taken", "Júlia Reis", "2026-11-23T09:00:00-03:00")
    assert (taken["conversation"]["owner"], taken["conversation"]["owner_name"]) == ("person", "Júlia Reis")
    assert taken["conversation"]["case"]["owner_name"] == "Júlia Reis"
    assert (await queue(http, house.clinic.slug))["items"] == []
    in_hand = await queue(http, house.clinic.slug, "taken")
    assert {item["id"] for item in in_hand["items"]} == {str(first), str(second)}
    assert in_hand["counts"] == {"waiting": 0, "urgent": 0, "late": 0, "taken": 2}
    assert (await do(http, first, "take", by="Júlia Reis")).status_code == 200  # again is nothing new


async def test_the_second_to_take_is_told_who_has_it_and_may_take_over(house: House, http: httpx.AsyncClient) -> None:
    case = await owe(house, ANA)
    answers = await asyncio.gather(*(do(http, case, "take", by=name) for name in ("Júlia", "Rita", "Zé")))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    [winner] = [answer.json()["owner_name"] for answer in answers if answer.status_code == 200]
    for lost in (answer.json() for answer in answers if answer.status_code == 409):
        assert (lost["code"], lost["by"]) == ("case_taken", winner)
    over = (await do(http, case, "take", by="Chefe", over=True)).json()
    assert (over["owner_name"], over["conversation"]["owner_name"]) == ("Chefe", "Chefe")


async def test_a_case_in_a_conversation_somebody_has_is_theirs_too(house: House, http: httpx.AsyncClient) -> None:
    conversation = await house.hear(ANA, "oi")
    await http.post(f"/api/conversations/{conversation}/take", json={"by": "Rita"})
    case = await owe(house, ANA, CaseKind.EMERGENCY)
    lost = await do(http, case, "take", by="Júlia")
    assert (lost.status_code, lost.json()["by"]) == (409, "Rita")
    assert (await do(http, case, "take", by="Rita")).json()["owner_name"] == "Rita"


async def test_resolving_is_once_and_says_who_did(house: House, http: httpx.AsyncClient) -> None:
    case, other = await owe(house, ANA), await owe(house, ANA, CaseKind.COMPLAINT)
    done = (await do(http, case, "resolve", resolution="Liguei e remarcamos.")).json()
    assert (done["status"], done["resolved_by"], done["resolution"]) == ("resolved", "Júlia", "Liguei e remarcamos.")
    assert (await do(http, case, "resolve", resolution="de novo")).json()["resolution"] == "Liguei e remarcamos."
    lost = await do(http, case, "resolve", by="Rita")
    assert (lost.status_code, lost.json()["code"], lost.json()["by"]) == (409, "case_resolved", "Júlia")
    assert (await do(http, case, "take", by="Rita")).json()["code"] == "case_resolved"
    assert [item["id"] for item in (await queue(http, house.clinic.slug))["items"]] == [str(other)]
    assert [item["id"] for item in (await queue(http, house.clinic.slug, "resolved"))["items"]] == [str(case)]


async def test_resolved_and_given_back_in_one_step(house: House, http: httpx.AsyncClient) -> None:
    case = await owe(house, ANA)
    await do(http, case, "take")
    done = (await do(http, case, "resolve", resolution="Já paguei a taxa por ela.", give_back=True)).json()
    assert (done["status"], done["conversation"]["owner"]) == ("resolved", "carol")
    transcript = (await http.get(f"/api/conversations/{house.conversations[ANA]}")).json()
    line = transcript["messages"][-1]
    assert (line["kind"], line["by"], line["text"], line["status"]) == (
        "given_back",
        "Júlia",
        "Já paguei a taxa por ela.",
        None,
    )
    assert await house.rows("SELECT id FROM outbox") == []  # a mark of ours, never a message


async def test_latest_resolved_first_page_by_page(house: House, http: httpx.AsyncClient) -> None:
    cases = [await owe(house, phone) for phone in (ANA, BIA, CAIO)]
    for minutes, case in enumerate(cases):
        await do(http, case, "resolve")
        async with clinic_session(house.pool, house.clinic.id) as s:
            await s.execute(
                "UPDATE cases SET resolved_at = %(at)s WHERE id = %(id)s", {"at": NOW + timedelta(minutes=minutes), "id": case}
            )
    first = await queue(http, house.clinic.slug, "resolved", limit=2)
    rest = await queue(http, house.clinic.slug, "resolved", limit=2, after=first["next"])
    assert [item["id"] for item in (*first["items"], *rest["items"])] == [str(case) for case in reversed(cases)]
    assert rest["next"] is None


async def test_promises_kept_count_from_what_was_promised_first(house: House, http: httpx.AsyncClient) -> None:
    assert (await queue(http, house.clinic.slug))["kept"] == {"days": 30, "kept": 0, "late": 0, "rate": None}
    kept = await owe(house, ANA, due=timedelta(minutes=30))
    await do(http, kept, "resolve")
    await owe(house, BIA, due=-timedelta(hours=1), ago=timedelta(hours=2))  # nobody answered
    slipped = await owe(house, CAIO, CaseKind.COMPLAINT, due=-timedelta(hours=1), ago=timedelta(hours=3))
    async with clinic_session(house.pool, house.clinic.id) as s:
        await case_store.note_slipped(s, slipped, due_at=NOW + timedelta(hours=1), slips=1, slips_at=None)
    await do(http, slipped, "resolve")  # by the second promise, not by the first
    await owe(house, ANA, CaseKind.MEDICAL, due=timedelta(hours=2))  # not due yet
    found = await queue(http, house.clinic.slug)
    assert found["kept"] == {"days": 30, "kept": 1, "late": 2, "rate": 0.3333}
    told = (await http.get("/api/interventions/promises", params={"clinic": house.clinic.slug})).json()
    assert told["total"] == found["kept"]
    assert told["late_now"] == 1
    assert {(d["day"], d["kind"], d["kept"], d["late"], d["pending"]) for d in told["days"]} == {
        ("2026-11-23", "complaint", 0, 1, 0),
        ("2026-11-23", "medical", 0, 0, 1),
        ("2026-11-23", "person_asked", 1, 1, 0),
    }


async def test_a_persons_reply_answers_what_was_open(house: House, http: httpx.AsyncClient) -> None:
    case = await owe(house, ANA, due=-timedelta(minutes=1), ago=timedelta(hours=1))
    conversation = house.conversations[ANA]
    await http.post(
        f"/api/conversations/{conversation}/reply", json={"by": "Rita", "text": "Oi, Ana! Aqui é a Rita.", "message_id": "r1"}
    )
    [item] = (await queue(http, house.clinic.slug, "taken"))["items"]
    assert (item["id"], item["owner_name"], item["late"]) == (str(case), "Rita", False)
    assert item["answered_at"] == "2026-11-23T09:00:00-03:00"
    later = await owe(house, ANA, CaseKind.EMERGENCY)
    assert (await http.get(f"/api/interventions/{later}")).json()["answered_at"] is None


async def test_given_back_unanswered_it_waits_for_somebody_again(house: House, http: httpx.AsyncClient) -> None:
    case = await owe(house, ANA)
    await do(http, case, "take")
    await http.post(f"/api/conversations/{house.conversations[ANA]}/give-back", json={"by": "Júlia"})
    [item] = (await queue(http, house.clinic.slug))["items"]
    assert (item["id"], item["status"], item["owner_name"], item["taken_at"]) == (str(case), "open", None, None)


async def test_given_back_after_an_answer_it_is_resolved(house: House, http: httpx.AsyncClient) -> None:
    case = await owe(house, ANA)
    conversation = house.conversations[ANA]
    await http.post(f"/api/conversations/{conversation}/reply", json={"by": "Rita", "text": "Resolvido!", "message_id": "r1"})
    await http.post(f"/api/conversations/{conversation}/give-back", json={"by": "Rita", "brief": "Vai pagar na recepção."})
    found = (await http.get(f"/api/interventions/{case}")).json()
    assert (found["status"], found["resolved_by"], found["resolution"]) == ("resolved", "Rita", "Vai pagar na recepção.")


@pytest.mark.parametrize(
    ("verb", "body", "status", "code"),
    [
        ("take", {"by": " \u200b "}, 422, "bad_name"),
        ("take", {"by": ""}, 422, "invalid"),
        ("take", {"extra": 1}, 422, "invalid"),
        ("resolve", {"resolution": "a" * 2001}, 422, "invalid"),
        ("resolve", {"by": "\n"}, 422, "bad_name"),
    ],
)
async def test_what_cannot_be_done(
    house: House, http: httpx.AsyncClient, verb: str, body: dict[str, Any], status: int, code: str
) -> None:
    case = await owe(house, ANA)
    answer = await do(http, case, verb, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await queue(http, house.clinic.slug))["counts"]["waiting"] == 1


async def test_what_is_not_there(house: House, http: httpx.AsyncClient) -> None:
    for answer in (
        await http.get(f"/api/interventions/{new_id()}"),
        await do(http, new_id(), "take"),
        await do(http, new_id(), "resolve"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "no_case")
    answer = await http.get("/api/interventions", params={"clinic": "nenhuma"})
    assert answer.status_code == 404
    for after in ("x", "1.2", "9.1.1", "0.99999999999999999999.1", "0.1.1.1", "0.a.1"):
        answer = await http.get("/api/interventions", params={"clinic": house.clinic.slug, "after": after})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_spot")


async def test_a_rehearsals_cases_are_shown_in_the_rehearsal_only(house: House, http: httpx.AsyncClient) -> None:
    await owe(house, ANA)
    begun = (await http.post("/api/rehearsals", json={"clinic": house.clinic.slug})).json()
    assert (await queue(http, begun["slug"]))["items"] == []
    async with clinic_session(house.pool, UUID(begun["id"])) as s:
        account = await s.one("SELECT id FROM channel_accounts")
        contact = await s.one("SELECT id FROM contacts LIMIT 1")
        assert account and contact
        conversation = new_id()
        await s.execute(
            """INSERT INTO conversations (clinic_id, id, contact_id, account_id, reply_to)
               VALUES (%(c)s, %(id)s, %(k)s, %(a)s, 'x')""",
            {"c": s.clinic_id, "id": conversation, "k": contact["id"], "a": account["id"]},
        )
        await case_store.open_case(s, conversation, CaseKind.EMERGENCY, reason="x", brief="", due_at=NOW, at=NOW)
        assert await s.one("SELECT climbs_at, slips_at FROM cases") == {"climbs_at": None, "slips_at": None}  # nobody is told
    assert [item["kind"] for item in (await queue(http, begun["slug"]))["items"]] == ["emergency"]
    assert len((await queue(http, house.clinic.slug))["items"]) == 1
