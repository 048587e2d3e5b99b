"""What the offline model understands about the agenda, sentence by sentence; look-alikes keep their other reading."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from agent.offline import OfflineModel
from agent.offline.aside import wished, without_refused
from agent.offline.likeness import ByLetters
from agent.offline.several import wishes
from agent.offline.view import Dialogue, parse_briefing
from tests.unit.offline_agenda import count, wrong
from tests.unit.offline_clinic import Desk, clinics
from tests.unit.test_offline_dialogues import _PEOPLE, _VISIT

# Of 149 sentences worked with and 148 put away before the work began, this many are understood.
UNDERSTOOD = {"offline_agenda_cases": 147, "offline_agenda_heldout": 136}


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_sentences_about_the_agenda_are_understood(name: str) -> None:
    problems = list(wrong(name))
    told = "\n".join(f"[{cause}] {said}\n    {problem}" for cause, said, problem in problems)
    assert count(name) - len(problems) >= UNDERSTOOD[name], told


def desk_of(people: str, *, visits: bool = True) -> Desk:
    return Desk(
        clinic=copy.deepcopy(clinics()["jatoba"]),
        model=OfflineModel(likeness=ByLetters()),
        people=copy.deepcopy(_PEOPLE[people]),
        visits=[copy.deepcopy(_VISIT)] if visits else [],
        current="P1" if people == "self" else None,
    )


@pytest.mark.parametrize("slots", [True, False])
def test_a_move_that_failed_says_so_and_proposes_moving_again(monkeypatch: pytest.MonkeyPatch, slots: bool) -> None:
    desk = desk_of("self")
    desk.say("passa minha limpeza pra segunda às 9h")
    assert [c[0] for c in desk.calls] == ["find_slots", "propose_move"]
    lost: dict[str, Any] = {"error": "slot_taken", "message": "…", "slots": copy.deepcopy(desk.offers[:1]) if slots else []}
    with monkeypatch.context() as m:
        m.setattr(desk, "move_visit", lambda proposal: lost)
        told = desk.say("sim, pode trocar")
    assert "não foi feita" in told
    assert "26 de novembro, às 10h" in told
    desk.proposal = None
    desk.say("então segunda às 11h")
    assert "propose_visit" not in [c[0] for c in desk.calls]
    assert desk.calls[0][1]["visit"] == "V1"


def test_what_failed_is_tried_again_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_of("self", visits=False)
    with monkeypatch.context() as m:
        m.setattr(desk, "find_slots", lambda **_: {"error": "unavailable", "message": "…"})
        assert "equipe" in desk.say("limpeza dental quinta às 15h, particular")
    desk.say("tenta de novo por favor")
    assert [c[0] for c in desk.calls] == ["find_slots", "propose_visit"]


def test_a_yes_to_the_team_is_no_yes_to_what_was_read_back() -> None:
    desk = desk_of("self", visits=False)
    desk.say("limpeza dental quinta às 15h com a Dra. Paula, particular")
    desk.say("antes pede pra alguém da recepção me ligar")
    assert [c[0] for c in desk.calls] == ["escalate"]
    desk.say("ok")
    assert "book_visit" not in [c[0] for c in desk.calls]


def test_what_is_set_aside_is_set_aside_and_nothing_else() -> None:
    briefing = parse_briefing(desk_of("self").briefing())
    booking = Dialogue(task="book")
    assert wished("nessa hora tenho a limpeza. pode ser 14h", briefing, booking).text.strip() == "pode ser 14h"
    assert wished("quero limpeza às 14h", briefing, booking).text == "quero limpeza às 14h"
    left = wished("quinta não consigo, bota pra segunda", briefing, Dialogue())
    assert left.leaves == ("V1",)
    assert "quinta" not in left.timed
    assert wished("na quinta, dia 3 de dezembro, às 10h", briefing, Dialogue()).leaves == ()
    assert without_refused("não é limpeza, é clareamento", briefing).strip() == "é clareamento"
    assert without_refused("não é limpeza", briefing) == "não é limpeza"


def test_two_people_with_two_hours_are_two_wishes_and_one_with_two_hours_is_one() -> None:
    briefing = parse_briefing(desk_of("family").briefing())
    assert [(w.name, w.when) for w in wishes("segunda, a Ana 9h e eu 10h", briefing)] == [
        ("Ana Souza", "segunda 9h"),
        ("Maria Souza", "segunda 10h"),
    ]
    assert wishes("limpeza pra Ana segunda às 9h ou às 10h", briefing) == ()
    assert wishes("eu quero limpeza pra Ana segunda às 9h", briefing) == ()
