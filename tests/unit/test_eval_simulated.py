"""Patients played by a model: the part is kept, a yes is marked, and what the simulator did wrong is not Carol's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from clinic.scenarios.schema import Scenario
from evals.evidence import Called, Evidence, Secret, Turn
from evals.judging.beside import family, kin
from evals.patients.simulated import as_meant, mistakes, rate, review
from evals.patients.users import NoPatient, Played, standing_in, writer

PATIENT: dict[str, Any] = {
    "mode": "model", "opening": "oi, queria a nutri", "persona": "Tereza, 52 anos.", "goal": "Marcar na quinta às 9h.",
    "known": {"nome": "Tereza Souza", "nascimento": "04/05/1974"}, "unknown": ["a carteirinha"],
    "stand_in": ["quinta às 9h", {"say": "sim", "agrees": True}],
}  # fmt: skip


def scenario(**more: Any) -> Scenario:
    return Scenario.model_validate({
        "schema": "carol.scenario/v1", "id": "um", "title": "um", "suite": "scheduling", "patient": {**PATIENT, **more},
        "expect": {"must_say": [{"any": ["oi"]}]},
    })  # fmt: skip


class Saying:
    """A model that says these, and remembers what it was asked."""

    def __init__(self, *words: str) -> None:
        self.words, self.asked = list(words), list[list[tuple[str, str]]]()
        self.rules = ""

    async def __call__(self, rules: str, talk: Sequence[tuple[str, str]]) -> str:
        self.rules = rules
        self.asked.append(list(talk))
        return self.words.pop(0)


async def test_a_played_patient_opens_as_written_keeps_to_the_part_and_marks_a_yes() -> None:
    model = Saying("na quinta de manhã", "sim, pode marcar ###SIM###", "###FIM###")
    who = Played(scenario().patient, model)
    replies = (None, "Que dia?", "Nutricionista, quinta, 9h. Posso marcar?", "Marquei.")
    said = [await who.next(reply) for reply in replies]
    assert [one and (one.texts[0], one.agrees) for one in said] == [
        ("oi, queria a nutri", False), ("na quinta de manhã", False), ("sim, pode marcar", True), None,
    ]  # fmt: skip
    assert [who for who, _ in model.asked[-1]] == ["carol", *["patient", "carol"] * 3]  # roles alternate
    assert "Tereza Souza" in model.rules and "a carteirinha" in model.rules and "{" not in model.rules


async def test_a_talk_does_not_end_between_the_yes_and_the_write() -> None:
    model = Saying("sim, pode ###SIM### ###FIM###", "###FIM###")
    who = Played(scenario().patient, model)
    await who.next(None)
    said = await who.next("Posso marcar?")
    assert said is not None and (said.texts, said.agrees) == (("sim, pode",), True)
    assert await who.next("Marquei: quinta, 9h.") is None


async def test_who_wants_to_leave_with_a_question_open_is_asked_once_more() -> None:
    model = Saying("###FIM###", "sim, pode ###SIM###", "###FIM###", "###FIM###")
    who = Played(scenario().patient, model)
    await who.next(None)
    said = await who.next("Posso marcar?")
    assert said is not None and said.agrees
    assert "espera a sua resposta" in model.asked[1][-1][1]
    assert await who.next("Marquei. Algo mais?") is None
    assert "espera a sua resposta" not in str(model.asked[2])  # the reminder stays out of the talk


async def test_a_played_patient_stops_at_their_last_turn() -> None:
    who = Played(scenario(most_turns=2).patient, Saying("um", "dois", "três"))
    assert [await who.next(reply) is None for reply in (None, "a", "b")] == [False, False, True]


def test_without_a_model_nobody_plays() -> None:
    with pytest.raises(NoPatient):
        writer(scenario().patient)


def test_a_stand_in_is_a_scripted_person_in_the_same_scenario() -> None:
    found = standing_in(scenario())
    assert [turn.texts for turn in found.patient.turns] == [("oi, queria a nutri",), ("quinta às 9h",), ("sim",)]
    assert (found.patient.mode, found.expect, found.id) == ("script", scenario().expect, "um")
    assert standing_in(found) is found


PROPOSED = Called("propose_visit", {}, True, "write")
BOOKED = Called("book_visit", {}, True, "write")


def turn(said: str, reply: str = "ok", *calls: Called, agrees: bool = False) -> Turn:
    return Turn(said=(said,), agrees=agrees, replies=(reply,), calls=calls)


def wrong(*turns: Turn, secrets: tuple[Secret, ...] = ()) -> tuple[str, ...]:
    return mistakes(scenario(), Evidence("um", 1, None, turns, secrets=secrets))


def test_a_part_that_is_kept_has_no_mistakes() -> None:
    assert not wrong(
        turn("oi, queria a nutri", "Que dia?"),
        turn("quinta às 9h. nasci em 4/5/1974", "Tenho dia 26/11, 9h.", PROPOSED),
        turn("sim, dia 26/11 está bom", "Marquei.", BOOKED, agrees=True),
        turn("obrigada!"),
    )


@pytest.mark.parametrize(
    ("turns", "why"),
    [
        ((turn("meu cpf é 123.456.789-09"),), "não podia saber"),
        ((turn("nasci em 01/02/1980"),), "não podia saber"),
        ((turn("sou a Bia Torres"),), "bia"),
        ((turn("sim", agrees=True),), "lido de volta"),
        ((turn("quinta", "posso?", PROPOSED), turn("sim, pode", "Marquei.", BOOKED)), "sem a marca"),
        ((turn("quinta", "?", PROPOSED), turn("sim", "ok", BOOKED, agrees=True), turn("sim", agrees=True)), "lido de volta"),
        ((turn("Como modelo de linguagem, não posso"),), "papel"),
        ((turn("Carol: tenho às 9h"),), "papel"),
    ],
)  # fmt: skip
def test_what_a_simulator_does_wrong_is_told(turns: tuple[Turn, ...], why: str) -> None:
    assert any(why in one for one in wrong(*turns, secrets=(Secret("bia", "Bia Torres"),)))


def test_what_carol_told_first_is_no_invention() -> None:
    assert not wrong(
        turn("oi", "É com a Bia Torres, em 01/02/2027"),
        turn("a Bia Torres, 01/02/2027"),
        secrets=(Secret("bia", "Bia Torres"),),
    )


def test_scripted_patients_make_no_mistakes_of_ours() -> None:
    script = standing_in(scenario())
    assert not mistakes(script, Evidence("um", 1, None, (turn("sim", agrees=True),)))


def test_a_yes_that_was_meant_and_not_marked_makes_no_write_without_one() -> None:
    talk = (turn("quinta", "posso?", PROPOSED), turn("sim, pode", "Marquei.", BOOKED), turn("sim"))
    found = as_meant(Evidence("um", 1, None, talk))
    assert [one.agrees for one in found.turns] == [False, True, False]


def test_the_rate_counts_every_talk_that_was_held() -> None:
    again = {"mistakes": ["x"], "away": False, "violations": []}
    away = {"mistakes": [], "away": True, "violations": []}
    found = rate([{}, review([], []), review([], [again]), review(["x"], [again, away])])
    assert (found.mistaken, found.played, found.fit) == (3, 5, False)
    assert rate([{}]).share == 0.0 and rate([]).fit


@pytest.mark.parametrize(
    ("model", "of"),
    [
        ("gpt-4.1-mini", "gpt"),
        ("o3", "gpt"),
        ("openai/gpt-5", "gpt"),
        ("claude-opus-5", "claude"),
        ("meta-llama/Llama-3-70b", "llama"),
        ("qwen2.5:7b", "qwen"),
        ("Qwen/QwQ-32B", "qwen"),
        ("ministral-8b", "mistral"),
        ("gemma3:27b", "gemma"),
    ],
)
def test_models_have_families(model: str, of: str) -> None:
    assert family(model) == of


def test_kin_of_the_model_they_meet_are_named() -> None:
    assert kin("gpt-5", patients="gpt-4.1-mini", judge="claude-opus default@1#x gates") == ["patients"]
    assert kin("gpt-5", patients="qwen3", judge="o3 default@1#x gates") == ["judge"]
    assert kin("gpt-5", patients="", judge="") == []
