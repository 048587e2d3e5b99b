"""A conversation saved as a scenario: nobody real is in it, and playing it over the clinic leaves what was left then."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from clinic.conversations.cases import case_store
from clinic.conversations.models import CaseKind
from clinic.scenarios.importing import own
from clinic.tenants.describing import document_of
from clinic.tenants.service import clinic_for
from db.embedded import Urls
from db.session import clinic_session
from evals.described import own_clinic
from evals.grading.grade import Verdict, grade
from evals.playing.drive import trial
from evals.playing.ground import open_ground
from evals.playing.own import written
from kit.settings import load_settings
from tests.flows.front import browser
from tests.flows.house import ANA, NOW, House, offline_brains, open_house

JULIANA = "+5531900000105"
BRUNO = "+5531900000106"
NOBODY = "+5531988776655"
DIALOGUES: dict[str, tuple[str, list[str]]] = {
    "books": (
        NOBODY,
        [
            "oi! quero marcar limpeza nos dentes quinta de manhã",
            "a primeira",
            "meu nome é Rosângela Prates Coutinho",
            "sim, pode marcar",
        ],
    ),
    "moves": (JULIANA, ["preciso remarcar minha consulta com a nutri", "quinta de manhã", "9h", "sim, pode trocar"]),
    "cancels": (BRUNO, ["não vou conseguir ir na limpeza, pode cancelar?", "sim, cancela"]),
    "a person": (NOBODY, ["quero falar com uma pessoa, meu telefone é 31 98877-6655 e meu cpf 529.982.247-25"]),
}


@pytest.fixture
async def house(database: Urls, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database, offline_brains(tmp_path), at=NOW) as house:
        yield house


@pytest.fixture
async def http(database: Urls, house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(database) as http:
        yield http


async def hold(house: House, phone: str, texts: list[str]) -> None:
    for text in texts:
        await house.say(phone, text)
        house.at += timedelta(minutes=1)


async def drafted(house: House, http: httpx.AsyncClient, phone: str, **more: Any) -> dict[str, Any]:
    asked = {"conversation": str(house.conversations[phone]), **more}
    answer = await http.post("/api/evals/scenarios/from-conversation", params={"clinic": house.clinic.slug}, json=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def played(house: House, database: Urls, tmp_path: Path, document: dict[str, Any]) -> Verdict:
    """The scenario over this clinic as it is, in a copy that has nobody."""
    settings = load_settings(_env_file=None, database_url=database.owner, database_app_url=database.app, home=tmp_path)
    scenario = own(document)
    source = written(tmp_path, document_of(await clinic_for(house.pool, house.clinic.id)))
    with own_clinic(source, NOW):
        async with open_ground(settings, database, knowledge=False) as ground:
            return grade(scenario, await trial(ground.stage, scenario, 1, ground.lane()(scenario)))


async def everybody(house: House) -> list[str]:
    rows = await house.rows("SELECT name FROM people UNION SELECT value FROM contact_aliases WHERE kind = 'phone'")
    return [row["name"] for row in rows]


@pytest.mark.parametrize("what", DIALOGUES)
async def test_what_was_said_with_nobody_in_it_leaves_the_same_again(
    what: str, house: House, http: httpx.AsyncClient, database: Urls, tmp_path: Path
) -> None:
    phone, texts = DIALOGUES[what]
    await hold(house, phone, texts)
    draft = await drafted(house, http, phone)
    assert draft["mistakes"] == []
    assert len(draft["turns"]) == len(texts)
    assert [one["original"] for one in draft["turns"]] == [[text] for text in texts]
    stored = json.dumps(draft["scenario"], ensure_ascii=False)
    for real in await everybody(house):
        assert real not in stored
        assert real[-8:] not in re.sub(r"\D", "", stored) or not real.startswith("+")
    assert "Rosângela" not in stored and "529.982" not in stored
    agreed = [one["agrees"] for one in draft["turns"]]
    assert agreed == [False] * (len(texts) - 1) + [what != "a person"]
    assert draft["suggested"] and {one["by"] for one in draft["suggested"]} == {"carol"}
    verdict = await played(house, database, tmp_path, draft["scenario"])
    assert verdict.passed, (verdict, draft["scenario"])


async def test_a_draft_is_made_of_the_stretch_that_is_asked_for(house: House, http: httpx.AsyncClient) -> None:
    phone, texts = "+5531988880009", ["oi", "quanto custa a limpeza?", "e onde vocês ficam?", "obrigada"]
    await hold(house, phone, texts)
    heard = (await drafted(house, http, phone))["heard"]
    assert [(one["text"], one["used"]) for one in heard] == [(text, True) for text in texts]
    part = await drafted(house, http, phone, first=heard[1]["id"], last=heard[2]["id"])
    assert [one["original"] for one in part["turns"]] == [[text] for text in texts[1:3]]
    assert [one["used"] for one in part["heard"]] == [False, True, True, False]
    assert part["heard"][0]["at"].endswith("-03:00")


async def test_what_was_replaced_is_told_and_what_only_looks_personal_apart(house: House, http: httpx.AsyncClient) -> None:
    await hold(house, ANA, ["oi, aqui é a Ana, mãe do Lucas", "meu cpf é 529.982.247-25 e moro na Rua das Flores, 123"])
    draft = await drafted(house, http, ANA)
    told = {(one["what"], one["was"]): one["known"] for one in draft["replaced"]}
    assert told == {
        ("name", "Ana"): True, ("name", "Lucas"): True, ("cpf", "529.982.247-25"): False,
        ("address", "Rua das Flores, 123"): False,
    }  # fmt: skip
    names = [one["name"] for one in draft["scenario"]["overlay"]["people"]]
    first = {one["was"]: one["now"] for one in draft["replaced"] if one["what"] == "name"}
    assert any(name.startswith(first["Ana"]) for name in names)  # whoever is called so is called so everywhere
    assert any(name.startswith(first["Lucas"]) for name in names)
    again = await drafted(house, http, ANA)
    assert again["scenario"] == draft["scenario"]


async def test_where_a_person_put_it_right_that_is_expected(house: House, http: httpx.AsyncClient) -> None:
    await hold(house, *DIALOGUES["books"])
    [visit] = await house.visits(NOBODY)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute(
            """UPDATE appointments SET starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour',
                 version = version + 1 WHERE id = %(id)s""",
            {"id": visit["id"]},
        )
    draft = await drafted(house, http, NOBODY)
    [row] = draft["scenario"]["expect"]["state"]["visits"]["inserted"]
    local = (visit["starts_at"] + timedelta(hours=1)).astimezone(NOW.tzinfo)
    assert row["starts"] == local.strftime("%Y-%m-%dT%H:%M")
    assert ("visits", "person") in [(one["noun"], one["by"]) for one in draft["suggested"]]
    assert any("equipe fez" in doubt for doubt in draft["doubts"])


async def test_until_a_person_answered_and_what_the_person_then_did(house: House, http: httpx.AsyncClient) -> None:
    await hold(house, BRUNO, ["oi, vocês atendem sábado?"])
    conversation = house.conversations[BRUNO]
    async with clinic_session(house.pool, house.clinic.id) as s:
        await case_store.open_case(
            s, conversation, CaseKind.NOT_UNDERSTOOD, reason="x", brief="", due_at=NOW, at=house.at, turn_id=None
        )
    body = {"by": "Júlia", "text": "Oi, aqui é a Júlia. Já cancelo para você.", "message_id": "p1"}
    await http.post(f"/api/conversations/{conversation}/reply", json=body)
    await house.hear(BRUNO, "obrigado, Júlia!")
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute(
            """UPDATE appointments SET status = 'cancelled', cancelled_at = now()
               WHERE status IN ('booked', 'confirmed') AND person_id IN
                 (SELECT id FROM people WHERE name = 'Bruno Henrique Souza')"""
        )
    draft = await drafted(house, http, BRUNO)
    assert [one["said"] for one in draft["turns"]] == [["oi, vocês atendem sábado?"]]
    state = draft["scenario"]["expect"]["state"]
    assert [change["now"] for change in state["visits"]["updated"]] == [{"status": "cancelled"}]
    assert state["cases"] == {"optional": [{"kind": "not_understood", "urgent": False}]}
    assert any("Uma pessoa da equipe respondeu" in doubt for doubt in draft["doubts"])
    messages = (await http.get(f"/api/conversations/{conversation}")).json()["messages"]
    whole = await drafted(house, http, BRUNO, last=messages[-1]["id"])
    assert len(whole["turns"]) == 2


async def test_what_still_names_a_patient_is_not_stored(house: House, http: httpx.AsyncClient) -> None:
    await hold(house, ANA, ["oi"])
    draft = await drafted(house, http, ANA)
    named = {**draft["scenario"], "title": "Ana Paula Ribeiro reclama", "expect": {"must_say": [{"any": ["oi"]}]}}
    path = f"/api/evals/scenarios/{named['id']}"
    body = {"by": "Júlia", "scenario": named, "conversation": draft["conversation"], "confirmed": True}
    refused = await http.put(path, params={"clinic": house.clinic.slug}, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "still_personal")
    assert refused.json()["found"] == ["ana paula ribeiro"]
    body["scenario"] = {**named, "title": "Reclama"}
    assert (await http.put(path, params={"clinic": house.clinic.slug}, json=body)).status_code == 200
