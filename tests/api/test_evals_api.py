"""Evals over the API: what can be played, runs page by page, trials by what they came to, two runs side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from clinic.scenarios import runs_store
from clinic.scenarios.importing import own
from clinic.scenarios.models import Asked, Fresh
from clinic.scenarios.schema import SUITES
from db.session import clinic_session
from kit.ids import new_id, new_token
from tests.flows.house import House

VISIT = {"person": "Clara Pinto", "service": "Limpeza", "starts": "2026-11-26T10:00", "status": "booked"}


def scenario(name: str, title: str = "") -> Any:
    expect = {"must_say": [{"any": ["oi"]}]}
    return own({"id": name, "title": title or name, "patient": {"turns": ["oi"]}, "expect": expect})


def trial(name: str, number: int, *, right: bool, violates: bool = False) -> Fresh:
    turn = {
        "said": ["oi", "tem hora?"], "agrees": False, "replies": ["Oi!"], "outcome": "spoke", "tokens": 5, "cost_brl": 0.0,
        "seconds": 0.2, "passages": [], "trace": [{"step": "think", "model": "offline"}],
        "calls": [{"tool": "find_slots", "args": {"when": "hoje"}, "ok": False, "effect": "read", "error": "x", "result": {}}],
    }  # fmt: skip
    rows = [
        {"noun": "visits", "how": "added", "stands": "unexpected", "was": None, "now": VISIT},
        {"noun": "visits", "how": "changed", "stands": "missing", "was": VISIT, "now": {"status": "cancelled"}},
        {"noun": "services", "how": "still", "stands": "unexpected", "was": None, "now": None},
    ]
    return Fresh(
        scenario=scenario(name), noise="", number=number, failures=() if right else ("faltou",),
        violations=("violou",) if violates else (), error="", evidence={"phone": "+5531999990000", "turns": [turn]},
        told={"rows": rows}, judged={}, seconds=0.2, cost_brl=0.01,
    )  # fmt: skip


async def ended(house: House, digests: dict[str, str], trials: list[Fresh]) -> UUID:
    async with clinic_session(house.pool, house.clinic.id) as s:
        run, token = await runs_store.ask(s, Asked(suites=("clinic",)), by="Júlia"), new_token()
        await runs_store.claim(s, run, token, lease=timedelta(seconds=30))
        head = {"scenarios": digests, "noise": [], "commit": "abc"}
        await runs_store.describe(s, run, token, model="offline", tier="T0", offline=True, due=len(trials), head=head)
        for one in trials:
            await runs_store.add(s, run, token, one)
        figures = {"share": {"share": 0.5, "low": 0.1, "high": 0.9}, "cost_brl": 0.02, "p50": 0.2}
        await runs_store.finish(s, run, token, state="ended", open=False, reasons=("Faltou.",), figures=figures, report="<p>oi")
    return run


async def get(http: httpx.AsyncClient, house: House, path: str, status: int = 200, **params: Any) -> Any:
    answer = await http.get(f"/api/evals{path}", params={"clinic": house.clinic.slug} | params)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_suites_are_those_of_the_clinic_and_of_the_repository(house: House, http: httpx.AsyncClient) -> None:
    path = "/api/evals/scenarios/um"
    given = scenario("um", "Um").model_dump(mode="json", by_alias=True, exclude_defaults=True)
    await http.put(path, params={"clinic": house.clinic.slug}, json={"by": "Júlia", "scenario": given})
    found = await get(http, house, "/suites")
    assert [one["name"] for one in found] == ["clinic", *SUITES]
    assert (found[0]["title"], found[0]["scenarios"]) == ("Provas da clínica", 1)
    emergency = next(one for one in found if one["name"] == "emergency")
    assert emergency["scenarios"] >= emergency["critical"] >= 20
    whole = await get(http, house, "/suites/emergency")
    assert {"id", "title", "critical", "known_failing"} == set(whole["items"][0])
    assert len(whole["items"]) == emergency["scenarios"]
    assert (await get(http, house, "/suites/nada", 422))["code"] == "nothing_to_play"


async def test_what_nothing_is_called_cannot_be_begun(house: House, http: httpx.AsyncClient) -> None:
    params = {"clinic": house.clinic.slug}
    for wrong in ({"suites": ["clinic"]}, {"suites": ["nada"]}, {"scenarios": ["nada"]}):
        answer = await http.post("/api/evals/runs", params=params, json={"by": "Júlia", **wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "nothing_to_play")
    assert (await http.post("/api/evals/runs", params=params, json={"by": "Júlia", "noise": ["loud"]})).status_code == 422
    answer = await http.post(
        "/api/evals/runs", params=params, json={"by": " Jú\u202elia ", "suites": ["tone"], "noise": ["typos"]}
    )
    assert (answer.status_code, answer.json()["asked_by"], answer.json()["asked"]["noise"]) == (202, "Júlia", ["typos"])


async def test_runs_and_trials_page_by_page(house: House, http: httpx.AsyncClient) -> None:
    trials = [trial("um", 1, right=True), trial("um", 2, right=False), trial("dois", 1, right=False, violates=True)]
    runs = [str(await ended(house, {"um": "a", "dois": "b"}, trials)) for _ in range(3)]
    seen, before = [], None
    for _ in range(3):
        page = await get(http, house, "/runs", limit=1, **({"before": before} if before else {}))
        seen += [one["id"] for one in page["items"]]
        before = page["next"]
    assert seen == runs[::-1]
    assert before is None
    whole = await get(http, house, f"/runs/{runs[0]}")
    assert (whole["passed"], whole["failed"], whole["violated"], whole["done"], whole["due"]) == (1, 1, 1, 3, 3)
    assert (whole["figures"]["share"], whole["figures"]["low"], whole["report"], whole["commit"]) == (0.5, 0.1, True, "abc")
    assert whole["began_at"].endswith("-03:00")
    page = await get(http, house, f"/runs/{runs[0]}/trials", limit=2)
    rest = await get(http, house, f"/runs/{runs[0]}/trials", limit=2, before=page["next"])
    assert [(one["scenario"], one["number"]) for one in (*page["items"], *rest["items"])] == [("dois", 1), ("um", 2), ("um", 1)]
    assert rest["next"] is None
    assert [one["mark"] for one in (await get(http, house, f"/runs/{runs[0]}/trials", only="wrong"))["items"]] == [
        "violated",
        "failed",
    ]
    assert (await get(http, house, f"/runs/{runs[0]}/trials", suite="tone"))["items"] == []
    assert (await get(http, house, f"/runs/{new_id()}/trials", 404))["code"] == "no_run"


async def test_beside_a_trial_are_those_that_are_listed_with_it(house: House, http: httpx.AsyncClient) -> None:
    trials = [trial("um", 1, right=True), trial("um", 2, right=False), trial("dois", 1, right=False, violates=True)]
    trials += [trial("um", 3, right=False), trial("dois", 2, right=True)]
    run = await ended(house, {"um": "a", "dois": "b"}, trials)
    for asked in ({}, {"only": "wrong"}, {"only": "failed"}, {"suite": "clinic"}):
        ids = [one["id"] for one in (await get(http, house, f"/runs/{run}/trials", **asked))["items"]]
        for place, (id_, previous, after) in enumerate(zip(ids, [None, *ids], [*ids[1:], None], strict=False), 1):
            found = await get(http, house, f"/runs/{run}/trials/{id_}/beside", **asked)
            assert found == {"previous": previous, "next": after, "place": place, "of": len(ids)}, asked
    right = (await get(http, house, f"/runs/{run}/trials", only="passed"))["items"][0]["id"]
    wrong = [one["id"] for one in (await get(http, house, f"/runs/{run}/trials", only="wrong"))["items"]]
    found = await get(http, house, f"/runs/{run}/trials/{right}/beside", only="wrong")
    assert found == {"previous": wrong[-1], "next": None, "place": None, "of": 3}
    found = await get(http, house, f"/runs/{run}/trials/{right}/beside", suite="tone")
    assert found == {"previous": None, "next": None, "place": None, "of": 0}
    assert (await get(http, house, f"/runs/{run}/trials/{new_id()}/beside", 404))["code"] == "no_trial"


async def test_what_came_out_wrong_is_played_again(house: House, http: httpx.AsyncClient) -> None:
    params = {"clinic": house.clinic.slug}
    for name in ("um", "dois"):
        given = scenario(name).model_dump(mode="json", by_alias=True, exclude_defaults=True)
        await http.put(f"/api/evals/scenarios/{name}", params=params, json={"by": "Júlia", "scenario": given})
    trials = [trial("um", 1, right=True), trial("um", 2, right=False), trial("dois", 1, right=False, violates=True)]
    trials += [trial("sumiu", 1, right=False), trial("tres", 1, right=True)]
    run = await ended(house, {}, trials)

    async def again(**asked: Any) -> Any:
        answer = await http.post(f"/api/evals/runs/{run}/repeat", params=params, json={"by": "Rita", **asked})
        return answer.json()

    found = await again()
    assert (found["state"], found["asked_by"], found["id"] != str(run)) == ("queued", "Rita", True)
    assert (found["asked"]["suites"], found["asked"]["scenarios"]) == ([], ["um", "dois"])  # "sumiu" is no more
    assert found["asked"]["repeats"] == str(run)
    assert (await get(http, house, f"/runs/{found['id']}"))["asked"] == found["asked"]
    assert (await again(only="violated"))["asked"]["scenarios"] == ["dois"]
    assert (await again(only="broken"))["code"] == "nothing_to_play"
    assert (await http.post(f"/api/evals/runs/{new_id()}/repeat", params=params, json={"by": "Rita"})).status_code == 404


async def test_what_a_judge_said_is_told_with_what_its_word_is_worth(house: House, http: httpx.AsyncClient) -> None:
    said = {"ask": "Foi gentil?", "rubric": "default@2#3f2a90c1", "answer": False, "reasons": ["Foi seca.", ""], "tokens": 9}
    judged = {
        "gentil": {**said, "standing": "gates"},
        "claro": {**said, "standing": "unfit", "answer": None},
        "papel": {**said, "standing": "gates", "rubric": "patient@1#aa"},
        "antigo": "não se lê",
    }
    run = await ended(house, {"um": "a"}, [replace(trial("um", 1, right=False), judged=judged)])
    [brief] = (await get(http, house, f"/runs/{run}/trials"))["items"]
    found = (await get(http, house, f"/runs/{run}/trials/{brief['id']}"))["judged"]
    told = [(one["id"], one["about"], one["answer"], one["standing"], one["counts"]) for one in found]
    assert told == [
        ("gentil", "carol", False, "gates", True),
        ("claro", "carol", None, "unfit", False),
        ("papel", "patient", False, "gates", False),
    ]
    assert (found[0]["rubric"], found[0]["version"], found[0]["reasons"]) == ("default", 2, ["Foi seca."])


async def test_a_trial_is_told_in_a_receptionists_words(house: House, http: httpx.AsyncClient) -> None:
    run = await ended(house, {"um": "a"}, [trial("um", 1, right=False)])
    [brief] = (await get(http, house, f"/runs/{run}/trials"))["items"]
    found = await get(http, house, f"/runs/{run}/trials/{brief['id']}")
    [turn] = found["turns"]
    assert (turn["said"], turn["replies"], turn["steps"][0]["step"]) == (["oi", "tem hora?"], ["Oi!"], "think")
    assert (turn["calls"][0]["told"], turn["calls"][0]["ok"]) == ("Procurou horários: não deu", False)
    assert [row["told"] for row in found["rows"]] == [
        "Consulta marcada: Clara Pinto, Limpeza, 26/11/2026 10:00, situação: marcada",
        "Consulta mudou: Clara Pinto, Limpeza, 26/11/2026 10:00, situação: marcada → cancelada",
        "services: mudou, e nada podia mudar ali",
    ]
    assert (found["phone"], found["document"]["title"]) == ("+5531999990000", "um")
    assert (await get(http, house, f"/runs/{run}/trials/{new_id()}", 404))["code"] == "no_trial"


async def test_two_runs_side_by_side(house: House, http: httpx.AsyncClient) -> None:
    before = await ended(
        house, {"um": "a", "dois": "b", "tres": "c", "quatro": "d"},
        [trial("um", 1, right=False), *(trial(name, 1, right=True) for name in ("dois", "tres", "quatro"))],
    )  # fmt: skip
    after = await ended(
        house, {"um": "a", "dois": "b", "tres": "changed", "cinco": "e"},
        [trial("um", 1, right=True), trial("dois", 1, right=False, violates=True), trial("tres", 1, right=True)],
    )  # fmt: skip
    found = await get(http, house, "/compare", before=str(before), after=str(after))
    assert (found["common"], found["regressed"]) == (2, True)
    assert [(one["scenario"], one["before_passed"], one["after_passed"]) for one in found["better"]] == [("um", 0, 1)]
    assert [one["scenario"] for one in found["worse"]] == ["dois"]
    assert (found["violations"], found["unseen"], found["changed"]) == (["dois"], [], ["tres"])
    assert (found["only_before"], found["only_after"]) == (["quatro"], ["cinco"])
    assert {name: one["title"] for name, one in found["named"].items()} == {"dois": "dois", "tres": "tres", "quatro": "quatro"}
    assert (found["gain"]["share"], found["before"]["id"]) == (0.0, str(before))
    same = await get(http, house, "/compare", before=str(before), after=str(before))
    assert (same["better"], same["worse"], same["regressed"]) == ([], [], False)
    assert (await get(http, house, "/compare", 404, before=str(before), after=str(new_id())))["code"] == "no_run"


async def test_without_a_report_there_is_none(house: House, http: httpx.AsyncClient) -> None:
    params = {"clinic": house.clinic.slug}
    run = (await http.post("/api/evals/runs", params=params, json={"by": "Júlia", "suites": ["tone"]})).json()["id"]
    assert (await get(http, house, f"/runs/{run}/report.html", 404))["code"] == "run_not_written"
    assert (await get(http, house, f"/runs/{run}"))["figures"] is None
