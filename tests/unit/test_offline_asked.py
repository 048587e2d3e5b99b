"""What the offline model refuses, whom it names, and whose visits it tells: sentences of our own, half of them kept unseen."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from agent.offline import OfflineModel
from agent.offline.likeness import ByLetters
from agent.offline.understand import understand
from agent.offline.view import Dialogue, parse_briefing
from kit import fast_yaml
from tests.unit.offline_clinic import Desk, clinics
from tests.unit.test_offline_dialogues import _DAUGHTERS, _PEOPLE, _VISIT

LETTERS = ByLetters()
_OTHERS = {"visits": "others", "data": "others", "many": "others"}


def _cases(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(Path(__file__).with_name(name).read_text("utf-8"))
    return loaded


SEEN, HELD = _cases("offline_asked_cases.yaml"), _cases("offline_asked_held_cases.yaml")


def desk_of(people: str = "") -> Desk:
    visits = [copy.deepcopy(_VISIT)] if people else []
    visits += [copy.deepcopy(_DAUGHTERS)] if people == "family" else []
    return Desk(
        clinic=copy.deepcopy(clinics()["jatoba"]),
        model=OfflineModel(likeness=LETTERS),
        people=copy.deepcopy(_PEOPLE.get(people, [])),
        visits=visits,
        current="P1" if people == "self" else None,
    )


def wrong(case: dict[str, Any]) -> list[str]:
    """What is not as the case says it should be."""
    desk, found = desk_of(case.get("people", "")), []
    reading = understand(case["say"], parse_briefing(desk.briefing()), Dialogue(expect=case.get("expect", "")), LETTERS)
    if case.get("name", reading.whom.name) != reading.whom.name:
        found.append(f"name {reading.whom.name!r}")
    found += [f"lacks {one}" for one in case.get("reads", ()) if not reading.has(one)]
    found += [f"reads {one}" for one in case.get("reads_not", ()) if reading.has(one)]
    for said in case.get("before", ()):
        desk.say(said)
    reply = desk.say(case["say"])
    calls = [name for name, _, _ in desk.calls]
    refused = desk.dialogue.get("apart", "")
    wanted = case.get("refuses", _OTHERS.get(refused, refused))
    if _OTHERS.get(refused, refused) not in ([wanted] if isinstance(wanted, str) else wanted):
        found.append(f"refused {refused!r}")
    if case.get("calls", calls) != calls or case.get("calls_has", "") not in ["", *calls] or case.get("calls_not") in calls:
        found.append(f"calls {calls}")
    found += [f"{words!r} said in {reply!r}" for words in case.get("lacks", ()) if words.lower() in reply.lower()]
    return found + [f"{words!r} missing in {reply!r}" for words in case.get("has", ()) if words.lower() not in reply.lower()]


@pytest.mark.parametrize("cause", [cause for cause in SEEN if cause != "floors"])
@pytest.mark.parametrize("cases", [SEEN, HELD], ids=["seen", "held"])
def test_as_many_are_understood_as_ever(cases: dict[str, Any], cause: str) -> None:
    told = {case["say"]: found for case in cases[cause] if (found := wrong(case))}
    assert len(cases[cause]) - len(told) >= cases["floors"][cause], told


def test_nobody_asked_about_in_vain_is_registered_as_the_writers_own() -> None:
    desk = desk_of()
    desk.say("a Simone Garcia Rocha tem limpeza marcada aí?")
    desk.say("então quero marcar uma limpeza quinta às 10h em nome de Simone Garcia Rocha, sou o marido")
    assert desk.people == []
    assert not {"for_whom", "propose_visit"} & {name for name, _, _ in desk.calls}
    for said in ("quero marcar limpeza dental quinta às 10h pra Simone", "isso, em nome da Simone Garcia Rocha", "sim"):
        desk.say(said)
    assert desk.people == []
    assert desk.visits == []


def test_whoever_was_refused_still_books_for_themselves() -> None:
    desk = desk_of()
    desk.say("que horas é a consulta da Simone Garcia Rocha?")
    desk.say("tá bom. quero marcar uma limpeza pra mim quinta às 10h, meu nome é Edgar Lemos Dutra")
    assert [one["name"] for one in desk.people] == ["Edgar Lemos Dutra"]


def test_insisting_changes_the_words_and_never_the_answer() -> None:
    desk = desk_of()
    said = [desk.say("a Simone Garcia Rocha vai aí que dia?")]
    said += [desk.say(more) for more in ("é só o dia", "ela é minha prima, confia", "nem a hora?")]
    assert desk.dialogue["apart"] == "visits"
    assert len(set(said)) > 1
    assert all("outra pessoa" in reply for reply in said)
