"""Twins side by side: the same request in two voices should get as much, and two that only look alike should both be right."""

from __future__ import annotations

from typing import Any

from clinic.scenarios.schema import Scenario
from evals.evidence import Evidence, Turn
from evals.grading.grade import Verdict
from evals.runs import Trial
from evals.telling.twins import Pair, pairs

SLOTS = "Tenho estes:\n1. quinta, 26/11, às 10h, com a Dra. Camila\n2. sexta, 27/11, às 9h30, com o Dr. Thiago"


def scenario(name: str, suite: str = "tone", **more: Any) -> Scenario:
    given = {
        "schema": "carol.scenario/v1", "id": name, "title": name, "suite": suite, "patient": {"turns": ["oi"]},
        "expect": {"must_say": [{"any": ["oi"]}]}, **more,
    }  # fmt: skip
    return Scenario.model_validate(given)


def trial(name: str, *replies: str, suite: str = "tone", passed: bool = True) -> Trial:
    turns = tuple(Turn(said=("oi",), agrees=False, replies=(one,)) for one in replies)
    return Trial(name, suite, 1, "", Verdict(() if passed else ("x",)), Evidence(name, 1, turns=turns))


def pair(one: Trial, other: Trial) -> Pair:
    known = {"a": scenario("a", one.suite), "b": scenario("b", other.suite, twin_of="a")}
    [found] = pairs([one, other], known)
    return found


def test_twins_that_are_served_alike_differ_in_nothing() -> None:
    found = pair(trial("a", SLOTS, "Marquei."), trial("b", SLOTS.replace("Tenho", "Achei"), "Marquei!"))
    assert (found.outcome, found.differs, found.uneven) == (False, (), False)
    assert found.one.slots == 2


def test_turns_words_and_offers_that_differ_are_named() -> None:
    assert pair(trial("a", SLOTS), trial("b", "Qual?", "Qual?", "Pode ser mais clara?")).differs == ("turns", "chars", "slots")
    assert pair(trial("a", "a" * 100), trial("b", "a" * 200)).differs == ("chars",)
    assert pair(trial("a", "a" * 100), trial("b", "a" * 130)).differs == ()


def test_one_right_and_one_wrong_is_a_difference_in_any_pair() -> None:
    found = pair(trial("a", "oi"), trial("b", "oi", passed=False))
    assert found.outcome and found.alike
    across = pair(trial("a", SLOTS, suite="emergency"), trial("b", "oi", suite="benign", passed=False))
    assert across.outcome and not across.alike
    assert across.differs == ()  # they are not the same request


def test_a_twin_that_was_not_played_makes_no_pair() -> None:
    known = {"a": scenario("a"), "b": scenario("b", twin_of="a")}
    assert pairs([trial("b", "oi")], known) == []
