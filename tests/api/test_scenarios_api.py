"""A clinic's own scenarios over the API: kept, changed, archived, imported whole or not at all, exported and back."""

from __future__ import annotations

from typing import Any

import httpx
import yaml

from tests.flows.house import House

ONE: dict[str, Any] = {
    "id": "preco-da-limpeza",
    "title": "Diz o preço da limpeza",
    "patient": {"turns": ["oi, quanto custa a limpeza?"]},
    "expect": {"must_say": [{"any": ["220"]}]},
}


async def put(http: httpx.AsyncClient, house: House, given: dict[str, Any], **more: Any) -> httpx.Response:
    path = f"/api/evals/scenarios/{given['id']}"
    return await http.put(path, params={"clinic": house.clinic.slug}, json={"by": "Júlia", "scenario": given, **more})


async def listed(http: httpx.AsyncClient, house: House, **params: Any) -> list[dict[str, Any]]:
    answer = await http.get("/api/evals/scenarios", params={"clinic": house.clinic.slug} | params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def take_in(http: httpx.AsyncClient, house: House, text: str) -> httpx.Response:
    params = {"clinic": house.clinic.slug}
    return await http.post("/api/evals/scenarios/import", params=params, json={"by": "Júlia", "text": text})


async def test_a_scenario_is_kept_changed_archived_and_back(house: House, http: httpx.AsyncClient) -> None:
    kept = (await put(http, house, ONE, version=0)).json()
    assert (kept["key"], kept["version"], kept["created_by"], kept["came_from"]) == (ONE["id"], 1, "Júlia", "console")
    assert kept["scenario"]["suite"] == kept["scenario"]["fixture"] == "clinic"
    changed = await put(http, house, {**ONE, "title": "Outro título"}, version=1)
    assert (changed.json()["version"], changed.json()["title"]) == (2, "Outro título")
    for stale in (0, 1, 3):
        assert (await put(http, house, ONE, version=stale)).json()["code"] == "scenario_overtaken"
    gone = await http.delete(f"/api/evals/scenarios/{ONE['id']}", params={"clinic": house.clinic.slug, "by": "Rita"})
    assert gone.json()["archived_by"] == "Rita"
    assert await listed(http, house) == []
    assert [one["key"] for one in await listed(http, house, archived=True)] == [ONE["id"]]
    assert (await put(http, house, ONE)).json()["archived_at"] is None
    assert len(await listed(http, house)) == 1


async def test_every_mistake_is_told_by_scenario_and_field_and_nothing_is_written(
    house: House, http: httpx.AsyncClient
) -> None:
    text = yaml.safe_dump(
        [
            ONE,
            {**ONE, "id": "Com Espaço"},
            {"id": "sem-nada", "title": "x", "patient": {"turns": ["oi"]}, "expect": {}, "fixture": "jacaranda"},
            {**ONE, "id": "chave-errada", "expect": {"must_say": [{"regex": "("}], "must_sing": []}},
            ONE,
        ]
    )
    answer = await take_in(http, house, text)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_scenarios")
    told = [(one["scenario"], one["field"]) for one in answer.json()["mistakes"]]
    assert told == [
        ("Com Espaço", "id"),
        ("sem-nada", "fixture"),
        ("sem-nada", ""),
        ("chave-errada", "expect.must_say.1.regex"),
        ("chave-errada", "expect.must_sing"),
        (ONE["id"], "id"),
    ]
    problems = [one["problem"] for one in answer.json()["mistakes"]]
    assert problems[2].startswith("falta dizer o que tem de acontecer")
    assert await listed(http, house, archived=True) == []
    for nonsense in ("a: [", "", "- 3"):
        assert (await take_in(http, house, nonsense)).json()["code"] == "bad_scenarios"


async def test_what_is_exported_is_imported_as_it_was(house: House, http: httpx.AsyncClient) -> None:
    other = {
        **ONE,
        "id": "com-hora",
        "clock": {"now": "2026-03-10T09:30:00"},
        "overlay": {"people": [{"key": "a", "name": "A"}]},
    }
    assert (await take_in(http, house, yaml.safe_dump([ONE, other]))).json() == {"new": [ONE["id"], "com-hora"], "changed": []}
    export = await http.get("/api/evals/scenarios/export", params={"clinic": house.clinic.slug})
    assert "provas-" in export.headers["content-disposition"]
    digests = await house.rows("SELECT key, digest FROM scenarios ORDER BY key")
    assert (await take_in(http, house, export.text)).json() == {"new": [], "changed": ["com-hora", ONE["id"]]}
    assert await house.rows("SELECT key, digest FROM scenarios ORDER BY key") == digests
    again = await http.get("/api/evals/scenarios/export", params={"clinic": house.clinic.slug})
    assert again.text == export.text


async def test_from_a_conversation_it_needs_somebody_who_read_it(house: House, http: httpx.AsyncClient) -> None:
    conversation = str(await house.hear("+5531988880002", "oi"))
    refused = await put(http, house, ONE, conversation=conversation)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_confirmed")
    kept = (await put(http, house, ONE, conversation=conversation, confirmed=True)).json()
    assert (kept["came_from"], kept["conversation"]) == ("conversation", conversation)
    other = {**ONE, "title": "Outro título"}
    assert (await put(http, house, other, version=1)).json()["code"] == "not_confirmed"  # whoever rewords it reads it again
    changed = (await put(http, house, other, version=1, confirmed=True)).json()
    assert (changed["version"], changed["came_from"], changed["conversation"]) == (2, "conversation", conversation)
    assert (await put(http, house, other, version=2)).json()["version"] == 3  # the same words: nobody has to read them again


async def test_a_rehearsal_has_none(house: House, http: httpx.AsyncClient) -> None:
    begun = (await http.post("/api/rehearsals", json={"clinic": house.clinic.slug})).json()
    answer = await http.get("/api/evals/scenarios", params={"clinic": begun["slug"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_in_rehearsal")
